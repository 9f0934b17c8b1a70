"""What keeps the jobs of a living daemon from their work, for whoever looks at its state."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from . import meta

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlite_utils

_KEY = "obstacles"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Which jobs rest, where they met what is in the way, and what that is."""

    jobs: str
    where: str
    detail: str


def replace(db: sqlite_utils.Database, standing: Iterable[Obstacle]) -> None:
    """Keep these and no others."""
    meta.put(db, _KEY, json.dumps([asdict(obstacle) for obstacle in standing]))


def standing(db: sqlite_utils.Database) -> tuple[Obstacle, ...]:
    """Return what was in the way when the daemon looked last."""
    return tuple(Obstacle(**stored) for stored in json.loads(meta.get(db, _KEY) or "[]"))
