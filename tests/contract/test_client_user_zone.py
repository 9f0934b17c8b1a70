"""Date filters where the webhook's user has another zone: measured, remembered, and never missing a change."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.contract.test_client_sources import client_of, rule

from b24syncd.clock import SystemClock
from b24syncd.domain.bindings import Binding
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.rules import LinkedItem
from b24syncd.errors import RetryLater
from b24syncd.portal.activities.rule_dates import shift_text
from b24syncd.portal.activities.sources import Sources
from b24syncd.portal.client import PortalClient
from b24syncd.portal.dates.filters import DateFilters
from b24syncd.portal.dates.marks import DateMark
from b24syncd.portal.item_reading import items_of
from b24syncd.portal.pace.limits import Limits, VolatileMemory
from b24syncd.portal.paging import Walker
from b24syncd.portal.payments.sales import Sales
from b24syncd.portal.wire.commands import Command, Priority
from b24syncd.portal.words.vocabulary import Api, Vocabulary
from b24syncd.settings.webhook import parse_webhook
from b24syncd.simulator.errors import RestError
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.tables.fields import COMPANY, DEAL, LEAD, CustomField, FieldType

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.clock import Clock
    from b24syncd.simulator.methods.calls import Call

LIVE = Priority.LIVE
HOUR = 3600.0
WINTER, SUMMER = (datetime(2026, month, 1, 12, tzinfo=UTC).timestamp() for month in (1, 7))
ZONES = [
    ("Pacific/Pitcairn", -11.0),
    ("Asia/Kathmandu", 2.75),
    ("Pacific/Kiritimati", 11.0),
    ("Etc/GMT+12", -15.0),
    ("Europe/Moscow", 0.0),
]


class Now:
    """A portal's clock that is set by hand."""

    def __init__(self, second: float) -> None:
        self.second = second

    def __call__(self) -> float:
        return self.second


class Untold:
    """Refuses the profile, so that the zone of the user can be found out by nothing but filters."""

    def before(self, call: Call) -> RestError | None:
        return RestError("ACCESS_DENIED", "Access denied!") if call.method == "profile" else None

    def after(self, _call: Call) -> RestError | None:
        return None


def portal_of(user: str | None, now: Now, *, tells_zone: bool = False, **options: object) -> Portal:
    known = {"burst": 10_000, "per_second": 2000.0, "time_zone": "Europe/Moscow", "scopes": ("crm", "sale"), **options}
    portal = Portal(Options(user_time_zone=user, **known), clock=now)  # type: ignore[arg-type] # the options vary
    if not tells_zone:
        portal.watchers.append(Untold())
    return portal


@asynccontextmanager
async def connected(
    portal: Portal, memory: VolatileMemory | None = None, clock: Clock | None = None
) -> AsyncIterator[PortalClient]:
    async with serve(portal) as server:
        webhook = parse_webhook(server.webhook_url, "portal.webhook")
        limits = Limits(burst=10_000, per_second=2000.0)
        random, memory = Random(1), memory or VolatileMemory()  # noqa: S311 # has to be repeatable
        clock = clock or SystemClock()
        async with PortalClient(webhook, limits, clock=clock, random=random, memory=memory) as client:
            yield client


async def changed(client: PortalClient, entity_type: EntityType, since: float, api: Api = Api.UNIVERSAL) -> list[int]:
    """Return the ids of what changed since an instant, as polling would meet them."""
    vocabulary = Vocabulary(api)
    await client.read([Command("server.time", {})], priority=LIVE)  # what time it is, it learns by answers
    text = await DateFilters(client, vocabulary).since(entity_type, since)
    if entity_type is EntityType.ACTIVITY:
        (outcome,) = await client.read(
            [Command("crm.activity.list", {"filter": {">=LAST_UPDATED": text}})], priority=LIVE
        )
        return sorted(int(row["ID"]) for row in outcome.result)  # type: ignore[union-attr]
    conditions = {f">={vocabulary.of(entity_type).changed}": text}
    walker = Walker(client, items_of(entity_type, vocabulary), priority=LIVE, conditions=conditions)
    return [row.ref.id for row in (await walker.after(0)).rows]


