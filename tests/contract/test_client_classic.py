"""Items as the client lists, reads and writes them, in the words of the universal and of the classic methods."""

from __future__ import annotations

from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING

import pytest

from b24syncd.clock import SystemClock
from b24syncd.domain.corrections import AddPoint, ChangePoint, Correction, DeletePoint
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.snapshots import ContactPoint, PointKind, Snapshot
from b24syncd.errors import OutcomeUnknown, Rejected
from b24syncd.portal.client import PortalClient
from b24syncd.portal.dates.filters import DateFilters
from b24syncd.portal.item_reading import items_of
from b24syncd.portal.item_rows import POINTS_ONLY
from b24syncd.portal.items import Items
from b24syncd.portal.pace.backoff import Backoff
from b24syncd.portal.pace.limits import Limits, VolatileMemory
from b24syncd.portal.paging import Walker, highest_ids
from b24syncd.portal.wire.commands import Deferred, Priority, Refused, Unknown
from b24syncd.portal.words.vocabulary import Api, Vocabulary
from b24syncd.portal.writes import NotTried, Write, WriteOutcome, Written
from b24syncd.settings.webhook import parse_webhook
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.tables.fields import COMPANY, CONTACT, DEAL, LEAD, SMART_INVOICE
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

CLOCK = SystemClock()
LIVE = Priority.LIVE
JOB = "phones"
NOW = 1_700_000_000
ROOMY = Limits(burst=10_000, per_second=2000.0, backoff=Backoff(0.01, 0.05, 0.3, 0.2))
POINTS = (
    PointChange(None, "PHONE", "MOBILE", "89161234567"),
    PointChange(None, "EMAIL", "HOME", "Anna@Example.org"),
    PointChange(None, "WEB", "WORK", "example.org"),
    PointChange(None, "PHONE", "WORK", "+7 (495) 123-45-67; доб. 12"),
)
PHONE, EMAIL = PointKind.PHONE, PointKind.EMAIL

WANTED = dict.fromkeys((*EntityType,), POINTS_ONLY)

pytestmark = pytest.mark.parametrize("api", [Api.UNIVERSAL, Api.CLASSIC])


def portal_of(*type_ids: int, leads: str = "on", administrator: bool = True) -> Portal:
    """A portal with one item of each type named, in which time stands still."""
    options = Options(burst=10_000, per_second=2000.0, leads=leads, administrator=administrator)  # type: ignore[arg-type] # one of three words
    portal = Portal(options, clock=lambda: NOW)
    for type_id in type_ids or (CONTACT,):
        portal.create(type_id, {}, POINTS if type_id in (LEAD, CONTACT, COMPANY) else (), "generator", NOW - 60)
    return portal


@asynccontextmanager
async def connected(portal: Portal) -> AsyncIterator[PortalClient]:
    async with serve(portal) as server:
        webhook = parse_webhook(server.webhook_url, "portal.webhook")
        random = Random(1)  # noqa: S311 # has to be repeatable
        async with PortalClient(webhook, ROOMY, clock=CLOCK, random=random, memory=VolatileMemory()) as client:
            yield client


def contact(number: int) -> EntityRef:
    return EntityRef(EntityType.CONTACT, number)


async def read(items: Items, *refs: EntityRef) -> list[Snapshot]:
    found = (await items.read(refs, priority=LIVE)).found
    snapshots = [found[ref] for ref in refs if ref in found]
    return [snapshot for snapshot in snapshots if isinstance(snapshot, Snapshot)]


async def write(items: Items, wanted: Iterable[tuple[Snapshot, tuple[Correction, ...]]]) -> tuple[WriteOutcome, ...]:
    async def nothing() -> None:
        pass

    writes = [Write(snapshot, corrections) for snapshot, corrections in wanted]
    return await items.write(writes, priority=LIVE, before_send=nothing)


def renumber(snapshot: Snapshot, after: str = "+79161234567") -> tuple[Correction, ...]:
    point = snapshot.entries[0]
    return (ChangePoint(snapshot.ref, JOB, PHONE, point.id, point.value_type, point.value, after),)


def points_of(outcome: WriteOutcome) -> list[tuple[ContactPoint, ...]]:
    assert isinstance(outcome, Written)
    return [seen.entries for seen in (outcome.witness, outcome.after) if isinstance(seen, Snapshot)]


