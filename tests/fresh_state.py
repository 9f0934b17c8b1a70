"""A fresh state as the program makes it, made once in each process of tests and copied from then on.

Making one takes as long as many a test, and thousands are needed. That the program makes it so is shown in tests/store.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

import sqlite_utils

from b24syncd.store.migrations.schema import migrate


def lay(path: Path) -> None:
    """Put a fresh state there, unless there is one already."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(_on_disk())


def fill(db: sqlite_utils.Database) -> None:
    """Make a fresh state of a database in memory."""
    db.conn.deserialize(_in_memory())


@cache
def _in_memory() -> bytes:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(sqlite_utils.Database(connection, execute_plugins=False))
        return connection.serialize()


@cache
def _on_disk() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        db = sqlite_utils.Database(path, execute_plugins=False)
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")
        db.enable_wal()
        migrate(db)
        db.close()
        return path.read_bytes()
