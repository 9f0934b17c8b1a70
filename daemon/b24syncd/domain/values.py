"""Values of an item's fields, typed: what planners compare, what is written, and what the journal keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values that a field offers, by the id that the portal writes: of a list's entry, a status, a stage."""

    id: str


Single = str | Decimal | bool | date | datetime | Choice
"""One value: a text, a number, yes or no, a day, an instant with the portal's offset, a choice."""

Value = Single | tuple[Single, ...] | None
"""What stands in a field: one value, several in their order, or None for nothing. No text and no tuple is empty."""


def same_value(one: Value, other: Value) -> bool:
    """Tell whether two values of one field mean the same: equal ones, equal instants, or what a clock shows twice.

    A portal keeps a custom field's instant as the wall clock shows it, without its zone (php: modules/main/lib/type/
    datetime.php, the constructor): of the hour that a clock set back shows twice, the second comes back as the first.
    Both values have the portal's offset: equal wall clocks under two offsets are of such an hour, or tell that the
    portal was given another zone since.
    """
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(same_value, one, other))
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one == other or one.replace(tzinfo=None) == other.replace(tzinfo=None)
    return type(one) is type(other) and one == other


def shown(value: Value) -> str | None:
    """Return a value as people read it: a day as `2025-01-15`, an instant in ISO 8601; None for nothing."""
    match value:
        case None | str():
            return value
        case tuple():
            return ", ".join(text for each in value if (text := shown(each)) is not None)
        case bool():
            return "yes" if value else "no"
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case Choice():
            return value.id
