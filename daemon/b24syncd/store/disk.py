"""The disk of the state: whether it has room, which readers see as well as the one writer."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

LEAST: Final = 16 << 20
"""Bytes: a page of corrections, with SQLite's log of it, takes far less."""


def lack_at(path: Path, *, least: int = LEAST) -> str | None:
    """Return in words that the disk of a state is full, or will be soon; None while there is room."""
    try:
        free = shutil.disk_usage(path.parent).free
    except OSError:
        return None
    return None if free >= least else f"the disk of {path} has {free >> 20} MiB left"
