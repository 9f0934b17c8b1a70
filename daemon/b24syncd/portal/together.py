"""Requests that belong together: after too long a wait what the first one read is too old for the second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.portal.wire.transport_faults import Blocked

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from b24syncd.clock import Clock

_LONGEST_PAUSE = 10.0
"""Seconds between two requests that belong together: as long as a batch may take."""


def soon_after_now(clock: Clock) -> Callable[[], Awaitable[None]]:
    """Return what, awaited directly before a request, lets it leave soon or not at all."""
    now = clock.monotonic()

    async def check() -> None:
        if clock.monotonic() > now + _LONGEST_PAUSE:
            message = "there was too long a wait between two requests that belong together"
            raise Blocked(message)

    return check
