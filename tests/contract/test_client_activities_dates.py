"""Date filters: each type is asked for itself, once, as soon as there is something to ask for."""

from __future__ import annotations

from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING

import pytest

from b24syncd.clock import SystemClock
from b24syncd.domain.entities import EntityType
from b24syncd.errors import PortalBlocked
from b24syncd.portal.client import PortalClient
from b24syncd.portal.dates.filters import DateFilters, DateFormat
from b24syncd.portal.pace.limits import Limits, VolatileMemory
from b24syncd.settings.webhook import parse_webhook
from b24syncd.simulator.errors import RestError
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.tables.fields import CONTACT, LEAD

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.simulator.methods.calls import Call


class RefusesDates:
    """Refuses filters by time whose text holds one of the given characters."""

    def __init__(self, *characters: str) -> None:
        self._characters = characters

    def before(self, call: Call) -> RestError | None:
        conditions = call.parameter("filter")
        values = conditions.items() if isinstance(conditions, dict) else ()
        dates = [str(value) for name, value in values if str(name).startswith(">=")]
        wrong = any(character in date for date in dates for character in self._characters)
        return RestError("INVALID_ARG_VALUE", "no date") if wrong else None

    def after(self, _call: Call) -> RestError | None:
        return None


def portal_of(*refused: str) -> Portal:
    portal = Portal(Options(burst=10_000, per_second=2000.0))
    portal.watchers.append(RefusesDates(*refused))
    return portal


@asynccontextmanager
async def dates_of(portal: Portal) -> AsyncIterator[DateFilters]:
    async with serve(portal) as server:
        webhook = parse_webhook(server.webhook_url, "portal.webhook")
        random = Random(1)  # noqa: S311 # has to be repeatable
        limits = Limits(burst=10_000, per_second=2000.0)
        async with PortalClient(webhook, limits, clock=SystemClock(), random=random, memory=VolatileMemory()) as client:
            yield DateFilters(client)


@pytest.mark.parametrize(("refused", "expected"), [("", DateFormat.ISO), ("T", DateFormat.PLAIN)])
async def test_the_format_of_each_type_is_found_and_remembered(refused: str, expected: DateFormat) -> None:
    portal = portal_of(*refused)
    portal.create(LEAD, {}, [], "generator")
    portal.activities.create({"typeId": 2}, [(LEAD, 1)], "generator")
    async with dates_of(portal) as dates:
        for entity_type in (EntityType.LEAD, EntityType.ACTIVITY):
            found = await dates.of(entity_type)
            assert found.format is expected
            assert found.text(0).startswith("1970-01-01")
            asked = sum(portal.history.requests.values())
            assert await dates.of(entity_type) == found
            assert sum(portal.history.requests.values()) == asked
    assert portal.history.commands["crm.activity.list"] >= 3


async def test_a_type_without_items_takes_what_was_proven_for_another_and_is_asked_again() -> None:
    portal = portal_of("T")
    async with dates_of(portal) as dates:
        assert (await dates.of(EntityType.ACTIVITY)).format is DateFormat.ISO
        portal.create(CONTACT, {}, [], "generator")
        assert (await dates.of(EntityType.CONTACT)).format is DateFormat.PLAIN
        assert (await dates.of(EntityType.ACTIVITY)).format is DateFormat.PLAIN
        asked, sent = portal.history.commands["crm.activity.list"], portal.history.requests.total()
        await dates.of(EntityType.ACTIVITY)
        assert portal.history.commands["crm.activity.list"] == asked + 1
        assert portal.history.requests.total() == sent + 1


async def test_a_portal_that_honours_no_format_cannot_be_followed() -> None:
    portal = portal_of(":")
    portal.create(LEAD, {}, [], "generator")
    portal.activities.create({"typeId": 2}, [(LEAD, 1)], "generator")
    async with dates_of(portal) as dates:
        with pytest.raises(PortalBlocked, match="LAST_UPDATED"):
            await dates.of(EntityType.ACTIVITY)
        with pytest.raises(PortalBlocked, match="updatedTime"):
            await dates.of(EntityType.LEAD)
