from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.errors import StateUnusable
from b24syncd.store import cursors, limits, meta, runs
from b24syncd.store.runs import RunKind, RunState
from b24syncd.store.times import after, from_optional_text, from_text, to_text

if TYPE_CHECKING:
    import sqlite_utils

    from b24syncd.store.database import Database


@given(st.lists(st.datetimes(timezones=st.sampled_from([timezone(timedelta(hours=hours)) for hours in (-11, 0, 3)]))))
def test_the_order_of_time_texts_is_the_order_in_time(moments: list[datetime]) -> None:
    texts = [to_text(moment) for moment in moments if moment.year not in {1, 9999}]
    assert sorted(texts) == sorted(texts, key=from_text)
    assert [to_text(from_text(text)) for text in texts] == texts


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda moment: moment.year < 9999), st.floats(1e-9, 1e6))
def test_a_rest_however_short_is_not_over_at_once(now: datetime, seconds: float) -> None:
    due = from_text(to_text(after(now, seconds)))
    assert timedelta(0) < due - now
    assert due - now - timedelta(seconds=seconds) < timedelta(milliseconds=1, microseconds=1)
    assert after(now, 0) == now


def test_no_time_is_no_text() -> None:
    assert from_optional_text(None) is None


def backfill(db: sqlite_utils.Database, now: datetime, kind: RunKind = RunKind.BACKFILL) -> int:
    return runs.start_run(db, runs.NewRun(kind=kind, jobs=("phones", "emails"), fingerprint="f1", now=now))


async def test_a_run_from_its_start_to_its_end(database: Database, now: datetime) -> None:
    run_id = await database.write(lambda db: backfill(db, now))
    started = await database.read(lambda db: runs.get_run(db, run_id))
    assert started == runs.Run(
        id=run_id,
        kind=RunKind.BACKFILL,
        jobs=("phones", "emails"),
        fingerprint="f1",
        state=RunState.RUNNING,
        started_at=now,
        finished_at=None,
        began_server_time=None,
        counts={},
    )
    later = now + timedelta(hours=2)

    def finish(db: sqlite_utils.Database) -> None:
        runs.add_counts(db, run_id, {"read": 5})
        runs.finish_run(db, run_id, state=RunState.DONE, counts={"read": 2, "corrected": 1}, now=later)

    await database.write(finish)
    (ended,) = await database.read(runs.latest_runs)
    assert (ended.state, ended.finished_at) == (RunState.DONE, later)
    assert ended.counts == {"read": 7, "corrected": 1}
    assert await database.read(lambda db: runs.get_run(db, 999)) is None


async def test_a_backfill_is_unfinished_until_it_is_done(database: Database, now: datetime) -> None:
    assert await database.read(runs.unfinished_backfill) is None
    assert await database.read(runs.latest_backfill) is None
    run_id = await database.write(lambda db: backfill(db, now))
    await database.write(lambda db: runs.add_counts(db, run_id, {"read": 5}))
    await database.write(lambda db: backfill(db, now, RunKind.PARTIAL))
    await database.write(lambda db: backfill(db, now, RunKind.RUN))
    assert await database.write(lambda db: runs.interrupt_crashed(db, now=now)) == 3
    unfinished = await database.read(runs.unfinished_backfill)
    assert unfinished is not None
    assert (unfinished.id, unfinished.state, unfinished.counts) == (run_id, RunState.INTERRUPTED, {"read": 5})
    await database.write(lambda db: runs.resume_run(db, run_id))
    resumed = await database.read(runs.unfinished_backfill)
    assert resumed is not None
    assert (resumed.state, resumed.finished_at, resumed.counts) == (RunState.RUNNING, None, {"read": 5})
    await database.write(lambda db: runs.finish_run(db, run_id, state=RunState.DONE, counts={}, now=now))
    assert await database.read(runs.unfinished_backfill) is None
    latest = await database.read(runs.latest_backfill)
    assert latest is not None
    assert latest.id == run_id


async def test_a_backfill_that_starts_anew_takes_the_place_of_the_unfinished_one(
    database: Database, now: datetime
) -> None:
    await database.write(lambda db: backfill(db, now))
    second = await database.write(lambda db: backfill(db, now))
    await database.write(lambda db: runs.finish_run(db, second, state=RunState.DONE, counts={}, now=now))
    assert await database.read(runs.unfinished_backfill) is None


async def test_the_newest_runs_come_first(database: Database, now: datetime) -> None:
    ids = [await database.write(lambda db: backfill(db, now)) for _ in range(4)]
    newest = await database.read(lambda db: runs.latest_runs(db, limit=3))
    assert [run.id for run in newest] == ids[:0:-1]


async def test_cursors_are_kept_replaced_and_forgotten_by_prefix(database: Database, now: datetime) -> None:
    def write(db: sqlite_utils.Database) -> None:
        for name in ("backfill/contact", "backfill/lead", "poll/lead", "backfill%"):
            cursors.put(db, name, {"name": name}, now=now)
        cursors.put(db, "poll/lead", {"at": "é", "id": 9}, now=now + timedelta(seconds=1))

    await database.write(write)
    assert await database.read(lambda db: cursors.get(db, "nothing")) is None
    assert await database.read(lambda db: cursors.get(db, "poll/lead")) == {"at": "é", "id": 9}
    assert await database.write(lambda db: cursors.delete(db, "backfill/")) == 2
    assert await database.read(cursors.all_cursors) == (
        cursors.Cursor("backfill%", {"name": "backfill%"}, now),
        cursors.Cursor("poll/lead", {"at": "é", "id": 9}, now + timedelta(seconds=1)),
    )


async def test_a_state_belongs_to_one_portal(database: Database) -> None:
    assert await database.read(meta.bound_portal) is None
    await database.write(lambda db: meta.bind_portal(db, "Example.bitrix24.ru"))
    await database.write(lambda db: meta.bind_portal(db, "example.bitrix24.ru"))
    with pytest.raises(StateUnusable, match=r"belongs to the portal example\.bitrix24\.ru.*names other"):
        await database.write(lambda db: meta.bind_portal(db, "other.bitrix24.ru"))
    assert await database.read(meta.bound_portal) == "example.bitrix24.ru"


async def test_what_was_learnt_of_the_limits_is_remembered(database: Database) -> None:
    assert await database.read(limits.load_limits) == {}
    learnt = {"send_times": [1.5, 2.25], "operating": {"crm.item.update": [3.5, 1700000000]}}
    await database.write(lambda db: limits.save_limits(db, {"send_times": []}))
    await database.write(lambda db: limits.save_limits(db, learnt))
    assert await database.read(limits.load_limits) == learnt
