"""Items that a person excluded: kept in the state, beside those of the settings, and no part of their fingerprint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityRef, EntityType

from . import queue
from .times import from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import sqlite_utils

_ADD = "INSERT INTO exclusions (entity_type, entity_id, at, asked_by) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_REMOVE = "DELETE FROM exclusions WHERE entity_type = ? AND entity_id = ?"
_ALL = "SELECT entity_type, entity_id, at, asked_by FROM exclusions ORDER BY at, entity_type, entity_id"
_CLOSE = (
    "UPDATE reviews SET state = 'closed', changed_at = ?, decided_by = ?"
    " WHERE state = 'open' AND entity_type = ? AND entity_id = ?"
)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An item that is left alone, since when, and by whom of the console; nobody where the shell said so."""

    ref: EntityRef
    at: datetime
    by: str


def add(db: sqlite_utils.Database, refs: Iterable[EntityRef], *, now: datetime, by: str = "") -> int:
    """Exclude items, and ask nothing more about them; return how many were not before."""
    number = 0
    for ref in dict.fromkeys(refs):
        number += db.conn.execute(_ADD, (ref.type.value, ref.id, to_text(now), by)).rowcount
        db.conn.execute(_CLOSE, (to_text(now), by, ref.type.value, ref.id))
    return number


def remove(db: sqlite_utils.Database, refs: Iterable[EntityRef], *, now: datetime) -> tuple[EntityRef, ...]:
    """Exclude these no longer, and have them looked at again; return those that were excluded."""
    found = [ref for ref in dict.fromkeys(refs) if db.conn.execute(_REMOVE, (ref.type.value, ref.id)).rowcount]
    queue.add(db, found, "no longer excluded", due_at=now)
    return tuple(found)


def all_of(db: sqlite_utils.Database) -> tuple[Exclusion, ...]:
    """Return what is excluded, the oldest first."""
    return tuple(
        Exclusion(EntityRef(EntityType(name), entity_id), from_text(at), by)
        for name, entity_id, at, by in db.execute(_ALL)
    )
