"""A wrong region is caught before the first correction: it would spoil numbers, and the spoilt ones look well."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from b24syncd.errors import Rejected
from b24syncd.feeders import scan
from b24syncd.jobs.phones.planner import NAME as PHONES
from b24syncd.jobs.phones.written_regions import ENOUGH, other_region, telling
from b24syncd.portal.paging import PAGE_SIZE
from b24syncd.store import journal, portal_facts

from .safety import Limit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.feeders.pages import Feed, Page, Position
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
        self._looks_ahead, self._ahead = False, 0
        self._highest_ids: Mapping[EntityType, int] = {}
        self._turn = asyncio.Lock()

    def expect(self, items: int, highest_ids: Mapping[EntityType, int] | None = None) -> None:
        """Take note of how many items there are at most: of a page's worth the phones are not enough, or all met."""
        self._looks_ahead = items > PAGE_SIZE
        self._highest_ids = highest_ids or {}

    async def check(self, page: Page, updates: Iterable[Update], priority: Priority) -> None:
        """Take in what was read, of which `updates` are to be written; before the first phone is, read ahead.

        As urgently as these are wanted. Judges once there is enough, and stops the run where the region is wrong.
        """
        async with self._turn:  # other pages wait: they may have something to write as well
            if await self._need_not_look():
                return
            self._take_in(page.snapshots)
            if self._looks_ahead and any(each.job == PHONES for update in updates for each in update.corrections):
                self._looks_ahead = False
                # a page of a walk has all up to its last item; between those that changed there are others
                await self._look_ahead(page.snapshots[0 if page.span is None else -1].ref, priority)
            if len(self._met) >= ENOUGH:
                await self._judge()

    async def _look_ahead(self, after: EntityRef, priority: Priority) -> None:
        """Read items until there are enough phones, those after one of a page before all others."""
        types = () if self._rules is None or self._has_enough else self._rules.entities
        feeds = [feed for feed in self._run.kind.feeds if feed.entity_type in types]
        for feed in sorted(feeds, key=lambda feed: feed.entity_type is not after.type):
            position: Position | None = None
            if feed.entity_type is after.type:
                position = {"after_id": after.id, "finished": False}
            with suppress(Rejected):  # whoever walks it tells
                while not (self._has_enough or scan.is_finished(position)):
                    position = await self._read_some(feed, position, priority)

    async def _read_some(self, feed: Feed, position: Position | None, priority: Priority) -> Position:
        """Read until there are enough phones, or nearly so: a walk's later steps bring thousands; return how far."""
        async for page in feed.scan(position, highest_id=self._highest_ids.get(feed.entity_type), priority=priority):
            self._ahead += len(page.snapshots)
            self._take_in(page.snapshots)
            if page.move is not None and (self._has_enough or 2 * len(self._met) >= ENOUGH):
                return page.move.position
        return {"finished": True}

    @property
    def _has_enough(self) -> bool:
        return len(self._met) >= ENOUGH or self._ahead >= _MOST_AHEAD

    def _take_in(self, snapshots: Iterable[AnySnapshot]) -> None:
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
