"""The batches of a writer whose answers may bring further updates, and waiting for these where few are left."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class UnsettledBatches:
    """Those that are under way, or answered and not settled yet."""

    def __init__(self) -> None:
        """Begin without any."""
        self._number = 0
        self._settled = asyncio.Event()

    @contextmanager
    def settling(self) -> Iterator[None]:
        """Count one until the block ends."""
        self._number += 1
        try:
            yield
        finally:
            self._number -= 1
            self._settled.set()
            self._settled = asyncio.Event()

    async def until(self, are_enough: Callable[[], bool], *, seconds: float) -> None:
        """Wait until there are enough, no batch is left that could bring more, or so many seconds have passed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._number and not are_enough():
                    await self._settled.wait()
