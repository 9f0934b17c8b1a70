"""Items that people pay for, as the client reads and writes them, against the simulated portal."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

import pytest

from b24syncd.clock import SystemClock
from b24syncd.domain.corrections import SetField
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.payments import Payment, Payments
from b24syncd.domain.snapshots import ItemState, Snapshot
from b24syncd.domain.values import shown
from b24syncd.errors import OutcomeUnknown, Rejected
from b24syncd.jobs.payment_dates import moment_in
from b24syncd.portal.client import PortalClient
from b24syncd.portal.item_rows import FieldGone, Wanted
from b24syncd.portal.items import Items
from b24syncd.portal.pace.backoff import Backoff
from b24syncd.portal.pace.limits import Limits, VolatileMemory
from b24syncd.portal.payments.date_fields import DateField, find_field
from b24syncd.portal.wire.commands import Deferred, Priority, Refused, Unknown
from b24syncd.portal.words.vocabulary import Api, Vocabulary
from b24syncd.portal.writes import NotTried, Read, Write, WriteOutcome, Written
from b24syncd.settings.webhook import parse_webhook
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.tables.fields import DEAL, SMART_INVOICE, CustomField, FieldType, SmartType
from b24syncd.simulator.tables.user_fields import LABELS, every_language

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from b24syncd.domain.states import AnySnapshot
    from b24syncd.simulator.methods.calls import Call

CLOCK = SystemClock()
LIVE = Priority.LIVE
JOB = "payment_dates"
ROOMY = Limits(burst=10_000, per_second=2000.0, backoff=Backoff(0.01, 0.05, 0.3, 0.2))
WINTER, SUMMER = 1_700_000_000, 1_752_000_000
ORDERS = 128
YES, NO = True, False
DAY = "UF_CRM_1746431727372"
FIELDS = (
    CustomField(DEAL, DAY, "Payment date", FieldType.DATE),
    CustomField(DEAL, "UF_CRM_PAID_AT", "Paid at", FieldType.DATETIME),
    CustomField(SMART_INVOICE, "UF_CRM_SMART_INVOICE_17", "Payment date", FieldType.DATE),
    CustomField(ORDERS, "UF_CRM_7_PAID", "Payment date", FieldType.DATE),
)
BOTH = pytest.mark.parametrize("api", [Api.UNIVERSAL, Api.CLASSIC])


def portal_of(deals: int = 3, now: float = WINTER, time_zone: str | None = None) -> Portal:
    smart = (SmartType(ORDERS, 7, "Orders"),)
    options = Options(
        burst=10_000, per_second=2000.0, custom_fields=FIELDS, smart_types=smart, time_zone=time_zone, scopes=("crm",)
    )
    portal = Portal(options, clock=lambda: now)
    for _ in range(deals):
        portal.create(DEAL, {"opportunity": 100.5, "currencyId": "RUB"}, (), "generator", WINTER - 9000)
    return portal


@asynccontextmanager
async def client_of(portal: Portal) -> AsyncIterator[PortalClient]:
    async with serve(portal) as server:
        webhook = parse_webhook(server.webhook_url, "portal.webhook")
        random = Random(1)  # noqa: S311 # has to be repeatable
        async with PortalClient(webhook, ROOMY, clock=CLOCK, random=random, memory=VolatileMemory()) as client:
            yield client


@asynccontextmanager
async def connected(
    portal: Portal, title: str = "Payment date", types: Sequence[int] = (DEAL,), api: Api = Api.UNIVERSAL
) -> AsyncIterator[Items]:
    async with client_of(portal) as client:
        wanted: dict[EntityType, Wanted] = {}
        for entity_type in map(EntityType.from_type_id, types):
            found = await find_field(client, entity_type, title, priority=LIVE)
            assert isinstance(found, DateField)
            wanted[entity_type] = Wanted(payments=True, fields=(found,))
        yield Items(client, CLOCK, wanted, Vocabulary(api))


def deal(number: int) -> EntityRef:
    return EntityRef(EntityType.DEAL, number)


async def read(items: Items, *refs: EntityRef) -> list[Snapshot]:
    found = {snapshot.ref: snapshot for snapshot in paid(await items.read(refs, priority=LIVE))}
    return [found[ref] for ref in refs]


def paid(read: Read) -> list[Snapshot]:
    return [snapshot for snapshot in read.found.values() if isinstance(snapshot, Snapshot)]


def there(snapshot: AnySnapshot) -> str | None:
    """Return what stands in the one field."""
    assert isinstance(snapshot, Snapshot)
    (value,) = snapshot.fields.values()
    return shown(value)


def payments_of(snapshot: Snapshot) -> tuple[Payment, ...]:
    assert snapshot.payments is not None
    return snapshot.payments.payments


async def nothing() -> None:
    pass


async def write(items: Items, *wanted: tuple[Snapshot, str | None]) -> tuple[WriteOutcome, ...]:
    writes = [
        Write(snapshot, (SetField(snapshot.ref, JOB, name, there, moment_in(after or "")),))
        for snapshot, after in wanted
        for name, there in snapshot.fields.items()
    ]
    return await items.write(writes, priority=LIVE, before_send=nothing)


@BOTH
async def test_an_item_is_read_with_its_payments_and_its_field(api: Api) -> None:
    portal = portal_of()
    portal.payments.create((DEAL, 1), 15.1, "generator", paid=WINTER - 3600)
    portal.payments.create((DEAL, 1), 7, "generator", currency="EUR")
    portal.payments.cancel(portal.payments.create((DEAL, 1), 1, "generator", paid=WINTER), "person")
    async with connected(portal, api=api) as items:
        first, second = await read(items, deal(1), deal(2))
        assert (await items.read([deal(99), EntityRef(EntityType.LEAD, 1)], priority=LIVE)).found == {}
    assert first == Snapshot(
        deal(1),
        datetime.fromisoformat("2023-11-14T22:43:20+03:00"),
        fields={"ufCrm_1746431727372": None},
        payments=Payments(
            Decimal("100.5"),
            "RUB",
            (
                Payment(1, YES, datetime.fromisoformat("2023-11-15T00:13:20+03:00"), Decimal("15.1"), "RUB"),
                Payment(2, NO, None, Decimal(7), "EUR"),
                Payment(3, NO, datetime.fromisoformat("2023-11-15T01:13:20+03:00"), Decimal(1), "RUB"),
            ),
        ),
    )
    assert str(payments_of(first)[0].paid_at) == "2023-11-15 00:13:20+03:00"
    assert (payments_of(second), there(second)) == ((), None)


@BOTH
async def test_a_day_is_written_and_read_as_it_is_in_every_zone(api: Api) -> None:
    days = ("2025-01-15", "2025-07-01", "2025-03-30", "2025-10-26", "2024-09-08", "2023-12-31", "2024-02-29")
    zones = [
        *("Europe/Berlin", "America/New_York", "Atlantic/Azores", "Pacific/Apia", "Pacific/Kiritimati"),
        *("America/Santiago", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Pago_Pago", "Europe/Moscow"),
    ]
    for zone in zones:
        for now in (WINTER, SUMMER):
            portal = portal_of(len(days), now, zone)
            async with connected(portal, api=api) as items:
                refs = [deal(number + 1) for number in range(len(days))]
                snapshots = await read(items, *refs)
                outcomes = await write(items, *zip(snapshots, days, strict=True))
                assert [
                    there(outcome.after)
                    for outcome in outcomes
                    if isinstance(outcome, Written) and isinstance(outcome.after, Snapshot)
                ] == list(days), zone
                assert [there(snapshot) for snapshot in await read(items, *refs)] == list(days)
                saves = portal.history.saves
                await write(items, *zip(snapshots, days, strict=True))
                assert portal.history.saves == saves


@BOTH
async def test_an_instant_keeps_its_time(api: Api) -> None:
    portal = portal_of(time_zone="Europe/Berlin")
    portal.payments.create((DEAL, 1), 1, "generator", paid=SUMMER)
    async with connected(portal, "Paid at", api=api) as items:
        (snapshot,) = await read(items, deal(1))
        assert snapshot.fields == {"ufCrmPaidAt": None}
        paid_at = payments_of(snapshot)[0].paid_at
        assert paid_at is not None
        (outcome,) = await write(items, (snapshot, paid_at.isoformat()))
        assert isinstance(outcome, Written)
        assert outcome.after.state == ItemState(
            fields={"ufCrmPaidAt": datetime.fromisoformat("2025-07-08T20:40:00+02:00")}
        )
        (outcome,) = await write(items, (snapshot, None))
        assert isinstance(outcome, Written)
        assert outcome.after.state == ItemState(fields={"ufCrmPaidAt": None})


@BOTH
async def test_a_write_tells_what_it_met_and_left_and_keeps_what_it_was_planned_from(api: Api) -> None:
    portal = portal_of()
    portal.payments.create((DEAL, 1), 15, "generator", paid=WINTER - 3600)
    async with connected(portal, api=api) as items:
        (snapshot,) = await read(items, deal(1))
        before = {"ufCrm_1746431727372": date(2020, 1, 1)}
        planned = replace(snapshot, written=before)
        portal.change(
            portal.table(DEAL).items[1], {"ufCrm_1746431727372": 1_577_912_400, "opportunity": 7.0}, (), "person"
        )
        (outcome,) = await write(items, (planned, "2023-11-15"))
        assert isinstance(outcome, Written)
        witness, after = outcome.witness, outcome.after
        assert isinstance(witness, Snapshot)
        assert isinstance(after, Snapshot)
        assert (there(witness), there(after)) == ("2020-01-02", "2023-11-15")
        assert (payments_of(witness), witness.written) == (payments_of(snapshot), before)
        assert witness.payments is not None
        assert witness.payments.amount == Decimal(7)
        assert (payments_of(after), after.read_at) == (payments_of(snapshot), witness.read_at)
        assert after.written == {"ufCrm_1746431727372": date(2023, 11, 15)}
        renewed = (await items.renew([planned], priority=LIVE)).found[deal(1)]
        assert isinstance(renewed, Snapshot)
        assert (there(renewed), len(payments_of(renewed))) == ("2023-11-15", 1)
    assert portal.history.saves == 1


@BOTH
async def test_what_the_portal_ignores_shows(api: Api) -> None:
    portal = portal_of()
    async with connected(portal, api=api) as items:
        (snapshot,) = await read(items, deal(1))
        (outcome,) = await items.write(
            [Write(snapshot, (SetField(snapshot.ref, JOB, "ufCrm_1746431727372", None, "2023-02-31"),))],
            priority=LIVE,
            before_send=nothing,
        )
        assert isinstance(outcome, Written)
        assert isinstance(outcome.after, Snapshot)
        assert there(outcome.after) is None
        await write(items, (snapshot, "2023-03-31"))
        assert there((await read(items, deal(1)))[0]) == "2023-03-31"


@BOTH
async def test_a_batch_ends_at_the_first_item_that_is_gone_or_not_to_be_written(api: Api) -> None:
    portal = portal_of(4)
    async with connected(portal, api=api) as items:
        snapshots = await read(items, *(deal(number) for number in range(1, 5)))
        portal.delete(portal.table(DEAL).items[2], "person")
        portal.frozen.add((DEAL, 4))
        wanted = [(snapshot, "2023-11-15") for snapshot in snapshots]
        first, gone, deferred, _ = await write(items, *wanted)
        assert isinstance(first, Written)
        assert isinstance(gone, Refused)
        assert gone.code == "NOT_FOUND"
        assert isinstance(deferred, Deferred)
        third, frozen = await write(items, *wanted[2:])
        assert isinstance(third, Written)
        assert isinstance(frozen, Refused)
        assert frozen.code == "ACCESS_DENIED"
        assert [ref.id for ref in (await items.renew(snapshots, priority=LIVE)).found] == [1, 3, 4]
    assert portal.history.saves == 2


@BOTH
async def test_more_than_fits_into_a_batch_is_deferred(api: Api) -> None:
    portal = portal_of(30)
    async with connected(portal, api=api) as items:
        snapshots = await read(items, *(deal(number) for number in range(1, 31)))
        outcomes = await write(items, *((snapshot, "2023-11-15") for snapshot in snapshots))
        fitting = 50 // (3 if api is Api.CLASSIC else 2)
        assert [isinstance(outcome, Written) for outcome in outcomes] == [number < fitting for number in range(30)]
        assert outcomes[-1] == Deferred(0.0)
        assert (
            1
            <= await items.room([Write(one, ()) for one in snapshots], priority=LIVE)
            <= (fitting if api is Api.CLASSIC else 30)
        )


async def test_a_lost_answer_is_told() -> None:
    portal = portal_of()
    async with connected(portal) as items:
        (snapshot,) = await read(items, deal(1))
        portal.faults.add(Fault(kind=Kind.CUT, match="batch", commands=2))
        with pytest.raises(OutcomeUnknown):
            await write(items, (snapshot, "2023-11-15"))


@BOTH
async def test_a_walk_meets_every_item_and_reads_fifty_payment_lists_a_request(api: Api) -> None:
    portal = portal_of(230)
    for number in range(1, 231):
        portal.payments.create((DEAL, number), number, "generator", paid=WINTER - number)
    async with connected(portal, api=api) as items:
        for _ in range(2):
            requests = sum(portal.history.requests.values())
            walker = items.walk(EntityType.DEAL, priority=LIVE, highest_id=230)
            met: list[Snapshot] = []
            is_last = False
            while not is_last:
                stretch = await walker.after(met[-1].ref.id if met else 0)
                met += paid(await items.complete(stretch.rows, priority=LIVE))
                is_last = stretch.is_last
            assert [snapshot.ref.id for snapshot in met] == list(range(1, 231))
            assert [[payment.sum for payment in payments_of(snapshot)] for snapshot in met[:2]] == [[1], [2]]
        # what things cost is known by now: 5 pages and their payments
        assert sum(portal.history.requests.values()) - requests <= 2 + 5 + 1
        some = await items.walk(
            EntityType.DEAL, priority=LIVE, conditions={"<=id": 2} if api is Api.UNIVERSAL else {"<=ID": 2}
        ).after(0)
        assert [row.ref.id for row in some.rows] == [1, 2]


async def test_payments_that_may_not_be_read_are_no_absent_payments() -> None:
    portal = portal_of()
    portal.payments.create((DEAL, 1), 1, "generator")
    async with connected(portal) as items:
        rows = (await items.walk(EntityType.DEAL, priority=LIVE).after(0)).rows
        portal.hidden.add((DEAL, 1))
        some = await items.complete(rows, priority=LIVE)
        assert [ref.id for ref in some.found] == [2, 3]
        assert [ref.id for ref in some.refused] == [1]
        portal.hidden |= {(DEAL, 2), (DEAL, 3)}
        assert (await items.complete(rows[:1], priority=LIVE)).found == {}
        with pytest.raises(Rejected, match="ACCESS_DENIED"):
            await items.complete(rows, priority=LIVE)


@BOTH
async def test_a_field_that_somebody_deletes_is_noticed(api: Api) -> None:
    portal = portal_of()
    async with connected(portal, api=api) as items:
        (snapshot,) = await read(items, deal(1))
        own = portal.user_fields.find(DEAL, "UF_CRM_1746431727372")
        assert own is not None
        portal.user_fields.delete(own)
        with pytest.raises(FieldGone, match=r"a deal has no field 'Payment date' \(UF_CRM_1746431727372\) any more"):
            await read(items, deal(1))
        with pytest.raises(FieldGone):
            await items.walk(EntityType.DEAL, priority=LIVE).after(0)
        (outcome,) = await write(items, (snapshot, "2023-11-15"))
        assert isinstance(outcome, NotTried)
        assert "no field 'Payment date'" in outcome.reason
        stale = replace(snapshot, fields={"ufCrmOther": None})
        (outcome,) = await write(items, (stale, "2023-11-15"))
        assert isinstance(outcome, Refused)
    assert portal.history.saves == 0


class Remaking:
    """Makes a field again directly before the first update: between its witness and itself."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def before(self, call: Call) -> None:
        if call.method.endswith(".update") and self._portal.user_fields.find(DEAL, DAY) is None:
            labels = {label: every_language("Payment date", "") for label in LABELS}
            self._portal.user_fields.add(DEAL, DAY, "date", {}, labels)

    def after(self, _: Call) -> None:
        """Nothing happens then."""


