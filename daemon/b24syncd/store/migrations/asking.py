"""The migration that puts on record who asked for what. One that was released is never changed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite_utils

_WHO_ASKED = """
ALTER TABLE runs ADD COLUMN asked_by TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN asked_by TEXT NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN decided_by TEXT NOT NULL DEFAULT ''
"""


def m016_who_asked(db: sqlite_utils.Database) -> None:
    """Know which person asked for a run, and decided a review; nobody where it was the shell."""
    for statement in _WHO_ASKED.split(";\n"):
        db.execute(statement)
