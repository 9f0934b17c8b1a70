"""Finding corrections among very many: newest first, by index, a page at a time.

One condition leads, the one that leaves the fewest rows, and its index gives them in order; the others are looked at
row by row. A page looks at so many rows and no more, so that it takes as long in a long journal as in a short one:
where what is wanted is rare among them, it may bring few, or none, and still go on.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TYPE_CHECKING, Final, NamedTuple

from .history import entries_with, where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import sqlite_utils

    from .history import Filter, JournalEntry

MOST_LOOKED_AT: Final = 2000
"""Rows that one page looks at."""

_SELECT = "SELECT '' AS key, id"
_NEWEST = "ORDER BY id DESC LIMIT ?"
NEWEST: Final = {
    "item": f"{_SELECT}, {{}} FROM journal WHERE entity_type = ? AND entity_id = ? AND id < ? {_NEWEST}",
    "before": f"{_SELECT}, {{}} FROM journal WHERE before_key = ? AND id < ? {_NEWEST}",
    "after": f"{_SELECT}, {{}} FROM journal WHERE after_key = ? AND id < ? {_NEWEST}",
    "run": f"{_SELECT}, {{}} FROM journal WHERE run_id = ? AND id < ? {_NEWEST}",
    "person": f"{_SELECT}, {{}} FROM journal WHERE asked_by = ? AND asked_by != '' AND id < ? {_NEWEST}",
    "job": f"{_SELECT}, {{}} FROM journal WHERE job = ? AND id < ? {_NEWEST}",
    "all": f"{_SELECT}, {{}} FROM journal WHERE id < ? {_NEWEST}",
}
_BY_VALUE = "SELECT KEY, id, {} FROM journal WHERE KEY >= ? AND KEY < ? AND (KEY, id) > (?, ?) ORDER BY KEY, id LIMIT ?"
BEGINNING: Final = {name: _BY_VALUE.replace("KEY", name) for name in ("before_key", "after_key")}
"""The queries by what leads; in the place of `{}` stands whether a row is wanted."""

_ABOVE_ALL: Final = (1 << 63) - 1


class Place(NamedTuple):
    """A place in the order of a list: of the last row that a page looked at."""

    key: str = ""
    id: int = _ABOVE_ALL


@dataclass(frozen=True, slots=True)
class JournalPage:
    """Some corrections, and the place from which the list goes on; None where it ends."""

    entries: tuple[JournalEntry, ...]
    goes_on: Place | None


class _Row(NamedTuple):
    key: str
    id: int
    is_wanted: int


def page(db: sqlite_utils.Database, which: Filter, *, after: Place | None = None, limit: int) -> JournalPage:
    """Return the corrections that come after a place: newest first, or by value where its beginning is asked for."""
    wanted: list[int] = []
    last: Place | None = None
    for looked_at, (_, same) in enumerate(groupby(_rows(db, which, after), key=lambda row: row[:2])):
        row = next(same)  # a value may begin so before and after
        if len(wanted) == limit or looked_at == MOST_LOOKED_AT:
            return JournalPage(entries_with(db, wanted), last)
        last = Place(row.key, row.id)
        if row.is_wanted and row.id not in wanted:
            wanted.append(row.id)
    return JournalPage(entries_with(db, wanted), None)


def each(db: sqlite_utils.Database, which: Filter, *, limit: int | None = None) -> Iterator[JournalEntry]:
    """Go through the corrections, a page in memory at a time; nothing stays open between two pages."""

    def found() -> Iterator[JournalEntry]:
        after: Place | None = None
        while True:
            one = page(db, which, after=after, limit=MOST_LOOKED_AT)
            yield from one.entries
            if (after := one.goes_on) is None:
                return

    return islice(found(), limit)


def _rows(db: sqlite_utils.Database, which: Filter, after: Place | None) -> Iterator[_Row]:
    condition, values = where(which, of_row=True)
    most = MOST_LOOKED_AT + 1
    if which.text and not which.exact and which.item is None and not which.ids:
        place = Place("", 0) if after is None else after
        ranges = (*which.keys, *place, most)
        return heapq.merge(*(_read(db, query.format(condition), (*values, *ranges)) for query in BEGINNING.values()))
    before = (Place() if after is None else after).id
    led = [_read(db, NEWEST[name].format(condition), (*values, *of, before, most)) for name, of in _leading(which)]
    return heapq.merge(*led, key=lambda row: -row.id)


def _leading(which: Filter) -> Iterable[tuple[str, tuple[str | int, ...]]]:
    """Return by which of the conditions rows are found, with its values."""
    if which.item is not None:
        return [("item", (which.item.type.value, which.item.id))]
    if which.text and which.exact:
        return [("before", which.keys[:1]), ("after", which.keys[:1])]
    if which.by:
        return [("person", (which.by,))]
    if which.run_id is not None:
        return [("run", (which.run_id,))]
    return [("all", ())] if which.job is None else [("job", (which.job,))]


def _read(db: sqlite_utils.Database, query: str, values: tuple[str | int, ...]) -> Iterator[_Row]:
    return map(_Row._make, db.execute(query, values))
