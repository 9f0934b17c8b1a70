"""The queue: items to look at again, because something failed, is not known, or was announced. One entry per item."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from b24syncd.domain.entities import EntityRef, EntityType

from .times import from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime, timedelta

    import sqlite_utils


class QueueState(StrEnum):
    """How an entry stands."""

    WAITING = "waiting"
    GAVE_UP = "gave_up"  # refused for good: listed, not retried


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One item to look at again; `revision` grows whenever the item is announced anew."""

    ref: EntityRef
    reason: str
    attempts: int
    due_at: datetime
    detail: str | None
    state: QueueState
    revision: int


_OF_TYPES = "entity_type IN (SELECT value FROM json_each(?))"
_NAMED = "entity_type || ':' || entity_id IN (SELECT value FROM json_each(?))"
_AMONG = f"(? OR {_NAMED}) AND NOT {_NAMED}"
_IS_DUE = f"state = 'waiting' AND due_at <= ? AND {_OF_TYPES} AND {_AMONG}"
_IS = "entity_type = ? AND entity_id = ?"
_IS_MISSING = (
    "state = 'gave_up' AND entity_type = ? AND entity_id >= ? AND entity_id < ?"
    " AND entity_id NOT IN (SELECT value FROM json_each(?))"
)

# What has to be one step, for an item may be announced at any moment, or is done for many at once.
_INSERT = "INSERT INTO queue (entity_type, entity_id, reason, attempts, due_at, detail, state, revision)"
_ADD = (
    f"{_INSERT} VALUES (?, ?, ?, 0, ?, NULL, 'waiting', 1)"
    " ON CONFLICT (entity_type, entity_id) DO UPDATE SET"
    " attempts = iif(state = 'waiting', attempts, 0),"
    " due_at = iif(state = 'waiting', min(due_at, excluded.due_at), excluded.due_at),"
    " reason = excluded.reason, detail = NULL, state = 'waiting', revision = revision + 1"
)
_ANNOUNCE = _ADD.replace("reason = excluded.reason", "reason = iif(state = 'waiting', reason, excluded.reason)")
_KEEP = f"{_ADD} WHERE state <> 'waiting'"
_PUT = (
    f"{_INSERT} VALUES (?, ?, ?, ?, ?, ?, ?, 1)"
    " ON CONFLICT (entity_type, entity_id) DO UPDATE SET reason = excluded.reason, attempts = excluded.attempts,"
    " due_at = excluded.due_at, detail = excluded.detail, state = excluded.state, revision = revision + 1"
)
_DONE = "DELETE FROM queue WHERE entity_type = ? AND entity_id = ? AND revision = ?"
_FORGET = "DELETE FROM queue WHERE entity_type = ? AND entity_id = ? AND state = 'gave_up'"
_SELECT_NEXT = "SELECT min(due_at) FROM queue"
_NEXT = f"{_SELECT_NEXT} WHERE state = 'waiting' AND {_OF_TYPES} AND {_AMONG}"
_COUNTS = "SELECT state, count(*) FROM queue GROUP BY state"


def add(db: sqlite_utils.Database, refs: Iterable[EntityRef], reason: str, *, due_at: datetime) -> None:
    """Announce items; of an item already waiting the earlier time counts, one given up is tried afresh."""
    due = to_text(due_at)
    db.conn.executemany(_ADD, [(ref.type.value, ref.id, reason, due) for ref in refs])


def keep(db: sqlite_utils.Database, refs: Iterable[EntityRef], reason: str, *, due_at: datetime) -> None:
    """Announce those items that do not wait already, whatever for."""
    due = to_text(due_at)
    db.conn.executemany(_KEEP, [(ref.type.value, ref.id, reason, due) for ref in refs])


def announce(db: sqlite_utils.Database, refs: Iterable[EntityRef], reason: str, *, now: datetime) -> None:
    """Let items be looked at now; one that waits already keeps its reason, one given up is tried afresh."""
    moment = to_text(now)
    db.conn.executemany(_ANNOUNCE, [(ref.type.value, ref.id, reason, moment) for ref in refs])


def due(  # noqa: PLR0913 # what is due, by name
    db: sqlite_utils.Database,
    *,
    now: datetime,
    limit: int,
    types: Collection[EntityType],
    only: Collection[EntityRef] | None = None,
    but: Collection[EntityRef] = (),
) -> tuple[QueueEntry, ...]:
    """Return the waiting entries of these types whose time has come, the longest due first; perhaps only of some.

    What is of the items in `but` is left out.

    They stay in the queue until `done`.
    """
    values = (to_text(now), _names(types), *_among(only, but))
    rows = db.table("queue").rows_where(_IS_DUE, values, order_by="due_at, entity_type, entity_id", limit=limit)
    return tuple(map(_entry, rows))


