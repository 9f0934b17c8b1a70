"""The last that this program wrote into each field, as planners ask for it: for all items of a page at once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import sqlite_utils
from hypothesis import given
from hypothesis import strategies as st
from tests.fresh_state import fill

from b24syncd.domain.activities import Bound
from b24syncd.domain.bindings import Binding
from b24syncd.domain.corrections import AddBinding, ChangePoint, SetField
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.holds import Hold
from b24syncd.domain.past import FieldPast, FieldWrite
from b24syncd.domain.snapshots import ItemState, PointKind
from b24syncd.store import holds, journal, runs
from b24syncd.store.journal import Intent, Outcome
from b24syncd.store.past import fields_of
from b24syncd.store.runs import RunKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24syncd.domain.corrections import Correction

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)
DEALS = [EntityRef(EntityType.DEAL, number) for number in (1, 2)]
REFS = [*DEALS, EntityRef(EntityType.CONTACT, 1), EntityRef(EntityType.SMART_INVOICE, 1)]
FIELDS = ("title", "ufCrm_1")
TEXTS = st.sampled_from(["a", "b", None])
OUTCOMES = st.sampled_from(Outcome)
COUNT = {Outcome.DONE, Outcome.UNVERIFIED, Outcome.OVERTAKEN}


@dataclass(frozen=True)
class Written:
    """A write of a field, and whether an undo that held it was released since; None where no undo made it."""

    ref: EntityRef
    field: str
    before: str | None
    after: str | None
    outcome: Outcome
    restores: bool = False
    released: bool | None = None


WRITTEN = st.builds(
    Written,
    st.sampled_from(REFS),
    st.sampled_from(FIELDS),
    TEXTS,
    TEXTS,
    OUTCOMES,
    st.booleans(),
    st.sampled_from([None, False, True]),
)


def write(db: sqlite_utils.Database, number: int, correction: Correction, outcome: Outcome, kind: RunKind) -> int:
    """Journal a correction in a run of its own, with its outcome."""
    at = BEGIN + timedelta(seconds=number)
    run_id = runs.start_run(db, runs.NewRun(kind=kind, jobs=[correction.job], fingerprint="f", now=at))
    base = Bound(()) if correction.ref.type is EntityType.ACTIVITY else ItemState(fields={"title": None})
    intent = Intent(correction.ref, base, (correction,))
    journal.insert_intents(db, journal.Batch(run_id, f"b{number}", sent_at=1.0), [intent], now=at)
    if outcome is not Outcome.INTENT:
        journal.settle(db, f"b{number}", correction.ref, outcome, now=at)
    return run_id


def expected(history: Sequence[Written], asked: Sequence[EntityRef]) -> dict[EntityRef, dict[str, FieldPast]]:
    """Return the same from what was written, one after the other."""
    found: dict[EntityRef, dict[str, FieldPast]] = {}
    for number, one in enumerate(history):
        if one.ref not in asked or one.outcome not in COUNT:
            continue
        at = BEGIN + timedelta(seconds=number)
        made = FieldWrite("fields", one.before, one.after, at, is_certain=one.outcome is not Outcome.OVERTAKEN)
        past = found.setdefault(one.ref, {}).get(one.field, FieldPast())
        own = made if not one.restores or one.released is True else past.own
        found[one.ref][one.field] = FieldPast(own, made if made.is_certain else past.last)
    return found


@given(st.lists(WRITTEN, max_size=12), st.lists(st.sampled_from(REFS), unique=True))
def test_the_last_write_of_each_field_is_told_whatever_was_written(
    history: list[Written], asked: list[EntityRef]
) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        db = sqlite_utils.Database(connection)
        fill(db)
        for number, one in enumerate(history):
            correction = SetField(one.ref, "fields", one.field, one.before, one.after, restores=one.restores)
            kind = RunKind.RUN if one.released is None else RunKind.UNDO
            run_id = write(db, number, correction, one.outcome, kind)
            if one.released is not None:
                holds.hold(db, [Hold(one.ref, "fields", run_id)], now=BEGIN)
                db.execute("UPDATE holds SET released_at = ? WHERE run_id = ?", ("x" if one.released else None, run_id))
        assert fields_of(db, asked) == expected(history, asked)


def test_a_page_is_looked_up_by_an_index_with_one_query_for_each_type() -> None:
    page = [EntityRef(EntityType.DEAL, number) for number in range(1, 51)]
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        db = sqlite_utils.Database(connection)
        fill(db)
        for number, ref in enumerate(page):
            write(db, number, SetField(ref, "fields", "title", "A", "a"), Outcome.DONE, RunKind.RUN)
            change = ChangePoint(ref, "phones", PointKind.PHONE, 1, "WORK", "8", "+7")
            write(db, 100 + number, change, Outcome.DONE, RunKind.RUN)
        add = AddBinding(EntityRef(EntityType.ACTIVITY, 1), "bindings", Binding(4, 5))
        write(db, 999, add, Outcome.DONE, RunKind.RUN)
        statements: list[str] = []
        connection.set_trace_callback(statements.append)
        found = fields_of(db, [*page, EntityRef(EntityType.CONTACT, 1)])
        connection.set_trace_callback(None)
        plan = [str(row[3]) for row in db.execute(f"EXPLAIN QUERY PLAN {statements[0]}")]
        assert fields_of(db, []) == {}
    assert list(found) == page
    assert len(statements) == 2
    assert plan[0] == "SEARCH journal USING INDEX journal_of_fields (entity_type=? AND entity_id=?)"
    assert not any(step.startswith("SCAN journal") for step in plan)


def test_a_person_s_value_that_was_given_back_is_the_last_that_was_made_but_not_our_own() -> None:
    deal = DEALS[0]
    ours = SetField(deal, "fields", "title", " a ", "a")
    given_back = SetField(deal, "fields", "title", "a", "theirs", restores=True)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        db = sqlite_utils.Database(connection)
        fill(db)
        write(db, 1, ours, Outcome.DONE, RunKind.RUN)
        (first,) = fields_of(db, [deal]).values()
        write(db, 2, given_back, Outcome.DONE, RunKind.RUN)
        write(db, 3, SetField(deal, "fields", "title", "theirs", "x"), Outcome.REFUSED, RunKind.RUN)
        (later,) = fields_of(db, [deal]).values()
        assert not fields_of(db, DEALS[1:])
    (once,), (then,) = first.values(), later.values()
    assert once.own is not None
    assert once.own == once.last == then.own
    assert (once.own.before, once.own.after) == (" a ", "a")
    assert then.last is not None
    assert (then.last.before, then.last.after) == ("a", "theirs")
