"""Commands beside a daemon: it does what they ask for, and nothing has to be stopped for them."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from tests.acceptance.processes import NOW_AND_THEN, until

if TYPE_CHECKING:
    from tests.acceptance.conftest import Installation

SIZE = ("--contacts", "140", "--companies", "20", "--leads", "40")
SLOWLY = ("--update-cost", "0.01", "--real-time")


def runs(home: Installation) -> list[tuple[str, str]]:
    (status,) = home.run("status", "--json").records
    return [(run["kind"], run["state"]) for run in reversed(status["runs"])]


def waiting_of(home: Installation) -> dict[str, str] | None:
    (status,) = home.run("status", "--json").records
    waiting: dict[str, str] | None = status["waiting"]
    return waiting


def test_everything_is_handed_over_and_leaves_no_foreign_files(home: Installation) -> None:
    portal = home.serve(*SIZE)
    os.chown(home.folder, 4242, 4242)  # the folder of a service under another user
    daemon = home.follow()
    before = sorted(file.name for file in home.folder.glob("state.db*"))
    assert before == ["state.db", "state.db-shm", "state.db-wal", "state.db.lock", "state.db.sock"]
    until(lambda: "which waits for changes since 20" in home.run("status").out)  # not while it goes a round
    until(lambda: (waiting_of(home) or {}).get("what") == "changes")
    (done,) = home.run("backfill", "--json").records
    assert (done["run"], done["exit_code"], done["counts"]["read"]) == (2, 0, 200)
    portal.assert_right()
    (first, *_) = home.run("review", "list", "--json").records
    assert home.run("review", "dismiss", str(first["id"])).out == "1 dismissed\n"
    refused = home.run("undo", "7", "--json", code=2)
    assert refused.records == [
        {"error": "there is no run 7; `b24syncd status --runs N` lists the latest", "exit_code": 2}
    ]
    undone = home.run("undo", "2")
    assert "undone stays undone until `b24syncd review release --run 3`" in undone.out
    assert "released" in home.run("review", "release", "--run", "3").out
    until(lambda: portal.ask("truth")["mistakes"] == [])
    assert runs(home) == [("run", "running"), ("backfill", "done"), ("undo", "done")]
    assert sorted(file.name for file in home.folder.glob("state.db*")) == before
    assert {file.stat().st_uid for file in home.folder.glob("state.db*")} == {4242}
    assert daemon.has_logged("handed_over")
    daemon.send(signal.SIGTERM)
    assert daemon.end().code == 0
    assert portal.stats["limit_errors"] == {}


def test_ctrl_c_only_detaches(home: Installation) -> None:
    portal = home.serve(*SIZE, *SLOWLY)
    daemon = home.follow()
    command = home.start("backfill")
    until(lambda: portal.stats["saves"] > 5)
    command.send(signal.SIGINT)
    ended = command.end()
    assert ended.code == 130
    (sentence,) = ended.sentences
    assert f"detached; process {daemon.process.pid} goes on with it" in sentence
    until(lambda: runs(home)[-1] == ("backfill", "done"), every=NOW_AND_THEN)
    portal.assert_right()
    daemon.send(signal.SIGTERM)
    assert daemon.end().code == 0


def test_a_daemon_that_is_killed_takes_the_command_with_it_which_goes_on_later(home: Installation) -> None:
    portal = home.serve(*SIZE, *SLOWLY)
    daemon = home.follow()
    command = home.start("backfill")
    until(lambda: portal.stats["saves"] > 5)
    daemon.kill()
    ended = command.end()
    assert ended.code == 4
    (sentence,) = ended.sentences
    assert "the service ended before the command did; the same command goes on from here" in sentence
    assert [entry for entry in home.run("backfill").logged if entry["event"] == "resuming_backfill"]
    portal.assert_right()


def test_a_safety_limit_is_one_sentence_and_exit_code_5(home: Installation) -> None:
    portal = home.serve(*SIZE)
    home.set(SAFETY__CANARY=5)
    stopped = home.run("backfill", code=5)
    assert "stopped by a safety limit: safety.canary = 5: " in stopped.out
    assert portal.stats["saves"] <= 5
    daemon = home.follow()
    assert "stopped by a safety limit" in home.run("backfill", code=5).out
    assert "stopped" not in home.run("backfill", "--continue").out
    portal.assert_right()
    daemon.send(signal.SIGTERM)
    assert daemon.end().code == 0
