"""Beginning, resuming and ending runs, each in one transaction."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.feeders import poll
from b24syncd.observe.logs import get_logger
from b24syncd.store import cursors, runs
from b24syncd.store.runs import Count, NewRun, RunKind, RunState

from . import sweep

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    import sqlite_utils

    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.rules import Rules
    from b24syncd.store.runs import Run

    from .context import WholeRun

_BACKFILL_CURSORS = "backfill/"

log = get_logger()


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a run begins with: its jobs' rules, what is excluded, the names of its feeds, both clocks, and who asked.

    `server_now` is in unix seconds; `by` is a person of the console, nobody where the shell asked.
    """

    rules: Mapping[str, Rules]
    excluded: Collection[EntityRef]
    feeds: tuple[str, ...]
    server_now: float
    now: datetime
    by: str = ""

    @property
    def fingerprint(self) -> str:
        """A digest of everything that makes planning come out differently."""
        rules = sorted((name, repr(rule)) for name, rule in self.rules.items())
        excluded = sorted(map(str, self.excluded))
        return hashlib.sha256(repr((rules, excluded)).encode()).hexdigest()


def begin(db: sqlite_utils.Database, kind: RunKind, beginning: Beginning) -> Run:
    """Begin a run that keeps no cursor of a backfill."""
    return _begin(
        db,
        NewRun(
            kind=kind,
            jobs=tuple(beginning.rules),
            fingerprint=beginning.fingerprint,
            now=beginning.now,
            server_now=beginning.server_now,
            by=beginning.by,
        ),
    )


def begin_asked(  # noqa: PLR0913 # a row's columns, nearly all by name
    db: sqlite_utils.Database,
    kind: RunKind,
    jobs: Collection[str],
    *,
    server_now: float,
    now: datetime,
    by: str = "",
) -> Run:
    """Begin a run that does for these jobs what a person asks for; as no rules decide, it is like no other run."""
    return _begin(db, NewRun(kind=kind, jobs=jobs, fingerprint="", now=now, server_now=server_now, by=by))


def _begin(db: sqlite_utils.Database, new: NewRun) -> Run:
    run = runs.get_run(db, runs.start_run(db, new))
    assert run is not None  # noqa: S101 # it was inserted above
    return run


def begin_backfill(db: sqlite_utils.Database, beginning: Beginning) -> Run:
    """Go on with the unfinished backfill if its rules are the same, otherwise begin one.

    Where polling never began it will begin at this moment, so that edits made during the backfill are not lost.
    """
    unfinished = runs.unfinished_backfill(db)
    if unfinished is not None and unfinished.fingerprint == beginning.fingerprint:
        runs.resume_run(db, unfinished.id, by=beginning.by)
        log.info("resuming_backfill", run=unfinished.id)
        return unfinished
    if unfinished is not None and cursors.delete(db, _BACKFILL_CURSORS):
        log.warning("beginning_backfill_anew", instead_of=unfinished.id, reason="the jobs or their rules changed")
    run = begin(db, RunKind.BACKFILL, beginning)
    for name in map(poll.cursor_name, beginning.feeds):
        if cursors.get(db, name) is None:
            cursors.put(db, name, poll.position_at(beginning.server_now), now=beginning.now)
    return run


def was_resumed(run: Run) -> bool:
    """Tell whether `begin_backfill` went on with an earlier backfill: one that begins is returned as running."""
    return run.state is not RunState.RUNNING


async def end(run: WholeRun, state: RunState, kind: RunKind, walked: Iterable[str] = ()) -> Mapping[str, int]:
    """End a run and return its counts; a finished backfill starts anew when it is asked for again.

    The feeds that it `walked` are swept from now on, the first time when the sweep's hours have passed.
    """
    now = run.clock.now()
    behind = sweep.position_behind(run.client.server_now())

    def store(db: sqlite_utils.Database) -> Mapping[str, int]:
        runs.finish_run(db, run.run_id, state=state, now=now, counts=dict.fromkeys(Count, 0))
        if kind is RunKind.BACKFILL and state is RunState.DONE:
            cursors.delete(db, _BACKFILL_CURSORS)
            for name in map(sweep.cursor_name, walked):
                cursors.put(db, name, behind, now=now)
        ended = runs.get_run(db, run.run_id)
        return ended.counts if ended is not None else {}

    return await run.database.write(store)
