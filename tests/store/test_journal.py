from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store.test_value_json import VALUES

from b24syncd.domain.activities import Bound
from b24syncd.domain.bindings import Binding
from b24syncd.domain.corrections import (
    AddBinding,
    AddPoint,
    ChangePoint,
    Correction,
    DeletePoint,
    MoveBinding,
    RemoveBinding,
    SetField,
    SetTaskLinks,
)
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.snapshots import ContactPoint, ItemState, PointKind
from b24syncd.domain.values import Choice
from b24syncd.store import history, journal, outcomes, runs
from b24syncd.store.journal import Intent, Outcome
from b24syncd.store.journal_rows import from_row, to_row
from b24syncd.store.runs import RunKind
from b24syncd.store.state_json import item_from_json, item_to_json, state_from_json, state_to_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import sqlite_utils

    from b24syncd.domain.states import State
    from b24syncd.domain.values import Value
    from b24syncd.store.database import Database
    from b24syncd.store.history import Filter, JournalEntry
    from b24syncd.store.journal_rows import CorrectionRow

REFS = st.builds(EntityRef, st.sampled_from(EntityType), st.integers(1, 2**62))
KINDS = st.sampled_from(PointKind)
IDS = st.integers(1, 2**62)
TEXTS = st.text()
JOBS = st.sampled_from(["phones", "emails", "bindings"])
BINDINGS = st.builds(Binding, st.integers(1, 10**9 - 1), st.integers(1, 10**18 - 1))
LINKS = st.lists(TEXTS).map(tuple)
SOMETHING = VALUES.filter(lambda value: value is not None)
CORRECTIONS: st.SearchStrategy[Correction] = st.one_of(
    st.builds(ChangePoint, REFS, JOBS, KINDS, IDS, TEXTS, TEXTS, TEXTS, LINKS),
    st.builds(DeletePoint, REFS, JOBS, KINDS, IDS, TEXTS, TEXTS, LINKS),
    st.builds(AddPoint, REFS, JOBS, KINDS, TEXTS, TEXTS, LINKS),
    st.builds(MoveBinding, REFS, JOBS, BINDINGS, BINDINGS),
    st.builds(AddBinding, REFS, JOBS, BINDINGS),
    st.builds(RemoveBinding, REFS, JOBS, BINDINGS),
    st.builds(SetTaskLinks, REFS, JOBS, IDS, LINKS, LINKS),
    st.builds(SetField, REFS, JOBS, TEXTS, SOMETHING, VALUES, st.booleans()),
    st.builds(SetField, REFS, JOBS, TEXTS, st.none(), SOMETHING, st.booleans()),
)
POINTS = st.builds(ContactPoint, IDS, KINDS, TEXTS, TEXTS)
STATES: st.SearchStrategy[State] = st.one_of(
    st.builds(
        ItemState,
        st.none() | st.lists(st.builds(ContactPoint, IDS, KINDS, TEXTS, TEXTS)).map(tuple),
        st.dictionaries(TEXTS, VALUES, max_size=4),
    ),
    st.builds(Bound, st.lists(BINDINGS).map(tuple), st.none() | LINKS),
)


@given(CORRECTIONS)
def test_a_correction_comes_back_from_its_row(correction: Correction) -> None:
    assert repr(from_row(to_row(correction))) == repr(correction)  # what two of them are not told apart by as well


@given(STATES)
def test_a_state_comes_back_from_its_text(state: State) -> None:
    assert state_from_json(state_to_json(state)) == state


@given(st.none() | st.lists(POINTS).map(tuple), st.dictionaries(TEXTS, VALUES))
def test_the_state_of_an_item_comes_back_by_its_parts(
    points: tuple[ContactPoint, ...] | None, fields: dict[str, Value]
) -> None:
    state = ItemState(points, fields)
    assert repr(item_from_json(item_to_json(state))) == repr(state)


def test_people_can_read_the_state_of_an_item() -> None:
    state = ItemState((ContactPoint(1, PointKind.PHONE, "8", "WORK"),), {"stageId": Choice("NEW"), "paid": None})
    assert (
        item_to_json(state) == '{"points":[[1,"PHONE","8","WORK"]],"fields":{"stageId":{"choice":"NEW"},"paid":null}}'
    )
    assert item_to_json(ItemState()) == '{"points":null,"fields":{}}'


@pytest.mark.parametrize(
    "row",
    [
        ("phones", "contact", 42, "phone", "WORK", None, '"8"', '"+7"', 0, None),
        ("phones", "contact", 42, "phone", None, 1, '"8"', '"+7"', 0, None),
        ("phones", "contact", 42, "fax", "WORK", 1, '"8"', '"+7"', 0, None),
        ("phones", "contact", 42, "phone", "WORK", 1, "8", '"+7"', 0, None),
        ("bindings", "activity", 42, "binding", None, None, '"7"', None, 0, None),
        ("bindings", "activity", 42, "task_links", None, 7, None, "[]", 0, None),
        ("payment_dates", "deal", 42, "field", "x", None, None, '"8"', 0, None),
    ],
)
def test_what_is_no_correction_is_refused(row: CorrectionRow) -> None:
    with pytest.raises(ValueError, match=r"no correction|not a valid What|no text|not an item"):
        from_row(row)


