"""What forms keep of the portal's settings: for minutes, and no longer, in a process that lives for years."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

from tests.simulated_time import SimulatedTime

from b24syncd.portal.cards.cache import KEPT_SECONDS, Cache

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Found:
    """What was read."""


def reading() -> Callable[[], Awaitable[Found]]:
    async def read() -> Found:
        return Found()

    return read


async def test_what_is_too_old_is_forgotten_when_something_else_is_read() -> None:
    clock = SimulatedTime()
    cache = Cache(clock)
    first = weakref.ref(await cache.get(("users", "7"), reading()))
    clock.elapsed += KEPT_SECONDS
    second = weakref.ref(await cache.get(("users", "8"), reading()))
    gc.collect()
    assert first() is not None
    assert await cache.get(("users", "7"), reading()) is first()
    clock.elapsed += 1
    await cache.get(("users", "9"), reading())
    gc.collect()
    assert first() is None
    assert second() is not None
