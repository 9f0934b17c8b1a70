"""The package under test, and one that comes before it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_BUILD, _TRIED = "systemd/debian/build", "tests/systemd/trial.py"


def first_commit() -> str | None:
    """Return the commit whose package was tried first; None where the history is not at hand.

    The walks of the packages before it could not reach the service's socket.
    """
    told = ("git", "-C", _ROOT, "log", "--diff-filter=A", "--format=%H", "--", _TRIED)
    done = subprocess.run(told, capture_output=True, text=True, check=False)
    return next(reversed(done.stdout.split()), None)


def built(commit: str, version: str, folder: Path) -> Path:
    """Build the package of a commit, under this version, by its own rules."""
    tree = folder / "tree"
    tree.mkdir()
    archive = subprocess.Popen(["git", "-C", _ROOT, "archive", commit], stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", tree], stdin=archive.stdout, check=True)
    assert archive.wait() == 0, commit
    moment = subprocess.run(
        ["git", "-C", _ROOT, "log", "-1", "--format=%ct", commit], capture_output=True, text=True, check=True
    ).stdout.strip()
    quickly = {"DPKG_DEB_COMPRESSOR_LEVEL": "1"}  # nobody keeps it
    environ = os.environ | quickly | {"DEB_VERSION": version, "SOURCE_DATE_EPOCH": moment}
    subprocess.run([tree / _BUILD], cwd=tree, env=environ, check=True, stdout=subprocess.DEVNULL)
    return next((tree / "dist").glob("b24syncd_*.deb"))


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
