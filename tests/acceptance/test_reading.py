"""`status`, `journal` and `review` beside a daemon and after it; they leave the state as it is."""

from __future__ import annotations

import csv
import os
import signal
from typing import TYPE_CHECKING

from tests.acceptance.processes import until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.conftest import Installation

SIZE = ("--contacts", "80", "--companies", "0", "--leads", "0")
NOBODY = 65534
JOURNAL = ["run", "at", "job", "item", "point", "before", "after", "outcome"]
REVIEW = ["id", "job", "item", "point", "value", "reason", "suggestion", "state"]
OF_ITEMS = ["field", "field_title", "url"]
"""What JSON tells beside the columns of lists."""
READING = [("status", "--json"), ("journal",), ("review", "list", "--json", "--all"), ("review", "export")]


def files(home: Installation) -> dict[str, tuple[int, int, int, int, bytes]]:
    """Return what there is of the state: names, owners, modes, times and contents."""
    found = {}
    for path in sorted(home.folder.glob("state.db*")):
        status = path.stat()
        marks = (status.st_uid, status.st_mode, status.st_size, status.st_mtime_ns)
        found[path.name] = (*marks, b"" if path.is_socket() else path.read_bytes())
    return found


def test_lists_have_the_documented_keys(home: Installation) -> None:
    home.serve(*SIZE)
    home.run("backfill")
    journal = home.run("journal", "--json").records
    assert [list(entry) for entry in journal] == [[*JOURNAL, *OF_ITEMS, "by", "id"]] * len(journal)
    reviews = home.run("review", "list", "--json").records
    assert [list(review) for review in reviews] == [[*REVIEW, "opened_at", *OF_ITEMS, "by"]] * len(reviews)
    item = journal[0]["item"]
    assert {entry["item"] for entry in home.run("journal", "--item", item, "--json").records} == {item}
    table = home.run("journal", "--item", item).out.splitlines()
    assert table[0].split("\t") == JOURNAL
    exported = home.folder / "reviews.csv"
    home.run("review", "export", "--csv", str(exported))
    with exported.open(encoding="utf-8-sig", newline="") as rows:
        assert [row["item"] for row in csv.DictReader(rows)] == [review["item"] for review in reviews]
    assert exported.stat().st_mode & 0o777 == 0o600


def test_reading_beside_a_daemon_and_after_it_changes_nothing_of_the_state(home: Installation) -> None:
    home.serve(*SIZE)
    home.set(CHANGES__INTERVAL_SECONDS=3600.0)
    home.run("backfill")
    daemon = home.follow()

    def is_quiet() -> bool:
        before = files(home)
        (status,) = home.run("status", "--json").records
        assert status["writer"] == daemon.process.pid
        assert status["runs"][0]["state"] == "running"
        return files(home) == before

    until(is_quiet)
    before = files(home)
    for command in READING:
        home.run(*command)
    assert files(home) == before
    daemon.send(signal.SIGTERM)
    assert daemon.end().code == 0

    before = files(home)
    for command in READING:
        home.run(*command)
    assert files(home) == before
    (status,) = home.run("status", "--json").records
    assert (status["writer"], status["runs"][0]["state"]) == (None, "done")


def test_after_a_crash_and_as_root_reading_changes_nothing_of_the_state(home: Installation) -> None:
    portal = home.serve(*SIZE)
    portal.tell("faults", {"kind": "hang", "when": "after", "match": "crm.item.update"})
    started = home.start("backfill")
    until(lambda: bool(portal.stats["faults"]))
    started.kill()
    owner = give_away(home.folder)
    before = files(home)
    assert "state.db-wal" in before
    for command in READING:
        home.run(*command)
    assert files(home) == before
    assert "corrections wait for their outcome" in home.run("status").out
    home.run("backfill")
    portal.assert_right()
    assert {marks[0] for marks in files(home).values()} == {owner}


def give_away(folder: Path) -> int:
    """Let the state belong to another user, as that of a service does, if we may; return its owner."""
    if os.geteuid() != 0:
        return os.geteuid()
    for path in (folder, *folder.glob("state.db*")):
        os.chown(path, NOBODY, NOBODY)
    return NOBODY


def test_reviews_are_dismissed_for_good_until_the_value_changes(home: Installation) -> None:
    portal = home.serve(*SIZE)
    home.run("backfill")
    phones = [review for review in home.run("review", "list", "--json").records if review["job"] == "phones"]
    first, second = phones[:2]
    assert home.run("review", "dismiss", str(first["id"])).out == "1 dismissed\n"
    ended = home.run("review", "dismiss", str(second["id"]), "4711", code=2)
    assert ended.sentences == ["b24syncd: no open review has the number 4711; nothing was dismissed"]
    home.run("backfill")
    still = {review["id"] for review in home.run("review", "list", "--json").records}
    assert first["id"] not in still
    assert second["id"] in still

    item = int(first["item"].partition(":")[2])
    portal.edit(action="change", entity_type_id=3, item_id=item, point_id=first["point"], value="somebody's number")
    other = int(second["item"].partition(":")[2])
    portal.edit(action="change", entity_type_id=3, item_id=other, point_id=second["point"], value="+79162345678")
    home.run("backfill")
    reviews = {review["point"]: review for review in home.run("review", "list", "--json").records}
    assert reviews[first["point"]]["value"] == "somebody's number"
    assert second["point"] not in reviews
