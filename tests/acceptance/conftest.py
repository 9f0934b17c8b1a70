"""The program as somebody has it who installed it."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.acceptance.processes import CUT_SECONDS, SCALE, Ended, ServedPortal, Started, inherited, until
from tests.acceptance.small_disk import is_allowed

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEFT_OUT = "NO FULL DISK: nobody may mount a disk here (unshare --map-root-user --mount), so none was filled"

_SCALED = {
    "LIMITS__PER_SECOND": 2.0 / SCALE,
    "LIMITS__OPERATING_SECONDS": 480 * SCALE,
    "LIMITS__OPERATING_WINDOW_SECONDS": 600 * SCALE,
    "LIMITS__REQUEST_CUT_SECONDS": CUT_SECONDS,
    "LIMITS__REQUEST_TIMEOUT_SECONDS": 10.0,
    "CHANGES__INTERVAL_SECONDS": 0.5,
    "CHANGES__OVERLAP_SECONDS": 2.0,
}


@dataclass
class Installation:
    """What somebody has who installed the program: settings in the environment, a state, a portal."""

    folder: Path
    environ: dict[str, str]
    resources: ExitStack

    @property
    def state(self) -> Path:
        """The database."""
        return self.folder / "state.db"

    def set(self, **settings: object) -> None:
        """Change settings, as `PORTAL__REGION="DE"`."""
        self.environ |= {f"B24SYNCD_{name}": str(value) for name, value in settings.items()}

    def serve(self, *options: str) -> ServedPortal:
        """Start a portal, and let the settings name it."""
        portal = ServedPortal(*options)
        self.resources.callback(portal.close)
        self.set(PORTAL__WEBHOOK=portal.webhook)
        return portal

    def start(self, *arguments: str) -> Started:
        """Start a command."""
        return self._started(arguments)

    def run(self, *arguments: str, code: int = 0) -> Ended:
        """Run a command to its end."""
        ended = self._started(arguments, forked=True).end()
        assert ended.code == code, (ended.out, ended.err)
        return ended

    def _started(self, arguments: tuple[str, ...], *, forked: bool = False) -> Started:
        started = Started(arguments, self.environ, self.folder, forked=forked)
        self.resources.callback(started.close)
        return started

    def follow(self) -> Started:
        """Start the daemon and wait until it follows."""
        daemon = self.start("run")
        until(lambda: daemon.has_logged("following"))
        return daemon


@cache
def _may_mount() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        return is_allowed(Path(folder))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a disk of its own where none can be had."""
    without = [item for item in items if "small_disk" in getattr(item, "fixturenames", ())]
    if without and not _may_mount():
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if item not in without]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud that something was not tried."""
    if not _may_mount():
        terminalreporter.section(_LEFT_OUT, red=True, bold=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """Where a process finds a small disk: `tests.acceptance.small_disk`."""
    folder = tmp_path / "disk"
    folder.mkdir()
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    with ExitStack() as resources:
        installation = Installation(tmp_path, inherited(), resources)
        installation.set(PORTAL__REGION="RU", STATE__PATH=installation.state, SAFETY__CANARY=0, **_SCALED)
        yield installation
