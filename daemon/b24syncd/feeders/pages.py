"""Pages: what feeders hand to the pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.states import AnySnapshot

Position = dict[str, object]
"""How far a feeder has read: a JSON object that only its feeder understands."""


@dataclass(frozen=True, slots=True)
class CursorMove:
    """Where a cursor stands once everything up to and including the page is settled."""

    name: str
    position: Position


@dataclass(frozen=True, slots=True)
class Span:
    """A range of ids of one entity type, and when it was asked for."""

    entity_type: EntityType
    ids: range
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Snapshots that are planned, applied and settled as one unit, and the move of their cursor, if they have one.

    Of `span`, they are all the items that there were.
    """

    snapshots: tuple[AnySnapshot, ...]
    move: CursorMove | None = None
    span: Span | None = None
