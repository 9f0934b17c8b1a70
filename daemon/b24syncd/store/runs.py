"""Runs: one backfill, or one life of the daemon; every correction belongs to one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from .times import from_optional_text, from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    import sqlite_utils


class RunKind(StrEnum):
    """What kind of walk a run is.

    `PARTIAL` is a backfill narrowed by `--only` or `--limit`, which keeps no cursor; `REBIND` works through a list;
    `REVIEW` writes what a person decided of reviews.
    """

    BACKFILL = "backfill"
    PARTIAL = "partial"
    RUN = "run"
    UNDO = "undo"
    REBIND = "rebind"
    REVIEW = "review"


BY_RULES = json.dumps([RunKind.BACKFILL, RunKind.PARTIAL, RunKind.RUN])
"""The kinds of runs of which rules decide what they correct, in JSON; the others carry out a person's own words."""


class RunState(StrEnum):
    """How a run stands; a `RUNNING` one whose process is gone is found by `interrupt_crashed`."""

    RUNNING = "running"
    DONE = "done"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class Count(StrEnum):
    """What is counted; the names are stored with the run."""

    READ = "read"
    CORRECTED = "corrected"
    CORRECTIONS = "corrections"
    REVIEWS = "reviews"
    MENDED = "mended"
    UNVERIFIED = "unverified"
    OVERTAKEN = "overtaken"
    REFUSED = "refused"
    """Rebindings that the portal refused, each of them a review."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Run:
    """One run as it is stored; `began_server_time` is the portal's clock at its first start."""

    id: int
    kind: RunKind
    jobs: tuple[str, ...]
    fingerprint: str
    state: RunState
    started_at: datetime
    finished_at: datetime | None
    began_server_time: float | None
    counts: Mapping[str, int]


_SELECT = "SELECT id, kind, jobs, fingerprint, state, started_at, finished_at, began_server_time, counts FROM runs"


def start_run(  # noqa: PLR0913 - a row's columns, all by name
    db: sqlite_utils.Database,
    *,
    kind: RunKind,
    jobs: Collection[str],
    fingerprint: str,
    now: datetime,
    began_server_time: float | None = None,
) -> int:
    """Begin a run and return its id."""
    cursor = db.execute(
        "INSERT INTO runs (kind, jobs, fingerprint, state, started_at, began_server_time, counts)"
        " VALUES (?, ?, ?, 'running', ?, ?, '{}')",
        (kind.value, json.dumps(list(jobs)), fingerprint, to_text(now), began_server_time),
    )
    run_id = cursor.lastrowid
    assert run_id is not None  # noqa: S101 - an INSERT that did not raise has a row id
    return run_id


def resume_run(db: sqlite_utils.Database, run_id: int) -> None:
    """Let an unfinished run go on under its id, with its counts and the server time at which it began."""
    db.execute("UPDATE runs SET state = 'running', finished_at = NULL WHERE id = ?", (run_id,))


def save_counts(db: sqlite_utils.Database, run_id: int, counts: Mapping[str, int]) -> None:
    """Replace a run's counts, in the transaction that settles what was counted."""
    db.execute("UPDATE runs SET counts = ? WHERE id = ?", (json.dumps(dict(counts)), run_id))


def finish_run(
    db: sqlite_utils.Database, run_id: int, *, state: RunState, counts: Mapping[str, int], now: datetime
) -> None:
    """End a run with its final counts."""
    db.execute(
        "UPDATE runs SET state = ?, counts = ?, finished_at = ? WHERE id = ?",
        (state.value, json.dumps(dict(counts)), to_text(now), run_id),
    )


def interrupt_crashed(db: sqlite_utils.Database, *, now: datetime) -> int:
    """Mark runs that a killed process left `running` as interrupted; call it while no run of this process is on."""
    cursor = db.execute(
        "UPDATE runs SET state = 'interrupted', finished_at = ? WHERE state = 'running'", (to_text(now),)
    )
    return cursor.rowcount


def get_run(db: sqlite_utils.Database, run_id: int) -> Run | None:
    """Return one run; None for a number that none has, also for one that SQLite cannot hold."""
    if not 0 < run_id < 1 << 63:
        return None
    row = db.execute(f"{_SELECT} WHERE id = ?", (run_id,)).fetchone()
    return None if row is None else _run(row)


def latest_runs(db: sqlite_utils.Database, *, limit: int = 10) -> tuple[Run, ...]:
    """Return the newest runs, newest first."""
    return tuple(_run(row) for row in db.execute(f"{_SELECT} ORDER BY id DESC LIMIT ?", (limit,)))


def ids_of(db: sqlite_utils.Database, kind: RunKind) -> tuple[int, ...]:
    """Return the ids of all runs of a kind, the oldest first."""
    return tuple(run_id for (run_id,) in db.execute("SELECT id FROM runs WHERE kind = ? ORDER BY id", (kind.value,)))


def latest_backfill(db: sqlite_utils.Database) -> Run | None:
    """Return the newest backfill of the whole portal, finished or not."""
    row = db.execute(f"{_SELECT} WHERE kind = 'backfill' ORDER BY id DESC LIMIT 1").fetchone()
    return None if row is None else _run(row)


def unfinished_backfill(db: sqlite_utils.Database) -> Run | None:
    """Return the newest backfill of the whole portal if it did not finish: the one to go on with."""
    run = latest_backfill(db)
    return None if run is None or run.state is RunState.DONE else run


def count_made(db: sqlite_utils.Database) -> int:
    """Return how many corrections runs by rules counted, also those that the journal forgot since."""
    rows = db.execute("SELECT counts FROM runs WHERE kind IN (SELECT value FROM json_each(?))", (BY_RULES,))
    return sum(int(json.loads(counts).get("corrections", 0)) for (counts,) in rows)


def _run(row: tuple[int, str, str, str, str, str, str | None, float | None, str]) -> Run:
    run_id, kind, jobs, fingerprint, state, started_at, finished_at, began_server_time, counts = row
    return Run(
        id=run_id,
        kind=RunKind(kind),
        jobs=tuple(json.loads(jobs)),
        fingerprint=fingerprint,
        state=RunState(state),
        started_at=from_text(started_at),
        finished_at=from_optional_text(finished_at),
        began_server_time=began_server_time,
        counts=json.loads(counts),
    )
