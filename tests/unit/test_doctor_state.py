"""What an examination finds of the state on this machine."""

from __future__ import annotations

import os
import sqlite3
from contextlib import AsyncExitStack, closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.store.test_reading import damage

from b24syncd.app.doctor import configuration, limits, state
from b24syncd.app.doctor.case import Case
from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.domain.conditions import Condition, ConditionKind
from b24syncd.errors import B24SyncError, ExitCode, StateUnusable
from b24syncd.reports.doctor import Finding, Level
from b24syncd.settings import load_settings
from b24syncd.store import conditions, meta, runs
from b24syncd.store.database import open_for_writing
from b24syncd.store.runs import RunKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    import sqlite_utils

    Looking = Callable[[Case], AsyncIterator[Finding]]

HOST = "acme.bitrix24.ru"
BEGAN = SYSTEM_CLOCK.now() - timedelta(days=10)
STOPPED = Condition(ConditionKind.SAFETY_STOP, "backfill/share", datetime(2026, 3, 1, tzinfo=UTC), "too much changes")
BUSY = Condition(ConditionKind.FOREIGN_REQUESTS, "", datetime(2026, 3, 2, tzinfo=UTC), "2 requests were refused")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "acme.db"


async def looked(look: Looking, path: Path) -> list[Finding]:
    environ = {
        "B24SYNCD_PORTAL__WEBHOOK": f"https://{HOST}/rest/1/s3cr3tw0rd00/",
        "B24SYNCD_PORTAL__REGION": "RU",
        "B24SYNCD_STATE__PATH": str(path),
    }
    async with AsyncExitStack() as stack:
        case = Case(environ, SYSTEM_CLOCK, stack, given=load_settings(None, environ))
        return [finding async for finding in look(case)]


async def fill(path: Path, *met: Condition, host: str = HOST) -> None:
    def write(db: sqlite_utils.Database) -> None:
        meta.bind_portal(db, host)
        run_id = runs.start_run(db, runs.NewRun(kind=RunKind.RUN, jobs=["phones"], fingerprint="f", now=BEGAN))
        runs.finish_run(db, run_id, state=runs.RunState.DONE, counts={}, now=BEGAN)
        conditions.note(db, met, judged=lambda _: True, now=BEGAN)

    async with open_for_writing(path) as database:
        await database.write(write)


async def test_where_the_webhook_stands_is_told(path: Path, tmp_path: Path) -> None:
    (named,) = await looked(configuration.secrets, path)
    assert named.detail == "the webhook is in the environment"
    config = tmp_path / "b24syncd.toml"
    config.touch(mode=0o600)
    config.write_text(f'[portal]\nregion = "RU"\nwebhook = "https://{HOST}/rest/1/s3cr3tw0rd00/"', encoding="utf-8")
    async with AsyncExitStack() as stack:
        case = Case({}, SYSTEM_CLOCK, stack, given=load_settings(config, {}))
        (found,) = [finding async for finding in configuration.secrets(case)]
    assert (found.level, found.detail) == (Level.OK, f"{config}, which holds the webhook, is its owner's alone")


async def test_before_the_first_run_nothing_is_made(path: Path) -> None:
    (database,) = await looked(state.database, path)
    assert database.level is Level.SKIPPED
    assert (await looked(state.disk, path))[0].detail.partition(" free in ")[2] == str(path.parent.parent)
    assert [each.level for each in await looked(state.service, path)] == [Level.OK]
    assert (await looked(limits.address, path))[0].level is Level.SKIPPED
    assert not path.parent.exists()


async def test_a_folder_that_no_run_would_make(path: Path) -> None:
    (found,) = await looked(state.database, path.parent / "deep" / "deeper" / "acme.db")
    assert (found.level, found.exit_code) == (Level.FAILURE, ExitCode.USAGE)
    assert f"the folder {path.parent / 'deep'} does not exist" in found.detail


async def test_a_sound_state_and_who_holds_it(path: Path) -> None:
    await fill(path)
    (database,) = await looked(state.database, path)
    assert (database.level, database.detail.partition(" is sound")[0]) == (Level.OK, str(path))
    (disk,) = await looked(state.disk, path)
    assert "more each day" in disk.detail
    async with open_for_writing(path):
        (database,) = await looked(state.database, path)
        assert database.detail.endswith(f"; process {os.getpid()} holds it")
        (service,) = await looked(state.service, path)
        assert "a backfill or another command" in service.detail


async def test_the_state_of_another_portal(path: Path) -> None:
    await fill(path, host="other.bitrix24.ru")
    with pytest.raises(StateUnusable, match=r"belongs to the portal other.bitrix24.ru"):
        await looked(state.database, path)


async def test_a_damaged_state(path: Path) -> None:
    await fill(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE filler AS SELECT zeroblob(4000) AS x FROM pragma_function_list")
    damage(path)
    try:
        levels = {(found.level, found.exit_code) for found in await looked(state.database, path)}
    except B24SyncError as error:
        levels = {(Level.FAILURE, error.exit_code)}
    assert levels == {(Level.FAILURE, ExitCode.USAGE)}


async def test_what_stands_on_record_is_told(path: Path) -> None:
    await fill(path, STOPPED, BUSY)
    holder, trouble = await looked(state.service, path)
    assert (holder.level, trouble.level) == (Level.OK, Level.WARNING)
    assert trouble.detail == "on record since 2026-03-01 00:00 (UTC): too much changes"
    assert "backfill --dry-run" in str(trouble.cure)
    (address,) = await looked(limits.address, path)
    assert address.level is Level.WARNING
