"""What is compared: b24syncd itself and a plain script, each as a child whose own use of the machine is measured."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE = Path(__file__).parent
PROGRAM = Path(sys.executable).with_name("b24syncd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What the portal allows; both contestants are told so."""

    burst: int = 50
    per_second: float = 2.0
    operating_seconds: float = 480.0
    operating_window_seconds: float = 600.0


FREELY = Allowed(burst=10_000, per_second=2_000)
"""Limits that hold nobody up: what remains is each one's own work."""


@dataclass(slots=True)
class Portal:
    """A portal in a process of its own; `requests` are filled in at its end: when, and the commands in it."""

    webhook: str
    allowed: Allowed
    requests: list[tuple[float, dict[str, int]]] = field(default_factory=list)

    def stats(self) -> dict[str, Any]:
        """Return what it counted."""
        with urlopen(self.webhook.partition("/rest/")[0] + "/simulator/stats") as answer:  # noqa: S310 # loopback
            return dict(json.load(answer))


@contextmanager
def portal_of(items: int, allowed: Allowed, *, update_cost: float = 0.0, converted: int = 0) -> Iterator[Portal]:
    """Serve a portal of so many messy items, and of converted leads with activities."""
    options = {
        "burst": allowed.burst,
        "per_second": allowed.per_second,
        "operating_seconds": allowed.operating_seconds,
        "operating_window_seconds": allowed.operating_window_seconds,
        "costs": {"crm.item.update": update_cost},
        "scopes": ("crm", "user_brief", "task"),
    }
    arguments = json.dumps({"items": items, "converted": converted, "options": options})
    with subprocess.Popen(
        [sys.executable, str(HERE / "portal_process.py"), arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        portal = Portal(process.stdout.readline().strip(), allowed)
        try:
            yield portal
        finally:
            process.terminate()
            portal.requests.extend((at, commands) for at, commands in json.loads(process.stdout.read() or "[]"))


@dataclass(frozen=True, slots=True)
class Used:
    """What one child used of the machine, how long it took, and what it said it did."""

    cpu_seconds: float
    wall_seconds: float
    peak_mib: float
    read: int
    corrected: int
    output: str


@contextmanager
def state_for(portal: Portal, rules: str = "") -> Iterator[Path]:
    """Give the path of a configuration for `portal`, with `rules` at its end; its state vanishes with it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.toml"
        allowed = portal.allowed
        path.write_text(
            f"""
            [portal]
            webhook = "{portal.webhook}"
            region = "RU"
            [state]
            path = "{folder}/bench.db"
            [safety]
            canary = 0
            [limits]
            burst = {allowed.burst}
            per_second = {allowed.per_second}
            operating_seconds = {allowed.operating_seconds}
            operating_window_seconds = {allowed.operating_window_seconds}
            """
            + rules,
            encoding="utf-8",
        )
        path.chmod(0o600)
        yield path


def ours(portal: Portal, *, dry: bool, rules: str = "") -> Used:
    """Run a backfill from nothing, or its dry run."""
    with state_for(portal, rules) as path:
        dry_run = ["--dry-run"] if dry else []
        wall, usage, output = _measured([str(PROGRAM), "--config", str(path), "backfill", *dry_run])
    told = re.search(r"^(\d+) \w+ read, (\d+) ", output, re.MULTILINE)
    if told is None:
        message = f"the backfill did not tell what it did: {output[-500:]}"
        raise RuntimeError(message)
    return _used(wall, usage, int(told[1]), int(told[2]), output)


def script(portal: Portal, *, dry: bool) -> Used:
    """Run the plain script."""
    allowed = portal.allowed
    arguments = {
        "webhook": portal.webhook,
        "dry": dry,
        "requests_per_second": allowed.per_second,
        "operating_seconds": allowed.operating_seconds,
        "operating_window_seconds": allowed.operating_window_seconds,
    }
    wall, usage, output = _measured([sys.executable, str(HERE / "plain_script.py"), json.dumps(arguments)])
    told = json.loads(output.splitlines()[-1])
    return _used(wall, usage, told["read"], told["corrected"], told.get("error", ""))


def _measured(command: Sequence[str]) -> tuple[float, Any, str]:
    """Run a child to its end; return its seconds, its own resources (`wait4`) and its standard output."""
    began = time.monotonic()
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - began
        if process.returncode:
            log.seek(0)
            message = f"{Path(command[0]).name} ended with {process.returncode}: {log.read()[-2000:].decode()}"
            raise RuntimeError(message)
    return wall, usage, output


def _used(wall: float, usage: Any, read: int, corrected: int, output: str) -> Used:  # noqa: ANN401 # struct_rusage
    return Used(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, read, corrected, output)
