"""Holds: what was undone is left alone by the job that had corrected it, until a person releases it.

A hold that was released stays on record: undoing the run that set it means releasing it, and the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.undoing import undone_review

from . import queue, reviews
from .times import to_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    import sqlite_utils

Held = tuple[EntityRef, str]
"""An item or activity, and the name of the job that leaves it alone."""


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold that stands, and the run that set it."""

    ref: EntityRef
    job: str
    run_id: int


_STANDING = "SELECT entity_type, entity_id, job, max(run_id) FROM holds WHERE released_at IS NULL"
_BY_SUBJECT = "GROUP BY entity_type, entity_id, job"
_RELEASE = (
    "UPDATE holds SET released_at = ? WHERE entity_type = ? AND entity_id = ? AND job = ? AND released_at IS NULL"
)
_CLOSE_REVIEW = (
    "UPDATE reviews SET state = 'closed', changed_at = ? WHERE entity_type = ? AND entity_id = ? AND job = ?"
    " AND point_id = 0 AND reason = 'undone' AND state != 'closed'"
)
_NOT_MADE = (
    "SELECT entity_type, entity_id, job FROM holds WHERE run_id = ?1 AND released_at IS NULL AND NOT EXISTS ("
    "SELECT 1 FROM journal WHERE journal.run_id = ?1 AND journal.entity_type = holds.entity_type"
    " AND journal.entity_id = holds.entity_id AND journal.job = holds.job"
    " AND outcome IN ('done', 'unverified', 'intent'))"
)


def standing(db: sqlite_utils.Database) -> Mapping[Held, int]:
    """Return all holds that stand, each with the run that set it last."""
    rows = db.execute(f"{_STANDING} {_BY_SUBJECT}")
    return {(EntityRef(EntityType(name), entity_id), job): run_id for name, entity_id, job, run_id in rows}


def of_run(db: sqlite_utils.Database, run_id: int) -> frozenset[Held]:
    """Return what a run ever held, released or not."""
    rows = db.execute("SELECT entity_type, entity_id, job FROM holds WHERE run_id = ?", (run_id,))
    return frozenset((EntityRef(EntityType(name), entity_id), job) for name, entity_id, job in rows)


def hold(db: sqlite_utils.Database, wanted: Iterable[Held], run_id: int, *, now: datetime) -> None:
    """Hold these from now on, and ask for the reviews that tell of it."""
    held = list(wanted)
    db.conn.executemany(
        "INSERT INTO holds (entity_type, entity_id, job, run_id, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(ref.type.value, ref.id, job, run_id, to_text(now)) for ref, job in held],
    )
    reviews.replace_for_page(db, [(ref, (), (undone_review(ref, job, run_id),)) for ref, job in held], now=now)


def release(db: sqlite_utils.Database, wanted: Iterable[Held], *, now: datetime) -> int:
    """Release what stands of these, and have it looked at again; return how many stood."""
    released = [
        (ref, job)
        for ref, job in wanted
        if db.conn.execute(_RELEASE, (to_text(now), ref.type.value, ref.id, job)).rowcount
    ]
    for ref, job in released:
        db.conn.execute(_CLOSE_REVIEW, (to_text(now), ref.type.value, ref.id, job))
    queue.add(db, [ref for ref, _ in released], "released", due_at=now)
    return len(released)


def held_by(db: sqlite_utils.Database, run_id: int) -> tuple[Held, ...]:
    """Return what stands of the holds that a run set."""
    rows = db.execute(
        "SELECT entity_type, entity_id, job FROM holds WHERE run_id = ? AND released_at IS NULL"
        " ORDER BY entity_type, entity_id, job",
        (run_id,),
    )
    return tuple((EntityRef(EntityType(name), entity_id), job) for name, entity_id, job in rows)


def drop_unused(db: sqlite_utils.Database, run_id: int, *, now: datetime) -> None:
    """Forget the holds of a run that took nothing back there after all."""
    for name, entity_id, job in db.execute(_NOT_MADE, (run_id,)).fetchall():
        key = (name, entity_id, job)
        db.conn.execute(
            "DELETE FROM holds WHERE run_id = ? AND entity_type = ? AND entity_id = ? AND job = ?", (run_id, *key)
        )
        others = db.execute(f"{_STANDING} AND entity_type = ? AND entity_id = ? AND job = ? {_BY_SUBJECT}", key)
        if others.fetchone() is None:
            db.conn.execute(_CLOSE_REVIEW, (to_text(now), *key))
