"""Reading the state in a thread of its own, which ends when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from .reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import sqlite_utils

T = TypeVar("T")


async def read_aside(path: Path, read: Callable[[sqlite_utils.Database], T]) -> T:
    """Return what `read`, which may take long, makes of the state at `path`; it is all of one moment.

    Raises as `open_for_reading` does.
    """
    opened: list[sqlite3.Connection] = []

    def work() -> T:
        with open_for_reading(path, may_be_older=True, of_one_moment=True) as db:
            opened.append(db.conn)
            return read(db)

    try:
        return await asyncio.to_thread(work)
    except asyncio.CancelledError:
        for connection in opened:
            with suppress(sqlite3.ProgrammingError):  # it is closed by now
                connection.interrupt()
        raise
