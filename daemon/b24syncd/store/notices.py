"""Notices on record: what was told through which channel, and how often it was tried.

An attempt is put on record before it is made: a process that dies between telling and putting that on record tells it
once more, and never a third time for that.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from b24syncd.domain.notices import Attempt, Facts, Known, Walk

from . import conditions, reviews, runs
from .runs import RunState
from .times import from_optional_text, from_text, to_text

if TYPE_CHECKING:
    from datetime import datetime

    import sqlite_utils

    from b24syncd.domain.notices import Channel, Digest

_KEPT = timedelta(days=90)
_LOOKED_BACK = timedelta(days=4)
"""What was over so long ago is no news."""

_OLD = "tried_at < ? AND subject NOT IN (SELECT 'condition/' || id FROM conditions WHERE over_at IS NULL)"
_ATTEMPT = (
    "INSERT INTO notices (channel, subject, attempts, tried_at) VALUES (?, ?, 1, ?)"
    " ON CONFLICT (channel, subject) DO UPDATE SET attempts = attempts + 1, tried_at = excluded.tried_at"
)
_SENT = "UPDATE notices SET sent_at = ?, error = NULL WHERE channel = ? AND subject = ?"
_FAILED = "UPDATE notices SET error = ? WHERE channel = ? AND subject = ?"


def facts(db: sqlite_utils.Database, now: datetime, digest: Digest | None) -> Facts:
    """Return what there is to be told; with a `digest`, the reviews that wait as well."""
    known = [
        Known(one.id, one.condition, one.over_at) for one in conditions.standing_or_over_since(db, now - _LOOKED_BACK)
    ]
    walk = runs.latest_backfill(db)
    walks = []
    if walk is not None and walk.state is RunState.DONE and walk.finished_at is not None:
        walks.append(Walk(str(walk.id), walk.finished_at, walk.counts))
    return Facts(known, reviews.open_by_reason(db) if digest is not None else {}, walks, digest)


def attempts(db: sqlite_utils.Database, channel: Channel) -> dict[str, Attempt]:
    """Return what was tried through a channel, by subject."""
    rows = db.table("notices").rows_where("channel = ?", (channel.value,))
    return {
        row["subject"]: Attempt(row["attempts"], from_text(row["tried_at"]), from_optional_text(row["sent_at"]))
        for row in rows
    }


def note_attempt(db: sqlite_utils.Database, channel: Channel, subject: str, now: datetime) -> None:
    """Put on record that a notice is about to be sent."""
    db.table("notices").delete_where(_OLD, (to_text(now - _KEPT),))
    db.execute(_ATTEMPT, (channel.value, subject, to_text(now)))


def note_sent(db: sqlite_utils.Database, channel: Channel, subject: str, now: datetime) -> None:
    """Put on record that a notice arrived."""
    db.execute(_SENT, (to_text(now), channel.value, subject))


def note_failed(db: sqlite_utils.Database, channel: Channel, subject: str, error: str) -> None:
    """Put on record why a notice did not arrive."""
    db.execute(_FAILED, (error, channel.value, subject))
