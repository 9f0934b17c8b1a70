"""Faults of the file that holds a state, or of its disk, and what to do about them."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from b24syncd.errors import StateUnavailable, StateUnusable

if TYPE_CHECKING:
    from pathlib import Path

_AGAIN = "then start again: it goes on where it was, nothing is lost"
AS_SERVICE = "run as the user of the service, or make the file and its disk writable"
_RESTORE = "nothing more is written; docs/state.md says how to put a backup back"

# Faults of the disk or the file, not of our SQL (https://www.sqlite.org/rescode.html), each with what to do about it;
# what goes away by itself, or by somebody else's doing, is `StateUnavailable`.
_FAULTS: dict[int, tuple[type[StateUnusable], str]] = {
    sqlite3.SQLITE_BUSY: (StateUnavailable, f"another program holds it; end that, {_AGAIN}"),
    sqlite3.SQLITE_FULL: (StateUnavailable, f"make room on its disk, {_AGAIN}"),
    sqlite3.SQLITE_IOERR: (StateUnavailable, f"its disk fails or is full; mend that, {_AGAIN}"),
    sqlite3.SQLITE_CANTOPEN: (StateUnusable, AS_SERVICE),
    sqlite3.SQLITE_PERM: (StateUnusable, AS_SERVICE),
    sqlite3.SQLITE_READONLY: (StateUnusable, AS_SERVICE),
    sqlite3.SQLITE_CORRUPT: (StateUnusable, _RESTORE),
    sqlite3.SQLITE_NOTADB: (StateUnusable, _RESTORE),
}


def is_held_by_another(error: sqlite3.Error) -> bool:
    """Tell whether a lock was waited for in vain."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF == sqlite3.SQLITE_BUSY


def raise_if_unusable(error: sqlite3.Error, path: Path) -> None:
    """Raise `StateUnusable` for a fault of the file or its disk; return for a fault of our own."""
    # Only errors that come from the library itself carry a code; its low byte is the class. Python's own are of bytes
    # that are no text: nothing but damage puts them there.
    code = getattr(error, "sqlite_errorcode", None)
    if code is None and "decode" in str(error):
        code = sqlite3.SQLITE_CORRUPT
    if code is not None and code & 0xFF in _FAULTS:
        kind, cure = _FAULTS[code & 0xFF]
        message = f"{path} cannot be used: {error}; {cure}"
        raise kind(message) from error
