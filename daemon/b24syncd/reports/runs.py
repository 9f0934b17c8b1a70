"""Runs: what each was, how it ended, and what it counted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from b24syncd.store import approvals, runs
from b24syncd.store.runs import RunState

from .report import Report
from .wording import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    import sqlite_utils

    from b24syncd.store.runs import Run, RunKind


class RunEnd(StrEnum):
    """How a run stands, as it is told: as it is stored, and `STOPPED` where a safety limit ended it."""

    RUNNING = "running"
    DONE = "done"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class RunReport(Report):
    """One run; `stopped` tells which safety limit ended it, `by` which person of the console asked for it."""

    id: int
    kind: RunKind
    jobs: tuple[str, ...]
    state: RunEnd
    started_at: datetime
    finished_at: datetime | None
    counts: Mapping[str, int]
    stopped: str | None
    by: str

    def told_counts(self) -> str:
        """Return what it counted, in words."""
        return listed({name: number for name, number in self.counts.items() if number})

    def sentence(self) -> str | None:
        """Return what else there is to say of it."""
        return None if self.stopped is None else f"run {self.id} was stopped by a safety limit: {self.stopped}"


def latest_runs(
    db: sqlite_utils.Database, *, is_held: bool, before: int | None = None, limit: int
) -> Iterator[RunReport]:
    """Yield the newest runs, perhaps those before one, newest first; `is_held`: whether a process holds the state."""
    stops = approvals.stops(db)
    for run in runs.latest_runs(db, before=before, limit=limit):
        yield _report(run, stops.get(run.id), is_held=is_held)


@dataclass(frozen=True, slots=True)
class RunDetail(Report):
    """A run with the safety limits: which ended it, and which a person lets runs with its rules pass.

    With `continues` a person would let such runs go on past the limit that ended it.
    """

    run: RunReport
    limit: str | None
    approved: tuple[str, ...]
    continues: bool


def run_detail(db: sqlite_utils.Database, number: int, *, is_held: bool) -> RunDetail | None:
    """Return a run; None where there is none with this number."""
    run = runs.get_run(db, number)
    if run is None:
        return None
    stop = approvals.stop_of(db, run.fingerprint)
    limit = None if stop is None or stop.run_id != run.id else stop.limit
    approved = tuple(sorted(approvals.approved(db, run.fingerprint)))
    report = _report(run, approvals.stops(db).get(run.id), is_held=is_held)
    return RunDetail(report, limit, approved, continues=bool(limit) and limit not in approved)


def _report(run: Run, stopped: str | None, *, is_held: bool) -> RunReport:
    state = RunEnd(run.state.value)
    if run.state is RunState.RUNNING:
        # A run whose process was killed is on record as running until the next writer looks.
        state = RunEnd.RUNNING if is_held else RunEnd.INTERRUPTED
    elif stopped is not None:
        state = RunEnd.STOPPED
    return RunReport(
        run.id,
        run.kind,
        run.jobs,
        state,
        run.started_at,
        run.finished_at,
        dict(run.counts),
        None if state is RunEnd.RUNNING else stopped,
        run.by,
    )
