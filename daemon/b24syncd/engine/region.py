"""A wrong region is caught before the first correction: it would spoil numbers, and the spoilt ones look well."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from b24syncd.errors import Rejected
from b24syncd.jobs.phones.planner import NAME as PHONES
from b24syncd.jobs.phones.written_regions import ENOUGH, other_region, telling
from b24syncd.portal.paging import PAGE_SIZE
from b24syncd.store import journal, portal_facts

from .safety import Limit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.feeders.pages import Position
    from b24syncd.portal.wire.commands import Priority

    from .context import RunContext
    from .updates import Update

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
        self._looks_ahead = False
        self._turn = asyncio.Lock()

    def expect(self, items: int) -> None:
        """Take note of how many items there are at most: of a page's worth the phones are not enough, or all met."""
        self._looks_ahead = items > PAGE_SIZE

    async def check(self, snapshots: Sequence[AnySnapshot], updates: Iterable[Update], priority: Priority) -> None:
        """Take in what was read, of which `updates` are to be written; before the first phone is, read ahead.

        As urgently as these are wanted. Judges once there is enough, and stops the run where the region is wrong.
        """
        async with self._turn:  # other pages wait: they may have something to write as well
            if await self._need_not_look():
                return
            self._take_in(snapshots)
            if self._looks_ahead and any(each.job == PHONES for update in updates for each in update.corrections):
                self._looks_ahead = False
                await self._look_ahead(snapshots[0].ref, priority)
            if len(self._met) >= ENOUGH:
                await self._judge()

    async def _look_ahead(self, first: EntityRef, priority: Priority) -> None:
        """Read items until there are enough phones, those after the first one of a page before all others."""
        ahead = 0
        types = () if self._rules is None else self._rules.entities
        feeds = [feed for feed in self._run.kind.feeds if feed.entity_type in types]
        for feed in sorted(feeds, key=lambda feed: feed.entity_type is not first.type):
            position: Position | None = None
            if feed.entity_type is first.type:
                position = {"after_id": first.id, "finished": False}
            with suppress(Rejected):  # whoever walks it tells
                async for page in feed.scan(position, priority=priority):
                    ahead += len(page.snapshots)
                    self._take_in(page.snapshots)
                    if len(self._met) >= ENOUGH or ahead >= _MOST_AHEAD:
                        return

    def _take_in(self, snapshots: Sequence[AnySnapshot]) -> None:
        if self._rules is not None:
            self._met |= telling(snapshots, self._rules.region)

    async def _judge(self) -> None:
        if self._rules is None:
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
                lambda db: portal_facts.region_is_right(db, region) or journal.has_made(db, PHONES)
            )
            if not self._is_over and self._run.safety.passes(Limit.REGION):
                await self._pass()
        return rules is None or bool(self._is_over)

    async def _pass(self) -> None:
        self._is_over = True
        if self._rules is not None:
            region = self._rules.region
            await self._run.database.write(lambda db: portal_facts.note_region(db, region))
