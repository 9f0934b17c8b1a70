"""The program's own commands as processes of their own, as a person would start them; nothing of them stays behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Self

import typer

from b24syncd.cli.groups import say
from b24syncd.errors import B24SyncError, ExitCode
from b24syncd.reports.results import TO_CORRECT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PATIENCE_SECONDS = 30.0
_LONGEST_WAIT_SECONDS = 120.0
_PROGRAM = (sys.executable, "-m", "b24syncd.cli.main")


class DemoBrokenError(B24SyncError):
    """A part of the demonstration did not do what it had to."""


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Wait until something has come true; raise `DemoBrokenError` if it does not."""
    deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            message = f"waited {_LONGEST_WAIT_SECONDS:.0f} s for {what}"
            raise DemoBrokenError(message)
        time.sleep(0.05)


class Interrupts:
    """Lets SIGTERM and SIGHUP end the demonstration like Ctrl-C; once it ends, no second one disturbs it.

    The signals are never ignored as such, because the processes that are started would inherit that; but a SIGHUP that
    was ignored from the start (`nohup`) stays so.
    """

    def __init__(self) -> None:
        """Change nothing yet."""
        self._before: dict[signal.Signals, Any] = {}
        self._is_deaf = False
        self._is_postponed = False
        self._has_come = False

    def __enter__(self) -> Self:
        heard = [number for number in _SIGNALS if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._take) for number in heard}
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            return  # the process is about to end, and stays deaf until then
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def be_deaf(self) -> None:
        """Let nothing interrupt any more: what was begun is being taken down."""
        self._is_deaf = True

    @contextmanager
    def postponed(self) -> Iterator[None]:
        """Interrupt only after the block: what it begins has to be known to whoever takes it down."""
        self._is_postponed = True
        try:
            yield
        finally:
            self._is_postponed = False
        if self._has_come:
            self._interrupt()

    def _take(self, *_: object) -> None:
        if self._is_deaf:
            return
        if self._is_postponed:
            self._has_come = True
        else:
            self._interrupt()

    def _interrupt(self) -> None:
        self._is_deaf = True
        raise KeyboardInterrupt


class Programs:
    """Starts commands on one configuration; a context that ends all of them, the latest first.

    Each gets a session of its own, so that Ctrl-C reaches only the demonstration, which ends them in order.
    """

    def __init__(self, interrupts: Interrupts, folder: Path, configuration: Path) -> None:
        """Keep logs in `folder`; nothing of the caller's own configuration is passed on."""
        self._interrupts = interrupts
        kept = {name: os.environ[name] for name in os.environ if not name.startswith(("B24SYNCD_", "CREDENTIALS_"))}
        self._environ = {**kept, "B24SYNCD_CONFIG": str(configuration), "PYTHONUTF8": "1"}
        self._folder = folder
        self._started: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._interrupts.be_deaf()
        for process in reversed(self._started):
            _end(process)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in the background; its standard output is a pipe, its log goes to `log_of` it."""
        with self.log_of(*arguments).open("w", encoding="utf-8") as log:
            return self._start(arguments, stdout=subprocess.PIPE, stderr=log, log="json")

    def follow(self) -> subprocess.Popen[str]:
        """Start `run`, and return it once it follows the changes."""
        process = self.start("run")
        log = self.log_of("run")
        wait_for(lambda: '"following"' in log.read_text(encoding="utf-8"), "`b24syncd run` to begin")
        return process

    def log_of(self, *arguments: str) -> Path:
        """Return the file with the log of a command in the background."""
        return self._folder / f"{arguments[0]}.log"

    def run(self, *arguments: str, may_end: Collection[ExitCode] = ()) -> ExitCode:
        """Run a command to its end, with its progress and then its output; raise `DemoBrokenError` if it fails.

        Return its exit code; how else it `may_end` than well is no failure.
        """
        typer.echo(f"$ b24syncd {' '.join(arguments)}")
        output = self._folder / "output.txt"
        with output.open("w", encoding="utf-8") as stdout:
            if sys.stderr.isatty():
                on_terminal = None if sys.stdout.isatty() else stdout
                process = self._start(arguments, stdout=on_terminal, stderr=None, log="console")
            else:
                process = self._start(arguments, stdout=stdout, stderr=subprocess.PIPE, log="json")
                for line in process.stderr or ():
                    _tell(line)
            code = process.wait()
        for line in output.read_text(encoding="utf-8").rstrip().splitlines():
            say(line)
        if code not in {ExitCode.DONE, *may_end}:
            message = f"`b24syncd {' '.join(arguments)}` ended with {code}"
            raise DemoBrokenError(message)
        return ExitCode(code)

    def answer_of(self, *arguments: str) -> dict[str, Any]:
        """Return what a command with `--json` answers; raise `DemoBrokenError` if it fails."""
        process = self.start(*arguments, "--json")
        printed, _ = process.communicate()
        if process.returncode != ExitCode.DONE:
            message = f"`b24syncd {' '.join(arguments)}` ended with {process.returncode}"
            raise DemoBrokenError(message)
        answer: dict[str, Any] = json.loads(printed)
        return answer

    def stop(self, process: subprocess.Popen[str]) -> int:
        """Ask a command to end, as systemd does, and return its exit code."""
        process.send_signal(signal.SIGTERM)
        return process.wait(_PATIENCE_SECONDS)

    def _start(
        self, arguments: tuple[str, ...], *, stdout: IO[str] | int | None, stderr: IO[str] | int | None, log: str
    ) -> subprocess.Popen[str]:
        level = "warning" if log == "console" else "info"
        with self._interrupts.postponed():
            process = subprocess.Popen(  # noqa: S603 # our own program
                [*_PROGRAM, *arguments],
                env={**self._environ, "B24SYNCD_LOG__LEVEL": level, "B24SYNCD_LOG__FORMAT": log},
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                encoding="utf-8",
                start_new_session=True,
            )
            self._started.append(process)
        return process


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def _tell(line: str) -> None:
    """Tell of a log line what a person wants to know: the progress, and whatever went wrong."""
    try:
        event = json.loads(line)
    except ValueError:
        typer.echo(line.rstrip(), err=True)
        return
    if event.get("event") == "progress":
        typer.echo(told_progress(event), err=True)
    elif event.get("level") in {"warning", "error", "critical"}:
        typer.echo(line.rstrip(), err=True)


def told_progress(event: Mapping[str, Any]) -> str:
    """Return a progress that was logged in words."""
    done = f"{event[TO_CORRECT]} to correct" if TO_CORRECT in event else f"{event['corrected']} corrected"
    waiting = f", waiting: {event['waiting_for']}" if event.get("waiting_for") else ""
    return f"  {int(event['percent']):3} %, {event['settled']} items, {done}{waiting}"