async def test_an_item_is_read_with_its_contact_points(api: Api) -> None:
    portal = portal_of(LEAD, CONTACT, COMPANY)
    async with connected(portal) as client:
        items = Items(client, CLOCK, WANTED, Vocabulary(api))
        refs = [EntityRef(kind, 1) for kind in (EntityType.LEAD, EntityType.CONTACT, EntityType.COMPANY)]
        snapshots = await read(items, *refs)
        assert [snapshot.ref for snapshot in snapshots] == refs
        assert [snapshot.updated_at.isoformat() for snapshot in snapshots] == ["2023-11-15T01:12:20+03:00"] * 3
        assert snapshots[1].points == (
            ContactPoint(5, PHONE, "89161234567", "MOBILE"),
            ContactPoint(6, EMAIL, "Anna@Example.org", "HOME"),
            ContactPoint(8, PHONE, "+7 (495) 123-45-67; доб. 12", "WORK"),
        )
        portal.delete(portal.table(LEAD).items[1], "person")
        again = (await items.renew(snapshots, priority=LIVE)).found
        assert list(again) == refs[1:]


async def test_corrections_of_all_kinds_are_written_together(api: Api) -> None:
    portal = portal_of()
    async with connected(portal) as client:
        items = Items(client, CLOCK, WANTED, Vocabulary(api))
        (snapshot,) = await read(items, contact(1))
        corrections: tuple[Correction, ...] = (
            *renumber(snapshot),
            DeletePoint(snapshot.ref, JOB, PHONE, 4, "WORK", snapshot.entries[2].value),
            AddPoint(snapshot.ref, JOB, PHONE, "WORK", "+74951234567;12"),
            AddPoint(snapshot.ref, JOB, PHONE, "FAX", "+74951234568"),
            ChangePoint(snapshot.ref, JOB, EMAIL, 2, "HOME", "Anna@Example.org", "anna@example.org"),
        )
        (outcome,) = await write(items, [(snapshot, corrections)])
        met, left = points_of(outcome)
        assert met == snapshot.entries
        assert left == (
            ContactPoint(1, PHONE, "+79161234567", "MOBILE"),
            ContactPoint(2, EMAIL, "anna@example.org", "HOME"),
            ContactPoint(5, PHONE, "+74951234567;12", "WORK"),
            ContactPoint(6, PHONE, "+74951234568", "FAX"),
        )
        assert (await read(items, contact(1)))[0].points == left
        await write(items, [(snapshot, renumber(snapshot))])
    assert portal.history.saves == 1


async def test_a_witness_shows_what_a_person_did(api: Api) -> None:
    portal = portal_of()
    async with connected(portal) as client:
        items = Items(client, CLOCK, WANTED, Vocabulary(api))
        (snapshot,) = await read(items, contact(1))
        gone = [PointChange(point_id, "PHONE", None, "") for point_id in (1, 4)]
        portal.change(portal.table(CONTACT).items[1], {}, gone, "person")
        (outcome,) = await write(items, [(snapshot, renumber(snapshot))])
        met, left = points_of(outcome)
        assert met == snapshot.entries[1:2]
        # a change of an entry that is not there adds it
        assert left == (*met, ContactPoint(5, PHONE, "+79161234567", "MOBILE"))
        everything = [PointChange(point_id, kind, None, "") for point_id, kind in ((5, "PHONE"), (2, "EMAIL"))]
        (now,) = await read(items, contact(1))
        portal.change(portal.table(CONTACT).items[1], {}, everything, "person")
        deletes = (DeletePoint(now.ref, JOB, EMAIL, 2, "HOME", "Anna@Example.org"),)
        (outcome,) = await write(items, [(now, deletes)])
        assert points_of(outcome) == [(), ()]


async def test_a_batch_ends_at_what_is_gone_or_not_to_be_written(api: Api) -> None:
    portal = portal_of(*[CONTACT] * 4)
    async with connected(portal) as client:
        items = Items(client, CLOCK, WANTED, Vocabulary(api))
        snapshots = await read(items, *map(contact, range(1, 5)))
        portal.delete(portal.table(CONTACT).items[2], "person")
        portal.frozen.add((CONTACT, 4))
        wanted = [(snapshot, renumber(snapshot)) for snapshot in snapshots]
        first, gone, deferred, _ = await write(items, wanted)
        assert isinstance(first, Written)
        assert isinstance(gone, Refused)
        assert gone.code == "NOT_FOUND"
        assert isinstance(deferred, Deferred)
        third, frozen = await write(items, wanted[2:])
        assert isinstance(third, Written)
        assert isinstance(frozen, Refused)
        assert frozen.code == "ACCESS_DENIED"
    assert portal.history.saves == 2


