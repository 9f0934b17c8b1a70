from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from b24syncd.errors import StateUnusable
from b24syncd.store import meta
from b24syncd.store.beside import require_none_beside
from b24syncd.store.database import Database, open_for_writing


def open_and_close(path: Path) -> None:
    async def opened() -> None:
        async with open_for_writing(path):
            pass

    asyncio.run(opened())


async def test_files_are_private(database: Database) -> None:
    await database.write(lambda db: meta.put(db, "key", "value"))
    assert stat.S_IMODE(database.path.parent.stat().st_mode) == 0o700
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in database.path.parent.iterdir()}
    assert modes == dict.fromkeys(("portal.db", "portal.db-shm", "portal.db-wal", "portal.db.lock"), 0o600)


def test_the_mode_of_an_existing_file_stays(path: Path) -> None:
    path.parent.mkdir()
    path.touch(0o640)
    open_and_close(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


async def test_no_second_state_begins_beside_that_of_the_same_portal(database: Database) -> None:
    await database.write(lambda db: meta.bind_portal(db, "acme.example"))
    second = database.path.with_name("second.db")
    database.path.with_name("other.db").write_text("no state at all", encoding="utf-8")
    with pytest.raises(StateUnusable, match=r"portal.name = \"portal\" or state.path"):
        require_none_beside(second, "ACME.example")
    require_none_beside(second, "other.example")
    require_none_beside(database.path, "acme.example")


def test_a_newer_schema_is_refused_and_left_alone(path: Path) -> None:
    open_and_close(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('b24syncd', 'm999_of_the_future', '2030')"
        )
    before = path.read_bytes()
    with pytest.raises(StateUnusable, match=r"newer b24syncd \(m999_of_the_future\)"):
        open_and_close(path)
    assert path.read_bytes() == before


def test_the_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE theirs (a)")
    before = path.read_bytes()
    with pytest.raises(StateUnusable, match="another program"):
        open_and_close(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"This is no database at all." * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_one_sentence(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(StateUnusable) as caught:
        open_and_close(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == content


def test_a_folder_in_the_place_of_the_file(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StateUnusable, match=r"portal\.db cannot be opened"):
        open_and_close(path)


def test_only_the_folder_itself_is_created(tmp_path: Path) -> None:
    misspelt = tmp_path / "misspelt"
    for folder in (misspelt / "state", misspelt / "a" / "longer" / "way"):
        with pytest.raises(StateUnusable, match=f"^the folder {misspelt} does not exist; create it, or correct"):
            open_and_close(folder / "portal.db")
    assert not misspelt.exists()


def test_a_folder_that_takes_no_files() -> None:
    with pytest.raises(StateUnusable, match=r"^no file can be made in /proc; correct"):
        open_and_close(Path("/proc/portal.db"))


def test_a_disk_that_is_mounted_for_reading_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> int:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    told = "Read-only file system; let the disk be mounted for writing, or correct"
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refused)
        with pytest.raises(StateUnusable, match=told):
            open_and_close(tmp_path / "portal.db")


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    with pytest.raises(StateUnusable, match="cannot be opened for writing"):
        open_and_close(tmp_path / "state" / "portal.db")
