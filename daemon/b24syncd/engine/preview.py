"""The dry run: everything is read and planned, nothing is written to the portal or to the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.feeders.scan import scan
from b24syncd.portal.commands import Priority

from .startup import readable_types
from .tally import Count

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from b24syncd.clock import Clock
    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.domain.plans import Plan
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.items import Items

    from .planning import Planner
    from .progress import Progress


class Preview:
    """Plans the whole portal, or some items of it, and hands each plan that is not empty to `report`."""

    def __init__(self, client: PortalClient, items: Items, planner: Planner, clock: Clock, progress: Progress) -> None:
        """Count into `progress`."""
        self._client = client
        self._items = items
        self._planner = planner
        self._clock = clock
        self._progress = progress
        self.refused_types: dict[EntityType, str] = {}
        self.missing: tuple[EntityRef, ...] = ()

    async def walk(self, report: Callable[[Plan], None], *, limit: int | None) -> None:
        """Plan all items, or the first `limit` of them."""
        left = limit
        types = self._planner.entity_types
        readable = await readable_types(self._client, types, priority=Priority.BACKFILL)
        self.refused_types = readable.refused
        self._progress.highest_ids = readable.highest_ids
        self._progress.phase = "walking"
        for entity_type, highest_id in readable.highest_ids.items():
            async for page in scan(self._client, self._clock, entity_type, None, highest_id=highest_id):
                snapshots = page.snapshots if left is None else page.snapshots[:left]
                self._plan(snapshots, report)
                if left is not None:
                    left -= len(snapshots)
                    if left == 0:
                        return
                if snapshots:
                    self._progress.reached_ids[entity_type] = snapshots[-1].ref.id

    async def look_at(self, refs: Sequence[EntityRef], report: Callable[[Plan], None]) -> None:
        """Plan these items; those that are gone or not to be read are noted in `missing`."""
        read = await self._items.read(refs, priority=Priority.BACKFILL)
        self._plan(tuple(read.found.values()), report)
        self.missing = tuple(ref for ref in refs if ref not in read.found)

    def _plan(self, snapshots: Sequence[AnySnapshot], report: Callable[[Plan], None]) -> None:
        tally = self._progress.tally
        tally.add(Count.READ, len(snapshots))
        for snapshot in snapshots:
            plan = self._planner.plan(snapshot)
            if plan.corrections:
                tally.add(Count.CORRECTED)
                tally.add(Count.CORRECTIONS, len(plan.corrections))
            tally.add(Count.REVIEWS, len(plan.reviews))
            if plan.corrections or plan.reviews:
                report(plan)
