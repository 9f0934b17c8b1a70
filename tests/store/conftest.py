from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.fresh_state import lay

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.store.database import Database, open_for_writing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "portal.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    lay(path)
    async with open_for_writing(path) as opened:
        yield opened


@pytest.fixture
def contact() -> EntityRef:
    return EntityRef(EntityType.CONTACT, 42)


class WriterProcess:
    """Another process that holds the state, until its input ends or it is killed."""

    def __init__(self, path: Path) -> None:
        script = Path(__file__).with_name("writer_process.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script), str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._expect("ready")

    def write(self, rows: int) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{rows}\n")
        self.process.stdin.flush()
        self._expect("written")

    def kill(self) -> None:
        self.process.kill()
        self.stop()

    def stop(self) -> None:
        with suppress(BrokenPipeError):
            self.process.communicate(timeout=300)

    def _expect(self, answer: str) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == answer


@pytest.fixture
def start_writer(path: Path) -> Iterator[Callable[..., WriterProcess]]:
    """Return a function that starts a writer of `path`, or of another one; none outlives the test."""
    started = []

    def start(elsewhere: Path | None = None) -> WriterProcess:
        started.append(WriterProcess(elsewhere or path))
        return started[-1]

    yield start
    for writer in started:
        if writer.process.poll() is None:
            writer.kill()


@pytest.fixture
def limited() -> Callable[..., list[str]]:
    """Return a function that runs an errand on a disk with little room, and gives the lines that tell how it ended."""

    def run(errand: str, path: Path, target: Path | None = None, *, bytes_of_a_file: int) -> list[str]:
        script = Path(__file__).with_name("limited_process.py")
        command = [sys.executable, script, errand, path, target or path, str(bytes_of_a_file)]
        ended = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=300)
        assert ended.stderr == ""
        return ended.stdout.splitlines()

    return run


@pytest.fixture
def public_path() -> Iterator[Path]:
    """A state in a folder that every user of the machine can reach."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "state" / "portal.db"
        (Path(folder) / "state").chmod(0o700)
