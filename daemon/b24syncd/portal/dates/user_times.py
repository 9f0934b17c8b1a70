"""Reads answers that tell times, along with what is meant by them: the seasons of the webhook's user are undone.

Corrected is only what is known: the profile names the user's zone, and that explains how far filters are shifted.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from b24syncd.errors import RetryLater

from .filters import DateFilters, TooRestless, Unfiltered
from .told_times import ahead, as_told, meant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta, tzinfo

    from b24syncd.domain.entities import EntityType
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.wire.commands import Command, Outcome, Priority

    from .told_times import Meant

_ATTEMPTS = 3
"""Readings that are tried: a clock may be set during one."""

_BEHIND_SECONDS = 60.0
"""By no more the portal's clock is ahead of what is known of it: by as long as the fastest answer was under way."""

_PAUSE_SECONDS = 600.0
"""Where the zone is not to be found out, it is asked for again so much later."""


class UserTimes:
    """Reads for a user whose clocks may be set on other days than the server's."""

    def __init__(self, client: PortalClient) -> None:
        """Ask through `client`, which remembers the zone."""
        self._client = client
        self._dates = DateFilters(client)
        self._lock = asyncio.Lock()
        self._asked_again_at = 0.0

    async def read(
        self, commands: Sequence[Command], entity_type: EntityType, *, priority: Priority
    ) -> tuple[tuple[Outcome, ...], Meant]:
        """Execute reading commands as the client does; return the outcomes, and what turns their times into true ones.

        All of it is read again where a clock was set meanwhile; raises `RetryLater` where that goes on. The zone is
        asked for by the newest item of a type.
        """
        client = self._client
        zone = await self._zone(entity_type)
        if zone is None:
            return await client.read(commands, priority=priority), as_told
        for _ in range(_ATTEMPTS):
            begun, before = client.clock.monotonic(), self._ahead(zone)
            outcomes = await client.read(commands, priority=priority)
            slack = min(client.clock.monotonic() - begun, _BEHIND_SECONDS)
            after = self._ahead(zone, slack)
            if before == after:
                return outcomes, as_told if after is None else partial(meant, zone=zone, ahead_now=after)
        message = "clocks were set while times were read"
        raise RetryLater(message, _BEHIND_SECONDS)

    def _ahead(self, zone: tzinfo, slack: float = 0.0) -> timedelta | None:
        offset = self._client.utc_offset
        return None if offset is None else ahead(zone, self._client.server_now() + slack, offset)

    async def _zone(self, entity_type: EntityType) -> tzinfo | None:
        async with self._lock:
            clock = self._client.clock
            if clock.monotonic() < self._asked_again_at:
                return None
            try:
                mark = await self._dates.mark(entity_type)
            except (TooRestless, Unfiltered):
                mark = None
            if mark is None:
                self._asked_again_at = clock.monotonic() + _PAUSE_SECONDS
                return None
            return mark.zone
