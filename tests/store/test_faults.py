"""What a disk, another program, or a person does to the state: one sentence with what to do, and nothing half done."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.store.test_reading import damage, rows

from b24syncd.errors import ExitCode, StateUnavailable, StateUnusable
from b24syncd.store import meta
from b24syncd.store.database import Database, open_for_writing
from b24syncd.store.lock import raise_if_passing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import sqlite_utils
    from tests.store.conftest import WriterProcess

    StartWriter = Callable[..., WriterProcess]


def open_and_write(path: Path) -> None:
    async def opened() -> None:
        async with open_for_writing(path) as database:
            await database.write(lambda db: meta.put(db, "key", "value"))

    asyncio.run(opened())


def value_of(path: Path, key: str) -> str | None:
    async def opened() -> str | None:
        async with open_for_writing(path) as database:
            return await database.read(lambda db: meta.get(db, key))

    return asyncio.run(opened())


def test_what_was_written_before_the_disk_was_full_is_there_when_it_has_room_again(
    path: Path, limited: Callable[..., list[str]]
) -> None:
    open_and_write(path)
    *written, code, sentence = limited("write", path, bytes_of_a_file=1_000_000)
    assert int(code) == ExitCode.UNAVAILABLE
    assert sentence.startswith(f"{path} cannot be used: disk I/O error; its disk fails or is full")
    assert "start again" in sentence
    last = len(written) - 1
    assert (value_of(path, f"more {last}"), value_of(path, f"more {last + 1}")) == ("y" * 500, None)


@pytest.mark.parametrize("what", ["folder", "file", "both"])
def test_what_may_not_be_written_shows_before_anything_is_done(
    public_path: Path, limited: Callable[..., list[str]], what: str
) -> None:
    open_and_write(public_path)
    public_path.with_name("portal.db.lock").chmod(0o666)
    public_path.parent.chmod(0o555 if what != "file" else 0o777)
    public_path.chmod(0o444 if what != "folder" else 0o666)
    before = public_path.read_bytes()
    code, sentence = limited("read-only", public_path, bytes_of_a_file=1_000_000)
    assert int(code) == ExitCode.USAGE
    assert sentence.startswith(f"{public_path} cannot be ")
    assert "run as the user of the service" in sentence
    assert public_path.read_bytes() == before


async def test_no_room_in_the_database_is_said_with_what_to_do(database: Database) -> None:
    def fill(db: sqlite_utils.Database) -> None:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages}")
        meta.put(db, "big", "x" * 1_000_000)

    with pytest.raises(StateUnavailable, match="make room on its disk, then start again") as caught:
        await database.write(fill)
    assert caught.value.exit_code is ExitCode.UNAVAILABLE


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_no_room_for_the_lock_passes(path: Path, number: int) -> None:
    with pytest.raises(StateUnavailable, match="make room, then start again"):
        raise_if_passing(OSError(number, os.strerror(number)), path)
    raise_if_passing(PermissionError(errno.EACCES, "no"), path)


def test_a_lock_that_another_program_holds(path: Path) -> None:
    open_and_write(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateUnavailable, match="database is locked; another program holds it; end that"):
            open_and_write(path)
        assert rows(path) == 1  # reading goes on
        foreign.execute("ROLLBACK")
    open_and_write(path)


def patience(db: sqlite_utils.Database) -> int:
    return int(db.execute("PRAGMA busy_timeout").fetchone()[0])


async def test_a_lock_that_comes_while_the_state_is_in_use(database: Database) -> None:
    await database.write(lambda db: meta.put(db, "key", "before"))
    with closing(sqlite3.connect(database.path, isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateUnavailable):
            await database.write(lambda db: meta.put(db, "key", "after"))
        assert await database.read(lambda db: meta.get(db, "key")) == "before"
        assert await database.read(patience) == 500  # not so long for each of what is written at an end
        foreign.execute("ROLLBACK")
    await database.write(lambda db: meta.put(db, "key", "after"))
    assert await database.read(patience) == 5000


@pytest.mark.parametrize("how", ["deleted", "moved", "replaced"])
async def test_a_file_that_went_away_is_not_written_to(database: Database, how: str) -> None:
    await database.write(lambda db: meta.put(db, "key", "value"))
    if how == "replaced":
        copy = database.path.with_name("copy.db")
        shutil.copy(database.path, copy)
        copy.replace(database.path)
    elif how == "moved":
        database.path.rename(database.path.with_name("elsewhere.db"))
    else:
        database.path.unlink()
    with pytest.raises(StateUnusable, match="moved, deleted or replaced while it was in use"):
        await database.write(lambda db: meta.put(db, "key", "lost"))


def test_a_truncated_file_is_refused_at_once_and_left_alone(path: Path, start_writer: StartWriter) -> None:
    writer = start_writer()
    writer.write(500)
    writer.stop()
    os.truncate(path, path.stat().st_size // 2)
    before = path.read_bytes()
    with pytest.raises(StateUnusable, match=r"malformed; nothing more is written; docs/state\.md") as caught:
        open_and_write(path)
    assert caught.value.exit_code is ExitCode.USAGE
    assert path.read_bytes() == before


def test_damage_in_the_middle_is_one_sentence(path: Path, start_writer: StartWriter) -> None:
    writer = start_writer()
    writer.write(2000)
    writer.stop()
    damage(path)

    async def read() -> None:
        async with open_for_writing(path) as database:
            await database.read(lambda db: db.execute("SELECT sum(length(value)) FROM meta").fetchall())

    with pytest.raises(StateUnusable, match="nothing more is written"):
        asyncio.run(read())


async def test_bytes_that_are_no_text_are_damage(database: Database) -> None:
    await database.write(lambda db: db.execute("INSERT INTO meta VALUES ('key', CAST(X'C328' AS TEXT))"))
    with pytest.raises(StateUnusable, match="nothing more is written"):
        await database.read(lambda db: meta.get(db, "key"))


def test_a_log_that_is_gone_leaves_the_state_as_it_was_before(path: Path, start_writer: StartWriter) -> None:
    start_writer().stop()
    writer = start_writer()
    writer.write(7)
    writer.kill()
    path.with_name("portal.db-wal").unlink()
    assert value_of(path, "row 6") is None
    open_and_write(path)
