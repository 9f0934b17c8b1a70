"""The backfill: walks the whole portal once, resumable at any point, and leaves nothing of unknown outcome behind."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from b24syncd.errors import Rejected
from b24syncd.feeders import scan
from b24syncd.feeders.pages import again
from b24syncd.observe.logs import get_logger
from b24syncd.portal.pace.waits import WaitCause
from b24syncd.portal.wire.commands import Priority
from b24syncd.store import cursors
from b24syncd.task_group import Tasks

from .conditions import name_of
from .portal_watch import RequirementWatch, compare_types
from .progress import ITEMS
from .revisiting import revisit
from .startup import readable_types
from .walks import Turns, settled_ids, shown, side_by_side

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.engine.writing.lane import Lane
    from b24syncd.feeders.pages import Feed, Page

    from .context import WholeRun
    from .progress import Progress
    from .walks import Resumed, Walked

log = get_logger()

_ABOVE_ALL_IDS = (1 << 31) - 1
"""Ids are integers of 32 bits in the portal's tables."""


@dataclass(slots=True)
class Backfill:
    """One walk through all feeds of all lanes."""

    run: WholeRun
    lanes: tuple[Lane, ...]
    progress: Progress
    between_pages: Callable[[], Awaitable[bool]] | None = None
    priority: Priority = Priority.BACKFILL
    refused_types: dict[EntityType, str] = field(default_factory=dict)
    types_off: dict[EntityType, str] = field(default_factory=dict)
    missing: tuple[EntityRef, ...] = ()
    of_no_job: tuple[EntityRef, ...] = ()
    refused_feeds: dict[str, str] = field(default_factory=dict)
    has_looked: bool = False
    """Whether it looked at what types there are."""
    _highest_ids: dict[str, int] = field(default_factory=dict)
    _reached_ids: dict[str, int] = field(default_factory=dict)

    async def walk(self, resumed: Resumed | None) -> None:
        """Walk everything not walked yet, then what changed below the cursors meanwhile, then the queue.

        Returns early when the writers are stopping. Raises `CredentialsRefused` when no entity type may be read.
        """
        feeds = await self._readable_feeds()
        if self.is_stopping:
            return
        await revisit(self.run, self.lanes)
        self.progress.phase = "walking"
        await self._expect_feeds()
        for group in side_by_side(feeds, self.run.vocabulary):
            await self._walk_in_turns(group)
        if resumed is not None and not self.is_stopping:
            self.progress.phase = "looking at changes"
            since = resumed.began_server_time - resumed.overlap_seconds
            for lane, feed in [*feeds, *self._unwalked_feeds()]:
                # never without a bound: that would move the cursor of polling, which may be further behind
                up_to_id = self._reached_ids.get(feed.name, _ABOVE_ALL_IDS)
                pages = feed.changed(since, priority=Priority.BACKFILL, up_to_id=up_to_id)
                await self._take_feed(lane, feed, again(pages))
        await self._drain_queue()

    async def walk_some(self, limit: int) -> None:
        """Walk the first `limit` subjects, without a cursor; of the queue, only they are looked at again."""
        self.progress.phase = "walking"
        self.progress.expect_items(limit)
        left = limit
        for lane in self.lanes:
            lane.recovery.mind_only(())
        for lane, feed in await self._readable_feeds():
            if self.is_stopping:
                return
            async with self._ending_where_refused(lane, feed.name):
                async for page in feed.scan(None):
                    first = page.snapshots[:left]
                    left -= len(first)
                    await self._take_alone(
                        lane, replace(page, snapshots=first, move=None, span=None, covers=(), ids=0.0)
                    )
                    if left == 0 or self.is_stopping:
                        break
            if left == 0 or self.is_stopping:
                break
        await self._drain_queue()

    async def walk_items(self, refs: tuple[EntityRef, ...]) -> None:
        """Look at these items only, also of the queue.

        Those that are gone or not to be read are noted in `missing`, those that no job looks at in `of_no_job`.
        """
        self.progress.phase = "looking"
        self._expect(_ABOVE_ALL_IDS)
        of_no_job = dict.fromkeys(refs)
        for lane in self.lanes:
            lane.settlement.refusals.forget()
            async with self._ending_where_refused(lane, name_of(lane)):
                looked = await lane.kind.lookup(refs, priority=Priority.BACKFILL)
                of_no_job = dict.fromkeys(ref for ref in of_no_job if ref not in looked.of_concern)
                self.missing = tuple(dict.fromkeys((*self.missing, *looked.missing)))
                self.progress.expect_items(len(looked.page.snapshots))
                await self._take_alone(lane, looked.page)
        self.of_no_job = tuple(of_no_job)
        await self._drain_queue()

    async def settle(self) -> None:
        """Judge what an earlier process left open."""
        await self._drain_queue()

    async def process(self, lane: Lane, pages: AsyncIterator[Page], *, expected: int = 0) -> None:
        """Work through pages that belong to no feed, and then the queue; so many items are `expected`, or listed."""
        self.progress.phase = "walking"
        self.progress.expect_items(expected)
        async with self._ending_where_refused(lane, name_of(lane)):
            await self._take_all(lane, Turns({ITEMS: pages}))
        await self._drain_queue()

    @property
    def is_stopping(self) -> bool:
        """Whether the writers send nothing more."""
        return any(lane.writer.stopping for lane in self.lanes)

    def _expect(self, items: int, highest_ids: Mapping[EntityType, int] | None = None) -> None:
        for lane in self.lanes:
            lane.pipeline.region.expect(items, highest_ids)

    def _feeds(self) -> Iterator[tuple[Lane, Feed]]:
        for lane in self.lanes:
            for feed in lane.kind.feeds:
                if feed.scans:
                    yield lane, feed

    def _unwalked_feeds(self) -> Iterator[tuple[Lane, Feed]]:
        return ((lane, feed) for lane in self.lanes for feed in lane.kind.feeds if not feed.scans)

    async def _readable_feeds(self) -> list[tuple[Lane, Feed]]:
        types = list(dict.fromkeys(feed.entity_type for _, feed in self._feeds()))
        readable = await readable_types(
            self.run.client, types, priority=Priority.BACKFILL, vocabulary=self.run.vocabulary
        )
        self.refused_types, self.types_off = readable.refused, readable.off
        self.has_looked = True
        await compare_types(self.run, readable.highest_ids)
        feeds = [(lane, feed) for lane, feed in self._feeds() if feed.entity_type in readable.highest_ids]
        self._expect(sum(readable.highest_ids.values()), readable.highest_ids)
        self._highest_ids = {feed.name: readable.highest_ids[feed.entity_type] for _, feed in feeds}
        return feeds

    async def _expect_feeds(self) -> None:
        """Tell the progress how much there is, and how much of it was settled before."""
        self.progress.expect(self._highest_ids)
        self.progress.resume(await self.run.database.read(lambda db: settled_ids(db, self._highest_ids)))

    async def _scan(self, feed: Feed) -> AsyncIterator[Page]:
        position = await self.run.database.read(lambda db: cursors.get(db, scan.cursor_name(feed.name)))
        self._reached_ids[feed.name] = scan.position_after(position)
        highest, client, vocabulary = self._highest_ids[feed.name], self.run.client, self.run.vocabulary
        async for page in shown(client, vocabulary, feed, feed.scan(position, highest_id=highest), highest):
            yield page
            if page.move is not None:
                self._reached_ids[feed.name] = scan.position_after(page.move.position)
        self._reached_ids[feed.name] = max(self._reached_ids[feed.name], highest)

    async def _walk_in_turns(self, feeds: list[Walked]) -> None:
        """Walk feeds of one lane to their ends, of several a page of each in turn.

        Where the portal refuses one of them, the others begin again from their cursors: what was under way is dropped.
        """
        lane = feeds[0][0]
        while (left := [feed for _, feed in feeds if feed.name not in self.refused_feeds]) and not self.is_stopping:
            turns = Turns({feed.name: self._scan(feed) for feed in left})
            async with self._ending_where_refused(lane, turns):
                await self._take_all(lane, turns)
                if not self.is_stopping:
                    for feed in left:
                        self.progress.complete(feed.name)
                return

    async def _take_feed(self, lane: Lane, feed: Feed, pages: AsyncIterator[Page]) -> None:
        """Work through a feed's pages; what the portal refuses as a whole ends this feed and is told, others go on."""
        if feed.name in self.refused_feeds:
            return
        turns = Turns({feed.name: pages})
        async with self._ending_where_refused(lane, turns):
            await self._take_all(lane, turns)

    @asynccontextmanager
    async def _ending_where_refused(self, lane: Lane, part: Turns | str) -> AsyncIterator[None]:
        """Let what the portal refuses as a whole end this part of the walk only, unless a field of the job is gone."""
        try:
            yield
        except Rejected as error:
            name = part if isinstance(part, str) else part.of
            log.warning("feed_refused", feed=name, detail=str(error))
            self.refused_feeds[name] = str(error)
            lane.pipeline.forget()
            await lane.recovery.take_over()
            await RequirementWatch(lane.run).look()

    async def _take_all(self, lane: Lane, turns: Turns) -> None:
        """Settle pages, a few at a time so that memory stays flat and snapshots stay young."""
        most = lane.kind.pages_under_way + turns.feeds - 1
        free = asyncio.Semaphore(most)
        fitness = RequirementWatch(lane.run)

        async def process(page: Page, part: str) -> None:
            try:
                with turns.working_on(part):
                    await self._take(lane, page, part)
            finally:
                free.release()

        async with Tasks() as group:
            while True:
                await free.acquire()  # before the next page is read: what is read ahead grows old
                await fitness.look()
                await self._let_others_work(free, most)
                turn = await turns.next()
                if turn is None or self.is_stopping:
                    return
                part, page = turn
                lane.pipeline.announce(page)
                group.create_task(process(page, part))

    async def _take(self, lane: Lane, page: Page, part: str) -> None:
        """Work on a page that is announced, which is done once it is settled."""
        items = 0 if page.looks_again else len(page.snapshots)
        page_in_hand = self.progress.take(part, (page.ids or items) if part == ITEMS else page.ids, items)
        try:
            if await lane.pipeline.process(page, priority=self.priority, note_left=page_in_hand.note_left):
                self.progress.settle(page_in_hand)
        finally:
            self.progress.drop(page_in_hand)

    async def _take_alone(self, lane: Lane, page: Page) -> None:
        lane.recovery.mind_only(snapshot.ref for snapshot in page.snapshots)
        lane.pipeline.announce(page)
        await self._take(lane, page, ITEMS)

    async def _let_others_work(self, free: asyncio.Semaphore, pages_under_way: int) -> None:
        """Call `between_pages` with nothing under way; the place of the next page is taken already."""
        if self.between_pages is None:
            return
        for _ in range(pages_under_way - 1):
            await free.acquire()
        await self._call_others()
        for _ in range(pages_under_way - 1):
            free.release()

    async def _call_others(self) -> None:
        if self.between_pages is not None and await self.between_pages():
            for lane in self.lanes:
                await lane.recovery.take_over()

    async def _drain_queue(self) -> None:
        """Look at queued items again; wait for those whose answer was lost, leave longer rests to the next run."""
        self.progress.phase = "settling"
        lanes = list(self.lanes)
        while not self.is_stopping:
            rests = [await lane.recovery.seconds_until_due() for lane in lanes]
            rest = min((rest for rest in rests if rest is not None), default=None)
            if rest is None or rest > self.run.request_cut_seconds:
                if self.run.claim is not None or not self.run.in_flight.looked_at:
                    return
                rest = 1.0  # what others look at may be in doubt, or come back
            if rest > 0:
                with self.run.client.waits.on(WaitCause.LOST_ANSWERS, "lost answers, to be judged", seconds=rest):
                    await self.run.clock.sleep(min(rest, 1.0))
            await self._call_others()
            for lane in tuple(lanes):
                if not await self._look_again(lane):
                    lanes.remove(lane)

    async def _look_again(self, lane: Lane) -> bool:
        """Take a page of the queue; return whether the portal lets that be read at all."""
        name = f"the queue of {name_of(lane)}"
        async with self._ending_where_refused(lane, name):
            await lane.recovery.look_again(priority=self.priority)
        return name not in self.refused_feeds
