"""What the journal tells of the past of activities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from b24syncd.domain.activities import Bound
from b24syncd.domain.bindings import Binding
from b24syncd.domain.corrections import AddBinding, Correction, MoveBinding, RemoveBinding
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.past import Past
from b24syncd.store import journal, runs
from b24syncd.store.journal import Intent, Outcome
from b24syncd.store.past import pasts_of
from b24syncd.store.runs import RunKind

if TYPE_CHECKING:
    from datetime import datetime

    import sqlite_utils

    from b24syncd.store.database import Database

CALL, OTHER = EntityRef(EntityType.ACTIVITY, 9), EntityRef(EntityType.ACTIVITY, 10)
LEAD, TWIN, COMPANY = Binding(1, 1), Binding(1, 2), Binding(4, 5)
ADD, REMOVE = AddBinding(CALL, "bindings", COMPANY), RemoveBinding(CALL, "bindings", LEAD)


async def made(
    database: Database, now: datetime, correction: Correction, outcome: Outcome | None, *, mends: bool = False
) -> None:
    """Journal a correction under a batch of its own, with an outcome or open."""

    def write(db: sqlite_utils.Database) -> None:
        run_id = runs.start_run(db, runs.NewRun(kind=RunKind.BACKFILL, jobs=["bindings"], fingerprint="f", now=now))
        intent = Intent(correction.ref, Bound((LEAD,)), (correction,))
        journal.insert_intents(db, journal.Batch(run_id, f"b{run_id}", mends=mends), [intent], now=now)
        if outcome is not None:
            journal.settle(db, f"b{run_id}", correction.ref, outcome, now=now)

    await database.write(write)


async def pasts(database: Database) -> dict[EntityRef, Past]:
    asked = (CALL, OTHER, EntityRef(EntityType.CONTACT, 9))
    return await database.read(lambda db: pasts_of(db, asked))


@pytest.mark.parametrize("outcome", [Outcome.DONE, Outcome.UNVERIFIED])
async def test_what_was_made_counts(database: Database, now: datetime, outcome: Outcome) -> None:
    await made(database, now, ADD, outcome)
    await made(database, now, REMOVE, outcome)
    await made(database, now, MoveBinding(OTHER, "bindings", LEAD, TWIN), outcome)
    assert await pasts(database) == {
        CALL: Past(frozenset({COMPANY}), frozenset({LEAD})),
        OTHER: Past(frozenset({TWIN}), frozenset({LEAD})),
    }


@pytest.mark.parametrize(
    "outcome", [None, *(outcome for outcome in Outcome if outcome not in {Outcome.DONE, Outcome.UNVERIFIED})]
)
async def test_what_was_only_meant_does_not(database: Database, now: datetime, outcome: Outcome | None) -> None:
    await made(database, now, REMOVE, outcome)
    assert await pasts(database) == {}


async def test_the_last_one_counts_and_what_mends_takes_back(database: Database, now: datetime) -> None:
    await made(database, now, ADD, Outcome.DONE)
    await made(database, now, ADD.inverse(), Outcome.DONE)
    assert await pasts(database) == {CALL: Past(left=frozenset({COMPANY}))}
    await made(database, now, ADD, Outcome.DONE, mends=True)
    assert await pasts(database) == {CALL: Past()}
