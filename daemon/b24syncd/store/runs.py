"""Runs: one backfill, or one life of the daemon; every correction belongs to one."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .times import from_optional_text, from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    import sqlite_utils


class RunKind(StrEnum):
    """What kind of walk a run is.

    `PARTIAL` is a backfill narrowed by `--only` or `--limit`, which keeps no cursor; `REBIND` works through a list;
    `REVIEW` writes what a person decided of reviews, `EDIT` what they changed in a form, or added by one.
    """

    BACKFILL = "backfill"
    PARTIAL = "partial"
    RUN = "run"
    UNDO = "undo"
    REBIND = "rebind"
    REVIEW = "review"
    EDIT = "edit"


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
    """One run as it is stored; `began_server_time` is the portal's clock at its first start.

    It was asked for `by` a person of the console, or by nobody where the shell did.
    """

    id: int
    kind: RunKind
    jobs: tuple[str, ...]
    fingerprint: str
    state: RunState
    started_at: datetime
    finished_at: datetime | None
    began_server_time: float | None
    counts: Mapping[str, int]
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """What a run begins with; `server_now` is the portal's clock, as far as it is known."""

    kind: RunKind
    jobs: Collection[str]
    fingerprint: str
    now: datetime
    server_now: float | None = None
    by: str = ""


_OF_KINDS = "kind IN (SELECT value FROM json_each(?))"
_COUNTS = "SELECT counts FROM runs WHERE id = ?"
_SET_COUNTS = "UPDATE runs SET counts = ? WHERE id = ?"  # with every page
_NOTHING: Mapping[str, int] = MappingProxyType({})
_INTERRUPT = "UPDATE runs SET state = 'interrupted', finished_at = ? WHERE state = 'running'"


def start_run(db: sqlite_utils.Database, run: NewRun) -> int:
    """Begin a run and return its id."""
    inserted = db.table("runs").insert(
        {
            "kind": run.kind.value,
            "jobs": json.dumps(list(run.jobs)),
            "fingerprint": run.fingerprint,
            "state": RunState.RUNNING.value,
            "started_at": to_text(run.now),
            "began_server_time": run.server_now,
            "counts": "{}",
            "asked_by": run.by,
        },
        pk="id",
    )
    return int(str(inserted.last_pk))


def resume_run(db: sqlite_utils.Database, run_id: int, *, by: str = "") -> None:
    """Let an unfinished run go on under its id, with its counts and the server time at which it began.

    It is whoever's who asked for it last.
    """
    db.table("runs").update(run_id, {"state": RunState.RUNNING.value, "finished_at": None, "asked_by": by})


def add_counts(db: sqlite_utils.Database, run_id: int, more: Mapping[str, int]) -> None:
    """Count more of a run, in the transaction that settles what is counted: so nothing is lost or counted twice."""
    for (text,) in db.execute(_COUNTS, (run_id,)).fetchall():
        found: Counter[str] = Counter(json.loads(text))
        found.update(more)
        db.execute(_SET_COUNTS, (json.dumps(found), run_id))


def finish_run(
    db: sqlite_utils.Database, run_id: int, *, state: RunState, now: datetime, counts: Mapping[str, int] = _NOTHING
) -> None:
    """End a run, perhaps counting more of it."""
    db.table("runs").update(run_id, {"state": state.value, "finished_at": to_text(now)})
    add_counts(db, run_id, counts)


def interrupt_crashed(db: sqlite_utils.Database, *, now: datetime) -> int:
    """Mark runs that a killed process left `running` as interrupted; call it while no run of this process is on."""
    return db.execute(_INTERRUPT, (to_text(now),)).rowcount


def get_run(db: sqlite_utils.Database, run_id: int) -> Run | None:
    """Return one run; None for a number that none has, also for one that SQLite cannot hold."""
    if not 0 < run_id < 1 << 63:
        return None
    found = tuple(map(_run, db.table("runs").rows_where("id = ?", (run_id,))))
    return found[0] if found else None


def latest_runs(db: sqlite_utils.Database, *, before: int | None = None, limit: int = 10) -> tuple[Run, ...]:
    """Return the newest runs, newest first; with a number, those before that run."""
    below = (1 << 63) - 1 if before is None else before
    return tuple(map(_run, db.table("runs").rows_where("id < ?", (below,), order_by="id DESC", limit=limit)))


def ids_of(db: sqlite_utils.Database, kind: RunKind) -> tuple[int, ...]:
    """Return the ids of all runs of a kind, the oldest first."""
    return tuple(
        row["id"] for row in db.table("runs").rows_where("kind = ?", (kind.value,), order_by="id", select="id")
    )


def latest_backfill(db: sqlite_utils.Database) -> Run | None:
    """Return the newest backfill of the whole portal, finished or not."""
    newest = db.table("runs").rows_where("kind = ?", (RunKind.BACKFILL.value,), order_by="id DESC", limit=1)
    found = tuple(map(_run, newest))
    return found[0] if found else None


def unfinished_backfill(db: sqlite_utils.Database) -> Run | None:
    """Return the newest backfill of the whole portal if it did not finish: the one to go on with."""
    run = latest_backfill(db)
    return None if run is None or run.state is RunState.DONE else run


def count_made(db: sqlite_utils.Database) -> int:
    """Return how many corrections runs by rules counted, also those that the journal forgot since."""
    rows = db.table("runs").rows_where(_OF_KINDS, (BY_RULES,))
    return sum(int(json.loads(row["counts"]).get("corrections", 0)) for row in rows)


def total(db: sqlite_utils.Database, count: Count) -> int:
    """Return what all runs together counted."""
    return sum(int(json.loads(row["counts"]).get(count, 0)) for row in db.table("runs").rows_where(select="counts"))


def _run(row: Mapping[str, Any]) -> Run:
    return Run(
        id=row["id"],
        kind=RunKind(row["kind"]),
        jobs=tuple(json.loads(row["jobs"])),
        fingerprint=row["fingerprint"],
        state=RunState(row["state"]),
        started_at=from_text(row["started_at"]),
        finished_at=from_optional_text(row["finished_at"]),
        began_server_time=row["began_server_time"],
        counts=json.loads(row["counts"]),
        by=row["asked_by"],
    )
