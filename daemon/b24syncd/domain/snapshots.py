"""What was read of an item at one moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from .entities import EntityRef


class PointKind(StrEnum):
    """The kind of a contact point; the values are Bitrix24's `typeId` of a multifield."""

    PHONE = "PHONE"
    EMAIL = "EMAIL"


TYPE_OF_NONE = "WORK"
"""The value type of an entry that is to be added and of which none is known."""


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """One phone or e-mail entry of an item: a `crm_multifield` record with its own id."""

    id: int
    kind: PointKind
    value: str
    value_type: str

    @property
    def type_to_add(self) -> str:
        """The value type of an entry that is added beside this one; without any the portal refuses it.

        Source: php modules/crm/classes/general/crm_field_multi.php `CheckFields`.
        """
        return self.value_type or TYPE_OF_NONE


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was read of an item at one moment, everything a planner needs.

    `points` are in ascending order of their ids. `read_at` is the reader's monotonic clock in seconds, taken
    *before* the request left; it tells the snapshot's age and takes no part in comparisons.
    """

    ref: EntityRef
    updated_at: datetime
    points: tuple[ContactPoint, ...]
    read_at: float = field(default=0.0, compare=False)

    def points_of(self, kind: PointKind) -> tuple[ContactPoint, ...]:
        """Return the contact points of one kind, in order of their ids."""
        return tuple(point for point in self.points if point.kind is kind)

    @property
    def state(self) -> tuple[ContactPoint, ...]:
        """What corrections change, and what tells afterwards what became of them: the contact points."""
        return self.points
