"""What was read of the portal's settings, kept for minutes: forms are opened one after the other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from b24syncd.clock import Clock

T = TypeVar("T")

KEPT_SECONDS = 300.0


class Cache:
    """Keeps what was read, by a key; two who want the same at once cause one reading."""

    def __init__(self, clock: Clock) -> None:
        """Tell the age of what is kept by `clock`."""
        self._clock = clock
        self._kept: dict[Hashable, tuple[float, object]] = {}
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    async def get(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """Return what is kept under a key, or what is read now; what fails is not kept."""
        async with self._locks.setdefault(key, asyncio.Lock()):
            if not self.has(key):
                self.put(key, await read())
            _, found = self._kept[key]
            return found  # type: ignore[return-value] # a key is of one sort of values

    def has(self, key: Hashable) -> bool:
        """Tell whether something is kept under a key, and young enough."""
        at, _ = self._kept.get(key, (0.0, None))
        return key in self._kept and self._clock.monotonic() - at <= KEPT_SECONDS

    def put(self, key: Hashable, found: object) -> None:
        """Keep what was read together with other things, and forget what is too old: some keys never come again."""
        now = self._clock.monotonic()
        self._kept = {other: one for other, one in self._kept.items() if now - one[0] <= KEPT_SECONDS}
        self._kept[key] = now, found

    def forget(self) -> None:
        """Read everything anew."""
        self._kept.clear()
