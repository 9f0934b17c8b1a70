"""The dry run: everything is read and planned, nothing is written to the portal or to the state."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.domain.plans import Plan
from b24syncd.domain.snapshots import Snapshot
from b24syncd.errors import Rejected
from b24syncd.jobs.phones.written_regions import ENOUGH, other_region, telling
from b24syncd.portal.wire.commands import Priority

from .progress import ITEMS
from .startup import readable_types
from .tally import Count
from .walks import shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Sequence

    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.domain.plans import Review
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.feeders.pages import Feed, Page
    from b24syncd.jobs.phones.written_regions import OtherRegion
    from b24syncd.portal.client import PortalClient

    from .planning import Planner
    from .progress import Progress
    from .subjects import Kind


@dataclass(slots=True)
class Preview:
    """Plans the whole portal, or some items of it, and hands each plan that is not empty to `report`."""

    client: PortalClient
    kinds: tuple[Kind, ...]
    progress: Progress
    report: Callable[[Plan], None]
    refused_types: dict[EntityType, str] = field(default_factory=dict)
    types_off: dict[EntityType, str] = field(default_factory=dict)
    missing: tuple[EntityRef, ...] = ()
    of_no_job: tuple[EntityRef, ...] = ()
    other_region: OtherRegion | None = None
    """The region in which the portal's phones seem to be written, where it is another than the configured one."""
    _met: dict[str, None] = field(default_factory=dict)
    _asked: set[Review] = field(default_factory=set)
    """Reviews of items that their activities ask for, each of them anew."""
    refused_feeds: dict[str, str] = field(default_factory=dict)

    async def walk(self, *, limit: int | None) -> None:
        """Plan all subjects, or the first `limit` of them."""
        feeds = [(kind, feed) for kind in self.kinds for feed in kind.feeds if feed.scans]
        types = list(dict.fromkeys(feed.entity_type for _, feed in feeds))
        vocabulary = self.kinds[0].vocabulary
        readable = await readable_types(self.client, types, priority=Priority.BACKFILL, vocabulary=vocabulary)
        self.refused_types, self.types_off = readable.refused, readable.off
        feeds = [(kind, feed) for kind, feed in feeds if feed.entity_type in readable.highest_ids]
        highest_ids = {feed.name: readable.highest_ids[feed.entity_type] for _, feed in feeds}
        if limit is None:
            self.progress.expect(highest_ids)
        else:
            self.progress.expect_items(limit)
        self.progress.phase = "walking"
        left = limit
        for kind, feed in feeds:
            try:
                left = await self._walk(kind, feed, highest_ids[feed.name], left)
            except Rejected as error:
                self.refused_feeds[feed.name] = str(error)
            if left == 0:
                return
            self.progress.complete(feed.name)

    async def _walk(self, kind: Kind, feed: Feed, highest_id: int, left: int | None) -> int | None:
        """Plan what a feed brings, as many as are `left`; return how many are left then."""
        pages = feed.scan(None, highest_id=highest_id)
        async for page in shown(self.client, kind.vocabulary, feed, pages, highest_id):
            snapshots = page.snapshots if left is None else page.snapshots[:left]
            await self._look_at_phones(kind, snapshots)
            self._plan(kind.planner, snapshots)
            part, weight = (feed.name, page.ids) if left is None else (ITEMS, len(snapshots))
            self.progress.settle(self.progress.take(part, weight, len(snapshots)))
            self.progress.tally.add(Count.FAILED, len(page.refused))
            if left is not None:
                left -= len(snapshots)
                if left == 0:
                    break
        return left

    async def _look_at_phones(self, kind: Kind, snapshots: Sequence[AnySnapshot]) -> None:
        """Compare regions once enough phones were met, as a run does before its first correction."""
        if kind.phone_rules is None or len(self._met) >= ENOUGH:
            return
        self._met |= telling(snapshots, kind.phone_rules.region)
        if len(self._met) >= ENOUGH:
            self.other_region = await asyncio.to_thread(other_region, tuple(self._met), kind.phone_rules)

    async def walk_items(self, refs: Sequence[EntityRef]) -> None:
        """Plan these items.

        Those that are gone or not to be read are noted in `missing`, those that no job looks at in `of_no_job`.
        """
        of_no_job = dict.fromkeys(refs)
        for kind in self.kinds:
            looked = await kind.lookup(refs, priority=Priority.BACKFILL)
            of_no_job = dict.fromkeys(ref for ref in of_no_job if ref not in looked.of_concern)
            self._plan(kind.planner, looked.page.snapshots)
            self.progress.tally.add(Count.FAILED, len(looked.page.refused))
            self.missing = tuple(dict.fromkeys((*self.missing, *looked.missing)))
        self.of_no_job = tuple(of_no_job)

    async def process(self, kind: Kind, pages: AsyncIterator[Page], *, expected: int) -> None:
        """Plan pages that belong to no feed; so many items are listed."""
        self.progress.phase = "walking"
        self.progress.expect_items(expected)
        async for page in pages:
            self._plan(kind.planner, page.snapshots)
            self.progress.settle(self.progress.take(ITEMS, page.ids, len(page.snapshots)))
            self.progress.tally.add(Count.FAILED, len(page.refused))

    def _plan(self, planner: Planner, snapshots: Iterable[AnySnapshot]) -> None:
        tally = self.progress.tally
        for snapshot in snapshots:
            tally.add(Count.READ)
            plan = planner.plan(snapshot)
            reviews = tuple(review for review in plan.reviews if review not in self._asked)
            plan = Plan(plan.corrections, reviews, title=snapshot.title if isinstance(snapshot, Snapshot) else "")
            self._asked.update(review for review in plan.reviews if review.ref != snapshot.ref)
            if plan.corrections:
                tally.add(Count.CORRECTED)
                tally.add(Count.CORRECTIONS, len(plan.corrections))
            tally.add(Count.REVIEWS, len(plan.reviews))
            if plan.corrections or plan.reviews:
                self.report(plan)
