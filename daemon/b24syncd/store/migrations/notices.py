"""The migration that puts on record what people were told. One that was released is never changed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite_utils

_NOTICES = """
CREATE TABLE notices (
    channel TEXT NOT NULL,
    subject TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    tried_at TEXT NOT NULL,
    sent_at TEXT,
    error TEXT,
    PRIMARY KEY (channel, subject)
) STRICT, WITHOUT ROWID
"""


def m013_notices(db: sqlite_utils.Database) -> None:
    """Remember what people were told, and what they could not be told."""
    db.execute(_NOTICES)
