"""Which activities a list has, in which order, and how often each.

Sources: docs api-reference/crm/timeline/activities/activity-base/crm-activity-list.md (by START_TIME where nothing
else is asked for), php modules/crm/classes/mysql/crm_activity.php `PrepareBindingsFilterSql`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.simulator import php

from .classic_lists import filter_of, sorting_of
from .listing import cut, in_order, page
from .rights import hides_items, readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from b24syncd.simulator.tables.activities import Activities, Activity
    from b24syncd.simulator.tables.fields import Field
    from b24syncd.simulator.tables.slugs import Ref

    from .calls import Call


@dataclass(frozen=True, slots=True)
class Rows:
    """One page; an activity may stand on it more than once."""

    rows: list[Activity]
    total: int | None
    next: int | None


@dataclass(frozen=True, slots=True)
class _Pair:
    """One entry of the filter `BINDINGS`: a type, and an id or (0) any."""

    type_id: int
    item_id: int

    def fits(self, ref: Ref) -> bool:
        return ref[0] == self.type_id and self.item_id in (0, ref[1])


def arranged(call: Call, conditions: php.Array, order: php.Array) -> Rows:
    """Return the page of `crm.activity.list` that a call asks for."""
    activities = call.portal.activities
    names = activities.table.classic_names
    pairs = _pairs(conditions)
    rest = {name: value for name, value in conditions.items() if name != "BINDINGS"}
    wanted = filter_of(rest, names, call.portal.zone)
    if hides_items(call.portal):
        wanted.tests.append(lambda item: readable(call.portal, activities.rows[item.id].owner))
    sorting = _sorting(order, names)
    few = _bound(activities, pairs) if pairs else _owned(activities, rest)
    if few is None:
        found = page(activities.table, wanted, sorting, call.start, turns_back=True)
        return Rows([activities.rows[item.id] for item in found.items], found.total, found.next)
    ordered = in_order([activities.rows[one] for one in few if wanted.passes(activities.rows[one])], sorting)
    rows = [activity for activity in ordered for _ in range(_times(activity, pairs))]
    kept: tuple[Sequence[Activity], int | None, int | None] = cut(rows, call.start, turns_back=True)
    return Rows(list(kept[0]), kept[1], kept[2])


def _sorting(order: php.Array, names: dict[str, Field]) -> list[tuple[Field, bool]]:
    if not order:
        return [(names["START_TIME"], False)]
    return sorting_of(order, names)


def _pairs(conditions: php.Array) -> list[_Pair]:
    """Return what the filter `BINDINGS` names; without a type an entry says nothing."""
    for name, value in conditions.items():
        if name == "BINDINGS" and isinstance(value, dict):
            entries = [entry for entry in value.values() if isinstance(entry, dict)]
            pairs = [_Pair(php.integer(e.get("OWNER_TYPE_ID")), php.integer(e.get("OWNER_ID"))) for e in entries]
            return [pair for pair in pairs if pair.type_id > 0]
    return []


def _bound(activities: Activities, pairs: list[_Pair]) -> Iterable[int]:
    found: set[int] = set()
    for pair in pairs:
        if pair.item_id:
            found |= activities.by_binding.get((pair.type_id, pair.item_id), set())
        else:
            found.update(one for ref, ids in activities.by_binding.items() if pair.fits(ref) for one in ids)
    return found


def _owned(activities: Activities, conditions: php.Array) -> Iterable[int] | None:
    """Return the activities of the owners that a filter names outright, so that not all have to be looked at."""
    plain = {str(name).lstrip("=@"): value for name, value in conditions.items() if str(name)[:1] not in "!<>%"}
    types, ids = (_several(plain.get(name)) for name in ("OWNER_TYPE_ID", "OWNER_ID"))
    if not types or not ids:
        return None
    return {one for type_id in types for item_id in ids for one in activities.by_owner.get((type_id, item_id), ())}


def _several(value: object) -> list[int]:
    if value is None:
        return []
    return [php.integer(one) for one in (value.values() if isinstance(value, dict) else (value,))]


def _times(activity: Activity, pairs: list[_Pair]) -> int:
    return sum(any(pair.fits(ref) for pair in pairs) for ref in activity.bindings) if pairs else 1
