"""Upkeep: the journal is made shorter once a day, for as long as the settings say that it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from b24syncd.observe.logs import get_logger
from b24syncd.store.retention import shorten_journal

if TYPE_CHECKING:
    from b24syncd.clock import Clock
    from b24syncd.portal.client import PortalClient
    from b24syncd.store.database import Database

_EVERY_SECONDS = 86400.0

log = get_logger()


@dataclass(slots=True)
class Upkeep:
    """Forgets what was settled more than so many days ago; 0 days: nothing."""

    database: Database
    client: PortalClient
    clock: Clock
    keep_days: int
    _due_at: float = float("-inf")

    async def keep_up(self) -> None:
        """Do what is due, if anything is."""
        if self.keep_days == 0 or self.clock.monotonic() < self._due_at:
            return
        self._due_at = self.clock.monotonic() + _EVERY_SECONDS
        # The earlier of both clocks: one of this machine that was set to a wrong year must not empty the journal.
        now = min(self.clock.now(), datetime.fromtimestamp(self.client.server_now(), UTC))
        forgotten = await shorten_journal(self.database, now - timedelta(days=self.keep_days))
        if forgotten:
            log.info("journal_shortened", corrections=forgotten, keep_days=self.keep_days)
