"""Obstacles: what keeps lanes from their work while the daemon lives, told once, and shown until it is over."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from b24syncd.observe.logs import get_logger
from b24syncd.store import obstacles

if TYPE_CHECKING:
    from b24syncd.engine.writing.lane import Lane
    from b24syncd.feeders.pages import Feed
    from b24syncd.store.database import Database

log = get_logger()


def name_of(lane: Lane) -> str:
    """Return the name of a lane: its jobs, or the types of what it only settles."""
    jobs = lane.kind.planner.job_names
    return ", ".join(jobs or [entity_type.value for entity_type in lane.kind.types])


def names_for(lane: Lane, feed: Feed) -> str:
    """Return the names of the jobs that a feed is for."""
    return ", ".join(lane.kind.planner.names_for(feed.entity_type)) or name_of(lane)


class Obstacles:
    """What is in the way of each lane. The same obstacle is warned of once, however many of its feeds meet it."""

    def __init__(self, database: Database) -> None:
        """Begin with a free way."""
        self._database = database
        self._standing: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._told: defaultdict[str, set[str]] = defaultdict(set)
        self._stored: list[obstacles.Obstacle] | None = None

    def meet(self, lane: str, feed: str, detail: str) -> None:
        """Take note of what is in the way of a feed; tell it unless this lane met it before and is not free of it."""
        level = log.debug if detail in self._told[lane] else log.warning
        self._standing[lane][feed] = detail
        self._told[lane].add(detail)
        level("feed_refused", feed=feed, detail=detail)

    def pass_by(self, lane: str, feed: str) -> None:
        """Take note that nothing is in the way of a feed any more."""
        self._standing[lane].pop(feed, None)
        if not self._standing[lane]:
            self._told[lane].clear()

    async def store(self) -> None:
        """Let `status` show what stands now."""
        now = [
            obstacles.Obstacle(lane, feed, detail)
            for lane, feeds in self._standing.items()
            for feed, detail in feeds.items()
        ]
        if now != self._stored:
            self._stored = now
            await self._database.write(lambda db: obstacles.replace(db, now))
