from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.store.test_reading import files, rows

from b24syncd.errors import ExitCode, StateUnusable, UsageInvalid
from b24syncd.store import meta
from b24syncd.store.backup import back_up
from b24syncd.store.database import open_for_writing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.store.conftest import WriterProcess

    StartWriter = Callable[..., WriterProcess]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "copies"
    folder.mkdir()
    return folder / "copy.db"


def assert_no_trace(target: Path) -> None:
    assert list(target.parent.iterdir()) == []


def test_beside_a_working_writer(path: Path, target: Path, start_writer: StartWriter) -> None:
    writer = start_writer()
    for number in (10, 2000):  # the second lets SQLite copy its log into the file and begin it anew
        writer.write(number)
        before = files(path.parent)
        size = back_up(path, target)
        assert files(path.parent) == before
        assert [file.name for file in target.parent.iterdir()] == ["copy.db"]
        assert (size, stat.S_IMODE(target.stat().st_mode)) == (target.stat().st_size, 0o600)
        assert rows(target) == number
        target.unlink()
    writer.write(1)  # it was not disturbed


def test_after_a_writer_that_ended(path: Path, target: Path, start_writer: StartWriter) -> None:
    writer = start_writer()
    writer.write(7)
    writer.stop()
    before = files(path.parent)
    back_up(path, target)
    assert files(path.parent) == before
    assert rows(target) == 7


def test_what_a_killed_writer_had_committed_is_in_the_copy(path: Path, target: Path, start_writer: StartWriter) -> None:
    writer = start_writer()
    writer.write(7)
    writer.kill()
    back_up(path, target)
    assert rows(target) == 7


async def test_a_copy_is_a_state_that_can_be_gone_on_with(path: Path, target: Path, start_writer: StartWriter) -> None:
    writer = start_writer()
    writer.write(7)
    back_up(path, target)
    writer.stop()
    shutil.copy(target, path)
    async with open_for_writing(path) as database:
        await database.write(lambda db: meta.put(db, "row 6", "changed"))
        assert await database.read(lambda db: meta.get(db, "row 6")) == "changed"


def test_of_a_state_of_an_older_release(path: Path, target: Path, start_writer: StartWriter) -> None:
    start_writer().stop()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM _sqlite_migrations WHERE name != 'm001_first_tables'")
    back_up(path, target)
    with closing(sqlite3.connect(target)) as connection:
        assert connection.execute("SELECT name FROM _sqlite_migrations").fetchall() == [("m001_first_tables",)]


def test_nothing_is_overwritten(path: Path, target: Path, start_writer: StartWriter) -> None:
    start_writer().stop()
    for there in (target, path):
        there.touch()
        before = there.read_bytes()
        with pytest.raises(UsageInvalid, match="exists already"):
            back_up(path, there)
        assert there.read_bytes() == before
    assert [file.name for file in target.parent.iterdir()] == ["copy.db"]


def test_a_link_in_the_place_of_the_copy_is_not_followed(path: Path, target: Path, start_writer: StartWriter) -> None:
    start_writer().stop()
    elsewhere = target.with_name("elsewhere")
    target.symlink_to(elsewhere)
    with pytest.raises(UsageInvalid, match="exists already"):
        back_up(path, target)
    assert not elsewhere.exists()


def test_a_folder_that_is_not_there(path: Path, target: Path, start_writer: StartWriter) -> None:
    start_writer().stop()
    with pytest.raises(UsageInvalid, match="No such file or directory; name another file"):
        back_up(path, target.parent / "misspelt" / "copy.db")
    assert_no_trace(target)


def test_without_a_state(path: Path, target: Path) -> None:
    with pytest.raises(StateUnusable, match="nothing has run yet"):
        back_up(path, target)
    assert_no_trace(target)


def test_a_disk_without_room_for_the_copy(
    path: Path, target: Path, start_writer: StartWriter, limited: Callable[..., list[str]]
) -> None:
    writer = start_writer()
    writer.write(2000)
    writer.stop()
    assert limited("backup", path, target, bytes_of_a_file=100_000) == [
        str(ExitCode.UNAVAILABLE.value),
        f"{path} could not be copied to {target.parent}: disk I/O error; make room there, then try again",
    ]
    assert_no_trace(target)


def test_a_damaged_state_leaves_no_copy(path: Path, target: Path, start_writer: StartWriter) -> None:
    writer = start_writer()
    writer.write(2000)
    writer.stop()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(os.urandom(8192))
    with pytest.raises(StateUnusable, match="is damaged, and no copy was kept"):
        back_up(path, target)
    assert_no_trace(target)
