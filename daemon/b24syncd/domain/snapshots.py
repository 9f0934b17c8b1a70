"""What was read of an item at one moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from .entities import EntityRef
    from .payments import Payments
    from .values import Value


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
class ItemState:
    """What corrections of an item change: contact points, None where they were not read, and the fields that were."""

    points: tuple[ContactPoint, ...] | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)

    @property
    def entries(self) -> tuple[ContactPoint, ...]:
        """The contact points that were read."""
        return self.points or ()


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of an item: its contact points, its payments, and fields by name."""

    points: bool = False
    payments: bool = False
    fields: frozenset[str] = frozenset()

    def __or__(self, other: Parts) -> Parts:
        """Return the parts of both."""
        return Parts(self.points or other.points, self.payments or other.payments, self.fields | other.fields)

    def are_in(self, snapshot: Snapshot) -> bool:
        """Tell whether all of them were read."""
        has_points = snapshot.points is not None or not self.points
        has_payments = snapshot.payments is not None or not self.payments
        return has_points and has_payments and self.fields <= snapshot.fields.keys()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was read of an item at one moment: only the parts that were asked for, and nothing is told of the others.

    `points` are in ascending order of their ids, None where they were not read, as `payments` are. `fields` are those
    that were read, by their names in the universal methods. `written` is what this program last wrote into fields, None
    where it cleared one; those that it never wrote are left out. No portal knows that: whoever reads asks the journal.
    `replaced` is what stood in a field before the last write of any sort. `meets` are the rules with a filter that the
    portal said the item meets. `title` is what people call the item, where the answer told it anyway.
    `read_at` is the reader's monotonic clock in seconds, taken *before* the first of the requests left; it tells the
    snapshot's age. Neither of these two takes part in comparisons.
    """

    ref: EntityRef
    updated_at: datetime
    points: tuple[ContactPoint, ...] | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)
    payments: Payments | None = None
    written: Mapping[str, Value] = field(default_factory=dict)
    replaced: Mapping[str, Value] = field(default_factory=dict)
    meets: frozenset[str] = frozenset()
    title: str = field(default="", compare=False)
    read_at: float = field(default=0.0, compare=False)

    @property
    def entries(self) -> tuple[ContactPoint, ...]:
        """The contact points that were read."""
        return self.points or ()

    def points_of(self, kind: PointKind) -> tuple[ContactPoint, ...]:
        """Return the contact points of one kind that were read, in order of their ids."""
        return tuple(point for point in self.entries if point.kind is kind)

    @property
    def state(self) -> ItemState:
        """What corrections change, and what tells afterwards what became of them."""
        return ItemState(self.points, self.fields)
