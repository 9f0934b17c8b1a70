"""What the portal stores: items with their multifields, in tables that answer ranges of ids and of times quickly.

Sources: docs api-reference/crm/data-types.md#crm_multifield (entries have ids of their own, across all items), php
modules/crm/lib/multifield (entries live apart from the item's row).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from . import flat_points
from .fields import DEAL, LEAD, MOMENTS, WITH_MULTIFIELDS, Field, FieldType
from .values import is_shown_as_kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .values import Value


@dataclass(slots=True)
class Point:
    """A multifield entry: a phone, an e-mail, a site, a messenger; `country` is what a person chose for a phone."""

    id: int
    type_id: str
    value_type: str
    value: str
    country: str = ""

    def copy(self) -> Point:
        """Return an equal entry that changes by itself."""
        return Point(self.id, self.type_id, self.value_type, self.value, self.country)


@dataclass(frozen=True, slots=True)
class PointChange:
    """One change of an item's multifields: `point_id` None adds, `value` "" deletes, `value_type` None keeps it.

    `country` is of a phone; only people can choose one, and every other save of the entry drops it.
    """

    point_id: int | None
    type_id: str
    value_type: str | None
    value: str
    country: str = ""


@dataclass(slots=True)
class Item:
    """A lead, a deal, a contact, a company, also an activity, a task or a payment; `values` by camelCase names."""

    entity_type_id: int
    id: int
    created: int
    updated: int
    values: dict[str, Value] = field(default_factory=dict)
    points: dict[int, Point] = field(default_factory=dict)

    def value(self, name: str) -> Value:
        """Return the stored value of a field, the computed ones included."""
        computed = _COMPUTED.get(name)
        return computed(self) if computed else self.values.get(name)

    def has(self, type_id: str) -> str:
        """Return Y or N: whether there is an entry of this type."""
        return "Y" if any(point.type_id == type_id for point in self.points.values()) else "N"


_SUCCESSES = {LEAD: "CONVERTED", DEAL: "WON"}
_FAILURES = {LEAD: "JUNK", DEAL: "LOSE"}
"""By the code of the stage, in whichever pipeline."""


def _semantics(item: Item) -> str:
    """Return the group of an item's stage: S successful, F failed, P in progress."""
    stage = str(item.values.get("stageId") or "").rpartition(":")[2]
    if stage == _SUCCESSES.get(item.entity_type_id):
        return "S"
    return "F" if stage == _FAILURES.get(item.entity_type_id) else "P"


def _first_point(item: Item, name: str) -> Value:
    return flat_points.flat(item.points.values())[name] or None


_COMPUTED: dict[str, Callable[[Item], Value]] = {
    "id": lambda item: item.id,
    "updatedTime": lambda item: item.updated,
    "createdTime": lambda item: item.created,
    "hasPhone": lambda item: item.has("PHONE"),
    "hasEmail": lambda item: item.has("EMAIL"),
    "hasImol": lambda item: item.has("IM"),
    "stageSemanticId": _semantics,
    "closed": lambda item: "N" if _semantics(item) == "P" else "Y",
    **{name: partial(_first_point, name=name) for name in flat_points.NAMES},
}


class Table:
    """All items of one entity type, indexed by id and by time of the last change."""

    def __init__(self, entity_type_id: int, fields: tuple[Field, ...]) -> None:
        """Begin empty."""
        self.entity_type_id = entity_type_id
        self.has_points = entity_type_id in WITH_MULTIFIELDS
        self.items: dict[int, Item] = {}
        self.ids: list[int] = []
        self.by_updated: list[tuple[int, int]] = []
        self._last_id = 0
        self.describe(fields)

    def describe(self, fields: tuple[Field, ...]) -> None:
        """Set the fields that the items have from now on."""
        self.fields = fields
        universal = [field for field in self.fields if field.in_items]
        self.classic_names = {field.classic: field for field in self.fields if field.in_classic}
        self.names = {field.name: field for field in universal}
        self.all_names = {field.name: field for field in self.fields}
        self.original_names = {field.upper if field.custom else field.name: field for field in universal}
        self.has_files = any(field.custom and field.type is FieldType.FILE for field in universal)
        self.upper_names = {field.upper: field for field in universal if not field.custom}
        self.filtered_names = {
            **{field.classic: field for field in universal},
            **(flat_points.FIELDS if self.has_points else {}),
            **{field.upper: field for field in universal},
        }
        self.moment_names = {field.upper for field in self.fields if field.type in MOMENTS}
        self.shown_as_kept = {
            field.name for field in universal if is_shown_as_kept(field) and field.name not in _COMPUTED
        }

    def new_id(self) -> int:
        """Return the next id."""
        self._last_id += 1
        return self._last_id

    def insert(self, item: Item) -> None:
        """Take in a new item; ids only ever grow."""
        self._last_id = max(self._last_id, item.id)
        self.items[item.id] = item
        insort(self.ids, item.id)
        insort(self.by_updated, (item.updated, item.id))

    def remove(self, item: Item) -> None:
        """Forget an item."""
        del self.items[item.id]
        self.ids.pop(bisect_left(self.ids, item.id))
        self.by_updated.pop(bisect_left(self.by_updated, (item.updated, item.id)))

    def touch(self, item: Item, second: int) -> None:
        """Set the time of an item's last change; it has a resolution of one second."""
        if item.updated != second:
            self.by_updated.pop(bisect_left(self.by_updated, (item.updated, item.id)))
            item.updated = second
            insort(self.by_updated, (second, item.id))

    def ids_between(self, low: float, high: float) -> list[int]:
        """Return the ids from `low` to `high`, both included, ascending."""
        return self.ids[bisect_left(self.ids, low) : bisect_right(self.ids, high)]

    def updated_between(self, low: float, high: float) -> list[tuple[int, int]]:
        """Return (second, id) of the items changed from `low` to `high`, both included, ascending."""
        start = bisect_left(self.by_updated, low, key=_second)
        return self.by_updated[start : bisect_right(self.by_updated, high, key=_second)]

    def __iter__(self) -> Iterator[Item]:
        """Iterate over the items in order of their ids."""
        return (self.items[item_id] for item_id in self.ids)


def _second(entry: tuple[int, int]) -> int:
    return entry[0]
