"""The queue: items to look at again, because something failed, is not known, or was announced. One entry per item."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityRef, EntityType

from .times import from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
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


_SELECT = "SELECT entity_type, entity_id, reason, attempts, due_at, detail, state, revision FROM queue"
_NEXT = "SELECT min(due_at) FROM queue"
_OF_TYPES = "entity_type IN (SELECT value FROM json_each(?))"
_AMONG = "(? OR entity_type || ':' || entity_id IN (SELECT value FROM json_each(?)))"


def add(db: sqlite_utils.Database, refs: Iterable[EntityRef], reason: str, *, due_at: datetime) -> None:
    """Announce items; of an item already waiting the earlier time counts, one given up is tried afresh."""
    due = to_text(due_at)
    db.conn.executemany(
        "INSERT INTO queue (entity_type, entity_id, reason, attempts, due_at, state, revision)"
        " VALUES (?, ?, ?, 0, ?, 'waiting', 1)"
        " ON CONFLICT (entity_type, entity_id) DO UPDATE SET"
        " attempts = iif(state = 'waiting', attempts, 0),"
        " due_at = iif(state = 'waiting', min(due_at, excluded.due_at), excluded.due_at),"
        " reason = excluded.reason, detail = NULL, state = 'waiting', revision = revision + 1",
        [(ref.type.value, ref.id, reason, due) for ref in refs],
    )


def due(
    db: sqlite_utils.Database,
    *,
    now: datetime,
    limit: int,
    types: Collection[EntityType],
    only: Collection[EntityRef] | None = None,
) -> tuple[QueueEntry, ...]:
    """Return the waiting entries of these types whose time has come, the longest due first; perhaps only of some.

    They stay in the queue until `done`.
    """
    rows = db.execute(
        f"{_SELECT} WHERE state = 'waiting' AND due_at <= ? AND {_OF_TYPES} AND {_AMONG}"
        " ORDER BY due_at, entity_type, entity_id LIMIT ?",
        (to_text(now), _names(types), *_among(only), limit),
    )
    return tuple(_entry(row) for row in rows)


def next_due_at(
    db: sqlite_utils.Database, *, types: Collection[EntityType], only: Collection[EntityRef] | None = None
) -> datetime | None:
    """Return when the next waiting entry of these types, or of some items, comes due, or nothing where none waits."""
    (text,) = db.execute(
        f"{_NEXT} WHERE state = 'waiting' AND {_OF_TYPES} AND {_AMONG}", (_names(types), *_among(only))
    ).fetchone()
    return None if text is None else from_text(text)


def done(db: sqlite_utils.Database, ref: EntityRef, *, revision: int) -> bool:
    """Take an item off the queue, unless it was announced again since `revision` was read; return whether it left."""
    cursor = db.execute(
        "DELETE FROM queue WHERE entity_type = ? AND entity_id = ? AND revision = ?", (ref.type.value, ref.id, revision)
    )
    return cursor.rowcount == 1


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
    key = (ref.type.value, ref.id)
    row = db.execute(
        "SELECT attempts FROM queue WHERE entity_type = ? AND entity_id = ? AND state = 'waiting'", key
    ).fetchone()
    attempts = 1 if row is None else int(row[0]) + 1
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
    key = (ref.type.value, ref.id)
    row = db.execute("SELECT attempts, revision FROM queue WHERE entity_type = ? AND entity_id = ?", key).fetchone()
    attempts, current = (0, None) if row is None else row
    if revision is not None and current is not None and current != revision:
        return False
    _put(db, ref, (reason, attempts + 1, to_text(now), detail, QueueState.GAVE_UP.value))
    return True


def forget_given_up(db: sqlite_utils.Database, refs: Iterable[EntityRef]) -> None:
    """Take items off the list of those given up: planning finds nothing left to do for them."""
    db.conn.executemany(
        "DELETE FROM queue WHERE entity_type = ? AND entity_id = ? AND state = 'gave_up'",
        [(ref.type.value, ref.id) for ref in refs],
    )


def forget_missing(db: sqlite_utils.Database, entity_type: EntityType, ids: range, present: Iterable[int]) -> None:
    """Take items with these ids that are not `present` any more off the list of those given up."""
    db.execute(
        "DELETE FROM queue WHERE state = 'gave_up' AND entity_type = ? AND entity_id >= ? AND entity_id < ?"
        " AND entity_id NOT IN (SELECT value FROM json_each(?))",
        (entity_type.value, ids.start, ids.stop, json.dumps(list(present))),
    )


def counts(db: sqlite_utils.Database) -> dict[QueueState, int]:
    """Return how many entries stand in each state."""
    found = dict.fromkeys(QueueState, 0)
    for state, number in db.execute("SELECT state, count(*) FROM queue GROUP BY state"):
        found[QueueState(state)] = number
    return found


def given_up(db: sqlite_utils.Database, *, limit: int = 100) -> tuple[QueueEntry, ...]:
    """Return the entries that are not retried, the newest first."""
    rows = db.execute(f"{_SELECT} WHERE state = 'gave_up' ORDER BY due_at DESC LIMIT ?", (limit,))
    return tuple(_entry(row) for row in rows)


def _names(types: Collection[EntityType]) -> str:
    return json.dumps([entity_type.value for entity_type in types])


def _among(refs: Collection[EntityRef] | None) -> tuple[bool, str]:
    """Return the values of `_AMONG`; None stands for all items."""
    return refs is None, json.dumps([f"{ref.type.value}:{ref.id}" for ref in refs or ()])


def _put(db: sqlite_utils.Database, ref: EntityRef, columns: tuple[str, int, str, str | None, str]) -> None:
    db.execute(
        "INSERT INTO queue (entity_type, entity_id, reason, attempts, due_at, detail, state, revision)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 1)"
        " ON CONFLICT (entity_type, entity_id) DO UPDATE SET reason = excluded.reason, attempts = excluded.attempts,"
        " due_at = excluded.due_at, detail = excluded.detail, state = excluded.state, revision = revision + 1",
        (ref.type.value, ref.id, *columns),
    )


def _entry(row: tuple[str, int, str, int, str, str | None, str, int]) -> QueueEntry:
    entity_type, entity_id, reason, attempts, due_at, detail, state, revision = row
    ref = EntityRef(EntityType(entity_type), entity_id)
    return QueueEntry(ref, reason, attempts, from_text(due_at), detail, QueueState(state), revision)
