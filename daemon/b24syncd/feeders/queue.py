"""The queue's feeder: items to look at again, read afresh once they are due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.store import queue

from .events import QUEUED
from .pages import Page

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

    from b24syncd.clock import Clock
    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.errors import Rejected
    from b24syncd.portal.writes import Read
    from b24syncd.store.database import Database
    from b24syncd.store.queue import QueueEntry

_PAGE = 100


@dataclass(frozen=True, slots=True)
class DuePage:
    """Due entries, what was read of their items, the items that are gone, and those that the portal refuses to show."""

    entries: tuple[QueueEntry, ...]
    page: Page
    gone: tuple[EntityRef, ...]
    refused: Mapping[EntityRef, Rejected]


async def due_entries(
    database: Database,
    clock: Clock,
    types: Collection[EntityType],
    only: Collection[EntityRef] | None = None,
    but: Collection[EntityRef] = (),
) -> tuple[QueueEntry, ...]:
    """Return a page of what is due of these types, or of some items, `but` others; the longest waiting first.

    What an event announced is met for the first time, and comes in a page of its own.
    """
    now = clock.now()
    found = await database.read(lambda db: queue.due(db, now=now, limit=_PAGE, types=types, only=only, but=but))
    return tuple(entry for entry in found if (entry.reason == QUEUED) == (found[0].reason == QUEUED))


async def due_page(
    entries: Sequence[QueueEntry], read_again: Callable[[Sequence[EntityRef]], Awaitable[Read]]
) -> DuePage:
    """Read the items of these entries again."""
    read = await read_again([entry.ref for entry in entries])
    gone = tuple(entry.ref for entry in entries if entry.ref not in read.found and entry.ref not in read.refused)
    was_met = any(entry.reason != QUEUED for entry in entries)
    return DuePage(tuple(entries), Page(tuple(read.found.values()), looks_again=was_met), gone, read.refused)
