"""The package under test, and one that comes before it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def version_of(package: Path) -> str:
    """Return the version of a package."""
    done = subprocess.run(["dpkg-deb", "-f", package, "Version"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def older(package: Path, folder: Path) -> Path:
    """Make a package with the same files that counts as older, where no real older one is at hand."""
    opened, made = folder / "opened", folder / "older.deb"
    subprocess.run(["dpkg-deb", "-R", package, opened], check=True)
    control = opened / "DEBIAN/control"
    version = version_of(package)
    text = control.read_text(encoding="utf-8")
    control.write_text(text.replace(f"Version: {version}\n", f"Version: {version}~before\n"), encoding="utf-8")
    subprocess.run(["dpkg-deb", "-Zgzip", "-z1", "--build", opened, made], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["rm", "-r", opened], check=True)
    return made
