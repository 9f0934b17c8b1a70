"""The program and the simulated portal as processes of their own, which talk over loopback only."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from tests.forked import PROGRAM, Forked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SECRET = "simulated1secret"
SCALE = 0.02
"""Of the portal's windows; 2 requests per second become 100, and 480 operating seconds in 600 become 9.6 in 12."""

CUT_SECONDS = 2.0
PATIENCE_SECONDS = 300.0
"""Only so that nothing waits for ever: a machine may be as busy as it likes."""

NOW_AND_THEN = 0.5
"""How often to look where each look starts a process: one that looks all the time takes the processor away."""


def until(condition: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS, every: float = 0.03) -> None:
    """Look at another process until it shows what is expected; whoever kills it at a moment has to look often."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(every)


def inherited() -> dict[str, str]:
    """Return what a process needs of our environment."""
    return {name: os.environ[name] for name in os.environ if name in {"PATH", "HOME", "PYTHONPATH"}}


class ServedPortal:
    """A simulated portal as a process of its own."""

    def __init__(self, *options: str) -> None:
        """Serve with these options of `b24syncd portal serve` until `close`."""
        reading, writing = os.pipe()
        arguments = ("portal", "serve", "--scale", str(SCALE), "--bare", *options)
        self._process = Forked(arguments, inherited(), Path.cwd(), writing, 2, measured=False)
        os.close(writing)
        with os.fdopen(reading) as output:
            self.webhook = output.readline().strip()
        self._root = urlsplit(self.webhook)

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait(timeout=PATIENCE_SECONDS)

    def ask(self, path: str, **query: object) -> Any:  # noqa: ANN401 # whatever is answered
        """Ask the simulation's controls."""
        return self._control("GET", f"{path}?{urlencode(query)}")

    def tell(self, path: str, body: object) -> Any:  # noqa: ANN401 # whatever is answered
        """Script faults, edits, costs or rights."""
        return self._control("POST", path, json.dumps(body))

    def forget(self, path: str) -> None:
        """Take back what was scripted."""
        self._control("DELETE", path)

    def _control(self, verb: str, path: str, body: str | None = None) -> Any:  # noqa: ANN401 # as above
        assert self._root.hostname is not None
        connection = HTTPConnection(self._root.hostname, self._root.port or 80, timeout=PATIENCE_SECONDS)
        if self._root.scheme == "https":
            connection = HTTPSConnection(self._root.hostname, self._root.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(verb, f"/simulator/{path}", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        assert response.status == 200, content
        return json.loads(content)

    @property
    def stats(self) -> dict[str, Any]:
        """Everything that was counted."""
        found: dict[str, Any] = self.ask("stats")
        return found

    def points(self, entity_type_id: int, item_id: int) -> list[str]:
        """Return the values of one item's phones and e-mails."""
        item = self.ask("state", entityTypeId=entity_type_id, id=item_id)["item"]
        return [entry["value"] for entry in item["fm"]]

    def everything(self) -> dict[int, dict[int, list[list[object]]]]:
        """Return all entries of all items with phones and e-mails, for comparisons."""
        return {
            entity_type_id: {
                item["id"]: [point[1:] for point in item["points"]]
                for item in self.ask("state", entityTypeId=entity_type_id)["items"]
            }
            for entity_type_id in (1, 3, 4)
        }

    def edit(self, **fields: object) -> None:
        """Let the person edit one item now."""
        assert self.tell("person", {"edits": [fields]}) == {"done": 1}

    def assert_right(self) -> None:
        """Every value with one reading is canonical, every other one untouched, nothing lost, nothing written twice."""
        truth, stats = self.ask("truth"), self.stats
        assert truth == {"mistakes": [], "lost": []}, truth
        found = (stats["repeated_writes"], stats["limit_errors"], stats["empty_saves"])
        assert found == ([], {}, 0), found


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def sentences(self) -> list[str]:
        """What it said on stderr to a person: everything but log lines."""
        return [line for line in self.err.splitlines() if not line.startswith("{")]

    @property
    def logged(self) -> list[dict[str, Any]]:
        """What it logged."""
        return [json.loads(line) for line in self.err.splitlines() if line.startswith("{")]

    @property
    def records(self) -> list[dict[str, Any]]:
        """What it answered with `--json`."""
        return [json.loads(line) for line in self.out.splitlines()]


class Started:
    """A command that runs; its output goes to files, so that no pipe can fill up."""

    def __init__(
        self, arguments: tuple[str, ...], environ: Mapping[str, str], folder: Path, *, forked: bool = False
    ) -> None:
        """Start it in `folder`, as a person would, or `forked`, which takes less time."""
        self._out, self._err = (_scratch(folder, name) for name in ("out", "err"))
        self._began = time.monotonic()
        self.process: Forked | subprocess.Popen[bytes]
        if forked:
            self.process = Forked(arguments, environ, folder, self._out.fileno(), self._err.fileno())
        else:
            self.process = subprocess.Popen(
                [*PROGRAM, *arguments],
                cwd=folder,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=self._out,
                stderr=self._err,
            )

    @property
    def err(self) -> str:
        """What it has said on stderr so far."""
        return Path(self._err.name).read_text(encoding="utf-8")

    @property
    def out(self) -> str:
        """What it has answered so far."""
        return Path(self._out.name).read_text(encoding="utf-8")

    def has_logged(self, event: str) -> bool:
        """Tell whether this event is in its log by now."""
        return f'"event": "{event}"' in self.err

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it as a power cut would; it must have been at work until now."""
        assert self.process.poll() is None, self.err
        self.process.kill()
        assert self.process.wait() == -signal.SIGKILL
        self.close()

    def end(self, seconds: float = PATIENCE_SECONDS) -> Ended:
        """Wait for its end; no secret may be in anything it said, and no traceback."""
        code = self.process.wait(seconds)
        ended = Ended(code, self.out, self.err, time.monotonic() - self._began)
        self.close()
        return ended

    def close(self) -> None:
        """Judge what it said, and let go of everything."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        said = self.out + self.err
        self._out.close()
        self._err.close()
        assert SECRET not in said
        assert "Traceback" not in said


def _scratch(folder: Path, name: str) -> IO[bytes]:
    number = len(list(folder.glob(f"{name}.*")))
    return (folder / f"{name}.{number}").open("wb")
