from __future__ import annotations

import asyncio
import re
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.store.test_reading import damage, files

from b24syncd.domain.corrections import ChangePoint
from b24syncd.domain.holds import Hold
from b24syncd.domain.plans import Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.snapshots import ItemState, PointKind
from b24syncd.store import cursors, holds, journal, limits, meta, queue, reviews, runs
from b24syncd.store.aside import read_aside
from b24syncd.store.check import Finding, check, check_quickly
from b24syncd.store.database import open_for_writing
from b24syncd.store.journal import Intent, Outcome
from b24syncd.store.migrations.schema import version_of
from b24syncd.store.reading import open_for_reading
from b24syncd.store.runs import RunKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    import sqlite_utils
    from tests.store.conftest import WriterProcess

    from b24syncd.domain.entities import EntityRef


@pytest.fixture
async def filled(path: Path, contact: EntityRef, now: datetime) -> Path:
    """A state with something in every table: one correction settled, one open."""

    def fill(db: sqlite_utils.Database) -> None:
        meta.bind_portal(db, "acme.bitrix24.ru")
        run_id = runs.start_run(db, runs.NewRun(kind=RunKind.RUN, jobs=["phones"], fingerprint="f", now=now))
        change = ChangePoint(contact, "phones", PointKind.PHONE, 5, "WORK", "8 916", "+7916")
        for batch in ("b1", "b2"):
            intent = Intent(contact, ItemState(()), (change,))
            journal.insert_intents(db, journal.Batch(run_id, batch, sent_at=1.0), [intent], now=now)
        journal.settle(db, "b1", contact, Outcome.DONE, now=now)
        cursors.put(db, "poll/contact", {"since": 1.5}, now=now)
        cursors.put(db, "backfill/contact", {"after_id": 42, "finished": False}, now=now)
        queue.add(db, [contact], "announced", due_at=now)
        reviews.replace_for_item(
            db, contact, ["phones"], [Review(contact, "phones", 9, "x", Reason.NOT_A_PHONE)], now=now
        )
        holds.hold(db, [Hold(contact, "emails", run_id)], now=now)
        limits.save_limits(db, {"costs": {"crm.item.list": 0.5}})

    async with open_for_writing(path) as database:
        await database.write(fill)
    return path


def found(path: Path) -> tuple[Finding, ...]:
    before = files(path.parent)
    with open_for_reading(path, of_one_moment=True) as db:
        findings = check(db)
    assert files(path.parent) == before
    return findings


def test_a_state_in_use_is_sound(filled: Path) -> None:
    assert found(filled) == ()


