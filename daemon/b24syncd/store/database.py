"""The one writer of a portal's state: a connection, the thread that owns it, and the lock that keeps others out."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

import sqlite_utils

from b24syncd.errors import StateUnusable

from .lock import StateLock, create_private
from .migrations import Schema, migrate, schema_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

T = TypeVar("T")

_BUSY_SECONDS = 5.0

# Faults of the disk or the file, not of our SQL (https://www.sqlite.org/rescode.html).
_FAULTS_OF_THE_FILE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)


class Database:
    """The state, opened for writing; made by `open_for_writing`."""

    def __init__(self, path: Path, db: sqlite_utils.Database, thread: ThreadPoolExecutor) -> None:
        """Take over the connection; from now on only the thread touches it."""
        self.path = path
        self._db = db
        self._thread = thread

    async def write(self, function: Callable[[sqlite_utils.Database], T]) -> T:
        """Run `function` as one transaction on the database's thread; any exception undoes all of it.

        A write that was handed over is carried out even when the caller is cancelled meanwhile, and in the order in
        which writes were handed over.
        """
        return await self._run(self._writing, function)

    async def read(self, function: Callable[[sqlite_utils.Database], T]) -> T:
        """Run `function`, which must not write, on the database's thread; it returns finished values, no lazy rows."""
        return await self._run(self._reading, function)

    async def _run(self, call: Callable[..., T], *arguments: object) -> T:
        loop = asyncio.get_running_loop()
        return await asyncio.shield(loop.run_in_executor(self._thread, call, *arguments))

    def _writing(self, function: Callable[[sqlite_utils.Database], T]) -> T:
        try:
            return self._in_transaction("BEGIN IMMEDIATE", function)
        except sqlite3.Error as error:
            raise_if_unusable(error, self.path)
            raise

    def _reading(self, function: Callable[[sqlite_utils.Database], T]) -> T:
        self._db.conn.execute("PRAGMA query_only = ON")
        try:
            return self._in_transaction("BEGIN", function)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_READONLY:  # a write in `function`: our fault
                raise_if_unusable(error, self.path)
            raise
        finally:
            self._db.conn.execute("PRAGMA query_only = OFF")

    def _in_transaction(self, begin: str, function: Callable[[sqlite_utils.Database], T]) -> T:
        self._db.conn.execute(begin)
        try:
            result = function(self._db)
            self._db.conn.execute("COMMIT")
        except BaseException:
            self._db.rollback()
            raise
        return result


@asynccontextmanager
async def open_for_writing(path: Path) -> AsyncIterator[Database]:
    """Hold the state of one portal: lock, create or migrate it; let it go at the end.

    Raises `StateLocked` when another process holds it and `StateUnusable` when it cannot be opened.
    """
    path, lock = _lock(path)
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
    try:
        db = _connect(path)
        try:
            yield Database(path, db, thread)
        finally:
            # On this thread, after all that was handed over; no `await`, so that no cancellation can come between
            # the last write, the closing and the release of the lock.
            thread.shutdown(wait=True)
            db.close()
    finally:
        lock.release()


def raise_if_unusable(error: sqlite3.Error, path: Path) -> None:
    """Raise `StateUnusable` for a fault of the file or its disk; return for a fault of our own."""
    # Only errors that come from the library itself carry a code; its low byte is the class.
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in _FAULTS_OF_THE_FILE:
        message = f"{path} cannot be used: {error}"
        raise StateUnusable(message) from error


def _lock(path: Path) -> tuple[Path, StateLock]:
    path = path.resolve()  # one state, one lock, whatever symbolic link led here
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        lock = StateLock.acquire(path)
    except FileNotFoundError:
        message = f"the folder of {path.parent} does not exist; create it, or correct [state] path"
        raise StateUnusable(message) from None
    except OSError as error:
        message = (
            f"{path} cannot be opened for writing: {error.strerror}; "
            "run as the user of the service, or correct [state] path"
        )
        raise StateUnusable(message) from None
    return path, lock


def _connect(path: Path) -> sqlite_utils.Database:
    try:
        if not path.exists():
            os.close(create_private(path, os.O_RDWR))
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        message = f"{path} cannot be opened: {error}"
        raise StateUnusable(message) from None
    db = sqlite_utils.Database(connection, execute_plugins=False)
    try:
        schema = schema_of(db, str(path))
        _configure(db, path)
        if schema is not Schema.CURRENT:
            migrate(db)
    except sqlite3.Error as error:
        db.close()
        raise_if_unusable(error, path)
        raise
    except BaseException:
        db.close()
        raise
    return db


def _configure(db: sqlite_utils.Database, path: Path) -> None:
    db.enable_wal()
    if db.journal_mode != "wal":
        message = f"{path}: SQLite's write-ahead log does not work there; the state has to be on a local disk"
        raise StateUnusable(message)
    # FULL: an intent must survive a power cut, or a write to the portal could be forgotten.
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA foreign_keys = ON")
