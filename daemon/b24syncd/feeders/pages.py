"""Pages: what feeders hand to the pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from b24syncd.domain.snapshots import Snapshot

Position = dict[str, object]
"""How far a feeder has read: a JSON object that only its feeder understands."""


@dataclass(frozen=True, slots=True)
class CursorMove:
    """Where a cursor stands once everything up to and including the page is settled."""

    name: str
    position: Position


@dataclass(frozen=True, slots=True)
class Page:
    """Snapshots that are planned, applied and settled as one unit, and the move of their cursor, if they have one."""

    snapshots: tuple[Snapshot, ...]
    move: CursorMove | None = None
