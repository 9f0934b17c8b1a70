"""Opening the state only to read it: no file is ever created or changed, whoever the reader is.

SQLite's own `mode=ro` does not promise that: it would write its marks into `-shm`, create `-shm` and `-wal` where they
are missing, and recover a log. Hence:

* `-shm` and `-wal` are there (a writer is at work, or was killed): `mode=ro&readonly_shm=1`. The reader sees what is
  committed, shares the writer's lock bytes, and after a crash reads the log through an index in its own memory.
* they are not (the last writer closed): `immutable=1`, which reads the file alone.
* a log with something in it but no `-shm` (somebody copied the files): refused, the file alone is out of date.

Races. A writer that closes between the look and the opening makes the opening fail, and the reader looks again; only if
it goes in the instant between SQLite's own two steps may an empty `-wal` stay behind, owned by the database's owner,
which the next writer takes over. A writer that starts while an `immutable` reader reads writes to its log first, so the
reader sees the old state. Only when the log is copied into the file meanwhile, after some megabytes of changes, may a
long listing mix old and new rows, or SQLite find a page that does not fit: `RetryLater`, as for every read that has to
be of one moment (`of_one_moment`).
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from b24syncd.errors import RetryLater, StateUnusable

from .faults import raise_if_unusable
from .migrations.schema import Schema, migrate, schema_of
from .rows import as_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import sqlite_utils

_LOOKS = 5
_BUSY_SECONDS = 5.0
_AT_WORK = "mode=ro&readonly_shm=1"
_AT_REST = "mode=ro&immutable=1"


@contextmanager
def open_for_reading(
    path: Path, *, may_be_older: bool = False, of_one_moment: bool = False
) -> Iterator[sqlite_utils.Database]:
    """Open the state of one portal to read it; raise `StateUnusable` where there is none that can be read.

    With `of_one_moment`, `RetryLater` is raised at the end where what was read may mix an old and a new state.
    """
    path = path.resolve()
    require_state(path)
    before = _marks(path)
    db = _open(path)
    try:
        schema = schema_of(db, str(path))
        if schema is Schema.EMPTY:
            raise _nothing_yet(path)
        if schema is Schema.OLDER and not may_be_older:
            message = f"{path} was written by an older b24syncd; start `b24syncd run` once, it brings it up to date"
            raise StateUnusable(message)
        yield db
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT:
            _require_same(path, before)
        raise_if_unusable(error, path)
        raise
    finally:
        db.close()
    if of_one_moment:
        _require_same(path, before)


@contextmanager
def reading_or_new(path: Path) -> Iterator[sqlite_utils.Database]:
    """Open the state of one portal to read it; where none was ever written, a new one in memory instead."""
    if has_state(path):
        with open_for_reading(path) as db:
            yield db
        return
    import sqlite_utils  # noqa: PLC0415  # takes long, and is for a state that is to be made

    db = sqlite_utils.Database(memory=True, execute_plugins=False)
    try:
        migrate(db)
        yield db
    finally:
        db.close()


def has_state(path: Path) -> bool:
    """Tell whether something was ever written there; raise `StateUnusable` where that cannot be seen."""
    try:
        return path.exists() and (path.stat().st_size > 0 or path.with_name(f"{path.name}-wal").exists())
    except OSError as error:
        raise _unreadable(path, error.strerror) from None


def require_state(path: Path) -> None:
    """Raise `StateUnusable` where no state was ever written, without creating one."""
    try:
        exists = path.exists()
    except OSError as error:
        raise _unreadable(path, error.strerror) from None
    if not exists:
        raise _nothing_yet(path)


def _open(path: Path) -> sqlite_utils.Database:
    for _ in range(_LOOKS):
        how = _how(path)
        try:
            connection = _connect(path, how)
        except sqlite3.OperationalError as error:
            if how == _how(path):
                raise _unreadable(path, str(error)) from None
            continue
        except sqlite3.DatabaseError as error:
            raise_if_unusable(error, path)
            raise
        if how == _how(path):
            return as_database(connection)
        connection.close()
    message = f"{path} is being opened and closed all the time; try again"
    raise RetryLater(message)


def _connect(path: Path, how: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.as_uri()}?{how}", uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # only now are all the files opened
    except BaseException:
        connection.close()
        raise
    return connection


def _how(path: Path) -> str:
    log = path.with_name(f"{path.name}-wal")
    index = path.with_name(f"{path.name}-shm")
    try:
        log_size = log.stat().st_size
    except OSError:
        return _AT_REST
    if index.exists():
        return _AT_WORK
    if log_size > 0 and log.exists():
        message = f"{path} was copied without its -shm file; start `b24syncd run` or `backfill` on it once, it recovers"
        raise StateUnusable(message)
    return _AT_REST


def _marks(path: Path) -> tuple[int, ...] | None:
    """Return what tells whether a state at rest was written since; nothing for one at work, where SQLite sees to it."""
    try:
        if path.with_name(f"{path.name}-shm").exists():
            return None
        found = path.stat()
    except OSError as error:
        raise _unreadable(path, error.strerror) from None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _require_same(path: Path, before: tuple[int, ...] | None) -> None:
    if before is not None and _marks(path) != before:
        message = f"{path} was written while it was read; try again"
        raise RetryLater(message)


def _nothing_yet(path: Path) -> StateUnusable:
    return StateUnusable(f"nothing has run yet: {path} does not exist or is empty; start with `b24syncd backfill`")


def _unreadable(path: Path, reason: str | None) -> StateUnusable:
    return StateUnusable(f"{path} cannot be read: {reason}; run as root or as the user of the service")
