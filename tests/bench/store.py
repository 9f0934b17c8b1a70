"""SQLite: how fast what every page and every batch writes is written, how large it grows, and by which plans."""

from __future__ import annotations

import asyncio
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import sqlite_utils
from tests.bench.report import Table

from b24syncd.domain.corrections import ChangePoint, SetField
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.plans import Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.snapshots import ContactPoint, ItemState, PointKind
from b24syncd.store import cursors, flips, journal, outcomes, past, queue, reviews, runs
from b24syncd.store.database import open_for_writing
from b24syncd.store.journal import Batch, Intent, Outcome
from b24syncd.store.migrations.schema import migrate
from b24syncd.store.rows import read_quickly
from b24syncd.store.runs import Count, NewRun, RunKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

YEAR = 500_000
"""Corrections in the journal of a year."""

BATCH, PAGE = 25, 50
_NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_TYPES = (EntityType.CONTACT, EntityType.LEAD)


def _ref(number: int) -> EntityRef:
    return EntityRef(EntityType.CONTACT, number)


def _correction(number: int) -> ChangePoint:
    before, after = f"8 (916) {number:07}", f"+7916{number:07}"
    return ChangePoint(_ref(number), "phones", PointKind.PHONE, number, "WORK", before, after)


def _intent(number: int) -> Intent:
    point = ContactPoint(number, PointKind.PHONE, f"8 (916) {number:07}", "WORK")
    return Intent(_ref(number), ItemState((point,)), (_correction(number),))


def _review(number: int) -> Review:
    return Review(_ref(number), "phones", 1, f"916-{number}", Reason.NOT_A_PHONE, None)


def _begin(db: sqlite_utils.Database) -> None:
    runs.start_run(db, NewRun(kind=RunKind.BACKFILL, jobs=("phones",), fingerprint="", now=_NOW))


def _insert(db: sqlite_utils.Database, numbers: Iterable[int]) -> None:
    intents = list(map(_intent, numbers))
    batch = f"batch-{intents[0].ref.id}"
    journal.insert_intents(db, Batch(1, batch, sent_at=0.0), intents, now=_NOW)


def _settle(db: sqlite_utils.Database, numbers: Iterable[int]) -> None:
    refs = list(map(_ref, numbers))
    batch = f"batch-{refs[0].id}"
    journal.settle_all(db, [(batch, ref, Outcome.DONE, None) for ref in refs], now=_NOW)
    runs.add_counts(db, 1, {Count.CORRECTIONS: len(refs)})


def _page(db: sqlite_utils.Database, numbers: Iterable[int]) -> None:
    some = list(numbers)
    page = [(_ref(number), ("phones",), [_review(number)] if number % 10 == 0 else []) for number in some]
    reviews.replace_for_page(db, page, now=_NOW)
    cursors.put(db, "backfill/contact", {"id": some[-1]}, now=_NOW)
    runs.add_counts(db, 1, {Count.READ: len(some)})


def _announce(db: sqlite_utils.Database, numbers: Iterable[int]) -> None:
    queue.add(db, map(_ref, numbers), "announced", due_at=_NOW)


WRITES: dict[str, tuple[int, Callable[[sqlite_utils.Database, Iterable[int]], None]]] = {
    "intents of a batch": (BATCH, _insert),
    "outcomes of a batch": (BATCH, _settle),
    "a page of a walk: reviews, cursor, counts": (PAGE, _page),
    "items announced to the queue": (PAGE, _announce),
}


def _one_by_one(db: sqlite_utils.Database) -> None:
    field = SetField(_ref(1), "fields", "title", "a", "b")
    journal.settle_some(db, "batch-1", [_correction(1)], Outcome.DONE, now=_NOW)
    journal.note_met(db, [("batch-1", _correction(2), field)], now=_NOW)