def next_due_at(
    db: sqlite_utils.Database,
    *,
    types: Collection[EntityType],
    only: Collection[EntityRef] | None = None,
    but: Collection[EntityRef] = (),
) -> datetime | None:
    """Return when the next waiting entry of these types, or of some items, comes due, or nothing where none waits."""
    (text,) = db.execute(_NEXT, (_names(types), *_among(only, but))).fetchone()
    return None if text is None else from_text(text)


def done(db: sqlite_utils.Database, ref: EntityRef, *, revision: int) -> bool:
    """Take an item off the queue, unless it was announced again since `revision` was read; return whether it left."""
    return db.execute(_DONE, (ref.type.value, ref.id, revision)).rowcount == 1


def postpone(  # noqa: PLR0913 - an entry's columns, by name
    db: sqlite_utils.Database,
    ref: EntityRef,
    reason: str,
    *,
    now: datetime,
    backoff: Callable[[int], timedelta],
    detail: str | None = None,
) -> int:
    """Try an item again later, whether or not it is in the queue; return its attempts, counted with this one.

    `backoff` tells the delay after the nth failed attempt, n from 1.
    """
    waiting = db.table("queue").rows_where(f"{_IS} AND state = 'waiting'", (ref.type.value, ref.id))
    attempts = 1 + sum(int(row["attempts"]) for row in waiting)  # of one at most
    _put(db, ref, (reason, attempts, to_text(now + backoff(attempts)), detail, QueueState.WAITING.value))
    return attempts


def give_up(  # noqa: PLR0913 - an entry's columns, by name
    db: sqlite_utils.Database,
    ref: EntityRef,
    reason: str,
    detail: str,
    *,
    now: datetime,
    revision: int | None = None,
) -> bool:
    """List an item as refused for good: not due again until it is announced. Return whether it was listed.

    With the `revision` that was tried, an item that was announced again meanwhile goes on waiting.
    """
    attempts = 1
    for row in db.table("queue").rows_where(_IS, (ref.type.value, ref.id)):
        if revision is not None and row["revision"] != revision:
            return False
        attempts = int(row["attempts"]) + 1
    _put(db, ref, (reason, attempts, to_text(now), detail, QueueState.GAVE_UP.value))
    return True


def forget_given_up(db: sqlite_utils.Database, refs: Iterable[EntityRef]) -> None:
    """Take items off the list of those given up: planning finds nothing left to do for them."""
    db.conn.executemany(_FORGET, [(ref.type.value, ref.id) for ref in refs])


def forget_missing(db: sqlite_utils.Database, entity_type: EntityType, ids: range, present: Iterable[int]) -> None:
    """Take items with these ids that are not `present` any more off the list of those given up."""
    missing = (entity_type.value, ids.start, ids.stop, json.dumps(list(present)))
    db.table("queue").delete_where(_IS_MISSING, missing)


def entry_of(db: sqlite_utils.Database, ref: EntityRef) -> QueueEntry | None:
    """Return the entry of an item, None where it has none."""
    rows = db.table("queue").rows_where(_IS, (ref.type.value, ref.id))
    return next(map(_entry, rows), None)


def counts(db: sqlite_utils.Database) -> dict[QueueState, int]:
    """Return how many entries stand in each state."""
    found = dict.fromkeys(QueueState, 0)
    for state, number in db.execute(_COUNTS):
        found[QueueState(state)] = number
    return found


def given_up(db: sqlite_utils.Database, *, limit: int = 100) -> tuple[QueueEntry, ...]:
    """Return the entries that are not retried, the newest first."""
    rows = db.table("queue").rows_where("state = 'gave_up'", order_by="due_at DESC", limit=limit)
    return tuple(map(_entry, rows))


def _names(types: Collection[EntityType]) -> str:
    return json.dumps([entity_type.value for entity_type in types])


def _among(refs: Collection[EntityRef] | None, but: Collection[EntityRef]) -> tuple[bool, str, str]:
    """Return the values of `_AMONG`; None stands for all items."""
    return refs is None, _listed(refs or ()), _listed(but)


def _listed(refs: Collection[EntityRef]) -> str:
    return json.dumps([f"{ref.type.value}:{ref.id}" for ref in refs])


def _put(db: sqlite_utils.Database, ref: EntityRef, columns: tuple[str, int, str, str | None, str]) -> None:
    db.execute(_PUT, (ref.type.value, ref.id, *columns))


def _entry(row: Mapping[str, Any]) -> QueueEntry:
    return QueueEntry(
        ref=EntityRef(EntityType(row["entity_type"]), row["entity_id"]),
        reason=row["reason"],
        attempts=row["attempts"],
        due_at=from_text(row["due_at"]),
        detail=row["detail"],
        state=QueueState(row["state"]),
        revision=row["revision"],
    )
