"""A portal is set up: by a person on a terminal, or by options; whatever goes wrong, nothing is left behind."""

from __future__ import annotations

import os
import pty
import select
import socket
import struct
import subprocess
import termios
from fcntl import ioctl
from functools import partial
from typing import TYPE_CHECKING

import pytest
from tests.acceptance.processes import PATIENCE_SECONDS, SECRET
from tests.forked import PROGRAM

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.conftest import Installation

FEW = ("--contacts", "12", "--companies", "0", "--leads", "0")
COLUMNS = 500
"""So many that no sentence is folded."""
HIDDEN = "the webhook's address, or the portal's for an application (not shown): "
OF_THE_HOME = ("PORTAL__REGION", "PORTAL__WEBHOOK", "STATE__PATH", "SAFETY__CANARY")
"""What is set up says for itself."""


class Person:
    """Somebody who answers questions on a terminal of their own."""

    def __init__(self, home: Installation, *arguments: str) -> None:
        self._controller, terminal = pty.openpty()
        ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            [*PROGRAM, "setup", *arguments],
            cwd=home.folder,
            env=home.environ | {"TERM": "xterm"},
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
            preexec_fn=partial(ioctl, terminal, termios.TIOCSCTTY, 0),  # noqa: PLW1509 # nothing else runs here
        )
        os.close(terminal)
        home.resources.callback(self._end)
        self.seen = ""

    def answer(self, question: str, line: str, *, end: str = "\n") -> None:
        """Wait for a question, and type."""
        begun = len(self.seen)
        while not self.seen[begun:].endswith(question):
            self.seen += os.read(self._controller, 65536).decode()
        os.write(self._controller, f"{line}{end}".encode())

    def watch(self, *, pressing: str = "") -> int:
        """Look on until it has ended, and return how; press a key once more as long as nothing is heard.

        Python misses a Ctrl-C that comes just between its last look at signals and the reading of a line.
        """
        while True:
            if pressing and not select.select([self._controller], [], [], 1.0)[0]:
                os.write(self._controller, pressing.encode())
                continue
            try:
                self.seen += os.read(self._controller, 65536).decode()
            except OSError:  # the terminal's last user has gone
                return self.process.wait(PATIENCE_SECONDS)

    def _end(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._controller)


@pytest.fixture
def folder(home: Installation) -> Path:
    """Return a folder in which a portal is to be set up, by a shell that says nothing of portals."""
    for name in OF_THE_HOME:
        home.environ.pop(f"B24SYNCD_{name}", None)
    made = home.folder / "etc"
    made.mkdir()
    return made


def served(home: Installation) -> str:
    """Serve a portal that nothing names, and return its webhook."""
    webhook = home.serve(*FEW).webhook
    del home.environ["B24SYNCD_PORTAL__WEBHOOK"]
    return webhook


def test_a_person_is_asked_until_the_answers_are_right(home: Installation, folder: Path) -> None:
    webhook = served(home)
    (folder / "taken.toml").touch()
    person = Person(home, "--folder", str(folder))
    person.answer(HIDDEN, "acme")
    person.answer(HIDDEN, webhook.replace(SECRET, "wrong0one"))
    person.answer(HIDDEN, webhook)
    person.answer(f"what to call the portal [{webhook.split('/')[2].replace(':', '-')}]: ", "taken")
    person.answer("]: ", "acme")
    person.answer("which jobs, of phones, emails and payment_dates [phones,emails]: ", "phone")
    person.answer("which jobs, of phones, emails and payment_dates [phones,emails]: ", "")
    person.answer("such as RU or DE: ", "")
    person.answer("such as RU or DE: ", "ru")
    assert person.watch() == 0
    assert sorted(path.name for path in folder.iterdir()) == ["acme.toml", "acme.webhook", "taken.toml"]
    said = " ".join(person.seen.split())
    for expected in (
        "the webhook is not a web address",
        "the portal refused the webhook",
        f"{folder}/taken.toml is there already, and is not overwritten",
        "'phone' is not a job",
        "'' is no region",
        "all is well",
        "12 items read",
        f"b24syncd --config {folder}/acme.toml backfill b24syncd --config {folder}/acme.toml run",
    ):
        assert expected in said
    assert SECRET not in person.seen
    assert "wrong0one" not in person.seen


def test_a_ctrl_c_leaves_nothing_behind(home: Installation, folder: Path) -> None:
    person = Person(home, "acme", "--folder", str(folder / "new"), "--webhook-file", "-")
    person.answer(HIDDEN, served(home))
    person.answer("which jobs, of phones, emails and payment_dates [phones,emails]: ", "emails")
    person.answer("such as RU or DE []: ", "R", end="\x03")
    assert person.watch(pressing="\x03") == 130
    assert SECRET not in person.seen
    assert list(folder.iterdir()) == []


def test_whoever_names_the_portal_is_asked_for_an_application(home: Installation, folder: Path) -> None:
    root = served(home).partition("/rest/")[0]
    person = Person(home, "acme", "--folder", str(folder))
    person.answer(HIDDEN, root)
    person.answer("the application's client_id, from its card: ", "local.0123456789abcd.12345678")
    person.answer("its client_secret (what you type is not shown): ", SECRET)
    person.answer("its authorisation server [https://oauth.bitrix.info]: ", root)
    person.answer("(what you paste is not shown): ", "", end="\x03")
    assert person.watch(pressing="\x03") == 130
    assert "client_id=local.0123456789abcd.12345678" in person.seen
    assert SECRET not in person.seen
    assert list(folder.iterdir()) == []


def test_by_options_nothing_is_asked(home: Installation, folder: Path) -> None:
    webhook = served(home)
    (home.folder / "secret").write_text(f"{webhook}\n", encoding="utf-8")
    options = ("--folder", str(folder), "--webhook-file", "secret")
    home.run("setup", "acme", *options, "--job", "emails", "--job", "payment_dates", "--preview", "0")
    written = (folder / "acme.toml").read_text(encoding="utf-8")
    assert "region" not in written
    assert (folder / "acme.webhook").read_text(encoding="utf-8") == f"{webhook}\n"
    ended = home.run("setup", "acme", *options, "--region", "RU", code=2)
    assert f"{folder}/acme.toml is there already" in ended.err
    assert (folder / "acme.toml").read_text(encoding="utf-8") == written
    ended = home.run("setup", "beta", *options, code=2)
    assert ended.sentences == ["b24syncd: --region is missing, and there is no terminal to ask on"]
    ended = home.run("setup", "beta", *options, "--job", "bindings", code=2)
    assert ended.sentences[-1].startswith("b24syncd: bindings does nothing until you write rules; take one of phones")
    assert len(list(folder.iterdir())) == 2
    home.run("--config", str(folder / "acme.toml"), "backfill", "--only", "contact:1")


def test_a_portal_that_does_not_answer(home: Installation, folder: Path) -> None:
    with socket.socket() as silent:  # bound, so that nobody else listens there meanwhile
        silent.bind(("127.0.0.1", 0))
        home.set(PORTAL__WEBHOOK=f"http://127.0.0.1:{silent.getsockname()[1]}/rest/1/{SECRET}/")
        ended = home.run("setup", "acme", "--folder", str(folder), "--region", "RU", code=4)
    assert "cannot be reached: Connection refused" in ended.err
    assert list(folder.iterdir()) == []


def test_a_folder_that_is_not_there(home: Installation, folder: Path) -> None:
    ended = home.run("setup", "acme", "--folder", str(folder / "a" / "b"), code=2)
    assert ended.sentences[0].startswith(f"b24syncd: this user cannot write to {folder}/a/b; ")
