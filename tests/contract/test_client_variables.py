"""Commands with more variables than PHP reads from a query: `max_input_vars`, 1000 by default, cuts the rest off.

php: modules/rest/classes/general/rest_util.php `ParseBatchQuery` reads the commands of a batch by `parse_str`, to which
it applies; `getRequestData` reads a body in JSON without it. So such commands never go in a batch.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING

import pytest

from b24syncd.clock import SystemClock
from b24syncd.domain.corrections import ChangePoint
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.snapshots import PointKind, Snapshot
from b24syncd.portal.client import PortalClient
from b24syncd.portal.item_reading import items_of
from b24syncd.portal.item_rows import POINTS_ONLY
from b24syncd.portal.items import Items
from b24syncd.portal.pace.limits import Limits, VolatileMemory
from b24syncd.portal.paging import Walker
from b24syncd.portal.wire.commands import Answered, Command, Priority
from b24syncd.portal.words.vocabulary import Api, Vocabulary
from b24syncd.portal.writes import Write, Written
from b24syncd.settings.webhook import parse_webhook
from b24syncd.simulator import php
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import probing
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LIVE = Priority.LIVE
CLOCK = SystemClock()
CONTACT = 3
JOB = "phones"


@asynccontextmanager
async def connected(portal: Portal) -> AsyncIterator[PortalClient]:
    async with serve(portal) as server:
        webhook = parse_webhook(server.webhook_url, "portal.webhook")
        limits = Limits(burst=10_000, per_second=2000.0)
        random = Random(1)  # noqa: S311 # has to be repeatable
        async with PortalClient(webhook, limits, clock=CLOCK, random=random, memory=VolatileMemory()) as client:
            yield client


def portal_of(*phones: int) -> Portal:
    """A portal with contacts that have so many phones each."""
    portal = Portal(Options(burst=10_000, per_second=2000.0))
    for number in phones:
        entries = [PointChange(None, "PHONE", "WORK", f"8 916 {one:07}") for one in range(number)]
        portal.create(CONTACT, {}, entries, "generator")
    return portal


async def test_the_rest_of_a_long_command_is_dropped_without_a_word() -> None:
    portal = portal_of(1)
    filler = "&".join(f"filter[@id][{one}]=7" for one in range(php.MAX_INPUT_VARS - 1))
    async with probing(portal) as probe:
        answer = await probe.batch({"whole": f"crm.item.list?{filler}&entityTypeId=3"})
        assert answer["result_error"] == []
        answer = await probe.batch({"cut": f"crm.item.list?{filler}&x=1&entityTypeId=3"})
        assert set(answer["result_error"]) == {"cut"}


@pytest.mark.parametrize("api", list(Api))
@pytest.mark.parametrize("number", [200, 400])
async def test_an_item_with_very_many_entries_is_written_whole(api: Api, number: int) -> None:
    portal = portal_of(number, 1)
    refs = [EntityRef(EntityType.CONTACT, one) for one in (1, 2)]

    async def leave() -> None:
        """Leave."""

    async with connected(portal) as client:
        items = Items(client, CLOCK, {EntityType.CONTACT: POINTS_ONLY}, Vocabulary(api))
        found = (await items.read(refs, priority=LIVE)).found
        writes = []
        for ref in refs:
            snapshot = found[ref]
            assert isinstance(snapshot, Snapshot)
            changes = tuple(
                ChangePoint(ref, JOB, PointKind.PHONE, one.id, one.value_type, one.value, f"+7916{one.value[6:]}")
                for one in snapshot.entries
            )
            writes.append(Write(snapshot, changes))
        outcomes = await items.write(writes, priority=LIVE, before_send=leave)
    assert [type(outcome) for outcome in outcomes] == [Written, Written]
    for item in portal.table(CONTACT).items.values():
        assert all(point.value.startswith("+7916") for point in item.points.values())


async def test_a_list_with_very_many_ids_asks_for_all_of_them() -> None:
    portal = portal_of(*[0] * 60)
    ids = list(range(1500, 0, -1))
    command = Command("crm.item.list", {"filter": {"@id": ids}, "entityTypeId": 3, "order": {"id": "ASC"}, "start": -1})
    async with connected(portal) as client:
        outcomes = await client.read([command, command], priority=LIVE)
        for outcome in outcomes:
            assert isinstance(outcome, Answered)
            assert [one["id"] for one in outcome.result["items"]] == list(range(1, 51))  # type: ignore[index] # JSON
        walker = Walker(client, items_of(EntityType.CONTACT), priority=LIVE, conditions={"@id": ids}, highest_id=60)
        first = await walker.after(0)
        rest = await walker.after(first.rows[-1].ref.id)
        assert [row.ref.id for row in (*first.rows, *rest.rows)] == list(range(1, 61))
