"""The lock that keeps a second writer out; it survives nothing but its process.

`flock` on a file of its own: SQLite's locks on the database file are POSIX locks, which a process loses as soon as it
closes *any* descriptor of that file, so nothing here ever opens the database file itself. The lock file is never
deleted: deleting it would let two writers hold two files of one name.
"""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Self

from b24syncd.errors import StateLocked, StateUnavailable, StateUnusable

_PASSING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENFILE})
"""What goes without anything being wrong with the configuration: no room on the disk, no files left to open."""


def create_private(path: Path, flags: int) -> int:
    """Open a file, created with mode 0600 where missing; what root creates belongs to the owner of the folder.

    So a command that root runs beside a service under another user leaves nothing behind that the service cannot open.
    """
    existed = path.exists()
    descriptor = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if not existed and os.geteuid() == 0:
        folder = path.parent.stat()
        os.fchown(descriptor, folder.st_uid, folder.st_gid)
    return descriptor


class StateLock:
    """An exclusive hold on one portal's state."""

    def __init__(self, descriptor: int) -> None:
        """Keep the open file that carries the lock."""
        self._descriptor = descriptor

    @classmethod
    def acquire(cls, database: Path) -> Self:
        """Take the lock beside `database` at once, or raise `StateLocked` with the process that holds it."""
        path = _lock_file(database)
        descriptor = create_private(path, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode(errors="replace").partition("\n")[0]
            os.close(descriptor)
            raise _locked(database, holder or "unknown") from None
        except OSError as error:
            os.close(descriptor)
            raise_if_passing(error, path)
            message = f"{path} cannot be locked: {error.strerror}; the state has to be on a local disk"
            raise StateUnusable(message) from None
        return cls(descriptor)

    def announce(self, socket: Path) -> None:
        """Tell other processes where this one can be spoken to."""
        os.pwrite(self._descriptor, f"{os.getpid()}\n{socket}\n".encode(), 0)

    def release(self) -> None:
        """Let the next writer in."""
        with suppress(OSError):  # its disk may be gone; closing lets the next writer in
            os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)


def raise_if_passing(error: OSError, path: Path) -> None:
    """Raise `StateUnavailable` for what goes by itself or when room is made; return for everything else."""
    if error.errno in _PASSING:
        message = f"{path} cannot be written: {error.strerror}; make room, then start again: it goes on where it was"
        raise StateUnavailable(message) from None


def holder_of(database: Path) -> int | None:
    """Return the process that holds the state, as far as that can be told without touching the lock.

    Trying the lock, if only for an instant, could turn away a daemon that starts in that instant. A process that was
    killed leaves its number behind, hence the look whether it still lives.
    """
    database = database.resolve()
    try:
        process = int(_lock_file(database).read_text(encoding="utf-8").partition("\n")[0])
        os.kill(process, 0)
    except PermissionError as error:
        # Only of the signal: a process of another user is alive. A file that may not be read tells nothing.
        return process if error.filename is None else None
    except (OSError, ValueError, OverflowError):
        return None
    return process


def require_free(database: Path) -> None:
    """Raise `StateLocked` where a process holds the state, as far as `holder_of` can tell."""
    holder = holder_of(database)
    if holder is not None:
        raise _locked(database, holder)


def _locked(database: Path, holder: object) -> StateLocked:
    return StateLocked(f"another b24syncd (process {holder}) holds {database}; stop it or try again later")


def socket_of(database: Path) -> Path | None:
    """Return where the process that holds the state said that it can be spoken to; it may be gone by now."""
    try:
        _, socket, *_ = _lock_file(database.resolve()).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return None
    return Path(socket)


def _lock_file(database: Path) -> Path:
    return database.with_name(f"{database.name}.lock")
