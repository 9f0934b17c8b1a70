"""What goes on side by side, and what has the portal to itself: an undo is to be seen by nobody half done.

What has it to itself goes on piece by piece, and gives way between two of them. Rounds wait for nobody who only waits
for that; the sweep does, for together with the rounds it might leave no moment in which nothing goes on.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from b24syncd.task_group import signing_until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


def _no_sign() -> None:
    """Tell nobody."""


class Apart:
    """Any number may go on `beside` each other, and one `alone` while none of them does.

    Whoever waits gives a `sign` of life now and then: what is waited for may go on for long.
    """

    def __init__(self, sign: Callable[[], None] = _no_sign) -> None:
        """Begin with nobody."""
        self._sign = sign
        self._changed = asyncio.Event()
        self._beside = self._waiting = self._wanted = 0
        self._is_alone = False

    @asynccontextmanager
    async def beside(self, *, is_patient: bool = False) -> AsyncIterator[None]:
        """Wait until nobody is alone; who `is_patient`, until nobody waits to be, either."""
        if is_patient:
            await self._until(lambda: not self._wanted)
        self._waiting += 1
        try:
            await self._until(lambda: not self._is_alone)
        finally:
            self._waiting -= 1
            self._tell()
        self._beside += 1
        try:
            yield
        finally:
            self._beside -= 1
            self._tell()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Wait until nobody else goes on."""
        await self._until_free()
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
        await self._until_free()
        return True

    async def _until_free(self) -> None:
        self._wanted += 1
        try:
            await self._until(lambda: not (self._beside or self._waiting or self._is_alone))
            self._is_alone = True
        finally:
            self._wanted -= 1
            self._tell()

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            await signing_until(self._changed, self._sign)

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
