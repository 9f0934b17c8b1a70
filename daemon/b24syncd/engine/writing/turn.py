"""A turn: who has it is between reading again and sending; it may end before the block does that took it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import asyncio


class Turn:
    """Holds a lock until `end` or the end of the block, whichever comes first."""

    def __init__(self, lock: asyncio.Lock) -> None:
        """Wait for `lock` when the block begins."""
        self._lock = lock
        self._held = False

    async def __aenter__(self) -> Self:
        await self._lock.acquire()
        self._held = True
        return self

    async def __aexit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Let the next one have its turn."""
        if self._held:
            self._held = False
            self._lock.release()
