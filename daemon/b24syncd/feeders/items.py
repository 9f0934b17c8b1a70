"""The feed of one entity type's items."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from b24syncd.portal.paging import PAGE_SIZE
from b24syncd.portal.wire.commands import Priority

from .pages import Stretch
from .poll import poll
from .scan import scan

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from b24syncd.clock import Clock
    from b24syncd.domain.entities import EntityType
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.dates.filters import DateFilters
    from b24syncd.portal.item_reading import ItemReader
    from b24syncd.portal.item_rows import ItemRow
    from b24syncd.portal.paging import Walker
    from b24syncd.portal.words.vocabulary import Vocabulary

    from .pages import Page, Position

_TURN = 200
"""Items in a step of a walk that takes turns with others."""


@dataclass(slots=True)
class _Polled:
    """How many pages the last poll brought: while a walk writes, each poll meets again what that has written."""

    pages: int = 1


@dataclass(frozen=True, slots=True)
class ItemFeed:
    """All items of one entity type."""

    client: PortalClient
    clock: Clock
    dates: DateFilters
    items: ItemReader
    vocabulary: Vocabulary
    entity_type: EntityType
    scans: bool = True
    needs_sweep: bool = False
    reviews_of: tuple[str, int] | None = None
    _polled: _Polled = field(default_factory=_Polled)

    @property
    def name(self) -> str:
        """The name of the type."""
        return self.entity_type.value

    def scan(
        self, position: Position | None, *, highest_id: int | None = None, priority: Priority = Priority.BACKFILL
    ) -> AsyncIterator[Page]:
        """Yield all items after the position.

        With `highest_id`, the highest that is known, pages are larger from the beginning and none is asked for in vain.
        """
        walker = self.items.walk(self.entity_type, priority=priority, highest_id=highest_id)
        goes_in_turns = self.vocabulary.beside(self.entity_type) is not None
        walk = _WalkInParts if goes_in_turns else _Walk
        return scan(
            walk(self.items, walker, priority),
            self.clock,
            name=self.name,
            entity_type=self.entity_type,
            position=position,
        )

    async def changed(self, since: float, *, priority: Priority, up_to_id: int | None = None) -> AsyncIterator[Page]:
        """Yield the items that changed since the instant; raise `Rejected` when the portal refuses the type."""
        words = self.vocabulary.of(self.entity_type)
        conditions: dict[str, object] = {f">={words.changed}": await self.dates.since(self.entity_type, since)}
        if up_to_id is not None:
            conditions[f"<={words.id}"] = up_to_id
        walker = self.items.walk(self.entity_type, priority=priority, conditions=conditions)
        if up_to_id is None:  # half of it: where there are fewer by now, few are asked for in vain
            walker.begin_with(max(1, self._polled.pages // 2))
        began, met = self.client.server_now(), 0
        async for page in poll(
            _Walk(self.items, walker, priority), name=self.name, began=began, moves=up_to_id is None
        ):
            met += len(page.snapshots)
            yield page
        if up_to_id is None:
            self._polled.pages = met // PAGE_SIZE


@dataclass(frozen=True, slots=True)
class _Walk:
    items: ItemReader
    walker: Walker[ItemRow]
    priority: Priority

    async def after(self, last_id: int) -> Stretch:
        read = await self.walker.after(last_id)
        present = tuple(row.ref.id for row in read.rows)
        part = partial(self.items.complete, read.rows, priority=self.priority)
        return Stretch((part,), present[-1] if present else last_id, read.is_last, present)


@dataclass(slots=True)
class _WalkInParts:
    """The same in small steps, for a type that takes turns with others: what one turn writes is little of a window."""

    items: ItemReader
    walker: Walker[ItemRow]
    priority: Priority
    _ahead: deque[ItemRow] = field(default_factory=deque)
    _is_last: bool = False
    _asked_at: datetime | None = None

    async def after(self, last_id: int) -> Stretch:
        if not self._ahead:
            self._asked_at = self.walker.clock.now()
            read = await self.walker.after(last_id)
            self._ahead.extend(read.rows)
            self._is_last = read.is_last
        rows = [self._ahead.popleft() for _ in range(min(_TURN, len(self._ahead)))]
        present = tuple(row.ref.id for row in rows)
        part = partial(self.items.complete, rows, priority=self.priority)
        is_last = self._is_last and not self._ahead
        return Stretch((part,), present[-1] if present else last_id, is_last, present, asked_at=self._asked_at)
