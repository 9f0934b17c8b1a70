"""The migrations that put on record what is not as it should be. One that was released is never changed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite_utils

_CONDITIONS = """
CREATE TABLE conditions (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    since TEXT NOT NULL,
    detail TEXT NOT NULL,
    over_at TEXT,
    told_at TEXT,
    told_over_at TEXT,
    notice_error TEXT
) STRICT;
CREATE UNIQUE INDEX conditions_standing ON conditions (kind, about) WHERE over_at IS NULL;
DELETE FROM meta WHERE key = 'obstacles'
"""


def m012_conditions(db: sqlite_utils.Database) -> None:
    """Keep conditions from when they show until they are over; what was in the way until now is met again."""
    for statement in _CONDITIONS.split(";\n"):
        db.execute(statement)
