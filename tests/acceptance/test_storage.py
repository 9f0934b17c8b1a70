"""What happens to the state while the program works: it stops before harm, says what to do, and goes on afterwards."""

from __future__ import annotations

import resource
import shutil
import signal
import sqlite3
from contextlib import closing
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.acceptance.processes import until
from tests.acceptance.test_kill import assert_journal_fits
from tests.acceptance.test_reading import files, give_away

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.conftest import Installation
    from tests.acceptance.processes import Ended, ServedPortal, Started

SIZE = ("--contacts", "140", "--companies", "20", "--leads", "40")
SLOWLY = ("--update-cost", "0.004", "--real-time")
PAGE = 4096


@pytest.fixture
def portal(home: Installation) -> ServedPortal:
    return home.serve(*SIZE, *SLOWLY)


def at_work(home: Installation, portal: ServedPortal, edits: int = 20) -> Started:
    """Start a backfill, and wait until it has corrected some."""
    before = portal.stats["api_edits"]
    started = home.start("backfill")
    until(lambda: started.process.poll() is not None or portal.stats["api_edits"] - before >= edits, every=0.005)
    assert started.process.poll() is None, started.err
    return started


def assert_stopped(ended: Ended, code: int, *parts: str) -> None:
    assert ended.code == code, ended.err
    (sentence,) = ended.sentences
    assert sentence.startswith("b24syncd: ")
    for part in parts:
        assert part in sentence


def assert_nothing_unjournalled(home: Installation, portal: ServedPortal) -> None:
    """Every edit of the portal was in the journal before it left."""
    assert portal.stats["api_edits"] <= len(home.run("journal", "--json").records)


def assert_goes_on(home: Installation, portal: ServedPortal) -> None:
    home.run("backfill")
    portal.assert_right()
    assert_journal_fits(home, portal)
    (answer,) = home.run("state", "check", "--json").records
    assert answer == {"state": str(home.state), "sound": True, "findings": []}


def spoil(path: Path) -> None:
    """Overwrite half of the pages that hold the journal."""
    random = Random(1)  # noqa: S311 - which pages
    content = path.read_bytes()
    pages = [start for start in range(PAGE, len(content), PAGE) if b"phonescontact" in content[start : start + PAGE]]
    with path.open("r+b") as file:
        for start in random.sample(pages, (len(pages) + 1) // 2):
            file.seek(start)
            file.write(random.randbytes(PAGE))


def test_a_full_disk(home: Installation, portal: ServedPortal) -> None:
    started = at_work(home, portal)
    log = home.state.with_name("state.db-wal")
    size = max(home.state.stat().st_size, log.stat().st_size) + 10 * PAGE
    resource.prlimit(started.process.pid, resource.RLIMIT_FSIZE, (size, size))
    assert_stopped(started.end(), 4, "its disk fails or is full", "then start again: it goes on where it was")
    assert_nothing_unjournalled(home, portal)
    assert_goes_on(home, portal)


def test_another_program_holds_the_database(home: Installation, portal: ServedPortal) -> None:
    started = at_work(home, portal)
    with closing(sqlite3.connect(home.state, timeout=300, isolation_level=None)) as foreign:
        foreign.execute("BEGIN EXCLUSIVE")
        assert_stopped(started.end(), 4, "database is locked; another program holds it; end that, then start again")
        edits = portal.stats["api_edits"]
        assert_nothing_unjournalled(home, portal)
        assert_stopped(home.run("backfill", code=4), 4, "another program holds it")
        assert portal.stats["api_edits"] == edits
        foreign.execute("ROLLBACK")
    assert_goes_on(home, portal)


def test_a_daemon_whose_state_is_taken_away(home: Installation, portal: ServedPortal) -> None:
    home.run("backfill", "--limit", "10")
    daemon = home.follow()
    elsewhere = home.folder / "elsewhere.db"
    home.state.rename(elsewhere)
    edits = portal.stats["api_edits"]
    portal.edit(
        action="add", entity_type_id=3, item_id=1, type_id="PHONE", value="8 (916) 234-56-78", value_type="WORK"
    )
    assert_stopped(daemon.end(), 2, "was moved, deleted or replaced while it was in use; put it back, then start again")
    assert portal.stats["api_edits"] == edits
    for rest in home.folder.glob("state.db-*"):
        rest.rename(home.folder / rest.name.replace("state", "elsewhere"))
    elsewhere.rename(home.state)
    for rest in home.folder.glob("elsewhere.db-*"):
        rest.rename(home.folder / rest.name.replace("elsewhere", "state"))
    assert_goes_on(home, portal)


def test_damage_and_a_backup(home: Installation, portal: ServedPortal) -> None:
    at_work(home, portal, edits=40).kill()
    copy = home.folder / "copy.db"
    home.run("state", "backup", str(copy))
    home.run("backfill", "--limit", "60")
    spoil(home.state)
    (answer,) = home.run("state", "check", "--json", code=1).records
    assert not answer["sound"]
    assert answer["findings"]
    refused = home.start("state", "backup", str(home.folder / "second.db")).end()
    assert refused.code == 2, refused.err
    assert not (home.folder / "second.db").exists()
    assert_stopped(
        home.start("journal").end(), 2, "nothing more is written; docs/state.md says how to put a backup back"
    )
    for file in home.folder.glob("state.db*"):
        if not file.name.endswith(".lock"):
            file.unlink()
    shutil.copy(copy, home.state)
    home.run("backfill")
    portal.assert_right()
    home.run("state", "check")


def test_a_truncated_state(home: Installation, portal: ServedPortal) -> None:
    home.run("backfill", "--limit", "60")
    copy = home.state.read_bytes()
    edits = portal.stats["api_edits"]
    home.state.write_bytes(copy[: len(copy) // 2])
    for command in (("backfill",), ("state", "check")):
        assert_stopped(home.start(*command).end(), 2, "malformed; nothing more is written")
    assert portal.stats["api_edits"] == edits
    home.state.write_bytes(copy)
    assert_goes_on(home, portal)


@pytest.mark.every(2)
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('b24syncd', 'm999', '')",
            "newer b24syncd",
        ),
        ("DELETE FROM _sqlite_migrations", "another program"),
        ("UPDATE meta SET value = 'else.bitrix24.ru' WHERE key = 'portal'", "belongs to the portal else.bitrix24.ru"),
    ],
)
def test_a_state_that_is_not_ours(home: Installation, portal: ServedPortal, change: str, sentence: str) -> None:
    home.run("backfill", "--limit", "10")
    requests = portal.stats["requests"]
    with closing(sqlite3.connect(home.state)) as connection, connection:
        connection.execute(change)
    content = home.state.read_bytes()
    assert_stopped(home.start("run").end(), 2, sentence)
    assert portal.stats["requests"] == requests
    assert home.state.read_bytes() == content