async def settle(client: PortalClient, portal: Portal, now: Now, type_id: int = DEAL) -> None:
    """Let something change while the measure holds, and be seen."""
    await DateFilters(client).of(EntityType.from_type_id(type_id))
    now.second += 700
    portal.create(type_id, {}, (), "generator", int(now.second) - 5)
    await client.read([Command("server.time", {})], priority=LIVE)
    await DateFilters(client).of(EntityType.from_type_id(type_id))


@pytest.mark.parametrize("api", [Api.UNIVERSAL, Api.CLASSIC])
@pytest.mark.parametrize(("user", "hours"), ZONES)
async def test_the_shift_of_each_family_is_measured_to_the_second(user: str, hours: float, api: Api) -> None:
    now = Now(WINTER)
    portal = portal_of(user, now)
    portal.create(DEAL, {}, (), "generator", int(WINTER) - 5)
    portal.activities.create({"typeId": 2}, [(DEAL, 1)], "generator", at=int(WINTER) - 5)
    async with connected(portal) as client:
        dates = DateFilters(client, Vocabulary(api))
        assert (await dates.of(EntityType.DEAL)).shift == (hours * HOUR if api is Api.UNIVERSAL else 0.0)
        assert (await dates.of(EntityType.ACTIVITY)).shift == 0.0


@pytest.mark.parametrize("api", [Api.UNIVERSAL, Api.CLASSIC])
@pytest.mark.parametrize(("user", "hours"), ZONES)
async def test_exactly_what_changed_is_listed_once_the_measure_is_settled(user: str, hours: float, api: Api) -> None:
    del hours
    now = Now(WINTER)
    portal = portal_of(user, now)
    for age in (100, 10):
        portal.create(DEAL, {}, (), "generator", int(WINTER) - age)
    async with connected(portal) as client:
        # nobody knows whether the last change was of this season: more is listed, never less
        assert await changed(client, EntityType.DEAL, WINTER - 50, api) == [1, 2]
        now.second += 700
        portal.create(DEAL, {}, (), "generator", int(now.second) - 1)
        assert await changed(client, EntityType.DEAL, WINTER - 50, api) == [2, 3]
        assert await changed(client, EntityType.DEAL, now.second - 1, api) == [3]
        assert await changed(client, EntityType.DEAL, now.second, api) == []


@pytest.mark.every(5)
@pytest.mark.parametrize("tells_zone", [True, False])
@pytest.mark.parametrize("first", [WINTER, SUMMER])
@pytest.mark.parametrize("server", ["Europe/Moscow", "Europe/Berlin", "Australia/Sydney"])
@pytest.mark.parametrize("user", ["Europe/Moscow", "Europe/Berlin", "America/New_York", "Etc/GMT-14"])
async def test_nothing_is_missed_whatever_the_season_of_the_last_change(
    server: str, user: str, first: float, *, tells_zone: bool
) -> None:
    now = Now(WINTER + SUMMER - first)
    portal = portal_of(user, now, time_zone=server, tells_zone=tells_zone)
    portal.create(DEAL, {}, (), "generator", int(first))  # the only witness is half a year old, or of the future
    async with connected(portal) as client:
        await DateFilters(client).of(EntityType.DEAL)
        for pause in (30, 100, 700, 90_000):
            now.second += pause
            portal.create(DEAL, {}, (), "generator", int(now.second))
            assert portal.table(DEAL).ids[-1] in await changed(client, EntityType.DEAL, now.second)


@pytest.mark.every(2)
@pytest.mark.parametrize(
    ("server", "user", "day"),
    [
        ("Europe/Moscow", "Europe/Berlin", (2026, 3, 29)),
        ("Europe/Moscow", "Europe/Berlin", (2026, 10, 25)),
        ("Europe/Berlin", "Asia/Tokyo", (2026, 3, 29)),
        ("Europe/Berlin", "Asia/Tokyo", (2026, 10, 25)),
        ("Europe/Berlin", "America/New_York", (2026, 3, 8)),
        ("Australia/Sydney", "America/New_York", (2026, 4, 4)),
        ("America/New_York", "Australia/Sydney", (2026, 11, 1)),
    ],
)
async def test_nothing_is_missed_over_a_change_of_clocks(server: str, user: str, day: tuple[int, int, int]) -> None:
    now = Now(datetime(*day, tzinfo=UTC).timestamp() - 20 * HOUR)
    end = now.second + 44 * HOUR
    portal = portal_of(user, now, time_zone=server)
    portal.create(DEAL, {}, (), "generator", int(now.second))
    seen: set[int] = set()
    async with connected(portal) as client:
        cursor = now.second
        while now.second < end:
            now.second += 5000
            portal.create(DEAL, {}, (), "generator", int(now.second))
            now.second += 60
            seen.update(await changed(client, EntityType.DEAL, cursor - 120))
            cursor = now.second
        # what changed during the last hours may be met by the next poll only
        now.second += 700
        portal.create(DEAL, {}, (), "generator", int(now.second))
        seen.update(await changed(client, EntityType.DEAL, cursor - 120))
    assert seen >= set(portal.table(DEAL).ids) - {1}


