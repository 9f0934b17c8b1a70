"""The backfill's way through a feed: everything, by id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .pages import CursorMove, Position, Span

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.clock import Clock
    from b24syncd.domain.entities import EntityType

    from .pages import Page, Walk

_ABOVE_ALL_IDS = (1 << 63) - 1


def cursor_name(feed_name: str) -> str:
    """Return the name of the cursor of this feed's backfill."""
    return f"backfill/{feed_name}"


def position_after(position: Position | None) -> int:
    """Return the id up to which a backfill's position says that everything is settled."""
    return int(str((position or {}).get("after_id", 0)))


def is_finished(position: Position | None) -> bool:
    """Tell whether a backfill's position says that the feed is walked to its end."""
    return bool((position or {}).get("finished", False))


async def scan(  # noqa: PLR0913 # what a scan is, by name
    walk: Walk,
    clock: Clock,
    *,
    name: str,
    entity_type: EntityType,
    position: Position | None,
    reviews_of: tuple[str, int] | None = None,
) -> AsyncIterator[Page]:
    """Yield what follows `position` in the order of ids; raise `Rejected` when the portal refuses the type.

    The walk meets all items of the type, or with `reviews_of`, a job and the id of a rule's reviews, those of a rule.
    """
    last_id = position_after(position)
    finished = is_finished(position)
    job, point_id = reviews_of or (None, None)
    while not finished:
        after_id, asked_at = last_id, clock.now()
        stretch = await walk.after(after_id)
        last_id, finished = stretch.last_id, stretch.is_last
        move = CursorMove(cursor_name(name), {"after_id": last_id, "finished": finished})
        ids = range(after_id + 1, _ABOVE_ALL_IDS if finished else last_id + 1)
        span = Span(entity_type, ids, stretch.present, stretch.asked_at or asked_at, job, point_id)
        async for page in stretch.pages(move, span, after=after_id):
            yield page