@pytest.mark.parametrize(
    ("change", "table", "problem", "rows"),
    [
        ("DELETE FROM intents", "journal", "what its item held before is not on record", 1),
        ("UPDATE journal SET outcome = 'done', settled_at = at", "intents", "that is not open", 1),
        ("DELETE FROM journal WHERE outcome = 'intent'", "intents", "that is not open", 1),
        ("UPDATE journal SET settled_at = NULL", "journal", "with the time of its outcome, or the other way", 1),
        ("UPDATE journal SET outcome = 'perhaps' WHERE outcome = 'done'", "journal", "unknown outcome", 1),
        ("UPDATE journal SET what = 'fax'", "journal", "no correction that can be read", 2),
        ("UPDATE journal SET entity_type = 'cat' WHERE outcome = 'done'", "journal", "of an unknown type", 1),
        ("UPDATE journal SET at = 'yesterday'", "journal", "no readable time as at", 2),
        ("UPDATE intents SET base = '[[1]]'", "intents", "no readable state", 1),
        ("UPDATE queue SET entity_type = 'cat'", "queue", "of an unknown type", 1),
        ("UPDATE queue SET due_at = '2026-01-01T00:00:00'", "queue", "no readable time as due_at", 1),
        ("UPDATE reviews SET entity_type = 'type4'", "reviews", "of an unknown type", 2),
        ("UPDATE reviews SET value = CAST(X'C328' AS TEXT)", "reviews", "no readable text", 2),
        ("UPDATE holds SET entity_type = ''", "holds", "of an unknown type", 1),
        ("UPDATE cursors SET position = '{' WHERE name LIKE 'poll%'", "cursors", "no position", 1),
        ("UPDATE cursors SET position = '[]'", "cursors", "no position", 2),
        ("UPDATE cursors SET position = '{}'", "cursors", "no position", 2),
        ("""UPDATE cursors SET position = '{"since": null}'""", "cursors", "no position", 2),
        ("UPDATE runs SET jobs = '{}'", "runs", "no readable jobs", 1),
        ("UPDATE runs SET counts = 'x'", "runs", "no readable counts", 1),
        ("UPDATE journal SET before = '8 916'", "journal", "no correction that can be read", 2),
        ("UPDATE runs SET kind = 'dream'", "runs", "unknown kind", 1),
        ("UPDATE runs SET state = 'lost'", "runs", "unknown state", 1),
        ("UPDATE reviews SET state = 'lost' WHERE point_id = 9", "reviews", "unknown state", 1),
        ("UPDATE queue SET state = 'lost'", "queue", "unknown state", 1),
        ("UPDATE runs SET state = 'done'", "runs", "ended without a time", 1),
        ("DELETE FROM runs", "journal", "a run that is not there", 2),
        ("DELETE FROM meta WHERE key = 'portal'", "meta", "names no portal", 1),
        ("UPDATE meta SET value = '[' WHERE key = 'limits'", "meta", "no readable limits", 1),
    ],
)
def test_what_does_not_fit_is_told(filled: Path, change: str, table: str, problem: str, rows: int) -> None:
    with closing(sqlite3.connect(filled)) as connection, connection:
        connection.execute(change)
    findings = [each for each in found(filled) if each.table == table and problem in each.problem]
    assert [each.rows for each in findings] == [rows]
    assert all(each.example for each in findings)


def test_damage_of_an_index_is_told(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'run_id)', 'batch)') WHERE name = 'journal_by_run'"
        )
    assert [each.problem.split(":")[0] for each in found(filled)][:1] == ["damaged"]


def test_damaged_pages_are_told(path: Path, start_writer: Callable[[], WriterProcess]) -> None:
    writer = start_writer()
    writer.write(2000)
    writer.stop()
    damage(path)
    findings = found(path)
    assert findings
    assert all(each.problem.startswith("damaged: ") for each in findings)


async def test_a_quick_look_sees_damage_of_pages_and_leaves_the_rest_to_the_whole_check(
    filled: Path, path: Path, start_writer: Callable[[], WriterProcess]
) -> None:
    with closing(sqlite3.connect(filled)) as connection, connection:
        connection.execute("UPDATE runs SET kind = 'dream'")
    before = files(filled.parent)
    findings, version = await read_aside(filled, lambda db: (check_quickly(db), version_of(db)))
    assert findings == ()
    assert re.fullmatch(r"m0\d\d\w?", version)
    assert files(filled.parent) == before
    writer = start_writer()
    writer.write(2000)
    writer.stop()
    damage(path)
    findings = await read_aside(path, check_quickly)
    assert findings
    assert all(each.problem.startswith("damaged: ") for each in findings)


async def test_what_is_read_aside_ends_when_nobody_waits_for_it(filled: Path) -> None:
    begun, ended = threading.Event(), threading.Event()

    def begin() -> int:
        begun.set()
        return 1

    def read(db: sqlite_utils.Database) -> None:
        db.conn.create_function("begin_counting", 0, begin)
        try:
            db.execute(
                "WITH RECURSIVE n(x) AS (SELECT begin_counting() UNION ALL SELECT x + 1 FROM n) SELECT sum(x) FROM n"
            ).fetchone()
        finally:
            ended.set()

    task = asyncio.create_task(read_aside(filled, read))
    assert await asyncio.to_thread(begun.wait, 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(ended.wait, 60)