def test_backups_beside_a_daemon_of_another_user(home: Installation, portal: ServedPortal) -> None:
    home.run("backfill", "--limit", "30")
    owner = give_away(home.folder)
    daemon = home.follow()
    copies = home.folder / "copies"
    copies.mkdir()
    for number in range(2):
        portal.edit(
            action="add",
            entity_type_id=3,
            item_id=number + 1,
            type_id="PHONE",
            value=f"8 (916) 234-56-7{number}",
            value_type="WORK",
        )
        copy = copies / f"{number}.db"
        (answer,) = home.run("state", "backup", str(copy), "--json").records
        assert answer == {"state": str(home.state), "backup": str(copy), "bytes": copy.stat().st_size}
        assert copy.stat().st_mode & 0o777 == 0o600
        home.run("state", "check")
        assert "exists already and is not overwritten" in home.run("state", "backup", str(copy), code=2).err
    assert {marks[0] for marks in files(home).values()} == {owner}
    daemon.send(signal.SIGTERM)
    assert daemon.end().code == 0
    for copy in copies.glob("*.db"):
        home.set(STATE__PATH=copy)
        assert home.run("state", "check").out == f"{copy} is sound\n"
    assert sorted(file.name for file in copies.iterdir()) == ["0.db", "1.db"]
    home.run("backfill")  # with one of the copies
    portal.assert_right()


def test_a_journal_that_is_kept_for_a_day(home: Installation, portal: ServedPortal) -> None:
    home.run("backfill")
    corrections = len(home.run("journal", "--json").records)
    with closing(sqlite3.connect(home.state)) as connection, connection:
        old = "2020-01-01T00:00:00.000+00:00"
        connection.execute("UPDATE journal SET at = ?, settled_at = ? WHERE id % 2", (old, old))
    home.run("backfill")
    assert len(home.run("journal", "--json").records) == corrections
    home.set(STATE__KEEP_JOURNAL_DAYS=1)
    daemon = home.follow()
    until(lambda: daemon.has_logged("journal_shortened"))
    daemon.send(signal.SIGTERM)
    assert daemon.end().code == 0
    assert len(home.run("journal", "--json").records) < corrections
    assert home.run("state", "check").out == f"{home.state} is sound\n"
    portal.assert_right()
