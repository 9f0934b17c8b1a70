from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from b24syncd.errors import ExitCode, StateLocked
from b24syncd.store import meta
from b24syncd.store.database import Database, open_for_writing
from b24syncd.store.lock import holder_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.store.conftest import WriterProcess

    StartWriter = Callable[..., WriterProcess]


async def test_a_second_writer_is_kept_out_and_told_by_whom(path: Path, start_writer: StartWriter) -> None:
    writer = start_writer()
    with pytest.raises(StateLocked) as caught:
        async with open_for_writing(path):
            pass
    assert f"process {writer.process.pid}" in str(caught.value)
    assert caught.value.exit_code is ExitCode.UNAVAILABLE
    assert holder_of(path) == writer.process.pid


async def test_a_second_writer_in_the_same_process_is_kept_out(database: Database) -> None:
    with pytest.raises(StateLocked, match=f"process {os.getpid()}"):
        async with open_for_writing(database.path):
            pass
    await database.write(lambda db: meta.put(db, "still", "works"))


async def test_a_link_to_the_state_is_the_same_state(database: Database, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(database.path)
    with pytest.raises(StateLocked):
        async with open_for_writing(link):
            pass


async def test_the_lock_goes_when_the_writer_ends(path: Path, start_writer: StartWriter) -> None:
    start_writer().stop()
    assert holder_of(path) is None
    async with open_for_writing(path):
        assert holder_of(path) == os.getpid()
    assert holder_of(path) is None


async def test_the_lock_goes_with_a_killed_process_and_what_it_committed_stays(
    path: Path, start_writer: StartWriter
) -> None:
    writer = start_writer()
    writer.write(3)
    writer.kill()
    assert holder_of(path) is None
    async with open_for_writing(path) as database:
        assert await database.read(lambda db: meta.get(db, "row 2")) == "x" * 200


async def test_the_lock_goes_when_opening_fails(path: Path) -> None:
    async with open_for_writing(path):
        pass
    content = path.read_bytes()  # noqa: ASYNC240 - nothing else runs
    path.write_bytes(b"rubbish" * 1000)  # noqa: ASYNC240 - nothing else runs
    with pytest.raises(Exception, match="not a database"):
        async with open_for_writing(path):
            pass
    path.write_bytes(content)  # noqa: ASYNC240 - nothing else runs
    async with open_for_writing(path):
        pass


def test_the_lock_of_another_users_process_is_seen(path: Path) -> None:
    path.parent.mkdir()
    path.with_name("portal.db.lock").write_text("1\n")
    assert holder_of(path) == 1


@pytest.mark.parametrize("content", ["", "rubbish", "99999999999999999999", "-5x"])
def test_a_lock_file_without_a_living_process_is_nobodys(path: Path, content: str) -> None:
    path.parent.mkdir()
    path.with_name("portal.db.lock").write_text(content)
    assert holder_of(path) is None


def test_no_lock_file_is_nobodys(path: Path) -> None:
    assert holder_of(path) is None
