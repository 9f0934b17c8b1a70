"""What is compared: b24syncd and two plain scripts, each as a child whose own use of the machine is measured."""

from __future__ import annotations

import json
import os
import re
import ssl
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

ROOT = Path(__file__).parents[2]
SOME_FAILED = 6
"""The exit code of a run that came to its end, though the portal refused some."""

PROGRAM = Path(sys.executable).with_name("b24syncd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What the portal allows; both contestants are told so."""

    burst: int = 50
    per_second: float = 2.0
    operating_seconds: float = 480.0
    operating_window_seconds: float = 600.0
    counts_operating: bool = True


FREELY = Allowed(burst=10_000, per_second=2_000)
"""Limits that hold nobody up: what remains is each one's own work."""


@dataclass(slots=True)
class Portal:
    """A portal in a process of its own, reached by TLS where there is an `authority`.

    What it counted is filled in at its end: `requests` (when, and the commands in it), operating seconds by method, and
    how much of what was `wanted` had `arrived`.
    """

    webhook: str
    allowed: Allowed
    authority: str = ""
    requests: list[tuple[float, dict[str, int]]] = field(default_factory=list)
    operating: dict[str, float] = field(default_factory=dict)
    wanted: int = 0
    arrived: int = 0

    def stats(self) -> dict[str, Any]:
        """Return what it counted."""
        url = self.webhook.partition("/rest/")[0] + "/simulator/stats"
        trusting = ssl.create_default_context(cafile=self.authority) if self.authority else None
        with urlopen(url, context=trusting) as answer:  # noqa: S310 # loopback
            return dict(json.load(answer))

    @property
    def environment(self) -> dict[str, str]:
        """What tells the libraries of the scripts whom to trust."""
        trusting = {"SSL_CERT_FILE": self.authority, "REQUESTS_CA_BUNDLE": self.authority} if self.authority else {}
        return {**os.environ, **trusting}


@contextmanager
def portal_of(allowed: Allowed, *, update_cost: float = 0.0, authority: str = "", **made: float) -> Iterator[Portal]:
    """Serve a portal with what `portal_process.Made` tells of; to b24pysdk by TLS, with its `authority` in a file."""
    options = {
        "burst": allowed.burst,
        "per_second": allowed.per_second,
        "operating_seconds": allowed.operating_seconds if allowed.counts_operating else None,
        "operating_window_seconds": allowed.operating_window_seconds,
        "cuts_starts": allowed.operating_window_seconds == Allowed().operating_window_seconds,
        "costs": {"crm.item.update": update_cost} if update_cost else {},
        "scopes": ("crm", "user_brief", "task"),
    }
    arguments = json.dumps({"made": made, "options": options, "authority": authority})
    command = [sys.executable, "-m", "tests.bench.portal_process", arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        portal = Portal(process.stdout.readline().strip(), allowed, authority)
        try:
            yield portal
        finally:
            process.terminate()
            told = json.loads(process.stdout.read() or "{}")
            portal.requests.extend((at, commands) for at, commands in told.get("requests", ()))
            portal.operating |= told.get("operating", {})
            portal.wanted, portal.arrived = told.get("wanted", 0), told.get("arrived", 0)


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
            {f'ca_file = "{portal.authority}"' if portal.authority else ""}
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


def ours(portal: Portal, *, dry: bool, rules: str = "", jobs: Sequence[str] = ()) -> Used:
    """Run a backfill from nothing, or its dry run."""
    with state_for(portal, rules) as path:
        dry_run = ["--dry-run"] if dry else []
        command = [str(PROGRAM), "--config", str(path), "backfill", *jobs, *dry_run]
        wall, usage, output = _measured(command, portal.environment)
    told = re.search(r"^(\d+) \w+ read, (\d+) ", output, re.MULTILINE)
    if told is None:
        message = f"the backfill did not tell what it did: {output[-500:]}"
        raise RuntimeError(message)
    return _used(wall, usage, int(told[1]), int(told[2]), output)


def measured_program(config: Path, *arguments: str) -> float:
    """Return the CPU seconds of one command of the program."""
    _, usage, _ = _measured([str(PROGRAM), "--config", str(config), *arguments], dict(os.environ))
    return float(usage.ru_utime + usage.ru_stime)


def script(portal: Portal, *, dry: bool, work: str = "items", library: str = "plain_script") -> Used:
    """Run a plain script: `plain_script` on fast-bitrix24, `sdk_script` on b24pysdk."""
    allowed = portal.allowed
    arguments = {
        "webhook": portal.webhook,
        "work": work,
        "dry": dry,
        "requests_per_second": allowed.per_second,
        "burst": allowed.burst,
        "operating_seconds": allowed.operating_seconds,
        "operating_window_seconds": allowed.operating_window_seconds,
    }
    command = [sys.executable, "-m", f"tests.bench.{library}", json.dumps(arguments)]
    wall, usage, output = _measured(command, portal.environment)
    told = json.loads(output.splitlines()[-1])
    return _used(wall, usage, told["read"], told["corrected"], told.get("error", ""))


def _measured(command: Sequence[str], environment: dict[str, str]) -> tuple[float, Any, str]:
    """Run a child to its end; return its seconds, its own resources (`wait4`) and its standard output."""
    began = time.monotonic()
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - began
        if process.returncode not in (0, SOME_FAILED):
            log.seek(0)
            message = f"{Path(command[0]).name} ended with {process.returncode}: {log.read()[-2000:].decode()}"
            raise RuntimeError(message)
    return wall, usage, output


def _used(wall: float, usage: Any, read: int, corrected: int, output: str) -> Used:  # noqa: ANN401 # struct_rusage
    return Used(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, read, corrected, output)
