"""The backfill: walks the whole portal once, resumable at any point, and leaves nothing of unknown outcome behind."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.feeders import poll, scan
from b24syncd.feeders.pages import Page
from b24syncd.portal.commands import Priority
from b24syncd.portal.dates import probe_date_filter
from b24syncd.store import cursors

from .startup import readable_types

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.domain.states import AnySnapshot

    from .context import RunContext
    from .pipeline import Pipeline
    from .progress import Progress
    from .recovery import Recovery
    from .writer import Writer

_PAGES_UNDER_WAY = 2


@dataclass(frozen=True, slots=True)
class Resumed:
    """What a resumed backfill has to know: when it first began (server time), and how far polling reads back."""

    began_server_time: float
    overlap_seconds: float


@dataclass(slots=True)
class Backfill:
    """One walk over all entity types of the planner's jobs."""

    run: RunContext
    pipeline: Pipeline
    writer: Writer
    recovery: Recovery
    progress: Progress
    refused_types: dict[EntityType, str] = field(default_factory=dict)
    missing: tuple[EntityRef, ...] = ()

    async def walk(self, resumed: Resumed | None) -> None:
        """Walk everything not walked yet, then what changed below the cursors meanwhile, then the queue.

        Returns early when the writer is stopping. Raises `CredentialsRefused` when no entity type may be read.
        """
        types = await self._readable_types()
        self.progress.phase = "walking"
        for entity_type in types:
            await self._take_all(self._scan(entity_type))
        if resumed is not None and not self.writer.stopping:
            self.progress.phase = "looking at changes"
            date_filter = await probe_date_filter(self.run.client, types)
            since = resumed.began_server_time - resumed.overlap_seconds
            for entity_type in types:
                changed = poll.Changed(
                    entity_type, since, date_filter, Priority.BACKFILL, self.progress.reached_ids.get(entity_type)
                )
                await self._take_all(poll.poll(self.run.client, self.run.clock, changed))
        await self._drain_queue()

    async def walk_some(self, limit: int) -> None:
        """Walk the first `limit` items, without a cursor."""
        self.progress.phase = "walking"
        left = limit
        for entity_type in await self._readable_types():
            async for page in scan.scan(self.run.client, self.run.clock, entity_type, None):
                snapshots = page.snapshots[:left]
                left -= len(snapshots)
                await self._take_alone(snapshots)
                if left == 0 or self.writer.stopping:
                    break
            if left == 0 or self.writer.stopping:
                break
        await self._drain_queue()

    async def look_at(self, refs: tuple[EntityRef, ...]) -> None:
        """Look at these items only; those that are gone or not to be read are noted in `missing`."""
        self.progress.phase = "looking"
        read = await self.run.subjects.read(refs, priority=Priority.BACKFILL)
        self.missing = tuple(ref for ref in refs if ref not in read.found)
        await self._take_alone(tuple(read.found.values()))
        await self._drain_queue()

    async def _take_alone(self, snapshots: tuple[AnySnapshot, ...]) -> None:
        page = Page(snapshots)
        self.pipeline.announce(page)
        await self.pipeline.take(page, priority=Priority.BACKFILL)

    async def _readable_types(self) -> list[EntityType]:
        types = self.run.planner.entity_types
        readable = await readable_types(self.run.client, types, priority=Priority.BACKFILL)
        self.refused_types = readable.refused
        self.progress.highest_ids = readable.highest_ids
        return list(readable.highest_ids)

    async def _scan(self, entity_type: EntityType) -> AsyncIterator[Page]:
        name = scan.cursor_name(entity_type)
        position = await self.run.database.read(lambda db: cursors.get(db, name))
        self.progress.reached_ids[entity_type] = scan.position_after(position)
        highest_id = self.progress.highest_ids[entity_type]
        async for page in scan.scan(self.run.client, self.run.clock, entity_type, position, highest_id=highest_id):
            yield page
            if page.snapshots:
                self.progress.reached_ids[entity_type] = page.snapshots[-1].ref.id

    async def _take_all(self, pages: AsyncIterator[Page]) -> None:
        """Settle pages while the next ones are read, a few at a time so that memory stays flat."""
        free = asyncio.Semaphore(_PAGES_UNDER_WAY)

        async def take(page: Page) -> None:
            self.progress.read_ahead += len(page.snapshots)
            try:
                await self.pipeline.take(page, priority=Priority.BACKFILL)
            finally:
                self.progress.read_ahead -= len(page.snapshots)
                free.release()

        async with asyncio.TaskGroup() as group:
            async for page in pages:
                await free.acquire()
                if self.writer.stopping:
                    return
                self.pipeline.announce(page)
                group.create_task(take(page))

    async def _drain_queue(self) -> None:
        """Look at queued items again; wait for those whose answer was lost, leave longer rests to the next run."""
        self.progress.phase = "settling"
        while not self.writer.stopping:
            rest = await self.recovery.seconds_until_due()
            if rest is None or rest > self.run.request_cut_seconds:
                return
            if rest > 0:
                self.progress.phase = f"waiting {rest:.0f} s to judge lost answers"
                await self.run.clock.sleep(min(rest, 1.0))
            await self.recovery.look_again(priority=Priority.BACKFILL)
