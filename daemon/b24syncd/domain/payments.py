"""What was read of an item that people pay for: its amount, its payments, and the field that shows the date."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from .corrections import SetField

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from .corrections import Correction
    from .entities import EntityRef

_DAY_LENGTH = len("2025-01-15")


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment; `paid_at` has the portal's offset on that day, so that its date is the day in the portal's zone.

    A payment that was cancelled keeps the time at which it was paid: only `is_paid` tells. The currency may be empty.
    """

    id: int
    is_paid: bool
    paid_at: datetime | None
    sum: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A field of an item and what stands in it, None for nothing.

    A date is written `2025-01-15`, the day in the portal's zone, an instant in ISO 8601 with the portal's offset.
    """

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class PaidSnapshot:
    """What was read of an item with payments; `payments` are in the order of their ids.

    `holds_instant` tells that the field keeps the time as well as the day. `written` is what this program last wrote
    into the field, empty where it cleared it, None where it never did. No portal knows it, so whoever reads again takes
    it along, and after a write it is what `written_after` tells. `read_at` is the reader's monotonic clock in
    seconds, taken *before* the first of the requests left.
    """

    ref: EntityRef
    updated_at: datetime
    amount: Decimal
    currency: str
    payments: tuple[Payment, ...]
    state: FieldValue
    holds_instant: bool
    written: str | None = None
    read_at: float = field(default=0.0, compare=False)

    def written_after(self, corrections: Iterable[Correction]) -> str | None:
        """Return what this program last wrote into the field, once these corrections are made."""
        written = self.written
        for correction in corrections:
            if isinstance(correction, SetField) and not correction.restores:
                written = correction.after or ""
        return written


def same_value(one: str | None, other: str | None) -> bool:
    """Tell whether two values of one field mean the same: equal days, equal instants, or what a clock shows twice.

    A portal keeps a custom field's instant as the wall clock shows it, without its zone (php: modules/main/lib/type/
    datetime.php, the constructor): of the hour that a clock set back shows twice, the second comes back as the first.
    Both values have the portal's offset: equal wall clocks under two offsets are of such an hour, or tell that the
    portal was given another zone since.
    """
    if one is None or other is None or one == other:
        return one == other
    first, second = _instant(one), _instant(other)
    if first is None or second is None:
        return False
    return first == second or first.replace(tzinfo=None) == second.replace(tzinfo=None)


def _instant(text: str) -> datetime | None:
    """Return the instant that a value tells; None for a day, and for what cannot be read."""
    if len(text) <= _DAY_LENGTH:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
