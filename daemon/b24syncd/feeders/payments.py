"""The feeds of items that people pay for: all of them, those that changed, and those that were paid for lately."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityType
from b24syncd.portal.paging import PAGE_SIZE
from b24syncd.portal.wire.commands import Priority

from .pages import CursorMove, Page, Stretch, batched
from .poll import cursor_name, poll, position_at
from .scan import scan

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import datetime

    from b24syncd.clock import Clock
    from b24syncd.domain.entities import EntityRef
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.dates.filters import DateFilters
    from b24syncd.portal.item_reading import ItemReader
    from b24syncd.portal.item_rows import ItemRow
    from b24syncd.portal.paging import Walker
    from b24syncd.portal.payments.sales import Sales
    from b24syncd.portal.words.vocabulary import Vocabulary
    from b24syncd.portal.writes import Read

    from .pages import Position

_PART = 2 * PAGE_SIZE
"""So many items are completed by their payments at a time: more would be old before they are written."""

_SETTLED_SECONDS = 2.0
"""An item read so long after its last change shows it: times of change have a resolution of one second."""


@dataclass(slots=True)
class PaidFeed:
    """All items of one entity type, with their payments."""

    client: PortalClient
    clock: Clock
    dates: DateFilters
    items: ItemReader
    vocabulary: Vocabulary
    job: str
    entity_type: EntityType
    tells_all: bool = False
    scans: bool = True
    needs_sweep: bool = True
    _seen: dict[EntityRef, datetime] = field(default_factory=dict)
    """Items whose last change was seen when it was over; polls that overlap need not ask for their payments again."""

    @property
    def name(self) -> str:
        """The job and the name of the type."""
        return f"{self.job}/{self.entity_type.value}"

    @property
    def reviews_of(self) -> tuple[str, int] | None:
        """The reviews of the job, or those of all jobs where it is not the only one that the items are read for."""
        return None if self.tells_all else (self.job, 0)

    def scan(
        self, position: Position | None, *, highest_id: int | None = None, priority: Priority = Priority.BACKFILL
    ) -> AsyncIterator[Page]:
        """Yield all items after the position."""
        walker = self.items.walk(self.entity_type, priority=priority, highest_id=highest_id)
        return scan(
            _PaidWalk(self.items, walker, priority),
            self.clock,
            name=self.name,
            entity_type=self.entity_type,
            position=position,
            reviews_of=self.reviews_of,
        )

    async def changed(self, since: float, *, priority: Priority, up_to_id: int | None = None) -> AsyncIterator[Page]:
        """Yield the items that changed since the instant; raise `Rejected` when the portal refuses the type."""
        words = self.vocabulary.of(self.entity_type)
        conditions: dict[str, object] = {f">={words.changed}": await self.dates.since(self.entity_type, since)}
        if up_to_id is not None:
            conditions[f"<={words.id}"] = up_to_id
        began = self.client.server_now()
        walker = self.items.walk(self.entity_type, priority=priority, conditions=conditions)
        seen: dict[EntityRef, datetime] = {}
        walk = _PaidWalk(self.items, walker, priority, self._seen, seen, began - _SETTLED_SECONDS)
        async for page in poll(walk, name=self.name, began=began, moves=up_to_id is None):
            yield page
        self._seen = seen  # what the next poll overlaps with; only a walk that came to its end counts


@dataclass(frozen=True, slots=True)
class _PaidWalk:
    items: ItemReader
    walker: Walker[ItemRow]
    priority: Priority
    known: Mapping[EntityRef, datetime] = field(default_factory=dict)
    seen: dict[EntityRef, datetime] = field(default_factory=dict)
    settled_before: float = 0.0

    async def after(self, last_id: int) -> Stretch:
        read = await self.walker.after(last_id)
        rows = [row for row in read.rows if self.known.get(row.ref) != row.updated_at]
        self.seen.update((row.ref, row.updated_at) for row in read.rows if row not in rows)
        parts = tuple(partial(self._complete, chunk) for chunk in batched(rows, _PART))
        present = tuple(row.ref.id for row in read.rows)
        return Stretch(parts, present[-1] if present else last_id, read.is_last, present)

    async def _complete(self, rows: Sequence[ItemRow]) -> Read:
        whole = await self.items.complete(rows, priority=self.priority)
        self.seen.update(
            (row.ref, row.updated_at)
            for row in rows
            if row.updated_at.timestamp() < self.settled_before and row.ref not in whole.refused
        )
        return whole


@dataclass(frozen=True, slots=True)
class SaleFeed:
    """The items that were paid for lately: paying does not touch them, but the shop's own list tells."""

    client: PortalClient
    items: ItemReader
    sales: Sales
    job: str
    types: frozenset[EntityType]
    scans: bool = False
    needs_sweep: bool = False
    reviews_of: tuple[str, int] | None = None

    @property
    def name(self) -> str:
        """The job and the name of what is read."""
        return f"{self.job}/sale"

    @property
    def entity_type(self) -> EntityType:
        """Deals, mostly."""
        return EntityType.DEAL

    async def scan(
        self, position: Position | None, *, highest_id: int | None = None, priority: Priority = Priority.BACKFILL
    ) -> AsyncIterator[Page]:
        """Yield nothing: items are walked by themselves."""
        del position, highest_id, priority
        nothing: tuple[Page, ...] = ()
        for page in nothing:
            yield page

    async def changed(self, since: float, *, priority: Priority, up_to_id: int | None = None) -> AsyncIterator[Page]:
        """Yield the items with payments made since the instant; nothing where the webhook may not see these."""
        began = self.client.server_now()
        paid = await self.sales.paid_since(since, priority=priority)
        if paid is None:
            return
        refs = [ref for ref in paid if ref.type in self.types and (up_to_id is None or ref.id <= up_to_id)]
        for first in range(0, len(refs), PAGE_SIZE):
            read = await self.items.read(refs[first : first + PAGE_SIZE], priority=priority)
            yield Page(tuple(read.found.values()), refused=read.refused)
        if up_to_id is None:
            yield Page((), CursorMove(cursor_name(self.name), position_at(began)))
            self.sales.remember()  # only what came to its end counts; the next poll overlaps with it
