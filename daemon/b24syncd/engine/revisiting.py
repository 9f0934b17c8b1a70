"""What a walk through the whole portal does first about reviews that it will not meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.store import queue, reviews

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlite_utils

    from b24syncd.domain.entities import EntityType
    from b24syncd.engine.writing.lane import Lane

    from .context import WholeRun


async def revisit(run: WholeRun, lanes: Iterable[Lane]) -> None:
    """Close the reviews of rules that are no more, and queue what has reviews but is not met by walking."""
    now = run.clock.now()
    keep: dict[str, set[int]] = {}
    unmet: list[EntityType] = []
    for lane in lanes:
        walked = {feed.entity_type for feed in lane.kind.feeds if feed.scans}
        unmet.extend(entity_type for entity_type in lane.kind.types if walked and entity_type not in walked)
        for job, point_id in filter(None, (feed.reviews_of for feed in lane.kind.feeds)):
            keep.setdefault(job, set()).add(point_id)

    def write(db: sqlite_utils.Database) -> None:
        for job, point_ids in keep.items():
            reviews.close_all_but(db, job, point_ids, now=now)
        for entity_type in unmet:
            queue.add(db, reviews.refs_of_open(db, entity_type), "review", due_at=now)

    await run.database.write(write)
