"""`b24syncd demo` as a person runs it: to its end, kept up, and stopped half-way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from http import HTTPStatus
from pathlib import Path
from typing import Self
from urllib.request import urlopen

import pytest
from tests.forked import Forked
from tests.variants import some

SMALL = ("--items", "200")
LONGEST_SECONDS = 300.0
TOLD = (
    "$ b24syncd backfill --dry-run",
    "\nphone numbers that were read, by country\n",
    ", taken at random; all of them with --csv FILE\n",
    "\nwriting would take ",
    "edits of people met and mended",
    "several in one field",
    "domain_typo",
    "a review asks for a decision",
    'to = "same_contact_point:company"',
    "(a call) hangs on contact:1, as the person left it",
    "missing_target",
    "→ it hangs on company:",
    "with exit code 0",
    "ok      limit errors       0;",
    "ok      lost edits         0 of 18",
    "ok      preview of rules   0 writes",
    "ok      wrong bindings     of 0 activities",
    "ok      lost bindings      0;",
    "Payment date: empty → ",
    "other_currency",
    "its only payment, of ",
    "→ the field is empty",
    "→ 2020-02-29 stays, and a review asks for a decision",
    "ok      preview of dates   0 writes, 0 fields made",
    "ok      wrong dates        in 0 of ",
    ": a person puts back the name",
    "it stays: what people write over a replacement is theirs",
    "ok      preview of fields  0 writes",
    "ok      wrong fields       0 in 60 deals",
    "ok      second backfill    0 writes",
)


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    path = tmp_path / "temporary"
    path.mkdir()
    return path


class Demo:
    """A demonstration under way, and what it prints."""

    def __init__(self, temporary: Path, *options: str) -> None:
        """Begin."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("B24SYNCD_")}
        foreign = {
            "TMPDIR": str(temporary),
            "B24SYNCD_PORTAL__WEBHOOK": "https://elsewhere.invalid/rest/1/foreignsecret/",
        }
        reading, writing = os.pipe()
        self._process = Forked(("demo", *SMALL, *options), kept | foreign, Path.cwd(), writing, writing)
        os.close(writing)
        self._output = os.fdopen(reading, encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._output.close()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def read_until(self, text: str) -> str:
        """Return what was printed up to the line with `text`; the line has to come."""
        lines = []
        for line in self._output:
            lines.append(line)
            if text in line:
                return "".join(lines)
        pytest.fail(f"it ended without {text!r}:\n{''.join(lines)}")

    def end(self) -> tuple[int, str]:
        """Wait for its end; return its exit code and what it printed meanwhile."""
        printed = self._output.read()
        return self._process.wait(LONGEST_SECONDS), printed


def programs_in(folder: Path) -> list[int]:
    """Return the processes whose environment names the folder's configuration."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environ = (process / "environ").read_bytes()
        except OSError:
            continue
        if f"B24SYNCD_CONFIG={folder}".encode() in environ:
            found.append(int(process.name))
    return found


@pytest.mark.parametrize(
    ("line", "number"),
    some(
        [("b24syncd on a simulated", signal.SIGTERM), ("The backfill, while", signal.SIGINT), ("run &", signal.SIGINT)],
        2,
    ),
)
def test_it_can_be_stopped_at_any_moment(temporary: Path, line: str, number: signal.Signals) -> None:
    with Demo(temporary) as demo:
        demo.read_until(line)
        demo.send(number)
        code, rest = demo.end()
    assert code == 130, rest
    assert "Traceback" not in rest
    assert rest.endswith("stopped; nothing is left behind\n")
    assert list(temporary.iterdir()) == []
    assert programs_in(temporary) == []


def play(folder: Path, printed: str) -> None:
    """Do with a demonstration that is kept up what it invites to."""
    [link] = [line for line in printed.splitlines() if "/join#" in line]
    with urlopen(link.partition("#")[0], timeout=LONGEST_SECONDS) as page:  # noqa: S310 # our own
        assert page.status == HTTPStatus.OK
    invitation = printed.partition("paste into another terminal")[2].splitlines()
    pasted = [line for line in invitation if line.endswith(("status", "review list"))]
    assert len(pasted) == 2
    for line in pasted:
        done = subprocess.run(
            [sys.executable, "-m", "b24syncd.cli.main", *line.split("main ")[-1].split()],
            env={**os.environ, "B24SYNCD_CONFIG": str(folder / "b24syncd.toml")},
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST_SECONDS,
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("options", some([("--keep",), ()]))
def test_it_shows_everything_and_kept_up_it_can_be_played_with(temporary: Path, options: tuple[str, ...]) -> None:
    printed = ""
    with Demo(temporary, *options) as demo:
        if options:
            printed = demo.read_until("stay up until Ctrl-C")
            [folder] = temporary.iterdir()
            play(folder, printed)
            demo.send(signal.SIGINT)
        code, rest = demo.end()
    printed += rest
    assert code == 0, printed
    assert "\x1b" not in printed
    assert "Traceback" not in printed
    for told in TOLD:
        assert told in printed
    assert "FAILED" not in printed
    assert [(kept / "demo.db").exists() for kept in temporary.iterdir()] == [True] * len(options)
    deadline = time.monotonic() + LONGEST_SECONDS
    while programs_in(temporary) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert programs_in(temporary) == []
