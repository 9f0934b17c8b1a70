"""The backfill's feeder: all items of one entity type, by id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.portal.commands import Priority
from b24syncd.portal.paging import Walker

from .pages import CursorMove, Page, Position, Span

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.clock import Clock
    from b24syncd.domain.entities import EntityType
    from b24syncd.portal.client import PortalClient


_ABOVE_ALL_IDS = (1 << 63) - 1


def cursor_name(entity_type: EntityType) -> str:
    """Return the name of the cursor of this entity type's backfill."""
    return f"backfill/{entity_type.value}"


def position_after(position: Position | None) -> int:
    """Return the id up to which a backfill's position says that everything is settled."""
    return int(str((position or {}).get("after_id", 0)))


def is_finished(position: Position | None) -> bool:
    """Tell whether a backfill's position says that the entity type is walked to its end."""
    return bool((position or {}).get("finished", False))


async def scan(
    client: PortalClient,
    clock: Clock,
    entity_type: EntityType,
    position: Position | None,
    *,
    highest_id: int | None = None,
) -> AsyncIterator[Page]:
    """Yield the items after `position` in the order of ids; raise `Rejected` when the portal refuses the type.

    With `highest_id`, the highest that is known, pages are larger from the beginning and none is asked for in vain.
    """
    walker = Walker(client, clock, entity_type, priority=Priority.BACKFILL, highest_id=highest_id)
    last_id = position_after(position)
    finished = is_finished(position)
    while not finished:
        after_id, asked_at = last_id, clock.now()
        stretch = await walker.after(after_id)
        if stretch.snapshots:
            last_id = stretch.snapshots[-1].ref.id
        finished = stretch.is_last
        move = CursorMove(cursor_name(entity_type), {"after_id": last_id, "finished": finished})
        span = Span(entity_type, range(after_id + 1, _ABOVE_ALL_IDS if finished else last_id + 1), asked_at)
        yield Page(stretch.snapshots, move, span)
