"""The one writer of a portal's state: a connection, the thread that owns it, and the lock that keeps others out."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from b24syncd.errors import StateUnusable

from .faults import AS_SERVICE, is_held_by_another, raise_if_unusable
from .lock import StateLock, create_private, raise_if_passing
from .migrations.schema import Schema, migrate, schema_of
from .rows import read_quickly

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    import sqlite_utils

T = TypeVar("T")

_BUSY_SECONDS = 5.0
_BUSY_AGAIN_SECONDS = 0.5
"""For a lock that was waited for in vain: whoever ends for its sake has a dozen more things to write."""


class Database:
    """The state, opened for writing; made by `open_for_writing`."""

    def __init__(self, path: Path, db: sqlite_utils.Database, thread: ThreadPoolExecutor, lock: StateLock) -> None:
        """Take over the connection; from now on only the thread touches it."""
        self.path = path
        self.lock = lock
        self._file = _identity(path)
        self._db = read_quickly(db)
        self._may_write = self._is_patient = True
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
        if _identity(self.path) != self._file:
            # SQLite would go on writing into the file that no name leads to any more, and all of it would be lost.
            message = f"{self.path} was moved, deleted or replaced while it was in use; put it back, then start again"
            raise StateUnusable(message)
        try:
            self._let_write(may=True)
            result = self._in_transaction("BEGIN IMMEDIATE", function)
        except sqlite3.Error as error:
            self._wait_for_locks(patiently=not is_held_by_another(error))
            raise_if_unusable(error, self.path)
            raise
        self._wait_for_locks(patiently=True)
        return result

    def _reading(self, function: Callable[[sqlite_utils.Database], T]) -> T:
        self._let_write(may=False)
        try:
            return self._in_transaction("BEGIN", function)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_READONLY:  # a write in `function`: our fault
                raise_if_unusable(error, self.path)
            raise

    def _wait_for_locks(self, *, patiently: bool) -> None:
        if patiently is not self._is_patient:
            seconds = _BUSY_SECONDS if patiently else _BUSY_AGAIN_SECONDS
            self._db.conn.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")
            self._is_patient = patiently

    def _let_write(self, *, may: bool) -> None:
        """Refuse what writes, or do not; only where that changes, for many readings follow each other."""
        if may is not self._may_write:
            self._db.conn.execute(f"PRAGMA query_only = {'OFF' if may else 'ON'}")
            self._may_write = may

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
            yield Database(path, db, thread, lock)
        finally:
            # On this thread, after all that was handed over; no `await`, so that no cancellation can come between
            # the last write, the closing and the release of the lock.
            thread.shutdown(wait=True)
            db.close()
    finally:
        lock.release()


def _identity(path: Path) -> tuple[int, int] | None:
    """Return which file a path leads to, nothing where it leads nowhere."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _lock(path: Path) -> tuple[Path, StateLock]:
    path = path.resolve()  # one state, one lock, whatever symbolic link led here
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        lock = StateLock.acquire(path)
    except FileNotFoundError:
        raise StateUnusable(_folder_fault(path.parent)) from None
    except OSError as error:
        raise_if_passing(error, path)
        who = "let the disk be mounted for writing" if error.errno == errno.EROFS else "run as the user of the service"
        message = f"{path} cannot be opened for writing: {error.strerror}; {who}, or correct [state] path"
        raise StateUnusable(message) from None
    return path, lock


def _folder_fault(folder: Path) -> str:
    """Return what is wrong with a folder in which no file can be made."""
    missing = None
    while not folder.exists():
        missing, folder = folder, folder.parent
    if missing is None:  # such as /proc, which answers that there is no such file
        return f"no file can be made in {folder}; correct [state] path"
    return f"the folder {missing} does not exist; create it, or correct [state] path"


def _connect(path: Path) -> sqlite_utils.Database:
    try:
        if not path.exists():
            os.close(create_private(path, os.O_RDWR))
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    except OSError as error:
        raise_if_passing(error, path)
        message = f"{path} cannot be opened: {error.strerror}; {AS_SERVICE}"
        raise StateUnusable(message) from None
    except sqlite3.Error as error:
        message = f"{path} cannot be opened: {error}; {AS_SERVICE}"
        raise StateUnusable(message) from None
    import sqlite_utils  # noqa: PLC0415  # takes long, and is for writing only

    db = sqlite_utils.Database(connection, execute_plugins=False)
    try:
        schema = schema_of(db, str(path))
        if schema is Schema.EMPTY:
            # Before the first table, or it has no effect. Set again, it would write: a state that is refused later, as
            # that of another portal, is to stay as it is. Older states reuse free pages, but do not become smaller.
            db.execute("PRAGMA auto_vacuum = INCREMENTAL")
        _configure(db, path)
        if schema is not Schema.CURRENT:
            migrate(db)
        db.execute("PRAGMA foreign_keys = ON")
        _require_writable(db, path)
    except sqlite3.Error as error:
        db.close()
        raise_if_unusable(error, path)
        raise
    except BaseException:
        db.close()
        raise
    return db


def _require_writable(db: sqlite_utils.Database, path: Path) -> None:
    """Show now, before anything is asked of the portal, what may not be written or is held by another program."""
    db.execute("BEGIN IMMEDIATE")  # of a file that may only be read, this alone makes a transaction for reading
    db.execute("DELETE FROM meta WHERE 0")
    # sqlite-utils finds out once whether there are upserts, by making a table, and takes any fault for a no: then it
    # would write by `INSERT OR IGNORE`, which drops what breaks a rule without a word. So it is asked here.
    has_upserts = db.supports_on_conflict
    db.execute("ROLLBACK")
    if not has_upserts:
        message = f"{path} cannot be used: no table can be made in it; {AS_SERVICE}"
        raise StateUnusable(message)


def _configure(db: sqlite_utils.Database, path: Path) -> None:
    db.enable_wal()
    if db.journal_mode != "wal":
        message = f"{path}: SQLite's write-ahead log does not work there; the state has to be on a local disk"
        raise StateUnusable(message)
    # FULL: an intent must survive a power cut, or a write to the portal could be forgotten.
    db.execute("PRAGMA synchronous = FULL")
