"""The migration that lets people into the console. One that was released is never changed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite_utils

_PEOPLE = """
CREATE TABLE people (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    invited_at TEXT NOT NULL,
    seen_at TEXT,
    revoked_at TEXT
) STRICT;
CREATE UNIQUE INDEX people_by_name ON people (name) WHERE revoked_at IS NULL;
CREATE TABLE invitations (
    key_hash TEXT PRIMARY KEY,
    person_id INTEGER NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE sessions (
    key_hash TEXT PRIMARY KEY,
    person_id INTEGER NOT NULL,
    began_at TEXT NOT NULL,
    seen_at TEXT NOT NULL
) STRICT, WITHOUT ROWID
"""


def m015_people(db: sqlite_utils.Database) -> None:
    """Keep who was invited, and of keys only their hashes."""
    for statement in _PEOPLE.split(";\n"):
        db.execute(statement)