async def test_a_user_who_moves_hides_no_change() -> None:
    now = Now(WINTER)
    portal = portal_of("Europe/Moscow", now)
    portal.create(DEAL, {}, (), "generator", int(WINTER) - 5)
    async with connected(portal) as client:
        await settle(client, portal, now)
        portal.live_in("Pacific/Kiritimati")
        cursor = now.second
        for _ in range(3):  # the filter is 11 hours behind: all that comes is met, and more
            now.second += 100
            portal.create(DEAL, {}, (), "generator", int(now.second))
            assert portal.table(DEAL).ids[-1] in await changed(client, EntityType.DEAL, cursor)
        portal.live_in("Pacific/Pitcairn")
        missed: list[int] = []
        cursor = now.second
        for _ in range(5):  # now it is 11 hours ahead, until somebody looks
            now.second += 200
            portal.create(DEAL, {}, (), "generator", int(now.second))
            met = await changed(client, EntityType.DEAL, cursor)
            missed = [one for one in (*missed, portal.table(DEAL).ids[-1]) if one not in met]
            cursor = now.second
        assert missed == []


async def test_what_was_found_out_outlives_a_restart_and_is_looked_at_again() -> None:
    now, memory = Now(WINTER), VolatileMemory()
    portal = portal_of("Asia/Tokyo", now)
    portal.create(DEAL, {}, (), "generator", int(WINTER) - 5)
    async with connected(portal, memory) as client:
        await settle(client, portal, now)
        asked = portal.history.commands["crm.item.list"]
        assert await changed(client, EntityType.DEAL, now.second) == []
        assert portal.history.commands["crm.item.list"] == asked + 1
    state = await memory.load()
    assert state.dates["crm.item.list deal"].is_settled
    before = portal.history.commands["crm.item.list"]
    async with connected(portal, memory) as client:
        # three commands for the remembered shift: the newest item, and two questions
        assert (await DateFilters(client).of(EntityType.DEAL)).shift == 6 * HOUR
        assert portal.history.commands["crm.item.list"] == before + 3
    portal.live_in("Asia/Kathmandu")
    now.second += 86400
    portal.create(DEAL, {}, (), "generator", int(now.second) - 80_000)
    async with connected(portal, memory) as client:
        # what changed since the measure was last seen to hold may have been passed over
        assert portal.table(DEAL).ids[-1] in await changed(client, EntityType.DEAL, now.second)


@pytest.mark.parametrize("user", ["Pacific/Pitcairn", "Pacific/Kiritimati"])
async def test_the_first_item_of_an_empty_type_is_met(user: str) -> None:
    now = Now(WINTER)
    portal = portal_of(user, now)

    class Meanwhile:
        def before(self, call: Call) -> RestError | None:
            filtered = call.parameter("filter")
            if isinstance(filtered, dict) and ">=updatedTime" in filtered and not portal.table(DEAL).ids:
                portal.create(DEAL, {}, (), "generator")
            return None

        def after(self, _call: Call) -> RestError | None:
            return None

    portal.watchers.append(Meanwhile())
    async with connected(portal) as client:
        await client.read([Command("server.time", {})], priority=LIVE)
        assert await changed(client, EntityType.DEAL, now.second) == [1]


async def test_items_of_the_future_are_no_witnesses_where_there_are_others() -> None:
    now = Now(WINTER)
    portal = portal_of("Europe/Berlin", now)
    portal.create(DEAL, {}, (), "generator", int(SUMMER))
    portal.create(DEAL, {}, (), "generator", int(WINTER) - 5)
    async with connected(portal) as client:
        await settle(client, portal, now)
        assert (await DateFilters(client).of(EntityType.DEAL)).shift == -2 * HOUR
        assert client.date_marks["crm.item.list deal"].is_settled


