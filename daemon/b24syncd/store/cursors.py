"""Cursors: how far a change source or a backfill has read, safely. Named `backfill/contact`, `poll/contact`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .times import from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import sqlite_utils


@dataclass(frozen=True, slots=True)
class Cursor:
    """One cursor as it is stored."""

    name: str
    position: dict[str, object]
    changed_at: datetime


def get(db: sqlite_utils.Database, name: str) -> dict[str, object] | None:
    """Return the position of a cursor, or nothing where none was kept."""
    row = db.execute("SELECT position FROM cursors WHERE name = ?", (name,)).fetchone()
    return None if row is None else json.loads(row[0])


def put(db: sqlite_utils.Database, name: str, position: Mapping[str, object], *, now: datetime) -> None:
    """Keep the position of a cursor: JSON-able, in the transaction that settles the page it has passed."""
    db.execute(
        "INSERT INTO cursors (name, position, changed_at) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET position = excluded.position, changed_at = excluded.changed_at",
        (name, json.dumps(dict(position), ensure_ascii=False), to_text(now)),
    )


def delete(db: sqlite_utils.Database, prefix: str) -> int:
    """Forget all cursors whose names begin with `prefix`; return how many."""
    return db.execute(
        "DELETE FROM cursors WHERE substr(name, 1, length(:prefix)) = :prefix", {"prefix": prefix}
    ).rowcount


def all_cursors(db: sqlite_utils.Database) -> tuple[Cursor, ...]:
    """Return every cursor by name."""
    rows = db.execute("SELECT name, position, changed_at FROM cursors ORDER BY name")
    return tuple(Cursor(name, json.loads(position), from_text(changed_at)) for name, position, changed_at in rows)
