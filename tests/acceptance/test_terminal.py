"""What a person sees: a bar and sentences on a terminal, log lines elsewhere, and nobody's data in the logs."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.acceptance.processes import PATIENCE_SECONDS, SECRET, until
from tests.forked import PROGRAM, Forked

if TYPE_CHECKING:
    from tests.acceptance.conftest import Installation
    from tests.acceptance.processes import ServedPortal

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLUMNS = 120
COSTS = {"crm.item.get": 0.05, "crm.item.update": 0.05, "crm.item.list": 0.2}
"""So that a command is at work for some seconds."""


def on_a_terminal(home: Installation, *arguments: str, code: int = 0) -> str:
    """Run a command that ends so on a terminal of its own; return everything that was drawn."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
    process = Forked(arguments, home.environ | {"TERM": "xterm-256color"}, home.folder, terminal, terminal)
    os.close(terminal)
    drawn = b""
    with suppress(OSError):  # a terminal whose last user has gone
        while received := os.read(controller, 65536):
            drawn += received
    os.close(controller)
    assert process.wait() == code
    text = drawn.decode()
    assert SECRET not in text
    return text


class Lost:
    """A command in a session of its own on a terminal, as after `ssh`; `hang_up` drops the connection."""

    def __init__(self, home: Installation, *arguments: str, nohup: bool = False) -> None:
        self._controller, terminal = pty.openpty()
        own = ("nohup",) if nohup else ()
        self.process = subprocess.Popen(
            [*own, *PROGRAM, *arguments],
            cwd=home.folder,
            env=home.environ | {"TERM": "xterm-256color"},
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
            preexec_fn=partial(fcntl.ioctl, terminal, termios.TIOCSCTTY, 0),  # noqa: PLW1509 # nothing else runs here
        )
        os.close(terminal)
        os.set_blocking(self._controller, False)
        home.resources.callback(self._end)

    def hang_up(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._controller, 65536)
        os.close(self._controller)

    def _end(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.mark.every(2)
@pytest.mark.parametrize(("command", "code"), [(("backfill",), 130), (("backfill", "--dry-run"), 130), (("run",), 0)])
def test_a_dropped_connection_ends_a_command_as_ctrl_c_does(
    home: Installation, command: tuple[str, ...], code: int
) -> None:
    portal = home.serve("--contacts", "150", "--companies", "20", "--leads", "20", "--real-time")
    portal.tell("costs", COSTS)
    lost = Lost(home, *command)
    until(lambda: portal.stats["commands"].get("crm.item.list", 0) > 3)
    lost.hang_up()
    assert lost.process.wait(PATIENCE_SECONDS) == code
    portal.tell("costs", dict.fromkeys(COSTS, 0.0))
    home.run("backfill")
    portal.assert_right()
    assert {entry["outcome"] for entry in home.run("journal", "--json").records} == {"done"}


def test_a_dropped_connection_is_nothing_to_what_nohup_began(home: Installation) -> None:
    portal = home.serve("--contacts", "50", "--companies", "0", "--leads", "0", "--real-time")
    portal.tell("costs", {"crm.item.get": 0.02, "crm.item.update": 0.02})
    lost = Lost(home, "backfill", nohup=True)
    until(lambda: portal.stats["commands"].get("crm.item.update", 0) > 1)
    lost.hang_up()
    assert lost.process.wait(PATIENCE_SECONDS) == 0
    portal.assert_right()


def test_a_terminal_that_goes_away_without_a_word_changes_neither_the_work_nor_its_exit_code(
    home: Installation,
) -> None:
    portal = home.serve("--contacts", "20", "--companies", "0", "--leads", "0")
    for arguments, code in ((("backfill",), 0), (("backfill", "--only", "contact:999"), 6), (("journal",), 0)):
        controller, terminal = pty.openpty()
        os.close(controller)
        process = Forked(arguments, home.environ | {"TERM": "xterm"}, home.folder, terminal, terminal)
        os.close(terminal)
        assert process.wait() == code
    portal.assert_right()


def personal(portal: ServedPortal) -> set[str]:
    """Return what no log may hold: every value that anybody wrote, or that came of it."""
    entries = portal.ask("truth", entries=1)["entries"]
    raw = {entry["raw"].strip() for entry in entries if entry["type_id"] in {"PHONE", "EMAIL"}}
    return {value for value in raw | {c for entry in entries for c in entry["canonical"] or ()} if len(value) > 4}


def test_a_backfill_draws_a_bar_and_ends_with_a_summary(home: Installation) -> None:
    portal = home.serve("--contacts", "150", "--companies", "20", "--leads", "0", "--lead-mode", "off")
    drawn = on_a_terminal(home, "backfill")
    portal.assert_right()
    bar = [CONTROL.sub("", frame) for frame in re.split(r"[\r\n]", drawn) if "━" in frame]
    told = re.compile(r"\d+%, (ETA \S+, )?\d+ items( \(\d+/s\))?, \d+ corrected, \d+ to review")
    assert any(map(told.search, bar))
    lines = [CONTROL.sub("", line).strip() for line in re.split(r"[\r\n]", drawn)]
    # the bar is told by itself; of the log it lets through what is more than news, on lines of their own
    assert not [line for line in lines if "corrected " in line and "ref" in line]
    (warning,) = [line for line in lines if "entity_type_refused" in line]
    assert "━" not in warning
    assert any(re.fullmatch(r"170 items read, \d+ corrected \(\d+ corrections\), .*", line) for line in lines)
    assert "`b24syncd review list` shows what a person has to decide" in lines


def test_a_safety_stop_is_told_once(home: Installation) -> None:
    portal = home.serve("--contacts", "60", "--companies", "0", "--leads", "0")
    home.set(SAFETY__CANARY=5)
    told = "safety.canary = 5: the first corrections were made"
    assert on_a_terminal(home, "backfill", code=5).count(told) == 1
    assert home.run("backfill", code=5).err.count(told) == 1  # a log of its own, whoever reads the output
    (status,) = home.run("status", "--json").records
    assert (status["runs"][0]["state"], told in status["runs"][0]["stopped"]) == ("stopped", True)
    home.run("backfill", "--continue")
    home.set(SAFETY__CANARY=1, JOBS__PHONES__SPLIT="false")  # other rules, which nobody has seen at work
    home.run("backfill", "--limit", "1")
    for contact in (1, 2):
        portal.edit(action="add", entity_type_id=3, item_id=contact, value=f"8 916 234 56 0{contact}")
    assert on_a_terminal(home, "run", code=5).count("safety.canary = 1: the first corrections were made") == 1


def test_tables_fit_the_terminal(home: Installation) -> None:
    home.serve("--contacts", "40", "--companies", "0", "--leads", "0")
    home.run("backfill")
    for command in (["status"], ["review", "list"]):
        lines = CONTROL.sub("", on_a_terminal(home, *command)).split("\r\n")
        assert max(map(len, lines)) <= COLUMNS
        assert any("─" in line for line in lines)


def test_elsewhere_it_logs_its_progress_without_anybodys_data(home: Installation) -> None:
    portal = home.serve("--contacts", "150", "--companies", "20", "--leads", "20")
    ended = home.run("backfill")
    assert "\x1b" not in ended.out + ended.err
    last = ended.logged[-1]
    assert (last["event"], last["percent"], last["read"]) == ("progress", 100.0, 190)
    assert {"phase", "eta_seconds", "waiting_for", "waiting_until", "rate", "requests", "reviews"} <= last.keys()
    found = [value for value in personal(portal) if value in ended.err]
    assert found == []


def test_a_reader_who_goes_away_changes_neither_the_work_nor_its_exit_code(home: Installation) -> None:
    portal = home.serve("--contacts", "20", "--companies", "0", "--leads", "0")
    for arguments, code in ((("backfill",), 0), (("backfill", "--only", "contact:999"), 6), (("journal",), 0)):
        reading, writing = os.pipe()
        os.close(reading)
        process = Forked(arguments, home.environ, home.folder, writing, 2)
        os.close(writing)
        assert process.wait() == code
    portal.assert_right()


def test_an_output_on_a_full_disk_is_told_and_the_work_is_done(home: Installation) -> None:
    portal = home.serve("--contacts", "20", "--companies", "0", "--leads", "0")
    for arguments in (("backfill",), ("journal",), ("review", "export")):
        with Path("/dev/full").open("wb") as full, (home.folder / "err").open("wb") as err:
            assert Forked(arguments, home.environ, home.folder, full.fileno(), err.fileno()).wait() == 4
        said = (home.folder / "err").read_text(encoding="utf-8").splitlines()
        (sentence,) = [line for line in said if not line.startswith("{")]
        assert sentence.startswith("b24syncd: the output cannot be written: No space left on device; ")
    portal.assert_right()


def test_progress_and_summary_count_the_requests_that_the_portal_counted(home: Installation) -> None:
    portal = home.serve("--contacts", "20", "--companies", "0", "--leads", "0")
    for arguments in (("backfill", "--dry-run"), ("backfill",), ("backfill", "--only", "contact:1")):
        before = portal.stats["requests"]
        ended = home.run(*arguments)
        sent = portal.stats["requests"] - before
        assert re.findall(r"(\d+) requests?$", ended.out, re.MULTILINE) == [str(sent)]
        assert ended.logged[-1]["requests"] == sent


def test_the_daemon_logs_without_anybodys_data(home: Installation) -> None:
    portal = home.serve("--contacts", "20", "--companies", "0", "--leads", "0")
    home.run("backfill")
    daemon = home.follow()
    portal.edit(action="add", entity_type_id=3, item_id=3, value="8 (916) 234-56-78")
    portal.edit(action="add", entity_type_id=3, item_id=4, value="8 916 Sergey")
    until(lambda: "+79162345678" in portal.points(3, 3) and daemon.has_logged("corrected"))
    daemon.process.terminate()
    ended = daemon.end()
    assert [value for value in {"9162345678", "234-56-78", "Sergey", *personal(portal)} if value in ended.err] == []
