"""What waits in the queue for one job is not taken off it by a run of others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlite_utils
from tests.engine.undone import undo

from b24syncd.domain.entities import EntityRef
from b24syncd.store import queue

if TYPE_CHECKING:
    from tests.engine.world import World

CLEAN = "+74951234567"
MESSY = "8 (495) 123-45-67"


def enqueue(world: World, *refs: EntityRef) -> None:
    db = sqlite_utils.Database(world.state)
    with db.conn:
        queue.add(db, refs, "still changing", due_at=datetime(2026, 1, 1, tzinfo=UTC))
    db.close()


def list_as_failed(world: World, ref: EntityRef) -> None:
    db = sqlite_utils.Database(world.state)
    with db.conn:
        queue.give_up(db, ref, "refused", "no e-mail is changed here", now=datetime(2026, 1, 1, tzinfo=UTC))
    db.close()


async def test_a_run_of_some_jobs_leaves_the_queue_of_the_others_alone(world: World) -> None:
    item = world.add(CLEAN)
    await world.backfill()
    enqueue(world, EntityRef.parse(f"contact:{item}"))
    await world.backfill("phones")
    assert world.waiting() == 1
    await world.backfill()
    assert world.waiting() == 0


async def test_what_failed_is_forgotten_only_where_every_job_has_looked(world: World) -> None:
    ref = EntityRef.parse(f"contact:{world.add(MESSY)}")
    await world.backfill()
    list_as_failed(world, ref)
    await world.backfill("phones")
    assert [entry.ref for entry in world.given_up()] == [ref]
    await undo(world, 1)
    await undo(world, 1)  # finds nothing left to do
    assert [entry.ref for entry in world.given_up()] == [ref]
    await world.backfill()
    assert world.given_up() == []
