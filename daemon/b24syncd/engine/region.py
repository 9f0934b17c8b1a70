"""A wrong region is caught before the first correction: it would spoil numbers, and the spoilt ones look well."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from b24syncd.errors import Rejected
from b24syncd.jobs.phones import NAME as PHONES
from b24syncd.jobs.written_regions import ENOUGH, other_region, telling
from b24syncd.portal.items import PAGE_SIZE
from b24syncd.store import journal, known

from .safety import Limit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24syncd.domain.states import AnySnapshot

    from .context import RunContext

_MOST_AHEAD = 5000
"""So many items are read ahead; where these have too few phones, what is read later tells."""


class RegionCheck:
    """Looks at the first phones that a state meets, and stops the run where they seem to be of another region."""

    def __init__(self, run: RunContext) -> None:
        """Look for `run`."""
        self._run = run
        self._rules = run.kind.phone_rules
        self._met: dict[str, None] = {}
        self._is_over: bool | None = None

    async def look_ahead(self, items: int) -> None:
        """Read items until there are enough phones, before anything is written; so many `items` there are at most.

        Of a page's worth the phones are not enough, or are all met at once.
        """
        ahead = 0
        for feed in self._run.kind.feeds:
            if items <= PAGE_SIZE or await self._need_not_look():
                return
            try:
                async for page in feed.scan(None):
                    ahead += len(page.snapshots)
                    await self.look_at(page.snapshots)
                    if self._is_over or ahead >= _MOST_AHEAD:
                        return
            except Rejected:
                continue  # whoever walks it tells

    async def look_at(self, snapshots: Iterable[AnySnapshot]) -> None:
        """Take in what was read; judge once there is enough."""
        if await self._need_not_look():
            return
        self._met |= telling(snapshots)
        if len(self._met) < ENOUGH or self._rules is None:
            return
        self._is_over = True
        found = await asyncio.to_thread(other_region, tuple(self._met), self._rules)
        if found is None:
            await self._pass()
        else:
            told = f"phones seem to be written in another region: {found}"
            cure = f"set portal.region, or {self._run.safety.go_on} if all is as it should be"
            self._run.safety.stop(Limit.REGION, f"{told}; {cure}")

    async def _need_not_look(self) -> bool:
        """Tell whether it was looked at before, a person let it pass, or phones were corrected already."""
        rules = self._rules
        if self._is_over is None and rules is not None:
            region = rules.region
            self._is_over = await self._run.database.read(
                lambda db: known.region_is_right(db, region) or journal.has_made(db, PHONES)
            )
            if not self._is_over and self._run.safety.passes(Limit.REGION):
                await self._pass()
        return rules is None or bool(self._is_over)

    async def _pass(self) -> None:
        self._is_over = True
        if self._rules is not None:
            region = self._rules.region
            await self._run.database.write(lambda db: known.note_region(db, region))
