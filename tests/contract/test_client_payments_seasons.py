"""Times of payments as the reader hands them on, where the user's clocks are set on other days than the server's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from tests.contract.test_client_user_zone import SUMMER, WINTER, Now, connected, portal_of
from tests.simulated_time import simulated

from b24syncd.clock import SystemClock
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.snapshots import Snapshot
from b24syncd.portal.item_reading import ItemReader
from b24syncd.portal.item_rows import Wanted
from b24syncd.portal.payments.date_fields import DateField, find_field
from b24syncd.portal.wire.commands import Priority
from b24syncd.simulator.errors import RestError
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.tables.fields import DEAL, CustomField, FieldType
from b24syncd.simulator.tables.user_zone import UserZone

if TYPE_CHECKING:
    from tests.simulated_time import SimulatedTime

    from b24syncd.domain.payments import Payment
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.portal.client import PortalClient
    from b24syncd.simulator.methods.calls import Call
    from b24syncd.simulator.portal import Portal

LIVE = Priority.LIVE
BERLIN = "Europe/Berlin"
FIELD = CustomField(DEAL, "UF_CRM_PAID_AT", "Paid at", FieldType.DATETIME)
SPRING = datetime(2026, 3, 29, 1, tzinfo=UTC).timestamp()
REF = EntityRef(EntityType.DEAL, 1)
PAID = (int(WINTER) - 86400, int(SUMMER) - 86400)


class Misnamed(tzinfo):
    """The zone of a profile that the portal takes no notice of: times of users are switched off."""

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        return None if moment is None else moment.replace(tzinfo=ZoneInfo("Europe/Moscow")).utcoffset()

    def dst(self, moment: datetime | None) -> timedelta | None:
        return None if moment is None else timedelta()

    def tzname(self, moment: datetime | None) -> str:
        del moment
        return BERLIN

    def __str__(self) -> str:
        return BERLIN


class Unfiltered:
    """Takes no notice of filters by the time of change."""

    def before(self, call: Call) -> RestError | None:
        filtered = call.parameters.get("filter")
        if isinstance(filtered, dict):
            filtered.pop(">=updatedTime", None)
        return None

    def after(self, _call: Call) -> RestError | None:
        return None


class ProfileGone:
    """Refuses the profile from now on."""

    def before(self, call: Call) -> RestError | None:
        return RestError("ACCESS_DENIED", "Access denied!") if call.method == "profile" else None

    def after(self, _call: Call) -> RestError | None:
        return None


def paid_portal(now: Now, user: str | None = BERLIN, *, tells_zone: bool = True) -> Portal:
    portal = portal_of(user, now, tells_zone=tells_zone, custom_fields=(FIELD,))
    portal.create(DEAL, {}, (), "generator", int(now.second) - 5)
    for second in PAID:
        portal.payments.create((DEAL, 1), 1, "generator", paid=second)
    return portal


async def reader(client: PortalClient) -> ItemReader:
    field = await find_field(client, EntityType.DEAL, "Paid at", priority=LIVE)
    assert isinstance(field, DateField)
    return ItemReader(client, SystemClock(), {EntityType.DEAL: Wanted(payments=True, fields=(field,))})


def payments_of(snapshot: AnySnapshot) -> tuple[Payment, ...]:
    assert isinstance(snapshot, Snapshot)
    assert snapshot.payments is not None
    return snapshot.payments.payments


async def off(items: ItemReader, *, by_walk: bool = False) -> list[float]:
    """Return the hours by which the times of both payments are off."""
    if by_walk:
        rows = (await items.walk(EntityType.DEAL, priority=LIVE).after(0)).rows
        read = await items.complete(rows, priority=LIVE)
    else:
        read = await items.read([REF], priority=LIVE)
    snapshot = read.found[REF]
    payments = payments_of(snapshot)
    told = [payment.paid_at.timestamp() for payment in payments if payment.paid_at is not None]
    assert all(payment.paid_at.utcoffset() == timedelta(hours=3) for payment in payments if payment.paid_at)
    return [(one - second) / 3600 for one, second in zip(told, PAID, strict=True)]


@pytest.mark.parametrize("by_walk", [True, False])
@pytest.mark.parametrize("second", [WINTER, SUMMER])
@pytest.mark.parametrize("user", [BERLIN, "Europe/Helsinki", "America/New_York", "Asia/Dubai", None])
async def test_times_of_both_seasons_are_right(user: str | None, second: float, *, by_walk: bool) -> None:
    async with connected(paid_portal(Now(second), user)) as client:
        assert await off(await reader(client), by_walk=by_walk) == [0, 0]


async def test_the_zone_is_asked_for_now_and_then_only() -> None:
    now = Now(WINTER)
    portal = paid_portal(now)
    async with connected(portal) as client:
        items = await reader(client)
        await off(items)
        asked, requests = portal.history.commands["profile"], client.requests_sent
        for _ in range(5):
            await off(items)
        assert portal.history.commands["profile"] == asked
        assert client.requests_sent == requests + 5


async def test_a_zone_that_is_not_told_corrects_nothing() -> None:
    async with connected(paid_portal(Now(WINTER), tells_zone=False)) as client:
        assert await off(await reader(client)) == [0, 1]


async def test_a_zone_that_does_not_explain_how_filters_are_shifted_corrects_nothing() -> None:
    portal = paid_portal(Now(WINTER))
    portal.user = UserZone(portal.zone, Misnamed(), portal.user.clock)
    async with connected(portal) as client:
        assert await off(await reader(client)) == [0, 0]
        assert client.date_marks["crm.item.list deal"].zone is None


async def test_a_portal_that_honours_no_filter_is_asked_once_and_read_as_it_tells() -> None:
    portal = paid_portal(Now(WINTER))
    portal.watchers.append(Unfiltered())
    async with connected(portal) as client:
        items = await reader(client)
        assert await off(items) == [0, 1]
        requests = client.requests_sent
        assert await off(items) == [0, 1]
        assert client.requests_sent == requests + 1


async def test_a_zone_that_was_proved_stays_until_the_profile_names_another() -> None:
    now = Now(WINTER)
    portal = paid_portal(now)
    gone = ProfileGone()
    async with connected(portal) as client:
        items = await reader(client)
        assert await off(items) == [0, 0]
        portal.watchers.append(gone)
        now.second += 700
        await client.read([], priority=LIVE)
        assert await off(items) == [0, 0]
        portal.watchers.remove(gone)
        portal.live_in("America/New_York")
        now.second += 700
        await off(items)  # tells what time it is
        assert await off(items) == [0, 0]
        mark = client.date_marks["crm.item.list deal"]
        assert (mark.user_zone, str(mark.zone)) == ("America/New_York",) * 2
        portal.live_in(None)
        now.second += 700
        await off(items)
        assert await off(items) == [0, 0]
        assert client.date_marks["crm.item.list deal"].zone is None


def test_what_was_told_before_and_after_a_clock_is_set_is_read_again() -> None:
    async def run(time: SimulatedTime) -> None:
        now = Now(SPRING)
        portal = paid_portal(now)
        portal.clock = lambda: SPRING - 20 + time.elapsed
        for number in range(2, 61):
            portal.create(DEAL, {}, (), "generator", int(SPRING) - 9000)
            portal.payments.create((DEAL, number), 1, "generator", paid=PAID[1])
        async with connected(portal, clock=time) as client:
            items = await reader(client)
            assert await off(items) == [0, 0]  # the zone is known by now
            # fifty commands are answered before the clock is set, the others after it
            portal.faults.add(Fault(kind=Kind.LATE, match="crm.item.payment.list", nth=2, seconds=30))
            refs = [EntityRef(EntityType.DEAL, number) for number in range(1, 61)]
            read = await items.read(refs, priority=LIVE)
            assert portal.history.faults
        assert {payments_of(one)[-1].paid_at for one in read.found.values()} == {datetime.fromtimestamp(PAID[1], UTC)}

    simulated(run)
