"""Polling: the items of one entity type that changed since an instant of the portal's clock.

`updatedTime` has a resolution of one second, late commits come with an earlier time, and a bulk change gives thousands
of items the same second. So a poll reads again from a little before its cursor, and walks what it finds by id. The
cursor moves to the server's time at which the walk *began*, and only when the whole walk is settled; what changes
while it goes on is met by the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.portal.paging import Walker

from .pages import CursorMove, Page, Position

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.clock import Clock
    from b24syncd.domain.entities import EntityType
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.commands import Priority
    from b24syncd.portal.dates import DateFilter


def cursor_name(entity_type: EntityType) -> str:
    """Return the name of the cursor of this entity type's polling."""
    return f"poll/{entity_type.value}"


def position_at(instant: float) -> Position:
    """Return the position that has read everything up to `instant` (unix seconds of the portal's clock)."""
    return {"since": instant}


def instant_of(position: Position) -> float:
    """Return the instant up to which a polling position says that everything is settled."""
    return float(str(position["since"]))


@dataclass(frozen=True, slots=True)
class Changed:
    """Which changes to read: since an instant of the portal's clock (unix seconds), perhaps only ids up to one."""

    entity_type: EntityType
    since: float
    date_filter: DateFilter
    priority: Priority
    up_to_id: int | None = None


async def poll(client: PortalClient, clock: Clock, changed: Changed) -> AsyncIterator[Page]:
    """Yield the changed items in the order of ids; the last page alone moves the cursor of polling.

    A walk that is bounded by `up_to_id` moves none. Raises `Rejected` when the portal refuses the entity type.
    """
    conditions: dict[str, object] = {">=updatedTime": changed.date_filter.text(changed.since)}
    if changed.up_to_id is not None:
        conditions["<=id"] = changed.up_to_id
    began = client.server_now()
    walker = Walker(client, clock, changed.entity_type, priority=changed.priority, conditions=conditions)
    last_id = 0
    finished = False
    while not finished:
        stretch = await walker.after(last_id)
        if stretch.snapshots:
            last_id = stretch.snapshots[-1].ref.id
        finished = stretch.is_last
        move = None
        if finished and changed.up_to_id is None:
            move = CursorMove(cursor_name(changed.entity_type), position_at(began))
        yield Page(stretch.snapshots, move)
