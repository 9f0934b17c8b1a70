"""The feeds of activities: those of the items that a rule is for, and those that changed themselves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityType
from b24syncd.portal.wire.commands import Priority

from .pages import Stretch, batched
from .poll import poll
from .scan import scan

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from b24syncd.clock import Clock
    from b24syncd.domain.activities import Source
    from b24syncd.domain.bindings import Binding
    from b24syncd.domain.rules import BindingRule
    from b24syncd.portal.activities.replies import ActivityRow
    from b24syncd.portal.activities.source_rows import SourceRow
    from b24syncd.portal.activities.sources import Sources
    from b24syncd.portal.activities.subjects import Activities
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.dates.filters import DateFilters
    from b24syncd.portal.paging import Walker

    from .pages import Page, PageRead, Position


@dataclass(frozen=True, slots=True)
class RuleFeed:
    """The activities of all items that a rule is for, walked by the ids of these items."""

    client: PortalClient
    clock: Clock
    dates: DateFilters
    sources: Sources
    activities: Activities
    job: str
    rule: BindingRule
    scans: bool = True
    needs_sweep: bool = False

    @property
    def name(self) -> str:
        """The job and the name of the rule."""
        return f"{self.job}/{self.rule.name}"

    @property
    def entity_type(self) -> EntityType:
        """The type of the items."""
        return self.rule.source

    @property
    def reviews_of(self) -> tuple[str, int] | None:
        """The reviews of the rule."""
        return self.job, self.rule.review_id

    async def scan(
        self, position: Position | None, *, highest_id: int | None = None, priority: Priority = Priority.BACKFILL
    ) -> AsyncIterator[Page]:
        """Yield the activities of all items after the position."""
        walker = await self.sources.walk(self.rule, priority=priority, highest_id=highest_id)
        walk = _RuleWalk(self, walker, priority)
        pages = scan(
            walk,
            self.clock,
            name=self.name,
            entity_type=self.entity_type,
            position=position,
            reviews_of=self.reviews_of,
        )
        async for page in pages:
            yield page

    async def changed(self, since: float, *, priority: Priority, up_to_id: int | None = None) -> AsyncIterator[Page]:
        """Yield the activities of the items that changed since the instant."""
        conditions: dict[str, object] = {">=updatedTime": await self.dates.since(self.entity_type, since)}
        if up_to_id is not None:
            conditions["<=id"] = up_to_id
        began = self.client.server_now()
        walker = await self.sources.walk(self.rule, priority=priority, conditions=conditions)
        walk = _RuleWalk(self, walker, priority)
        async for page in poll(walk, name=self.name, began=began, moves=up_to_id is None):
            yield page


@dataclass(frozen=True, slots=True)
class _RuleWalk:
    feed: RuleFeed
    walker: Walker[SourceRow]
    priority: Priority

    async def after(self, last_id: int) -> Stretch:
        read = await self.walker.after(last_id)
        feed = self.feed
        sources = await feed.sources.resolve(feed.rule, read.rows, priority=self.priority) if read.rows else {}
        rows = await feed.activities.rows_bound_to(sources, priority=self.priority) if sources else ()
        reads = _page_reads(feed.activities, rows, sources, self.priority)
        refs = tuple(row.ref for row in read.rows)
        present = tuple(ref.id for ref in refs)
        last_id = present[-1] if present else last_id
        together = partial(feed.activities.page_fits, priority=self.priority)
        return Stretch(reads, last_id, read.is_last, present, refs, together)


@dataclass(frozen=True, slots=True)
class ActivityFeed:
    """The activities that changed: a new mail may hang on an item that itself does not change."""

    client: PortalClient
    dates: DateFilters
    activities: Activities
    scans: bool = False
    needs_sweep: bool = False
    reviews_of: tuple[str, int] | None = None

    @property
    def name(self) -> str:
        """The name of what is walked."""
        return self.entity_type.value

    @property
    def entity_type(self) -> EntityType:
        """Activities."""
        return EntityType.ACTIVITY

    async def scan(
        self, position: Position | None, *, highest_id: int | None = None, priority: Priority = Priority.BACKFILL
    ) -> AsyncIterator[Page]:
        """Yield nothing: activities are walked by their items."""
        del position, highest_id, priority
        nothing: tuple[Page, ...] = ()
        for page in nothing:
            yield page

    async def changed(self, since: float, *, priority: Priority, up_to_id: int | None = None) -> AsyncIterator[Page]:
        """Yield the activities that changed since the instant, or were bound elsewhere."""
        changed_since = await self.dates.since(self.entity_type, since)
        began = self.client.server_now()
        walker = self.activities.changed(changed_since, priority=priority, up_to_id=up_to_id)
        walk = _ActivityWalk(self.activities, walker, priority)
        async for page in poll(walk, name=self.name, began=began, moves=up_to_id is None):
            yield page


@dataclass(frozen=True, slots=True)
class _ActivityWalk:
    activities: Activities
    walker: Walker[ActivityRow]
    priority: Priority

    async def after(self, last_id: int) -> Stretch:
        read = await self.walker.after(last_id)
        reads = _page_reads(self.activities, read.rows, {}, self.priority)
        present = tuple(row.ref.id for row in read.rows)
        last_id = present[-1] if present else last_id
        together = partial(self.activities.page_fits, priority=self.priority)
        return Stretch(reads, last_id, read.is_last, present, together=together)


def _page_reads(
    activities: Activities, rows: Sequence[ActivityRow], known: Mapping[Binding, Source], priority: Priority
) -> tuple[PageRead, ...]:
    """Return what reads the bindings of activities when their turn has come.

    A few that are left over go with those before: by themselves they would be written in batches that are not full.
    """
    most = activities.renewed_by_request
    chunks = list(batched(rows, most))
    if len(chunks) > 1 and len(chunks[-1]) < most / 2:
        chunks[-2:] = [[*chunks[-2], *chunks[-1]]]
    return tuple(partial(activities.complete, chunk, known, priority=priority) for chunk in chunks)
