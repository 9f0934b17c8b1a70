"""The migration that lets added items be found by their marks. One that was released is never changed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite_utils


def m017_added_items(db: sqlite_utils.Database) -> None:
    """Find what was added under a mark without reading the whole journal."""
    db.execute("CREATE INDEX journal_of_items ON journal (slot) WHERE what = 'item'")