@BOTH
async def test_of_a_field_that_is_made_again_after_the_reading_it_is_open_whether_it_was_written(api: Api) -> None:
    portal = portal_of(1)
    async with connected(portal, api=api) as items:
        (snapshot,) = await read(items, deal(1))
        own = portal.user_fields.find(DEAL, DAY)
        assert own is not None
        portal.user_fields.delete(own)
        portal.watchers.append(Remaking(portal))
        (outcome,) = await write(items, (snapshot, "2023-11-15"))
        assert isinstance(outcome, Unknown)
        assert [there(after) for after in await read(items, deal(1))] == ["2023-11-15"]


@BOTH
async def test_types_of_all_kinds_share_a_batch(api: Api) -> None:
    portal = portal_of(1)
    for type_id in (SMART_INVOICE, ORDERS):
        portal.create(type_id, {"opportunity": 1.0, "currencyId": "RUB"}, (), "generator")
        portal.payments.create((type_id, 1), 1, "generator", paid=WINTER)
    refs = [deal(1), EntityRef(EntityType.SMART_INVOICE, 1), EntityRef(EntityType.from_type_id(ORDERS), 1)]
    async with connected(portal, types=(DEAL, SMART_INVOICE, ORDERS), api=api) as items:
        snapshots = await read(items, *refs)
        assert [len(payments_of(snapshot)) for snapshot in snapshots] == [0, 1, 1]
        outcomes = await write(items, *((snapshot, "2023-11-15") for snapshot in snapshots))
        assert all(isinstance(outcome, Written) for outcome in outcomes)
        assert [there(snapshot) for snapshot in await read(items, *refs)] == ["2023-11-15"] * 3
    used = {method for method in portal.history.commands if method.startswith("crm.deal.")}
    assert bool(used) is (api is Api.CLASSIC)


async def test_a_field_that_is_only_promised_holds_nothing() -> None:
    portal = portal_of(1)
    promised = DateField("Paid on", "Paid on", "Paid on", holds_instant=False)
    async with client_of(portal) as client:
        wanted = Wanted(payments=True, fields=(promised,), promised=frozenset({"Paid on"}))
        items = Items(client, CLOCK, {EntityType.DEAL: wanted})
        (snapshot,) = await read(items, deal(1))
    assert snapshot.fields == {"Paid on": None}
