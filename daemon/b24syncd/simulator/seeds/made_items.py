"""Contacts that are made when they are read, by their ids alone: a portal of a million of them fits into little memory.

Only those that were changed are kept. Nothing is known of what is right about them, and no edit is recorded.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from random import Random
from typing import TYPE_CHECKING

from b24syncd.simulator.tables import item_births
from b24syncd.simulator.tables.fields import CONTACT
from b24syncd.simulator.tables.model import Item, Point, Table

from .items import invented

if TYPE_CHECKING:
    from collections.abc import Callable

    from b24syncd.simulator.tables.state import PortalState

_YEAR = 365 * 86400
_POINTS = 10
"""Ids of entries that an item has at first."""


def make_contacts(portal: PortalState, number: int, *, wrong: float = 1.0) -> None:
    """Give a portal without contacts so many; a share of them is messy, as `generate` makes them, others are right."""
    second = int(portal.clock()) - _YEAR
    born = item_births.moments(portal.table(CONTACT), second)

    def make(item_id: int) -> Item:
        rng = Random(item_id)  # noqa: S311 - made-up customers, nothing secret
        values, entries = invented(rng, CONTACT, item_id)
        if rng.random() >= wrong:
            right = {"PHONE": f"+7495{2_000_000 + item_id}", "EMAIL": f"person{item_id}@romashka-opt.ru"}
            entries = [(kind, "WORK", value) for kind, value in right.items()]
        first = item_id * _POINTS
        points = {first + place: Point(first + place, *entry) for place, entry in enumerate(entries[:_POINTS])}
        return Item(CONTACT, item_id, second, second, born | values, points)

    portal.tables[CONTACT] = _MadeTable(portal.table(CONTACT), number, second, make)
    portal.begin_points_at((number + 1) * _POINTS)
    portal.history.keeps_edits = False


class _MadeItems(dict[int, Item]):
    """Items by id, the unchanged ones made anew whenever somebody asks."""

    def __init__(self, number: int, make: Callable[[int], Item]) -> None:
        super().__init__()
        self._number = number
        self._make = make

    def __missing__(self, item_id: int) -> Item:
        if not 1 <= item_id <= self._number:
            raise KeyError(item_id)
        return self._make(item_id)

    def get(self, item_id: int, default: Item | None = None) -> Item | None:  # type: ignore[override] # of one sort only
        if item_id not in self:
            return default
        return self[item_id]

    def __contains__(self, item_id: object) -> bool:
        return isinstance(item_id, int) and 1 <= item_id <= self._number

    def __len__(self) -> int:
        return self._number


class _MadeTable(Table):
    """A table of such items, all of one moment but those that were changed; none can be added or removed."""

    def __init__(self, like: Table, number: int, second: int, make: Callable[[int], Item]) -> None:
        super().__init__(like.entity_type_id, like.fields)
        self.items = _MadeItems(number, make)
        self._all = range(1, number + 1)
        self._second = second

    def touch(self, item: Item, second: int) -> None:
        if item.id in self.items.keys():  # noqa: SIM118 - those that are kept
            super().touch(item, second)
            return
        item.updated = second
        self.items[item.id] = item
        self.by_updated.append((second, item.id))
        self.by_updated.sort()

    def ids_between(self, low: float, high: float) -> list[int]:
        return self._all[bisect_left(self._all, low) : bisect_right(self._all, high)]  # type: ignore[return-value]

    def updated_between(self, low: float, high: float) -> list[tuple[int, int]]:
        changed = super().updated_between(low, high)
        if not low <= self._second <= high:
            return changed
        unchanged = ((self._second, item_id) for item_id in self._all if item_id not in self.items.keys())  # noqa: SIM118
        return [*unchanged, *changed]
