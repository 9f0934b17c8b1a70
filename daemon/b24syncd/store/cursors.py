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


_PUT = (
    "INSERT INTO cursors (name, position, changed_at) VALUES (?, ?, ?)"
    " ON CONFLICT (name) DO UPDATE SET position = excluded.position, changed_at = excluded.changed_at"
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """One cursor as it is stored."""

    name: str
    position: dict[str, object]
    changed_at: datetime


def get(db: sqlite_utils.Database, name: str) -> dict[str, object] | None:
    """Return the position of a cursor, or nothing where none was kept."""
    found = [row["position"] for row in db.table("cursors").rows_where("name = ?", (name,))]
    return json.loads(found[0]) if found else None


def put(db: sqlite_utils.Database, name: str, position: Mapping[str, object], *, now: datetime) -> None:
    """Keep the position of a cursor: JSON-able, in the transaction that settles the page it has passed."""
    written = json.dumps(dict(position), ensure_ascii=False)
    db.execute(_PUT, (name, written, to_text(now)))


def set_back(db: sqlite_utils.Database, name: str, position: Mapping[str, object], *, now: datetime) -> None:
    """Let a polling cursor go back to a position; one that stands further back already stays there."""
    there = get(db, name)
    if there is None or _since(position) < _since(there):
        put(db, name, position, now=now)


def _since(position: Mapping[str, object]) -> float:
    return float(str(position.get("since", 0.0)))


def delete(db: sqlite_utils.Database, prefix: str) -> int:
    """Forget all cursors whose names begin with `prefix`; return how many."""
    begins_so = ("substr(name, 1, length(:prefix)) = :prefix", {"prefix": prefix})
    number = db.table("cursors").count_where(*begins_so)
    db.table("cursors").delete_where(*begins_so)
    return number


def all_cursors(db: sqlite_utils.Database) -> tuple[Cursor, ...]:
    """Return every cursor by name."""
    rows = db.table("cursors").rows_where(order_by="name")
    return tuple(Cursor(row["name"], json.loads(row["position"]), from_text(row["changed_at"])) for row in rows)
