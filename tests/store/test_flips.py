"""Which corrections were made again and again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from b24syncd.domain.corrections import ChangePoint, SetField
from b24syncd.domain.holds import Hold
from b24syncd.domain.reasons import Reason
from b24syncd.domain.snapshots import ItemState, PointKind
from b24syncd.store import holds, journal, runs
from b24syncd.store.flips import flips_among
from b24syncd.store.journal import Intent, Outcome
from b24syncd.store.runs import RunKind

if TYPE_CHECKING:
    from datetime import datetime

    import sqlite_utils

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef
    from b24syncd.store.database import Database

TIMES = 3


def change(ref: EntityRef, point_id: int = 5, after: str = "+74951234567") -> ChangePoint:
    return ChangePoint(ref, "phones", PointKind.PHONE, point_id, "WORK", "8 495 123-45-67", after)


def make(
    db: sqlite_utils.Database,
    correction: Correction,
    at: datetime,
    *,
    outcome: Outcome = Outcome.DONE,
    mends: bool = False,
) -> None:
    run_id = runs.start_run(db, runs.NewRun(kind=RunKind.RUN, jobs=["phones"], fingerprint="f", now=at))
    ref, batch = correction.ref, f"b{run_id}"
    journal.insert_intents(
        db, journal.Batch(run_id, batch, mends=mends, sent_at=1.0), [Intent(ref, ItemState(()), (correction,))], now=at
    )
    journal.settle(db, batch, ref, outcome, now=at)


def found(db: sqlite_utils.Database, correction: Correction, since: datetime) -> tuple[int, ...]:
    flips = flips_among(db, {correction.ref: (correction,)}, times=TIMES, since=since)
    return tuple(flip.times for flip in flips.values())


async def test_the_same_correction_counts_whatever_the_entry(
    database: Database, contact: EntityRef, now: datetime
) -> None:
    def use(db: sqlite_utils.Database) -> None:
        for point_id in range(TIMES):
            assert found(db, change(contact), now) == ()
            make(db, change(contact, point_id), now)
        assert found(db, change(contact, 99), now) == (TIMES,)
        assert found(db, change(contact, after="+74950000000"), now) == ()

    await database.write(use)


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.NOT_SENT, Outcome.OVERTAKEN, Outcome.SUPERSEDED])
async def test_only_what_was_made_counts(
    database: Database, contact: EntityRef, now: datetime, outcome: Outcome
) -> None:
    def use(db: sqlite_utils.Database) -> None:
        for _ in range(TIMES):
            make(db, change(contact), now, outcome=outcome)
            make(db, change(contact), now, mends=True)
        assert found(db, change(contact), now) == ()
        for _ in range(TIMES):
            make(db, change(contact), now, outcome=Outcome.UNVERIFIED)
        assert found(db, change(contact), now) == (TIMES,)
        assert found(db, change(contact), now + timedelta(seconds=1)) == ()

    await database.write(use)


async def test_what_was_released_is_counted_anew(database: Database, contact: EntityRef, now: datetime) -> None:
    def use(db: sqlite_utils.Database) -> None:
        for _ in range(TIMES):
            make(db, change(contact), now)
        holds.hold(db, [Hold(contact, "phones", 1, Reason.ALTERNATES, "a ⇄ b")], now=now)
        assert holds.of_run(db, 1) == frozenset()  # no undo set it
        assert holds.release(db, [(contact, "phones")], now=now) == 1
        assert found(db, change(contact), now) == ()
        for _ in range(TIMES):
            make(db, change(contact), now + timedelta(seconds=1))
        assert found(db, change(contact), now) == (TIMES,)

    await database.write(use)


async def test_fields_are_told_apart_and_a_persons_value_does_not_count(
    database: Database, contact: EntityRef, now: datetime
) -> None:
    title, name = (SetField(contact, "fields", field, "IVAN", "Ivan") for field in ("title", "name"))
    given_back = replace(title, restores=True)

    def use(db: sqlite_utils.Database) -> None:
        for correction in (title, name, given_back) * (TIMES - 1):
            make(db, correction, now)
        assert found(db, title, now) == found(db, name, now) == ()
        make(db, title, now)
        assert found(db, title, now) == (TIMES,)
        assert found(db, name, now) == found(db, given_back, now) == ()

    await database.write(use)
