"""Holds, and the migration that made room for them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import sqlite_utils

from b24syncd.domain.corrections import ChangePoint
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.holds import Hold
from b24syncd.domain.snapshots import ItemState, PointKind
from b24syncd.store import approvals, history, holds, journal, queue, reviews, runs
from b24syncd.store.database import open_for_writing
from b24syncd.store.journal import Intent, Outcome
from b24syncd.store.migrations.first import m001_first_tables
from b24syncd.store.runs import RunKind
from b24syncd.store.stored_reviews import ReviewState

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from b24syncd.store.database import Database

OTHER = EntityRef(EntityType.LEAD, 7)


def undo_run(db: sqlite_utils.Database, now: datetime) -> int:
    return runs.start_run(db, runs.NewRun(kind=RunKind.UNDO, jobs=["phones"], fingerprint="f", now=now))


def corrected(db: sqlite_utils.Database, run_id: int, ref: EntityRef, now: datetime) -> None:
    change = ChangePoint(ref, "phones", PointKind.PHONE, 5, "WORK", "+79162345678", "8 916 234-56-78")
    batch = f"b{run_id}/{ref}"
    journal.insert_intents(
        db, journal.Batch(run_id, batch, sent_at=1.0), [Intent(ref, ItemState(()), (change,))], now=now
    )
    journal.settle(db, batch, ref, Outcome.DONE, now=now)


async def test_a_hold_stands_with_its_review_until_it_is_released(
    database: Database, contact: EntityRef, now: datetime
) -> None:
    def use(db: sqlite_utils.Database) -> None:
        run_id = undo_run(db, now)
        of_contact, of_other = Hold(contact, "phones", run_id), Hold(OTHER, "phones", run_id)
        holds.hold(db, [of_contact, of_other], now=now)
        holds.hold(db, [of_contact], now=now)
        assert holds.standing(db) == (of_contact, of_other)
        assert holds.held_by(db, run_id) == ((contact, "phones"), (OTHER, "phones"))
        (one, _) = reviews.list_reviews(db, all_states=False, limit=9)
        assert (one.ref, one.job, one.reason, one.value) == (contact, "phones", "undone", f"run {run_id}")

        assert holds.release(db, [(contact, "phones"), (contact, "emails")], now=now) == 1
        assert holds.standing(db) == (of_other,)
        assert holds.of_run(db, run_id) == {(contact, "phones"), (OTHER, "phones")}
        assert [review.ref for review in reviews.list_reviews(db, all_states=False, limit=9)] == [OTHER]
        due = queue.due(db, now=now, limit=9, types=[contact.type])
        assert [(entry.ref, entry.reason) for entry in due] == [(contact, "released")]

    await database.write(use)


async def test_a_run_keeps_only_the_holds_of_what_it_took_back(
    database: Database, contact: EntityRef, now: datetime
) -> None:
    def use(db: sqlite_utils.Database) -> None:
        first, second = undo_run(db, now), undo_run(db, now)
        holds.hold(db, [Hold(OTHER, "phones", first)], now=now)
        corrected(db, first, OTHER, now)
        unused = EntityRef(EntityType.CONTACT, 9)
        holds.hold(db, [Hold(ref, "phones", second) for ref in (contact, OTHER, unused)], now=now)
        corrected(db, second, contact, now)
        holds.drop_unused(db, now=now)
        assert holds.standing(db) == (Hold(contact, "phones", second), Hold(OTHER, "phones", first))
        assert {review.ref for review in reviews.list_reviews(db, all_states=False, limit=9)} == {contact, OTHER}

    await database.write(use)


async def test_an_older_state_keeps_its_runs_and_their_journal(path: Path, contact: EntityRef, now: datetime) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        m001_first_tables(sqlite_utils.Database(connection))
        connection.execute(
            "CREATE TABLE _sqlite_migrations (migration_set TEXT, name TEXT, applied_at TEXT,"
            " PRIMARY KEY (migration_set, name))"
        )
        connection.execute("INSERT INTO _sqlite_migrations VALUES ('b24syncd', 'm001_first_tables', '2026')")
        connection.execute(
            "INSERT INTO runs VALUES (7, 'backfill', '[]', 'f', 'done', ?, ?, 1.0, '{}')",
            ("2026-03-01T12:00:00.000000Z", "2026-03-01T12:00:00.000000Z"),
        )
        connection.execute("INSERT INTO meta VALUES ('approved/f', 'yes')")
        connection.execute(
            "INSERT INTO reviews VALUES (5, 'contact', 42, 'phones', 9, 'x', 'not_a_phone', NULL, 'dismissed', ?, ?)",
            ("2026-03-01T12:00:00.000000Z", "2026-03-01T12:00:00.000000Z"),
        )
        connection.execute(
            "INSERT INTO journal VALUES (1, 7, '2026-03-01T12:00:00.000000Z', 1.0, 'b', 'phones', 'contact', 42,"
            " 'change', 'PHONE', 5, 'WORK', '8', '+7', 0, 'done', NULL, NULL)"
        )
    async with open_for_writing(path) as database:
        assert [entry.run_id for entry in await database.read(lambda db: list(history.iterate(db)))] == [7]
        assert await database.write(lambda db: undo_run(db, now)) == 8
        assert "canary" in await database.read(lambda db: approvals.approved(db, "f"))
        assert [one.id for one in await database.read(lambda db: reviews.get_reviews(db, [5]))] == [5]
        assert await database.write(lambda db: reviews.reopen(db, 5, now=now))
        assert await database.read(reviews.counts) == {**dict.fromkeys(ReviewState, 0), ReviewState.OPEN: 1}
        with pytest.raises(sqlite3.IntegrityError):
            await database.write(lambda db: corrected(db, 99, contact, now))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
