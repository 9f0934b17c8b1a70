"""The program in a process of its own that starts at once: forked from one that has imported everything already.

A start takes half a second of a processor, nearly all of it for imports, and the tests start hundreds of processes.
What is tested by the start itself (the daemon, whatever is killed or stopped, the README) runs as a person runs it.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from b24syncd.cli.commands import PLACES
from b24syncd.cli.main import main

if TYPE_CHECKING:
    import signal
    from collections.abc import Mapping

PROGRAM = (sys.executable, "-m", "b24syncd.cli.main")
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload([f"b24syncd.cli.{place.partition('.')[0]}" for place in PLACES.values()])


class Forked:
    """One such process, with the part of `subprocess.Popen` that is used here."""

    def __init__(
        self, arguments: tuple[str, ...], environ: Mapping[str, str], folder: Path | None, out: int, err: int
    ) -> None:
        """Call the program in `folder` (here by default); it writes to these file descriptors."""
        ends = tuple(Connection(os.dup(end), readable=False) for end in (out, err))
        self._process = _SERVER.Process(target=_call, args=(arguments, dict(environ), folder or Path.cwd(), *ends))
        self._process.start()
        for end in ends:
            end.close()
        assert self._process.pid is not None
        self.pid: int = self._process.pid

    def poll(self) -> int | None:
        """Return how it ended, if it has."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and return how it ended."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(PROGRAM, timeout or 0.0)
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def kill(self) -> None:
        """End it."""
        self._process.kill()


def _call(
    arguments: tuple[str, ...], environ: Mapping[str, str], folder: Path, out: Connection, err: Connection
) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    sys.stdout, sys.stderr = _stream(out, 1), _stream(err, 2)
    sys.exit(main(arguments))


def _stream(end: Connection, number: int) -> TextIO:
    """Return a fresh stream to there, under the number that it has in every process."""
    os.dup2(end.fileno(), number)
    end.close()
    return os.fdopen(number, "w", buffering=1, encoding=os.environ.get("PYTHONIOENCODING", "utf-8"))
