"""The name of a portal: its configuration, unit and state have it, and logs, metrics and notices tell it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

STATE_DIRECTORY: Final = Path("/var/lib/b24syncd")

_PROGRAM: Final = "b24syncd"


def name_of(written: str | None, source: Path | None, host: str) -> str:
    """Return the name that is written, else that of the configuration: `/etc/b24syncd/acme.toml` is of `acme`.

    A configuration that is called by this program, or none at all, names no portal: then its host does.
    """
    if written is not None:
        return written
    stem = "" if source is None or source.stem.startswith(_PROGRAM) else _plain(source.stem)
    return stem or _plain(host)


def state_of(name: str, host: str, folder: Path = STATE_DIRECTORY) -> Path:
    """Return where the state of this name is kept; under the host, where an earlier release began one there."""
    path, earlier = (folder / f"{called}.db" for called in (name, _plain(host)))
    # `Path.exists` raises where this user may not look
    return earlier if os.path.exists(earlier) and not os.path.exists(path) else path  # noqa: PTH110


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")
