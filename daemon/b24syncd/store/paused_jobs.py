"""Jobs that a person paused: kept over restarts, with how far polling had come, so that nothing is missed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.domain.conditions import Condition, ConditionKind

from . import conditions, cursors
from .times import from_text, to_text

if TYPE_CHECKING:
    from datetime import datetime

    import sqlite_utils

_POLLS = "poll/"
_PAUSE = (
    "INSERT INTO paused_jobs (job, at, asked_by, positions) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (job) DO UPDATE SET at = excluded.at, asked_by = excluded.asked_by, resumed_at = NULL"
    " WHERE resumed_at IS NOT NULL"
)
_RESUME = "UPDATE paused_jobs SET resumed_at = ? WHERE job = ? AND resumed_at IS NULL"
_PAUSED = "SELECT job, at, asked_by FROM paused_jobs WHERE resumed_at IS NULL ORDER BY job"
_RESUMED = "SELECT job, positions FROM paused_jobs WHERE resumed_at IS NOT NULL ORDER BY job"


@dataclass(frozen=True, slots=True)
class Pause:
    """A job that rests, since when, and by whom of the console; nobody where the shell said so."""

    job: str
    at: datetime
    by: str


def pause(db: sqlite_utils.Database, job: str, *, now: datetime, by: str = "") -> bool:
    """Let a job rest; return whether it did not before."""
    positions = {one.name: one.position for one in cursors.all_cursors(db) if one.name.startswith(_POLLS)}
    is_new = db.execute(_PAUSE, (job, to_text(now), by, json.dumps(positions))).rowcount == 1
    if is_new:
        met = Condition(ConditionKind.JOB_PAUSED, job, now, f"{job} was paused by {by or 'the shell'}")
        conditions.note(db, [met], judged=lambda _: False, now=now)
    return is_new


def resume(db: sqlite_utils.Database, job: str, *, now: datetime) -> bool:
    """Let a job go on; return whether it was paused."""
    was_paused = db.execute(_RESUME, (to_text(now), job)).rowcount == 1
    if was_paused:
        key = (ConditionKind.JOB_PAUSED, job)
        conditions.note(db, (), judged=lambda one: one.key == key, now=now)
    return was_paused


def paused(db: sqlite_utils.Database) -> tuple[Pause, ...]:
    """Return the jobs that rest."""
    return tuple(Pause(job, from_text(at), by) for job, at, by in db.execute(_PAUSED))


def resumed(db: sqlite_utils.Database) -> tuple[str, ...]:
    """Return the jobs that were let go on, and for which polling has not gone back yet."""
    return tuple(job for job, _ in db.execute(_RESUMED))


def read_again(db: sqlite_utils.Database, *, now: datetime) -> tuple[str, ...]:
    """Let polling go back to where resumed jobs began to rest, and forget that they did; return which they are."""
    found = db.execute(_RESUMED).fetchall()
    for job, positions in found:
        for name, position in json.loads(positions).items():
            cursors.set_back(db, name, position, now=now)
        db.table("paused_jobs").delete(job)
    return tuple(job for job, _ in found)