def _take(db: sqlite_utils.Database) -> None:
    queue.due(db, now=_NOW, limit=50, types=_TYPES)
    queue.next_due_at(db, types=_TYPES)
    queue.entry_of(db, _ref(1))
    queue.postpone(db, _ref(1), "failed", now=_NOW, backoff=lambda _: timedelta(minutes=1))
    queue.give_up(db, _ref(2), "refused", "words", now=_NOW)
    queue.done(db, _ref(3), revision=1)


def _counted(db: sqlite_utils.Database) -> None:
    outcomes.count_on(db, outcomes.count_from_now_on(db))
    outcomes.open_count(db)


HOT: dict[str, Callable[[sqlite_utils.Database], object]] = {
    "intents of a batch": lambda db: _insert(db, range(1, BATCH)),
    "outcomes of a batch": lambda db: _settle(db, range(1, BATCH)),
    "outcomes one by one": _one_by_one,
    "corrected before": lambda db: journal.corrected_in(db, 1, [_ref(1), _ref(2)]),
    "lost before": lambda db: journal.judged_in(db, 1, [_ref(1), _ref(2)]),
    "what is open": journal.open_intents,
    "a page of a walk": lambda db: _page(db, range(1, PAGE)),
    "the queue": _take,
    "corrected again and again": lambda db: flips.flips_among(db, {_ref(1): [_correction(1)]}, times=3, since=_NOW),
    "the past of fields": lambda db: past.fields_of(db, [_ref(1)]),
    "the past of activities": lambda db: past.pasts_of(db, [EntityRef(EntityType.ACTIVITY, 1)]),
    "outcomes counted on": _counted,
}
"""What every page, batch or round of a daemon asks."""


def plans_of(db: sqlite_utils.Database, ask: Callable[[sqlite_utils.Database], object]) -> dict[str, list[str]]:
    """Return the query plan of every statement that is asked, by the statement."""
    asked: list[str] = []
    db.conn.set_trace_callback(asked.append)
    ask(db)
    db.conn.set_trace_callback(None)
    told = (
        one for one in dict.fromkeys(asked) if not one.startswith(("--", "BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))
    )
    return {one: [str(row[3]) for row in db.execute(f"EXPLAIN QUERY PLAN {one}")] for one in told}


def state_in_memory() -> sqlite_utils.Database:
    """Return a state as the writer has it."""
    db = sqlite_utils.Database(memory=True)
    migrate(db)
    _begin(db)
    return read_quickly(db)


def measure(*, in_full: bool) -> Iterator[Table]:
    """Yield how fast and how large, and the plans."""
    yield asyncio.run(_written(YEAR if in_full else YEAR // 10))
    yield _plans()


async def _written(number: int) -> Table:
    table = Table(
        f"SQLite on this disk, each transaction synchronised, up to {number:,} corrections",
        ("", "rows in a transaction", "rows per second at first", "at the end", "bytes per row"),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        async with open_for_writing(path) as database:
            await database.write(_begin)
            for name, (rows, write) in WRITES.items():
                numbers = [range(first, first + rows) for first in range(1, number, rows)]
                size = path.stat().st_size
                speeds = []
                tenth = max(1, min(len(numbers) // 10, 200))
                for part in (numbers[:tenth], numbers[tenth:-tenth], numbers[-tenth:]):
                    began = time.perf_counter()
                    for some in part:
                        await database.write(lambda db, write=write, some=some: write(db, some))  # type: ignore[misc]
                    speeds.append(len(part) * rows / (time.perf_counter() - began))
                await database.write(lambda _: None)
                grown = path.stat().st_size - size
                table.add(name, rows, f"{speeds[0]:,.0f}", f"{speeds[-1]:,.0f}", f"{grown / number:.0f}")
        table.note(f"The file: {path.stat().st_size / 2**20:.0f} MiB")
    return table


def _plans() -> Table:
    table = Table("Query plans of what every page and batch asks", ("what", "plan"))
    with closing(state_in_memory()) as db:
        for name, ask in HOT.items():
            steps = dict.fromkeys(step for plan in plans_of(db, ask).values() for step in plan)
            for step in steps:
                table.add(name, f"`{step}`")
    return table
