"""Conditions on record: since when, until when, and what a person is told of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from b24syncd.domain.conditions import ENDINGS, Changes, Condition, ConditionKind
from b24syncd.store import conditions
from b24syncd.store.database import open_for_writing

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import sqlite_utils

    from b24syncd.store.database import Database

AWAY, REFUSED = ConditionKind.PORTAL_AWAY, ConditionKind.TYPE_REFUSED
MINUTE = timedelta(minutes=1)


async def note(database: Database, *met: Condition, at: datetime) -> Changes:
    return await database.write(lambda db: conditions.note(db, met, judged=lambda _: True, now=at))


async def test_since_is_kept_over_restarts_and_what_comes_back_is_new(path: Path, now: datetime) -> None:
    async with open_for_writing(path) as database:
        first = Condition(AWAY, "", now, "timeout")
        assert (await note(database, first, at=now)).begun == (first,)
    async with open_for_writing(path) as database:
        found = await note(database, Condition(AWAY, "", now + MINUTE, "refused"), at=now + MINUTE)
        assert found.going_on == (Condition(AWAY, "", now, "refused"),)
        assert await database.read(conditions.standing) == found.going_on
        assert (await note(database, at=now + 2 * MINUTE)).over == found.going_on
        assert await database.read(conditions.standing) == ()
        back = Condition(AWAY, "", now + 3 * MINUTE, "again")
        assert (await note(database, back, at=back.since)).begun == (back,)
        assert await database.read(conditions.standing) == (back,)
        rows = await database.read(lambda db: db.table("conditions").count)
        assert rows == 2


async def test_who_is_told_once_that_it_began_and_once_that_it_is_over(database: Database, now: datetime) -> None:
    met = Condition(REFUSED, "lead", now, "ACCESS_DENIED"), Condition(AWAY, "", now, "timeout")
    await note(database, *met, at=now)
    told, untold = await database.read(conditions.owed)
    assert (told.condition, untold.condition) == met

    def tell(db: sqlite_utils.Database) -> None:
        conditions.note_told(db, told.id, now)
        conditions.note_notice_failed(db, untold.id, "nobody listens")

    await database.write(tell)
    (left,) = await database.read(conditions.owed)
    assert (left.id, left.notice_error) == (untold.id, "nobody listens")
    await note(database, at=now + MINUTE)  # that it was away is old news by now
    (over,) = await database.read(conditions.owed)
    assert (over.id, over.told_at, over.over_at) == (told.id, now, now + MINUTE)
    await database.write(lambda db: conditions.note_told_over(db, over.id, now))
    assert await database.read(conditions.owed) == ()


async def test_what_is_long_over_is_forgotten(database: Database, now: datetime) -> None:
    await note(database, Condition(AWAY, "", now, "x"), at=now)
    await note(database, at=now)
    for later in (timedelta(days=89), timedelta(days=91)):
        await note(database, Condition(REFUSED, str(later), now, "x"), at=now + later)
    left = await database.read(lambda db: [row["about"] for row in db.table("conditions").rows_where(order_by="id")])
    assert left == ["89 days, 0:00:00", "91 days, 0:00:00"]


async def test_the_last_of_some_kinds_is_told_whether_it_stands_or_not(database: Database, now: datetime) -> None:
    assert await database.read(lambda db: conditions.last_of(db, ENDINGS)) is None
    await note(database, Condition(AWAY, "", now, "x"), at=now)
    await note(database, Condition(REFUSED, "lead", now, "x"), at=now + MINUTE)
    last = await database.read(lambda db: conditions.last_of(db, ENDINGS))
    assert last is not None
    assert (last.condition.kind, last.over_at) == (AWAY, now + MINUTE)


async def test_kinds_of_a_newer_release_are_not_shown(database: Database, now: datetime) -> None:
    await note(database, Condition(AWAY, "", now, "x"), at=now)
    await database.write(lambda db: db.execute("UPDATE conditions SET kind = 'bored'"))
    assert await database.read(conditions.standing) == ()
    assert await database.read(conditions.owed) == ()
