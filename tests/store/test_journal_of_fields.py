from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from b24syncd.domain.corrections import Correction, SetField, SetTaskLinks
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.snapshots import ItemState
from b24syncd.domain.values import shown
from b24syncd.store import history, journal, past, runs
from b24syncd.store.journal import Intent, Outcome
from b24syncd.store.runs import RunKind

if TYPE_CHECKING:
    from datetime import datetime

    import sqlite_utils

    from b24syncd.domain.values import Value
    from b24syncd.store.database import Database

FIELD = "ufCrmPaid"
DEAL, OTHER, INVOICE = (
    EntityRef(EntityType.DEAL, 7),
    EntityRef(EntityType.DEAL, 8),
    EntityRef(EntityType.SMART_INVOICE, 7),
)
JANUARY, MARCH, TYPED = date(2026, 1, 10), date(2026, 3, 10), date(2026, 2, 2)
BASE = ItemState(fields={FIELD: "before"})


def enter(before: Value, after: Value, ref: EntityRef = DEAL, field: str = FIELD) -> SetField:
    return SetField(ref, "payment_dates", field, before, after)


class Journal:
    """A journal to write corrections into, each in a batch of its own."""

    def __init__(self, database: Database, now: datetime) -> None:
        self._database = database
        self._now = now
        self._batches = 0

    async def write(self, correction: Correction, outcome: Outcome | None = Outcome.DONE) -> str:
        """Journal a correction with its outcome; without one it stays open."""
        self._batches += 1
        batch = f"b{self._batches}"
        intent = Intent(correction.ref, BASE, (correction,))

        def write(db: sqlite_utils.Database) -> None:
            run_id = runs.start_run(
                db, runs.NewRun(kind=RunKind.BACKFILL, jobs=["payment_dates"], fingerprint="f", now=self._now)
            )
            journal.insert_intents(db, journal.Batch(run_id, batch), [intent], now=self._now)
            if outcome is not None:
                journal.settle(db, batch, correction.ref, outcome, now=self._now)

        await self._database.write(write)
        return batch

    async def last_written(self, *refs: EntityRef, field: str = FIELD) -> dict[EntityRef, Value]:
        found = await self._database.read(lambda db: past.fields_of(db, refs))
        owns = {ref: fields[field].own for ref, fields in found.items() if field in fields}
        return {ref: own.after for ref, own in owns.items() if own is not None}


@pytest.fixture
def written(database: Database, now: datetime) -> Journal:
    return Journal(database, now)


@pytest.mark.parametrize("correction", [enter(None, MARCH), enter(JANUARY, MARCH), enter(JANUARY, None)])
async def test_an_open_intent_comes_back_whole(database: Database, written: Journal, correction: SetField) -> None:
    await written.write(correction, None)
    (opened,) = await database.read(journal.open_intents)
    assert opened.intent == Intent(DEAL, BASE, (correction,))
    (entry,) = await database.read(lambda db: list(history.iterate(db)))
    assert (entry.point_id, entry.before, entry.after) == (None, shown(correction.before), shown(correction.after))


async def test_what_was_met_is_noted_where_it_belongs(database: Database, written: Journal, now: datetime) -> None:
    batch = await written.write(enter(JANUARY, MARCH), None)
    planned, did = enter(JANUARY, MARCH), enter(None, MARCH)
    await database.write(lambda db: journal.note_met(db, [(batch, planned, did)], now=now))
    (opened,) = await database.read(journal.open_intents)
    assert opened.intent.corrections == (did,)
    await database.write(lambda db: journal.settle_some(db, batch, [did], Outcome.UNVERIFIED, now=now))
    assert await written.last_written(DEAL) == {DEAL: MARCH}


async def test_the_last_that_took_effect_counts(written: Journal) -> None:
    await written.write(enter(None, JANUARY))
    await written.write(enter(JANUARY, MARCH), Outcome.UNVERIFIED)
    await written.write(enter(JANUARY, TYPED, OTHER))
    await written.write(enter(None, TYPED, INVOICE))
    assert await written.last_written(DEAL, OTHER, INVOICE) == {DEAL: MARCH, OTHER: TYPED, INVOICE: TYPED}
    assert await written.last_written(DEAL) == {DEAL: MARCH}
    assert await written.last_written() == {}


@pytest.mark.parametrize("outcome", [None, Outcome.REFUSED, Outcome.NOT_SENT, Outcome.SUPERSEDED])
async def test_what_took_no_effect_does_not_count(written: Journal, outcome: Outcome | None) -> None:
    await written.write(enter(MARCH, TYPED), outcome)
    assert await written.last_written(DEAL) == {}
    await written.write(enter(None, JANUARY))
    await written.write(enter(JANUARY, TYPED), outcome)
    assert await written.last_written(DEAL) == {DEAL: JANUARY}


async def test_what_was_overtaken_may_have_been_written(written: Journal) -> None:
    await written.write(enter(None, JANUARY))
    await written.write(enter(JANUARY, MARCH), Outcome.OVERTAKEN)
    assert await written.last_written(DEAL) == {DEAL: MARCH}


async def test_neither_other_fields_count_nor_what_was_given_back_to_a_person(written: Journal) -> None:
    await written.write(enter(None, JANUARY))
    await written.write(enter(None, TYPED, field="ufCrmOther"))
    await written.write(SetField(DEAL, "payment_dates", FIELD, JANUARY, TYPED, restores=True))
    await written.write(SetTaskLinks(DEAL, "bindings", 7, (), ("L_1",)))
    assert await written.last_written(DEAL) == {DEAL: JANUARY}
    assert await written.last_written(DEAL, field="ufCrmOther") == {DEAL: TYPED}


async def test_clearing_and_taking_back_count(written: Journal) -> None:
    await written.write(enter(None, JANUARY))
    await written.write(enter(JANUARY, None))
    assert await written.last_written(DEAL) == {DEAL: None}
    await written.write(enter(JANUARY, None).inverse())
    assert await written.last_written(DEAL) == {DEAL: JANUARY}


async def test_it_is_found_by_the_index(database: Database, written: Journal) -> None:
    statements: list[str] = []

    def traced(db: sqlite_utils.Database) -> list[str]:
        db.conn.set_trace_callback(statements.append)
        past.fields_of(db, [DEAL, OTHER])
        db.conn.set_trace_callback(None)
        return [str(row[3]) for row in db.execute(f"EXPLAIN QUERY PLAN {statements[0]}")]

    await written.write(enter(None, JANUARY))
    plan = await database.read(traced)
    assert len(statements) == 1
    assert plan[0] == "SEARCH journal USING INDEX journal_of_fields (entity_type=? AND entity_id=?)"
    assert not any(step.startswith("SCAN journal") for step in plan)
