"""Notices on record: what is to be told, how often it was tried, and when it arrived."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING

from b24syncd.domain.conditions import Condition, ConditionKind
from b24syncd.domain.notices import Attempt, Channel, Digest, Known, Walk
from b24syncd.store import check, conditions, notices, runs
from b24syncd.store.runs import RunKind, RunState

if TYPE_CHECKING:
    from datetime import datetime

    import sqlite_utils

    from b24syncd.store.database import Database

DAY = timedelta(days=1)
STOP = ConditionKind.SAFETY_STOP


async def test_each_channel_has_a_record_of_its_own(database: Database, now: datetime) -> None:
    def work(db: sqlite_utils.Database) -> None:
        notices.note_attempt(db, Channel.USER, "condition/1", now - DAY)
        notices.note_failed(db, Channel.USER, "condition/1", "nobody is there")
        notices.note_attempt(db, Channel.USER, "condition/1", now)
        notices.note_attempt(db, Channel.COMMAND, "condition/1", now)
        notices.note_sent(db, Channel.COMMAND, "condition/1", now)

    await database.write(work)
    assert await database.read(lambda db: notices.attempts(db, Channel.USER)) == {"condition/1": Attempt(2, now)}
    arrived = await database.read(lambda db: notices.attempts(db, Channel.COMMAND))
    assert arrived == {"condition/1": Attempt(1, now, now)}
    assert await database.read(check.check) == ()


async def test_what_was_told_is_forgotten_once_it_neither_stands_nor_is_news(database: Database, now: datetime) -> None:
    def work(db: sqlite_utils.Database) -> set[str]:
        conditions.note(db, [Condition(STOP, "", now, "it stopped")], judged=lambda _: False, now=now)
        for subject in ("condition/1", "condition/2", "over/2", "walk/1"):
            notices.note_attempt(db, Channel.USER, subject, now)
        notices.note_attempt(db, Channel.USER, "walk/2", now + 100 * DAY)
        return set(notices.attempts(db, Channel.USER))

    assert await database.write(work) == {"condition/1", "walk/2"}


async def test_what_there_is_to_be_told(database: Database, now: datetime) -> None:
    def work(db: sqlite_utils.Database) -> None:
        for about, at in (("old", now - 9 * DAY), ("new", now - DAY)):
            met = Condition(STOP, about, at, "it stopped")
            conditions.note(db, [met], judged=lambda _: False, now=at)
            conditions.note(db, [], judged=lambda _: True, now=at + DAY / 2)
        conditions.note(db, [Condition(STOP, "here", now, "it stopped")], judged=lambda _: False, now=now)
        for state in (RunState.DONE, RunState.INTERRUPTED, RunState.DONE):
            run = runs.start_run(db, runs.NewRun(kind=RunKind.BACKFILL, jobs=["phones"], fingerprint="f", now=now))
            runs.finish_run(db, run, state=state, counts={"read": run}, now=now)

    await database.write(work)
    found = await database.read(lambda db: notices.facts(db, now, None))
    assert found.conditions == [
        Known(2, Condition(STOP, "new", now - DAY, "it stopped"), now - DAY / 2),
        Known(3, Condition(STOP, "here", now, "it stopped")),
    ]
    assert found.walks == [Walk("3", now, {"read": 3})]
    assert (found.reviews, found.digest) == ({}, None)
    digest = Digest(time(9))
    assert (await database.read(lambda db: notices.facts(db, now, digest))).digest == digest
