"""Backup: a copy of the state as it is at one moment, also while a writer is at work; the state is only read.

SQLite copies the whole database within one read transaction (https://www.sqlite.org/backup.html), so the copy is of
one moment, and the writer goes on meanwhile. The copy gets its name only once it is complete, checked and on the disk.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from b24syncd.errors import StateUnavailable, StateUnusable, UsageInvalid

from .lock import raise_if_passing
from .reading import open_for_reading

if TYPE_CHECKING:
    from pathlib import Path

    import sqlite_utils

_OF_THE_STATE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_BUSY})


def back_up(path: Path, target: Path) -> int:
    """Copy the state at `path` to the new file `target`, readable by its owner alone; return its size in bytes.

    Raises `UsageInvalid` where there is such a file already, or none can be; nothing is left there after a failure.
    """
    target = target.absolute()
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
    with open_for_reading(path, may_be_older=True, of_one_moment=True) as db:
        try:
            _create(target)  # from now on the name is ours, and nobody else's file can be there
        except OSError as error:
            raise _unwritable(target, error) from None
        try:
            _create(unfinished)
            _copy(db, path, unfinished)
            _require_sound(path, unfinished)
            _sync(unfinished)
        except BaseException as error:
            _remove(unfinished, target)
            if isinstance(error, OSError):
                raise _unwritable(target, error) from None
            raise
    return _named(unfinished, target)


def _named(unfinished: Path, target: Path) -> int:
    try:
        unfinished.replace(target)
        _sync(target.parent)
        return target.stat().st_size
    except OSError as error:
        _remove(unfinished, target)
        raise _unwritable(target, error) from None


def _copy(db: sqlite_utils.Database, path: Path, target: Path) -> None:
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        copy.execute("PRAGMA journal_mode = OFF")  # what fails is thrown away as a whole
        copy.execute("PRAGMA synchronous = OFF")  # it is brought to the disk at the end
        try:
            db.conn.backup(copy)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _OF_THE_STATE:
                raise
            message = f"{path} could not be copied to {target.parent}: {error}; make room there, then try again"
            raise StateUnavailable(message) from error


def _require_sound(path: Path, copy: Path) -> None:
    with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if answer != "ok":
        message = f"{path} is damaged, and no copy was kept: {answer}; `b24syncd state check` tells more"
        raise StateUnusable(message)


def _create(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(*paths: Path) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink()


def _unwritable(target: Path, error: OSError) -> UsageInvalid:
    if isinstance(error, FileExistsError):
        return UsageInvalid(f"{target} exists already and is not overwritten; name another file")
    raise_if_passing(error, target)
    return UsageInvalid(f"{target} cannot be written: {error.strerror}; name another file")
