from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.store import queue
from b24syncd.store.queue import QueueState

if TYPE_CHECKING:
    from datetime import datetime

    from b24syncd.store.database import Database
    from b24syncd.store.queue import QueueEntry

MINUTE = timedelta(minutes=1)


def minutes(attempt: int) -> timedelta:
    return MINUTE * attempt


async def due(database: Database, now: datetime, limit: int = 100) -> tuple[QueueEntry, ...]:
    return await database.read(lambda db: queue.due(db, now=now, limit=limit, types=tuple(EntityType)))


async def test_items_come_due_in_their_order(database: Database, now: datetime) -> None:
    refs = [EntityRef(EntityType.LEAD, number) for number in (1, 2, 3, 4)]
    for minute, ref in zip((3, 1, 2, 60), refs, strict=True):
        await database.write(lambda db, m=minute, r=ref: queue.add(db, [r], "event", due_at=now + m * MINUTE))  # type: ignore[misc]
    assert await due(database, now) == ()
    assert [entry.ref.id for entry in await due(database, now + 3 * MINUTE)] == [2, 3, 1]
    assert [entry.ref.id for entry in await due(database, now + 3 * MINUTE, limit=2)] == [2, 3]
    assert await database.read(partial(queue.next_due_at, types=tuple(EntityType))) == now + MINUTE


async def test_an_empty_queue_is_never_due(database: Database) -> None:
    assert await database.read(partial(queue.next_due_at, types=tuple(EntityType))) is None
    assert await database.read(queue.counts) == {QueueState.WAITING: 0, QueueState.GAVE_UP: 0}


async def test_an_item_announced_twice_waits_once_for_the_earlier_time(
    database: Database, now: datetime, contact: EntityRef
) -> None:
    for minute in (5, 2, 9):
        await database.write(lambda db, m=minute: queue.add(db, [contact], f"event {m}", due_at=now + m * MINUTE))  # type: ignore[misc]
    (entry,) = await due(database, now + 2 * MINUTE)
    assert (entry.reason, entry.due_at, entry.attempts) == ("event 9", now + 2 * MINUTE, 0)


async def test_an_item_leaves_when_done(database: Database, now: datetime, contact: EntityRef) -> None:
    await database.write(lambda db: queue.add(db, [contact], "event", due_at=now))
    (entry,) = await due(database, now)
    assert await database.write(lambda db: queue.done(db, contact, revision=entry.revision))
    assert await due(database, now) == ()
    assert not await database.write(lambda db: queue.done(db, contact, revision=entry.revision))


async def test_an_item_announced_while_it_was_worked_on_stays(
    database: Database, now: datetime, contact: EntityRef
) -> None:
    await database.write(lambda db: queue.add(db, [contact], "event", due_at=now))
    (entry,) = await due(database, now)
    await database.write(lambda db: queue.add(db, [contact], "event", due_at=now))
    assert not await database.write(lambda db: queue.done(db, contact, revision=entry.revision))
    assert not await database.write(
        lambda db: queue.give_up(db, contact, "refused", "no", now=now, revision=entry.revision)
    )
    assert [left.ref for left in await due(database, now)] == [contact]


async def test_failures_are_counted_and_postponed(database: Database, now: datetime, contact: EntityRef) -> None:
    async def fail() -> int:
        return await database.write(
            lambda db: queue.postpone(db, contact, "failed", now=now, backoff=minutes, detail="a 500")
        )

    assert [await fail() for _ in range(3)] == [1, 2, 3]
    assert await due(database, now + 2 * MINUTE) == ()
    (entry,) = await due(database, now + 3 * MINUTE)
    assert (entry.reason, entry.attempts, entry.detail) == ("failed", 3, "a 500")
    await database.write(lambda db: queue.add(db, [contact], "event", due_at=now))
    (announced,) = await due(database, now)
    assert (announced.attempts, announced.detail) == (3, None)


async def test_what_was_given_up_is_listed_until_it_is_announced_again(
    database: Database, now: datetime, contact: EntityRef
) -> None:
    await database.write(lambda db: queue.postpone(db, contact, "failed", now=now, backoff=minutes))
    assert await database.write(lambda db: queue.give_up(db, contact, "refused", "ACCESS_DENIED", now=now))
    assert await due(database, now + 999 * MINUTE) == ()
    assert await database.read(partial(queue.next_due_at, types=tuple(EntityType))) is None
    (listed,) = await database.read(queue.given_up)
    assert (listed.ref, listed.reason, listed.detail, listed.attempts) == (contact, "refused", "ACCESS_DENIED", 2)
    assert await database.read(queue.counts) == {QueueState.WAITING: 0, QueueState.GAVE_UP: 1}
    await database.write(lambda db: queue.add(db, [contact], "event", due_at=now + MINUTE))
    (entry,) = await due(database, now + MINUTE)
    assert (entry.attempts, entry.detail, entry.state) == (0, None, QueueState.WAITING)
    assert await database.read(queue.given_up) == ()


async def test_an_item_that_never_waited_can_be_given_up(database: Database, now: datetime, contact: EntityRef) -> None:
    assert await database.write(lambda db: queue.give_up(db, contact, "refused", "no", now=now, revision=4))
    assert [entry.attempts for entry in await database.read(queue.given_up)] == [1]


async def test_a_failure_after_giving_up_counts_afresh(database: Database, now: datetime, contact: EntityRef) -> None:
    await database.write(lambda db: queue.give_up(db, contact, "refused", "no", now=now))
    assert await database.write(lambda db: queue.postpone(db, contact, "failed", now=now, backoff=minutes)) == 1
