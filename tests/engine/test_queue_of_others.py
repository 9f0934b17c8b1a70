"""What waits in the queue for one job is not taken off it by a run of others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlite_utils

from b24syncd.domain.entities import EntityRef
from b24syncd.store import queue

if TYPE_CHECKING:
    from tests.engine.world import World

CLEAN = "+74951234567"


def enqueue(world: World, ref: EntityRef) -> None:
    db = sqlite_utils.Database(world.state)
    with db.conn:
        queue.add(db, [ref], "still changing", due_at=datetime(2026, 1, 1, tzinfo=UTC))
    db.close()


async def test_a_run_of_some_jobs_leaves_the_queue_of_the_others_alone(world: World) -> None:
    item = world.add(CLEAN)
    await world.backfill()
    enqueue(world, EntityRef.parse(f"contact:{item}"))
    await world.backfill("phones")
    assert world.waiting() == 1
    await world.backfill()
    assert world.waiting() == 0
