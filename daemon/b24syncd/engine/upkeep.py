"""Upkeep: the journal is made shorter once a day, and what takes long to work out for a status is kept ready."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from b24syncd.jobs.phones.countries import countries_of
from b24syncd.observe.logs import get_logger
from b24syncd.store.retention import shorten_journal
from b24syncd.store.reviews import tell_countries

from .region_hints import keep_region_hints

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24syncd.clock import Clock
    from b24syncd.domain.rules import Rules
    from b24syncd.portal.client import PortalClient
    from b24syncd.store.database import Database

_EVERY_SECONDS = 86400.0
_HINTS_EVERY_SECONDS = 600.0

log = get_logger()


@dataclass(slots=True)
class Upkeep:
    """Forgets what was settled more than so many days ago; 0 days: nothing."""

    database: Database
    client: PortalClient
    clock: Clock
    keep_days: int
    jobs: Mapping[str, Rules] = field(default_factory=dict)
    _due_at: float = float("-inf")
    _hints_due_at: float = float("-inf")
    _is_told: bool = False

    async def keep_up(self) -> None:
        """Do what is due, if anything is."""
        await self._tell_countries()
        await self._shorten_journal()
        if self.clock.monotonic() >= self._hints_due_at:
            self._hints_due_at = self.clock.monotonic() + _HINTS_EVERY_SECONDS
            await keep_region_hints(self.database, self.jobs)

    async def _shorten_journal(self) -> None:
        if self.keep_days == 0 or self.clock.monotonic() < self._due_at:
            return
        self._due_at = self.clock.monotonic() + _EVERY_SECONDS
        # The earlier of both clocks: one of this machine that was set to a wrong year must not empty the journal.
        now = min(self.clock.now(), datetime.fromtimestamp(self.client.server_now(), UTC))
        forgotten = await shorten_journal(self.database, now - timedelta(days=self.keep_days))
        if forgotten:
            log.info("journal_shortened", corrections=forgotten, keep_days=self.keep_days)

    async def _tell_countries(self) -> None:
        """Tell of which countries the suggestions are that an older release had stored, some at a time."""
        while not self._is_told:
            self._is_told = not await self.database.write(lambda db: tell_countries(db, countries_of))
