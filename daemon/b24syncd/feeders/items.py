"""The feed of one entity type's items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.portal.commands import Priority
from b24syncd.portal.paging import Walker, items_of
from b24syncd.portal.writes import Read

from .pages import Stretch, at_once
from .poll import poll
from .scan import scan

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.clock import Clock
    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.snapshots import Snapshot
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.dates import DateFilters
    from b24syncd.portal.vocabulary import Vocabulary

    from .pages import Page, Position


@dataclass(frozen=True, slots=True)
class ItemFeed:
    """All items of one entity type, with their contact points."""

    client: PortalClient
    clock: Clock
    dates: DateFilters
    vocabulary: Vocabulary
    entity_type: EntityType
    scans: bool = True
    needs_sweep: bool = False
    reviews_of: tuple[str, int] | None = None

    @property
    def name(self) -> str:
        """The name of the type."""
        return self.entity_type.value

    def scan(self, position: Position | None, *, highest_id: int | None = None) -> AsyncIterator[Page]:
        """Yield all items after the position.

        With `highest_id`, the highest that is known, pages are larger from the beginning and none is asked for in vain.
        """
        listing = items_of(self.entity_type, self.vocabulary)
        walker = Walker(self.client, self.clock, listing, priority=Priority.BACKFILL, highest_id=highest_id)
        return scan(_Walk(walker), self.clock, name=self.name, entity_type=self.entity_type, position=position)

    async def changed(self, since: float, *, priority: Priority, up_to_id: int | None = None) -> AsyncIterator[Page]:
        """Yield the items that changed since the instant; raise `Rejected` when the portal refuses the type."""
        words = self.vocabulary.of(self.entity_type)
        conditions: dict[str, object] = {f">={words.changed}": await self.dates.since(self.entity_type, since)}
        if up_to_id is not None:
            conditions[f"<={words.id}"] = up_to_id
        listing = items_of(self.entity_type, self.vocabulary)
        walker = Walker(self.client, self.clock, listing, priority=priority, conditions=conditions)
        began = self.client.server_now()
        async for page in poll(_Walk(walker), name=self.name, began=began, moves=up_to_id is None):
            yield page


@dataclass(frozen=True, slots=True)
class _Walk:
    walker: Walker[Snapshot]

    async def after(self, last_id: int) -> Stretch:
        read = await self.walker.after(last_id)
        present = tuple(snapshot.ref.id for snapshot in read.rows)
        part = at_once(Read({snapshot.ref: snapshot for snapshot in read.rows}, {}))
        return Stretch(part, present[-1] if present else last_id, read.is_last, present)
