"""One page of a list: which items, in which order, and how many there are in all.

Sources: docs api-reference/crm/universal/crm-item-list.md (50 per page, `start`, `total`, `next`) and
settings/performance/huge-data.md (`start=-1`: nothing is counted). Items that are equal in everything ordered by
come in no order that a client could rely on; here, newest id first.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from b24syncd.simulator.tables.fields import FieldType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from b24syncd.simulator.tables.fields import Field
    from b24syncd.simulator.tables.model import Item, Table

    from .filters import Filter

PAGE = 50
Kept = TypeVar("Kept")
Row = TypeVar("Row", bound="Item")


@dataclass(frozen=True, slots=True)
class Page:
    """The items of a page; `total` and `next` are `None` when nothing was counted or nothing follows."""

    items: list[Item]
    total: int | None = None
    next: int | None = None


def page(
    table: Table, wanted: Filter, order: list[tuple[Field, bool]], start: int, *, turns_back: bool = False
) -> Page:
    """Return the page at `start`, a negative one being the first page uncounted; `order` is (field, descending).

    What is behind the end is an empty page, or with `turns_back` the first one.
    """
    # the page that holds the row, not the row: php turns `start` into the number of a page
    offset = max(start, 0) // PAGE * PAGE
    found = _ordered(table, wanted, order)
    if start < 0:
        return Page(list(islice(found, PAGE)))
    if _is_range_of_ids(wanted, order):
        total = len(table.ids_between(wanted.ids.low, wanted.ids.high))
        offset = _turned_back(offset, total) if turns_back else offset
        items = list(islice(found, offset, offset + PAGE))
    else:
        everything = list(found)
        total = len(everything)
        offset = _turned_back(offset, total) if turns_back else offset
        items = everything[offset : offset + PAGE]
    following = offset + PAGE
    return Page(items, total, following if following < total else None)


def _turned_back(offset: int, total: int) -> int:
    """php: modules/main/classes/general/dbresult.php `calculatePageNumber` - a page that there is not is the first."""
    return offset if offset < total else 0


def cut(rows: Sequence[Kept], start: int, *, turns_back: bool = False) -> tuple[Sequence[Kept], int | None, int | None]:
    """Return the page at `start` of rows that are all known, with `total` and `next`; see `page`."""
    if start < 0:
        return rows[:PAGE], None, None
    offset = start // PAGE * PAGE
    offset = _turned_back(offset, len(rows)) if turns_back else offset
    following = offset + PAGE
    return rows[offset:following], len(rows), following if following < len(rows) else None


def _is_range_of_ids(wanted: Filter, order: list[tuple[Field, bool]]) -> bool:
    return not wanted.tests and wanted.updated.open and (not order or order[0][0].name == "id")


def _ordered(table: Table, wanted: Filter, order: list[tuple[Field, bool]]) -> Iterator[Item]:
    items = table.items
    if not order or order[0][0].name == "id":
        if wanted.updated.open:
            ids = _ids(table, wanted)
        else:
            ids = sorted(item_id for _, item_id in table.updated_between(wanted.updated.low, wanted.updated.high))
        if order and order[0][1]:
            ids = ids[::-1]
        return (items[item_id] for item_id in ids if wanted.passes(items[item_id]))
    if [(field.name, down) for field, down in order] == [("updatedTime", False), ("id", False)]:
        entries = table.updated_between(wanted.updated.low, wanted.updated.high)
        return (items[item_id] for _, item_id in entries if wanted.passes(items[item_id]))
    return iter(in_order(_candidates(table, wanted), order))


def _ids(table: Table, wanted: Filter) -> list[int]:
    """Return the ids, ascending, that may pass by what the filter says of them."""
    if wanted.among is None:
        return table.ids_between(wanted.ids.low, wanted.ids.high)
    return sorted(item_id for item_id in wanted.among if item_id in table.items)


def _candidates(table: Table, wanted: Filter) -> list[Item]:
    items = table.items
    if wanted.updated.open:
        return [items[item_id] for item_id in _ids(table, wanted) if wanted.passes(items[item_id])]
    entries = table.updated_between(wanted.updated.low, wanted.updated.high)
    return [items[item_id] for _, item_id in entries if wanted.passes(items[item_id])]


def in_order(found: list[Row], order: list[tuple[Field, bool]]) -> list[Row]:
    """Sort items by what is ordered by."""
    found.sort(key=lambda item: -item.id)
    for field, descending in reversed(order):
        found.sort(key=lambda item, field=field: _rank(item, field), reverse=descending)  # type: ignore[misc]
    return found


def _rank(item: Item, field: Field) -> tuple[bool, str | float]:
    value = item.value(field.name)
    if field.type in (FieldType.STRING, FieldType.TEXT, FieldType.STATUS, FieldType.CHAR):
        return value is not None, "" if value is None else str(value).lower()
    return value is not None, value if isinstance(value, int | float) else 0