def test_a_row_that_is_no_correction_is_told() -> None:
    with pytest.raises(ValueError, match="no correction: contact:42"):
        from_row(("phones", "contact", 42, "phone", "WORK", None, '"8"', '"+7"', 0, None))


def start(db: sqlite_utils.Database, now: datetime) -> int:
    return runs.start_run(db, runs.NewRun(kind=RunKind.BACKFILL, jobs=["phones"], fingerprint="f", now=now))


def change(ref: EntityRef, point_id: int = 1, *, job: str = "phones") -> ChangePoint:
    return ChangePoint(ref, job, PointKind.PHONE, point_id, "WORK", "8 916 234 56 78", "+79162345678")


def intent(ref: EntityRef, *corrections: Correction) -> Intent:
    base = (ContactPoint(1, PointKind.PHONE, "8 916 234 56 78", "WORK"), ContactPoint(2, PointKind.EMAIL, "a", "HOME"))
    return Intent(ref, ItemState(base), corrections or (change(ref),))


def contacts(count: int) -> list[EntityRef]:
    return [EntityRef(EntityType.CONTACT, number + 1) for number in range(count)]


async def found(database: Database, which: Filter | None = None, limit: int | None = None) -> list[JournalEntry]:
    return await database.read(lambda db: list(history.iterate(db, which, limit=limit)))


async def insert(database: Database, intents: Iterable[Intent], now: datetime, batch: str = "b1") -> int:
    def write(db: sqlite_utils.Database) -> int:
        run_id = start(db, now)
        journal.insert_intents(db, journal.Batch(run_id, batch), intents, now=now)
        return run_id

    return await database.write(write)


async def test_corrections_survive_the_real_table(database: Database, now: datetime) -> None:
    ref = EntityRef(EntityType.COMPANY, 7)
    odd = "\x00 \u200b'; DROP TABLE journal; -- 😀\u202e"
    corrections = (
        ChangePoint(ref, "phones", PointKind.PHONE, 1, "WORK", odd, ""),
        DeletePoint(ref, "phones", PointKind.PHONE, 2, "", odd),
        AddPoint(ref, "emails", PointKind.EMAIL, "HOME", odd),
    )
    await insert(database, [intent(ref, *corrections)], now)
    assert [entry.correction for entry in await found(database)] == list(corrections)


async def test_an_open_intent_comes_back_whole(database: Database, now: datetime, contact: EntityRef) -> None:
    lead = EntityRef(EntityType.LEAD, 42)
    meant = [
        intent(contact, change(contact, 1), change(contact, 2), AddPoint(contact, "emails", PointKind.EMAIL, "", "x")),
        intent(lead, change(lead, 1)),
    ]
    run_id = await insert(database, meant, now)
    assert [opened.intent for opened in await database.read(journal.open_intents)] == meant
    await database.write(lambda db: journal.mark_sent(db, "b1", sent_at=1000.25))
    opened = await database.read(journal.open_intents)
    assert {(each.run_id, each.batch, each.mends, each.sent_at) for each in opened} == {(run_id, "b1", False, 1000.25)}


async def test_one_item_may_have_intents_in_two_batches(database: Database, now: datetime, contact: EntityRef) -> None:
    def write(db: sqlite_utils.Database) -> None:
        run_id = start(db, now)
        journal.insert_intents(db, journal.Batch(run_id, "b1", sent_at=5.0), [intent(contact)], now=now)
        journal.insert_intents(db, journal.Batch(run_id, "b2", mends=True), [intent(contact)], now=now)
        journal.settle(db, "b1", contact, Outcome.DONE, now=now)

    await database.write(write)
    (left,) = await database.read(journal.open_intents)
    assert (left.batch, left.mends, left.sent_at) == ("b2", True, None)


async def test_settling_closes_an_intent_for_good(database: Database, now: datetime, contact: EntityRef) -> None:
    await insert(database, [intent(contact, change(contact, 1), change(contact, 2)), *map(intent, contacts(3))], now)
    later = now + timedelta(seconds=9)

    def settle(db: sqlite_utils.Database, outcome: Outcome, detail: str | None) -> int:
        return journal.settle(db, "b1", contact, outcome, detail=detail, now=later)

    assert await database.write(lambda db: settle(db, Outcome.REFUSED, "ACCESS_DENIED: no")) == 2
    assert await database.write(lambda db: settle(db, Outcome.DONE, None)) == 0
    entries = await found(database, history.Filter(item=contact))
    assert [(each.outcome, each.detail, each.settled_at) for each in entries] == [
        (Outcome.REFUSED, "ACCESS_DENIED: no", later)
    ] * 2
    assert {opened.intent.ref for opened in await database.read(journal.open_intents)} == set(contacts(3))
    assert await database.read(outcomes.open_count) == 3


