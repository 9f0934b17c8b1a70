"""The state in which something was before it was written, as JSON: kept beside an open intent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from b24syncd.domain.activities import Bound
from b24syncd.domain.bindings import Binding
from b24syncd.domain.snapshots import ContactPoint, ItemState, PointKind

from .value_json import decode, encode, to_json

if TYPE_CHECKING:
    from b24syncd.domain.states import State


def state_to_json(state: State) -> str:
    """Return a state as text: of an activity its bindings, of an item those of its parts that were read."""
    if isinstance(state, Bound):
        bindings = [[binding.type_id, binding.id] for binding in state.bindings]
        return to_json({"bindings": bindings, "task_links": state.task_links})
    return item_to_json(state)


def state_from_json(text: str) -> State:
    """Return the state whose `state_to_json` this is."""
    read = json.loads(text)
    if "bindings" in read:
        bindings = tuple(Binding(type_id, item_id) for type_id, item_id in read["bindings"])
        links = cast("list[str] | None", read["task_links"])
        return Bound(bindings, None if links is None else tuple(links))
    return item_from_json(text)


def item_to_json(state: ItemState) -> str:
    """Return the state of an item as text: `{"points": […] or null, "fields": {name: value}}`."""
    points = [[one.id, one.kind.value, one.value, one.value_type] for one in state.points or ()]
    return to_json(
        {
            "points": None if state.points is None else points,
            "fields": {name: encode(value) for name, value in state.fields.items()},
        }
    )


def item_from_json(text: str) -> ItemState:
    """Return the state whose `item_to_json` this is."""
    read = json.loads(text)
    points = read["points"]
    return ItemState(
        None if points is None else tuple(ContactPoint(id_, PointKind(kind), *rest) for id_, kind, *rest in points),
        {name: decode(value) for name, value in read["fields"].items()},
    )
