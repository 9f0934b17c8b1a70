"""Between values that are typed in the state and those that the domain writes as text still: days and instants."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from b24syncd.domain.payments import FieldValue
from b24syncd.domain.states import ItemState
from b24syncd.domain.values import shown

if TYPE_CHECKING:
    from b24syncd.domain.snapshots import ContactPoint
    from b24syncd.domain.values import Value

_DAY_LENGTH = len("2025-01-15")


def typed(text: Value) -> Value:
    """Return the day or the instant that a text writes; any other value as it is."""
    if not isinstance(text, str):
        return text
    try:
        value = date.fromisoformat(text) if len(text) == _DAY_LENGTH else datetime.fromisoformat(text)
    except ValueError:
        return text
    is_whole = not isinstance(value, datetime) or value.tzinfo is not None
    return value if is_whole and shown(value) == text else text


def plain(value: Value) -> str | None:
    """Return the text that `typed` was given."""
    return shown(value)


def item_state(state: tuple[ContactPoint, ...] | FieldValue) -> ItemState:
    """Return the state of an item's contact points, or of one field, by its parts."""
    if isinstance(state, FieldValue):
        return ItemState(fields={state.name: typed(state.value)})
    return ItemState(points=state)


def plain_state(state: ItemState) -> tuple[ContactPoint, ...] | FieldValue:
    """Return what `item_state` was given."""
    for name, value in state.fields.items():
        return FieldValue(name, plain(value))
    return state.points or ()
