"""A disk of 40 MiB that only one process has: a tmpfs in namespaces of its own, for which nobody has to be root."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.forked import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNSHARE = shutil.which("unshare") or ""
_MOUNT = 'mount -t tmpfs -o size=40m none "$0" && exec "$@"'
_CHUNK = bytes(1 << 16)


def command(disk: Path, *arguments: str) -> list[str]:
    """Return what runs a program that finds an empty disk there."""
    return [_UNSHARE, "--map-root-user", "--mount", "sh", "-c", _MOUNT, str(disk), *arguments]


def is_allowed(folder: Path) -> bool:
    """Tell whether such a disk can be had here: many containers forbid it."""
    return bool(_UNSHARE) and not subprocess.run(command(folder, "true"), capture_output=True, check=False).returncode


class OnSmallDisk:
    """The daemon with its state on such a disk, and its log read by the journal of systemd."""

    def __init__(self, disk: Path, environ: Mapping[str, str], log: Path) -> None:
        """Start it."""
        self._log = log
        with log.open("wb") as err:
            about = os.fstat(err.fileno())
            journal = {"JOURNAL_STREAM": f"{about.st_dev}:{about.st_ino}"}
            self.process = subprocess.Popen(
                command(disk, *PROGRAM, "run"), env={**environ, **journal}, stdin=subprocess.DEVNULL, stderr=err
            )
        self._disk = Path(f"/proc/{self.process.pid}/root{disk}")

    @property
    def said(self) -> list[str]:
        """Its log so far."""
        return self._log.read_text(encoding="utf-8").splitlines()

    def fill(self, *, left: int) -> None:
        """Take what is free of its disk, but so many bytes."""
        with (self._disk / "ballast").open("ab", buffering=0) as ballast:
            while (free := shutil.disk_usage(self._disk).free) > left:
                ballast.write(_CHUNK[: free - left])
