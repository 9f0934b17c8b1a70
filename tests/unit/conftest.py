"""The program as a person runs it."""

from __future__ import annotations

import os
import subprocess
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

import pytest
from tests.forked import Forked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs the program with these arguments, in an environment of these variables alone."""

    def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in os.environ if name in {"PATH", "HOME", "PYTHONPATH"}}
        with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
            code = Forked(arguments, kept | environ, tmp_path, out.fileno(), err.fileno()).wait(300)
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(arguments, code, out.read(), err.read())

    return run
