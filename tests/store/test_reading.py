from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from b24syncd.errors import B24SyncError, RetryLater, StateUnusable
from b24syncd.store import meta, runs
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.store.conftest import WriterProcess

    StartWriter = Callable[..., WriterProcess]


def files(folder: Path) -> dict[str, tuple[int, int, int, bytes]]:
    """Everything about the files, but for when they were read."""
    found = {}
    for file in [folder, *sorted(folder.iterdir())]:
        status = file.stat()
        content = b"" if file.is_dir() else file.read_bytes()
        found[file.name] = (status.st_mtime_ns, status.st_mode, status.st_uid, content)
    return found


def rows(path: Path) -> int:
    with open_for_reading(path) as db:
        return int(db.execute("SELECT count(*) FROM meta").fetchone()[0])


def test_without_a_state_nothing_is_created(tmp_path: Path) -> None:
    with pytest.raises(StateUnusable, match="nothing has run yet"), open_for_reading(tmp_path / "state" / "x.db"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_a_state_in_which_nothing_has_run(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    before = files(path.parent)
    with pytest.raises(StateUnusable, match="nothing has run yet"), open_for_reading(path):
        pass
    assert files(path.parent) == before


def test_beside_a_working_writer(path: Path, start_writer: StartWriter) -> None:
    writer = start_writer()
    for number in (10, 20, 2000):  # the last lets SQLite copy its log into the file and begin it anew
        writer.write(number)
        before = files(path.parent)
        assert rows(path) == number
        assert files(path.parent) == before


def test_a_reader_that_stays_sees_what_is_written_meanwhile(path: Path, start_writer: StartWriter) -> None:
    writer = start_writer()
    with open_for_reading(path) as db:
        for number in (10, 2000, 3000):
            writer.write(number)
            assert meta.get(db, f"row {number - 1}") is not None


def test_after_a_writer_that_was_killed(path: Path, start_writer: StartWriter) -> None:
    writer = start_writer()
    writer.write(7)
    writer.kill()
    before = files(path.parent)
    assert {"portal.db-wal", "portal.db-shm"} < set(before)
    assert rows(path) == 7
    assert files(path.parent) == before


def test_after_a_writer_that_ended(path: Path, start_writer: StartWriter) -> None:
    writer = start_writer()
    writer.write(7)
    writer.stop()
    before = files(path.parent)
    assert set(before) == {"state", "portal.db", "portal.db.lock"}
    assert rows(path) == 7
    assert files(path.parent) == before


def test_a_writer_can_come_and_go_while_a_reader_stays(path: Path, start_writer: StartWriter) -> None:
    first = start_writer()
    first.write(3)
    with open_for_reading(path) as db:
        assert runs.latest_runs(db) == ()
        first.stop()
        second = start_writer()
        second.write(5)
        assert meta.get(db, "row 4") is not None
        second.stop()


def as_somebody_who_may_only_read(path: Path, readable: Path) -> str:
    script = Path(__file__).with_name("reader_process.py")
    return subprocess.run(
        [sys.executable, str(script), str(path), str(readable)], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.mark.parametrize("ending", ["at work", "killed", "stopped"])
def test_somebody_who_may_only_read(public_path: Path, start_writer: StartWriter, ending: str) -> None:
    writer = start_writer(public_path)
    writer.write(4)
    if ending == "killed":
        writer.kill()
    if ending == "stopped":
        writer.stop()
    for file in public_path.parent.iterdir():
        file.chmod(0o444)
    public_path.parent.chmod(0o555)
    before = files(public_path.parent)
    assert as_somebody_who_may_only_read(public_path, public_path) == "4"
    assert files(public_path.parent) == before
    public_path.parent.chmod(0o755)
    writer.stop()


def test_somebody_who_may_not_read_gets_one_sentence(public_path: Path, path: Path, start_writer: StartWriter) -> None:
    for place in (public_path, path):
        writer = start_writer(place)
        writer.stop()
    public_path.parent.chmod(0o755)
    public_path.chmod(0o000)
    answer = as_somebody_who_may_only_read(public_path, path)
    assert answer.endswith("cannot be read: unable to open database file; run as root or as the user of the service")
    public_path.parent.chmod(0o000)
    assert "Permission denied" in as_somebody_who_may_only_read(public_path, path)


def test_a_copy_with_an_unread_log_is_refused_rather_than_read_without_it(
    path: Path, start_writer: StartWriter, tmp_path: Path
) -> None:
    writer = start_writer()
    writer.write(7)
    copy = tmp_path / "copy.db"
    shutil.copy(path, copy)
    shutil.copy(path.with_name("portal.db-wal"), tmp_path / "copy.db-wal")
    before = files(tmp_path)
    with pytest.raises(StateUnusable, match="copied without"):
        rows(copy)
    assert files(tmp_path) == before


def test_reading_never_writes(path: Path, start_writer: StartWriter) -> None:
    start_writer().stop()
    with pytest.raises(B24SyncError, match="readonly"), open_for_reading(path) as db:
        meta.put(db, "key", "value")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"This is no database at all." * 100, "not a database"),
        (b"SQLite format 3\0" + b"\xff" * 5000, "not a database"),
    ],
)
def test_a_file_that_is_no_database_is_one_sentence(path: Path, content: bytes, sentence: str) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    before = files(path.parent)
    with pytest.raises(StateUnusable, match=sentence) as caught:
        rows(path)
    assert "\n" not in str(caught.value)
    assert files(path.parent) == before


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("DELETE FROM _sqlite_migrations", "another program"),
        ("UPDATE _sqlite_migrations SET migration_set = 'theirs'", "another program"),
        ("UPDATE _sqlite_migrations SET name = 'm999' WHERE name LIKE 'm002%'", r"newer b24syncd \(m999\)"),
    ],
)
def test_other_schemas_are_refused(path: Path, start_writer: StartWriter, change: str, sentence: str) -> None:
    start_writer().stop()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(change)
    with pytest.raises(StateUnusable, match=sentence):
        rows(path)


def test_a_damaged_page_is_said_to_be_one(path: Path, start_writer: StartWriter) -> None:
    writer = start_writer()
    writer.write(2000)
    writer.stop()
    damage(path)
    with pytest.raises(StateUnusable, match="malformed; nothing more is written"), open_for_reading(path) as db:
        db.execute("SELECT sum(length(value)) FROM meta").fetchall()


def test_a_page_that_was_written_meanwhile_is_read_again_later(path: Path, start_writer: StartWriter) -> None:
    writer = start_writer()
    writer.write(2000)
    writer.stop()

    def read_while_pages_change() -> None:
        with open_for_reading(path) as db:
            damage(path)
            db.execute("SELECT sum(length(value)) FROM meta").fetchall()

    with pytest.raises(RetryLater, match="written while it was read; try again"):
        read_while_pages_change()


def test_what_may_mix_two_moments_is_read_again_later(path: Path, start_writer: StartWriter) -> None:
    start_writer().stop()

    def read_while_a_writer_comes() -> None:
        with open_for_reading(path, of_one_moment=True) as db:
            assert meta.get(db, "row 0") is None
            start_writer().write(10)

    with pytest.raises(RetryLater, match="written while it was read"):
        read_while_a_writer_comes()


def damage(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xff" * (size // 2))
