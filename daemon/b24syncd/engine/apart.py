"""What goes on side by side, and what has the portal to itself: an undo is to be seen by nobody half done.

What has it to itself goes on piece by piece, and gives way between two of them.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


class Apart:
    """Any number may go on `beside` each other, and one `alone` while none of them does."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._changed = asyncio.Event()
        self._beside = self._waiting = 0
        self._is_alone = False

    @asynccontextmanager
    async def beside(self) -> AsyncIterator[None]:
        """Wait until nobody is alone."""
        self._waiting += 1
        try:
            await self._until(lambda: not self._is_alone)
        finally:
            self._waiting -= 1
        self._beside += 1
        try:
            yield
        finally:
            self._beside -= 1
            self._tell()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Wait until nobody else goes on."""
        await self._until(self._is_free)
        self._is_alone = True
        try:
            yield
        finally:
            self._is_alone = False
            self._tell()

    async def give_way(self) -> bool:
        """Let those go on who wait for one that is alone, until they are done; return whether there were any."""
        if not self._waiting:
            return False
        self._is_alone = False
        self._tell()
        await self._until(self._is_free)
        self._is_alone = True
        return True

    def _is_free(self) -> bool:
        return not (self._beside or self._waiting or self._is_alone)

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            await self._changed.wait()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
