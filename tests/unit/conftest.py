"""The program as a person runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs the program with these arguments, in an environment of these variables alone."""

    def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        known = {"PATH", "HOME", "PYTHONPATH"}
        kept = {name: os.environ[name] for name in os.environ if name in known or "COV" in name}
        return subprocess.run(
            [sys.executable, "-m", "b24syncd.cli.main", *arguments],
            cwd=tmp_path,
            env=kept | environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run
