"""The contact points of an item as the server holds them in memory: without exact twins, changed and saved together.

Sources: php modules/crm/lib/Multifield/Collection.php (`add` takes no value that is equal in type, value type and value
to one that is there; `isEqualTo` knows no ids), Assembler.php `updateCollectionByArray` (an id that is not in the
collection makes a new entry), modules/crm/lib/Service/MultifieldStorage.php `save` (first what is new counts, then by
id; what is no longer there is deleted) and crm_field_multi.php `Add`, `Update` (values are trimmed). The second of two
exact twins is never shown, and nothing that is written to its id reaches it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.simulator import php
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24syncd.simulator.tables.model import Point

_Content = tuple[str, str, str]


@dataclass(slots=True)
class _Entry:
    id: int | None
    type_id: str
    value_type: str
    value: str

    @property
    def content(self) -> _Content:
        return self.type_id, self.value_type, self.value


def visible(points: Iterable[Point]) -> list[Point]:
    """Return the contact points that the universal methods show."""
    shown: dict[_Content, Point] = {}
    for point in points:
        shown.setdefault((point.type_id, point.value_type, point.value), point)
    return list(shown.values())


def saved(known: Iterable[Point], changes: Iterable[PointChange]) -> list[PointChange]:
    """Return what a save of `known` with `changes` does to the entries: what it adds, changes and deletes."""
    before = _entries(known)
    after = _after(before, changes)
    if sorted(one.content for one in before) == sorted(one.content for one in after):
        return []
    return _differences(before, _distinct(after))


def would_be(known: Iterable[Point], changes: Iterable[PointChange]) -> list[PointChange]:
    """Return all entries that a save of `known` with `changes` would leave, as they are before they are trimmed."""
    return [PointChange(one.id, one.type_id, one.value_type, one.value) for one in _after(_entries(known), changes)]


def _entries(points: Iterable[Point]) -> list[_Entry]:
    return [_Entry(point.id, point.type_id, point.value_type, point.value) for point in points]


def _after(before: list[_Entry], changes: Iterable[PointChange]) -> list[_Entry]:
    after = [_Entry(one.id, one.type_id, one.value_type, one.value) for one in before]
    for change in changes:
        _apply(after, change)
    return after


def _apply(entries: list[_Entry], change: PointChange) -> None:
    known = next((one for one in entries if change.point_id is not None and one.id == change.point_id), None)
    if change.value == "":
        if known is not None:
            entries.remove(known)
    elif known is not None:
        known.value = change.value
        known.value_type = change.value_type or known.value_type
    else:
        added = _Entry(None, change.type_id, change.value_type or "", change.value)
        if all(one.content != added.content for one in entries):
            entries.append(added)


def _distinct(entries: list[_Entry]) -> list[_Entry]:
    """Return each content once; of equal ones what is new stays, then what is oldest."""
    kept: dict[_Content, _Entry] = {}
    for one in sorted(entries, key=lambda one: one.id or 0):
        kept.setdefault(one.content, one)
    return list(kept.values())


def _differences(before: list[_Entry], after: list[_Entry]) -> list[PointChange]:
    old = {one.id: one for one in before}
    new = [one for one in after if one.id is None]
    changed = [one for one in after if one.id is not None and old[one.id].content != one.content]
    gone = [one for one in before if all(one.id != other.id for other in after)]
    return [
        *(PointChange(one.id, one.type_id, one.value_type or None, php.trim(one.value)) for one in (*new, *changed)),
        *(PointChange(one.id, one.type_id, None, "") for one in gone),
    ]
