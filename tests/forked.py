"""The program in a process of its own that starts at once: forked from one that has imported everything already.

A start takes half a second of a processor, nearly all of it for imports, and the tests start hundreds of processes.
What is tested by the start itself (the daemon, whatever is killed or stopped, the README) runs as a person runs it.

Where coverage is measured, it is measured in these processes too, but in no others: it makes programs half as fast.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, TextIO

import coverage

from b24syncd.cli.commands import PLACES
from b24syncd.cli.main import main

if TYPE_CHECKING:
    import signal
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PROGRAM = (sys.executable, "-m", "b24syncd.cli.main")
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload([f"b24syncd.cli.{place.partition('.')[0]}" for place in PLACES.values()])


class Forked:
    """One such process, with the part of `subprocess.Popen` that is used here."""

    def __init__(  # noqa: PLR0913 # what makes a process
        self,
        arguments: tuple[str, ...],
        environ: Mapping[str, str],
        folder: Path,
        out: int,
        err: int,
        *,
        measured: bool = True,
    ) -> None:
        """Call the program in `folder`; it writes to these file descriptors."""
        ends = tuple(Connection(os.dup(end), readable=False) for end in (out, err))
        current = coverage.Coverage.current() if measured else None
        coverage_file = None if current is None else current.get_option("run:data_file")
        self._process = _SERVER.Process(target=_call, args=(arguments, dict(environ), folder, *ends, coverage_file))
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


def _call(  # noqa: PLR0913, PLR0917 # what makes a process
    arguments: tuple[str, ...],
    environ: Mapping[str, str],
    folder: Path,
    out: Connection,
    err: Connection,
    coverage_file: str | None,
) -> None:
    with _measured(coverage_file):
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environ)
        time.tzset()
        sys.argv = [main.__code__.co_filename, *arguments]
        sys.stdout, sys.stderr = _stream(out, 1), _stream(err, 2)
        code = main(arguments)
    sys.exit(code)


@contextmanager
def _measured(coverage_file: str | None) -> Iterator[None]:
    if coverage_file is None:
        yield
        return
    measurement = coverage.Coverage(data_file=coverage_file, data_suffix=True)
    measurement.set_option("run:disable_warnings", ["module-not-measured"])  # imported before, where nobody measured
    with measurement.collect():
        yield
    measurement.save()


def _stream(end: Connection, number: int) -> TextIO:
    """Return a fresh stream to there, under the number that it has in every process."""
    os.dup2(end.fileno(), number)
    end.close()
    return os.fdopen(number, "w", buffering=1, encoding=os.environ.get("PYTHONIOENCODING", "utf-8"))
