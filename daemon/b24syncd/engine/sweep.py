"""The sweep: everything is looked at again every so many hours, spread over them so that it is never a burst.

Some edits do not touch an item's time of change: payments, merges, imports that set it into the past. Polling cannot
see them; the sweep walks the feeds by id like a backfill, a page now and then. What nobody ever asked to be walked is
left alone: only feeds of which a backfill came to its end are swept, and those that cannot do without.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from b24syncd.feeders.scan import is_finished, position_after
from b24syncd.portal.paging import PAGE_SIZE, highest_ids
from b24syncd.portal.wire.commands import Priority
from b24syncd.store import cursors

from .portal_watch import compare_types
from .walks import shown

if TYPE_CHECKING:
    from b24syncd.engine.writing.lane import Lane
    from b24syncd.feeders.pages import Feed, Position

    from .context import WholeRun

_CATCH_UP = 2.0
"""So many times its pace a sweep walks that has fallen behind, while the daemon was down."""


def cursor_name(feed_name: str) -> str:
    """Return the name of the cursor of this feed's sweep."""
    return f"sweep/{feed_name}"


def position_behind(server_now: float) -> Position:
    """Return the position of a sweep that is over: everything was walked, up to this instant of the portal's clock."""
    return {"after_id": 0, "finished": True, "began": server_now, "highest_id": 0}


@dataclass(slots=True)
class Sweep:
    """Sweeps feeds, each within `seconds`; `advance` is called about every `interval_seconds`."""

    run: WholeRun
    seconds: float
    interval_seconds: float

    async def advance(self, lane: Lane, feed: Feed) -> None:
        """Walk this feed as far as the time demands; raise `Rejected` when the portal refuses it."""
        position = await self._position(feed)
        if position is None:
            return
        for _ in range(self._most_pages(position)):
            if lane.writer.stopping or position_after(position) >= self._due_id(position) or is_finished(position):
                return
            position = await self._walk_on(lane, feed, position)

    async def _position(self, feed: Feed) -> Position | None:
        """Return how far the sweep is; one that is over and whose time is up begins anew. None: not to be swept."""
        name = cursor_name(feed.name)
        position = await self.run.database.read(lambda db: cursors.get(db, name))
        now = self.run.client.server_now()
        if position is None and not feed.needs_sweep:
            return None
        if position is not None and not (is_finished(position) and now - _number(position, "began") >= self.seconds):
            return position
        client, words = self.run.client, self.run.vocabulary
        found = await highest_ids(client, [feed.entity_type], priority=Priority.BACKFILL, vocabulary=words)
        highest = found[feed.entity_type]
        if not isinstance(highest, int):
            raise highest
        await compare_types(self.run, {feed.entity_type: highest})
        begun: Position = {"after_id": 0, "finished": highest == 0, "began": now, "highest_id": highest}
        moment = self.run.clock.now()
        await self.run.database.write(lambda db: cursors.put(db, name, begun, now=moment))
        return begun

    def _due_id(self, position: Position) -> float:
        """Return the id that the sweep has to have passed by now."""
        share = (self.run.client.server_now() - _number(position, "began")) / self.seconds
        return share * _number(position, "highest_id") if share < 1 else float("inf")

    def _most_pages(self, position: Position) -> int:
        pages = _number(position, "highest_id") / PAGE_SIZE
        return 1 + int(_CATCH_UP * pages * self.interval_seconds / self.seconds)

    async def _walk_on(self, lane: Lane, feed: Feed, position: Position) -> Position:
        """Take what the next step of the walk brings, and move the sweep's own cursor with it."""
        moved, highest = position, _number(position, "highest_id")
        client, vocabulary = self.run.client, self.run.vocabulary
        async for page in shown(client, vocabulary, feed, feed.scan(position), highest):
            move = page.move
            if move is not None:
                moved = {**position, **move.position}
                move = replace(move, name=cursor_name(feed.name), position=moved)
            own = replace(page, move=move)
            lane.sweeping.announce(own)
            await lane.sweeping.process(own, priority=Priority.BACKFILL)
            if move is not None:
                break
        return moved


def _number(position: Position, key: str) -> float:
    return float(str(position[key]))