async def test_a_refusal_keeps_its_own_code(api: Api) -> None:
    portal = portal_of()
    async with connected(portal) as client:
        items = Items(client, CLOCK, WANTED, Vocabulary(api))
        (snapshot,) = await read(items, contact(1))
        bad = (ChangePoint(snapshot.ref, JOB, EMAIL, 2, "HOME", "Anna@Example.org", "anna@"),)
        (outcome,) = await write(items, [(snapshot, bad)])
        if api is Api.CLASSIC:
            assert outcome == Refused("ERROR_CORE", "The field 'Personal e-mail' contains an invalid address.")
        else:
            assert isinstance(outcome, Written)


@pytest.mark.parametrize("position", ["first", "second", "third"])
async def test_what_is_not_answered_is_in_doubt_or_was_not_tried(api: Api, position: str) -> None:
    if position == "third" and api is Api.UNIVERSAL:
        position = "second"
    portal = portal_of()
    async with connected(portal) as client:
        items = Items(client, CLOCK, WANTED, Vocabulary(api))
        (snapshot,) = await read(items, contact(1))
        get, update = (
            ("crm.item.get", "crm.item.update") if api is Api.UNIVERSAL else ("crm.contact.get", "crm.contact.update")
        )
        method, nth = {"first": (get, 1), "second": (update, 1), "third": (get, 2)}[position]
        portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match=method, nth=nth))
        (outcome,) = await write(items, [(snapshot, renumber(snapshot))])
        assert isinstance(outcome, NotTried if position == "first" else Unknown)
        assert portal.history.saves == (1 if position == "third" else 0)
        portal.faults.add(Fault(kind=Kind.CUT, match="batch", commands=2))
        with pytest.raises(OutcomeUnknown):
            await write(items, [(snapshot, renumber(snapshot))])


async def test_no_more_is_sent_than_a_batch_holds(api: Api) -> None:
    portal = portal_of(*[CONTACT] * 30)
    async with connected(portal) as client:
        items = Items(client, CLOCK, WANTED, Vocabulary(api))
        snapshots = await read(items, *map(contact, range(1, 31)))
        outcomes = await write(items, [(snapshot, renumber(snapshot)) for snapshot in snapshots])
        fitting = 50 // (3 if api is Api.CLASSIC else 2)
        assert [isinstance(outcome, Written) for outcome in outcomes] == [number < fitting for number in range(30)]
        assert outcomes[-1] == Deferred(0.0)
        assert (
            1
            <= await items.room([Write(one, ()) for one in snapshots], priority=LIVE)
            <= (fitting if api is Api.CLASSIC else 30)
        )


async def test_text_that_looks_like_a_reference_is_written_as_it_is(api: Api) -> None:
    portal = portal_of(CONTACT, CONTACT)
    async with connected(portal) as client:
        items = Items(client, CLOCK, WANTED, Vocabulary(api))
        first, second = await read(items, contact(1), contact(2))
        text = "$result[c0][item] + 50%;#&"
        outcomes = await write(items, [(first, renumber(first, text)), (second, renumber(second))])
        assert [points_of(outcome)[1][0].value for outcome in outcomes] == [text, "+79161234567"]


@pytest.mark.parametrize("highest_id", [None, 130])
async def test_a_walk_meets_every_item_once(api: Api, highest_id: int | None) -> None:
    portal = portal_of(*[CONTACT] * 130)
    async with connected(portal) as client:
        listing = items_of(EntityType.CONTACT, Vocabulary(api))
        walker = Walker(client, listing, priority=LIVE, highest_id=highest_id)
        met: list[Snapshot] = []
        is_last = False
        while not is_last:
            stretch = await walker.after(met[-1].ref.id if met else 0)
            met += (row.snapshot for row in stretch.rows)
            is_last = stretch.is_last
    assert [snapshot.ref.id for snapshot in met] == list(range(1, 131))
    assert {len(snapshot.entries) for snapshot in met} == {3}


