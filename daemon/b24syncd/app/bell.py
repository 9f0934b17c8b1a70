"""A bell: something happened, and will happen again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass(slots=True)
class Bell:
    """Wakes everybody who waits for it, as often as it rings."""

    _next: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        """Wake those who wait now."""
        rung, self._next = self._next, asyncio.Event()
        rung.set()

    async def wait(self) -> None:
        """Wait until it rings."""
        await self._next.wait()