async def test_a_batch_is_settled_at_once(database: Database, now: datetime) -> None:
    one, two, three = contacts(3)
    await insert(database, [intent(one, change(one, 1), change(one, 2)), intent(two), intent(three)], now)
    settled: list[journal.ItemOutcome] = [
        ("b1", one, Outcome.DONE, None),
        ("b1", two, Outcome.REFUSED, "no"),
        ("b9", three, Outcome.DONE, "of another batch"),
    ]
    assert await database.write(lambda db: journal.settle_all(db, settled, now=now)) == 3
    assert await database.write(lambda db: journal.settle_all(db, settled, now=now)) == 0
    assert await database.write(lambda db: journal.settle_all(db, [], now=now)) == 0
    assert [(each.correction.ref, each.outcome, each.detail) for each in await found(database)] == [
        (one, Outcome.DONE, None),
        (one, Outcome.DONE, None),
        (two, Outcome.REFUSED, "no"),
        (three, Outcome.INTENT, None),
    ]


async def test_the_before_of_settled_intents_is_not_kept(database: Database, now: datetime) -> None:
    await insert(database, map(intent, contacts(3)), now)

    def settle_all(db: sqlite_utils.Database) -> int:
        for ref in contacts(3):
            journal.settle(db, "b1", ref, Outcome.DONE, now=now)
        return int(db.execute("SELECT count(*) FROM intents").fetchone()[0])

    assert await database.write(settle_all) == 0


async def test_the_same_item_twice_in_a_batch_is_refused(database: Database, now: datetime, contact: EntityRef) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        await insert(database, [intent(contact), intent(contact)], now)
    assert await found(database) == []


async def test_filters_narrow(database: Database, now: datetime) -> None:
    one, two = contacts(2)
    lead = EntityRef(EntityType.LEAD, 1)
    first = await insert(database, [intent(one), intent(lead)], now)
    email = change(two, 1, job="emails")
    await insert(database, [intent(two, email)], now + timedelta(hours=1), batch="b2")
    await database.write(lambda db: journal.settle(db, "b1", one, Outcome.DONE, now=now))

    async def refs(which: Filter | None, limit: int | None = None) -> list[EntityRef]:
        return [entry.correction.ref for entry in await found(database, which, limit)]

    assert await refs(None) == [one, lead, two]
    assert await refs(history.Filter(item=one)) == [one]
    assert await refs(history.Filter(item=EntityRef(EntityType.DEAL, 1))) == []
    assert await refs(history.Filter(job="emails")) == [two]
    assert await refs(history.Filter(run_id=first)) == [one, lead]
    assert await refs(history.Filter(outcome=Outcome.DONE)) == [one]
    assert await refs(history.Filter(since=now + timedelta(minutes=1))) == [two]
    assert await refs(history.Filter(run_id=first, outcome=Outcome.INTENT)) == [lead]
    assert await refs(None, 2) == [lead, two]
    assert await refs(None, 3) == [one, lead, two]
    assert await refs(None, 99) == [one, lead, two]


@pytest.mark.parametrize("limit", [None, 1, 499, 500, 501, 1200, 5000])
async def test_a_long_journal_is_read_page_by_page(database: Database, now: datetime, limit: int | None) -> None:
    await insert(database, map(intent, contacts(1200)), now)
    ids = [entry.id for entry in await found(database, limit=limit)]
    assert ids == list(range(1, 1201))[-limit if limit is not None else 0 :]


async def test_nothing_stays_open_between_two_entries(database: Database, now: datetime) -> None:
    await insert(database, map(intent, contacts(3)), now)

    def read_and_write(db: sqlite_utils.Database) -> list[int]:
        seen = []
        for entry in history.iterate(db):
            seen.append(entry.id)
            db.execute("DROP TABLE IF EXISTS other")  # fails while a statement reads
        return seen

    assert await database.write(read_and_write) == [1, 2, 3]


async def test_what_an_entry_shows_of_each_kind(database: Database, now: datetime, contact: EntityRef) -> None:
    corrections = (
        change(contact, 5),
        DeletePoint(contact, "phones", PointKind.PHONE, 6, "WORK", "gone"),
        AddPoint(contact, "phones", PointKind.PHONE, "WORK", "new"),
    )
    await insert(database, [intent(contact, *corrections)], now)
    shown = [(entry.point_id, entry.before, entry.after) for entry in await found(database)]
    assert shown == [(5, "8 916 234 56 78", "+79162345678"), (6, "gone", None), (None, None, "new")]
