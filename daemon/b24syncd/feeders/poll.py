"""Polling: the way through a feed's changes since an instant of the portal's clock.

Times of change have a resolution of one second, late commits come with an earlier time, and a bulk change gives
thousands of items the same second. So a poll reads again from a little before its cursor, and walks what it finds by
id. The cursor moves to the server's time at which the walk *began*, and only when the whole walk is settled; what
changes while it goes on is met by the next one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .pages import CursorMove, Position

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .pages import Page, Walk


def cursor_name(feed_name: str) -> str:
    """Return the name of the cursor of this feed's polling."""
    return f"poll/{feed_name}"


def position_at(instant: float) -> Position:
    """Return the position that has read everything up to `instant` (unix seconds of the portal's clock)."""
    return {"since": instant}


def instant_of(position: Position) -> float:
    """Return the instant up to which a polling position says that everything is settled."""
    return float(str(position["since"]))


async def poll(walk: Walk, *, name: str, began: float, moves: bool) -> AsyncIterator[Page]:
    """Yield what the walk meets; the last page moves the cursor to the instant `began`, if it `moves` any."""
    last_id = 0
    finished = False
    while not finished:
        stretch = await walk.after(last_id)
        last_id, finished = stretch.last_id, stretch.is_last
        move = CursorMove(cursor_name(name), position_at(began)) if finished and moves else None
        async for page in stretch.pages(move):
            yield page
