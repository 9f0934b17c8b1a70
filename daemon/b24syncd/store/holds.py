"""Holds on record: what jobs leave alone until a person releases it.

A hold that was set by an undo and then released stays on record: undoing the run that set it means releasing it, and
the other way round.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.holds import HOLDING, Hold
from b24syncd.domain.reasons import Reason

from . import queue, reviews
from .times import to_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    import sqlite_utils

    from b24syncd.domain.holds import Held

# Reason and detail are of the row that has the greatest run (https://sqlite.org/lang_select.html#bareagg).
_STANDING = "SELECT entity_type, entity_id, job, max(run_id), reason, detail FROM holds WHERE released_at IS NULL"
_BY_SUBJECT = "GROUP BY entity_type, entity_id, job"
_ONE = "entity_type = ? AND entity_id = ? AND job = ?"
_RELEASE = (
    "UPDATE holds SET released_at = ? WHERE entity_type = ? AND entity_id = ? AND job = ? AND released_at IS NULL"
)
_HOLD = (
    "INSERT INTO holds (entity_type, entity_id, job, run_id, at, reason, detail) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET reason = excluded.reason, detail = excluded.detail, released_at = NULL"
)
_CLOSE_REVIEW = (
    "UPDATE reviews SET state = 'closed', changed_at = ? WHERE entity_type = ? AND entity_id = ? AND job = ?"
    " AND point_id = 0 AND reason IN (SELECT value FROM json_each(?)) AND state != 'closed'"
)
_NOT_MADE = (
    "SELECT run_id, entity_type, entity_id, job FROM holds WHERE reason = 'undone' AND released_at IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM journal WHERE journal.run_id = holds.run_id"
    " AND journal.entity_type = holds.entity_type AND journal.entity_id = holds.entity_id AND journal.job = holds.job"
    " AND outcome IN ('done', 'unverified', 'intent'))"
)


def standing(db: sqlite_utils.Database) -> tuple[Hold, ...]:
    """Return all holds that stand, each as the run told it that set it last."""
    return _held(db.execute(f"{_STANDING} {_BY_SUBJECT}"))


def of_run(db: sqlite_utils.Database, run_id: int) -> frozenset[Held]:
    """Return what the undo of this number ever held, released or not."""
    return frozenset(map(_key_of, db.table("holds").rows_where("run_id = ? AND reason = 'undone'", (run_id,))))


def hold(db: sqlite_utils.Database, wanted: Iterable[Hold], *, now: datetime) -> None:
    """Hold these from now on, and ask for the reviews that tell of it."""
    held = list(wanted)
    rows = [
        (one.ref.type.value, one.ref.id, one.job, one.run_id, to_text(now), one.reason.value, one.detail)
        for one in held
    ]
    db.conn.executemany(_HOLD, rows)
    reviews.replace_for_page(db, [(one.ref, (), (one.review,)) for one in held], now=now)


def release(db: sqlite_utils.Database, wanted: Iterable[Held], *, now: datetime) -> int:
    """Release what stands of these, and have it looked at again; return how many stood."""
    released = [
        (ref, job)
        for ref, job in wanted
        if db.conn.execute(_RELEASE, (to_text(now), ref.type.value, ref.id, job)).rowcount
    ]
    for ref, job in released:
        _close_review(db, (ref.type.value, ref.id, job), now=now)
    queue.add(db, [ref for ref, _ in released], "released", due_at=now)
    return len(released)


def take_back(db: sqlite_utils.Database, wanted: Mapping[Held, int], *, now: datetime) -> None:
    """Release what the undos of these numbers hold, because they are undone; what others hold as well stays held."""
    freed: list[Held] = []
    for (ref, job), run_id in wanted.items():
        key = (ref.type.value, ref.id, job)
        if not db.conn.execute(f"{_RELEASE} AND run_id = ?", (to_text(now), *key, run_id)).rowcount:
            continue
        others = _held(db.execute(f"{_STANDING} AND {_ONE} {_BY_SUBJECT}", key))
        if others:
            reviews.replace_for_item(db, ref, (), [one.review for one in others], now=now)
        else:
            _close_review(db, key, now=now)
            freed.append((ref, job))
    queue.add(db, [ref for ref, _ in freed], "released", due_at=now)


def held_by(db: sqlite_utils.Database, run_id: int) -> tuple[Held, ...]:
    """Return what stands of the holds that a run set."""
    standing_ones = ("run_id = ? AND released_at IS NULL", (run_id,))
    return tuple(map(_key_of, db.table("holds").rows_where(*standing_ones, order_by="entity_type, entity_id, job")))


def drop_unused(db: sqlite_utils.Database, *, now: datetime) -> None:
    """Forget the holds of undos that took nothing back there after all: somebody was faster, or they were cut short.

    Call it where no undo is under way. The journal never forgets what is held (`retention.py`).
    """
    for run_id, name, entity_id, job in db.execute(_NOT_MADE).fetchall():
        key = (name, entity_id, job)
        db.table("holds").delete((*key, run_id))
        if not _held(db.execute(f"{_STANDING} AND {_ONE} {_BY_SUBJECT}", key)):
            _close_review(db, key, now=now)


def _held(rows: Iterable[tuple[str, int, str, int, str, str]]) -> tuple[Hold, ...]:
    return tuple(
        Hold(EntityRef(EntityType(name), entity_id), job, run_id, Reason(reason), detail)
        for name, entity_id, job, run_id, reason, detail in rows
    )


def _key_of(row: Mapping[str, Any]) -> Held:
    return EntityRef(EntityType(row["entity_type"]), row["entity_id"]), row["job"]


def _close_review(db: sqlite_utils.Database, key: tuple[str, int, str], *, now: datetime) -> None:
    db.conn.execute(_CLOSE_REVIEW, (to_text(now), *key, json.dumps([reason.value for reason in HOLDING])))