async def test_items_that_never_stand_still_are_asked_about_later() -> None:
    now = Now(WINTER)
    portal = portal_of("Asia/Tokyo", now)

    moments = count(int(WINTER) - 1_000_000)

    class Restless:
        def before(self, call: Call) -> RestError | None:
            if call.method == "crm.item.list":
                for item in portal.table(DEAL).items.values():
                    portal.table(DEAL).touch(item, next(moments))
            return None

        def after(self, _call: Call) -> RestError | None:
            return None

    for _ in range(30):
        portal.create(DEAL, {}, (), "generator")
    restless = Restless()
    portal.watchers.append(restless)
    async with connected(portal) as client:
        with pytest.raises(RetryLater, match="change too fast"):
            await DateFilters(client).of(EntityType.DEAL)
        portal.watchers.remove(restless)
        assert (await DateFilters(client).of(EntityType.DEAL)).shift == 6 * HOUR


@pytest.mark.parametrize("sale_offsets", [True, False])
@pytest.mark.parametrize(("user", "hours"), ZONES)
async def test_payments_of_the_shop_are_told_to_users_everywhere(
    user: str, hours: float, *, sale_offsets: bool
) -> None:
    del hours
    now = Now(WINTER)
    portal = portal_of(user, now, sale_offsets=sale_offsets)
    for number in (1, 2):
        portal.create(DEAL, {}, (), "generator", int(WINTER) - 5)
        portal.payments.create((DEAL, number), 1, "generator", paid=int(WINTER) - 1000 * number)
    async with connected(portal) as client:
        sales = Sales(client, sweep_hours=24.0)
        for _ in range(3):
            now.second += 30
            portal.payments.cancel(portal.payments.of((DEAL, 2))[0], "person")
            portal.payments.pay(portal.payments.of((DEAL, 1))[0], "person", at=int(now.second))
            met = await sales.paid_since(now.second, priority=LIVE)
            assert met is not None
            assert EntityRef(EntityType.DEAL, 1) in met
            sales.remember()


@pytest.mark.parametrize(("user", "hours"), ZONES)
async def test_times_in_the_filters_of_rules_mean_what_they_say(user: str, hours: float) -> None:
    del hours
    day = CustomField(LEAD, "UF_CRM_1", "Day", FieldType.DATE)
    portal = portal_of(user, Now(WINTER), custom_fields=(day,))
    second = int(datetime(2025, 6, 1, tzinfo=UTC).timestamp()) - 3 * 3600  # midnight in Moscow
    portal.create(COMPANY, {}, (), "generator")
    for at in (second - 1, second, second + 1):
        portal.create(LEAD, {"companyId": 1, "ufCrm_1": second}, (), "generator", at)
    cases = {
        "2025-06-01": [2, 3],
        "2025-06-01 00:00:01": [3],
        "2025-05-31T21:00:00+00:00": [2, 3],
        "2025-06-01T00:00:00+03:00": [2, 3],
    }
    bindings = {Binding(LEAD, number) for number in (1, 2, 3)}
    async with client_of(portal) as client:
        for text, expected in cases.items():
            plain: dict[str, object] = {">=createdTime": text, ">=ufCrm_1": "2025-06-01", "<ufCrm_1": "2025-06-02"}
            grouped: dict[str, object] = {"0": {"logic": "OR", "0": {">=createdTime": text}, "1": {"=id": 99}}}
            for where in (plain, grouped):
                sources = Sources(client, SystemClock(), [rule(LinkedItem(EntityType.COMPANY), where=where)])
                found = await sources.of(bindings, priority=LIVE)
                assert sorted(binding.id for binding in found) == expected, json.dumps(where)


def test_text_that_is_no_time_is_left() -> None:
    mark = DateMark(is_plain=False, shift=0.0, held_since=0.0, confirmed_at=0.0, utc_offset=0.0)
    assert mark.after(None) is mark
    for text in ("yesterday", "2025-13-45", "2025-06-01T25:00:00", "9999-12-31"):
        assert shift_text(text, timedelta(days=1)) == text