async def test_the_highest_ids_are_told_or_why_not(api: Api) -> None:
    types = [EntityType.LEAD, EntityType.DEAL, EntityType.CONTACT, EntityType.SMART_INVOICE]
    async with connected(portal_of(CONTACT, CONTACT, SMART_INVOICE)) as client:
        found = await highest_ids(client, types, priority=LIVE, vocabulary=Vocabulary(api))
        assert found == {types[0]: 0, types[1]: 0, types[2]: 2, types[3]: 1}
    for leads in ("off", "refused"):
        async with connected(portal_of(CONTACT, leads=leads)) as client:
            found = await highest_ids(client, types, priority=LIVE, vocabulary=Vocabulary(api))
            assert isinstance(found[EntityType.LEAD], Rejected)
            assert found[EntityType.CONTACT] == 1


@pytest.mark.parametrize("entity_type", [EntityType.DEAL, EntityType.SMART_INVOICE, EntityType.COMPANY])
async def test_changes_are_filtered_by_time(api: Api, entity_type: EntityType) -> None:
    portal = portal_of()
    for number in range(3):
        portal.create(entity_type.type_id, {}, (), "generator", NOW - number * 10)
    vocabulary = Vocabulary(api)
    async with connected(portal) as client:
        dates = await DateFilters(client, vocabulary).of(entity_type)
        conditions = {f">={vocabulary.of(entity_type).changed}": dates.text(NOW - 10)}
        walker = Walker(client, items_of(entity_type, vocabulary), priority=LIVE, conditions=conditions)
        assert [row.ref.id for row in (await walker.after(0)).rows] == [1, 2]
        items = Items(client, CLOCK, WANTED, vocabulary)
        assert len(await read(items, EntityRef(entity_type, 1), EntityRef(entity_type, 9))) == 1


async def test_only_the_chosen_words_are_used(api: Api) -> None:
    portal = portal_of(LEAD, DEAL, CONTACT, COMPANY)
    async with connected(portal) as client:
        items = Items(client, CLOCK, WANTED, Vocabulary(api))
        snapshots = await read(items, EntityRef(EntityType.LEAD, 1), contact(1), EntityRef(EntityType.COMPANY, 1))
        outcomes = await write(items, [(snapshot, renumber(snapshot)) for snapshot in snapshots])
        assert all(isinstance(outcome, Written) for outcome in outcomes)
        await highest_ids(client, [EntityType.DEAL], priority=LIVE, vocabulary=Vocabulary(api))
        await DateFilters(client, Vocabulary(api)).of(EntityType.DEAL)
    about_items = portal.history.commands.keys() - {"profile"}  # it tells whose clock filters go by
    assert {method.startswith("crm.item.") for method in about_items} == {api is Api.UNIVERSAL}


async def test_an_item_is_in_a_batch_once(api: Api) -> None:
    """php: MultifieldStorage.php: a second witness would show what the first had read."""
    portal = portal_of(CONTACT, CONTACT)
    async with connected(portal) as client:
        items = Items(client, CLOCK, WANTED, Vocabulary(api))
        one, other = await read(items, contact(1), contact(2))
        outcomes = await write(items, [(one, renumber(one)), (one, renumber(one)), (other, renumber(other))])
        assert [type(outcome) for outcome in outcomes] == [Written, Deferred, Deferred]


@pytest.mark.parametrize("is_old", [False, True])
async def test_what_is_gone_is_not_denied(api: Api, *, is_old: bool) -> None:
    """Only `crm.item.get` looks for an item before the rights; where there is no such method, nobody knows."""
    portal = portal_of(LEAD, CONTACT, COMPANY, DEAL, administrator=False)
    refs = [EntityRef(kind, 7) for kind in (EntityType.LEAD, EntityType.CONTACT, EntityType.COMPANY)]
    if is_old:
        no_method = Fault(kind=Kind.COMMAND_ERROR, match="crm.item.get", times=None, code="ERROR_METHOD_NOT_FOUND")
        portal.faults.add(no_method)
    async with connected(portal) as client:
        found = await Items(client, CLOCK, WANTED, Vocabulary(api)).read(refs, priority=LIVE)
    assert not found.found
    if not is_old:
        assert not found.refused
    elif api is Api.CLASSIC:
        assert {ref: told.code for ref, told in found.refused.items()} == dict.fromkeys(refs, "NOT_SHOWN")
