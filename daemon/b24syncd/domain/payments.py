"""What was read of an item that people pay for: its amount, its payments, and the field that shows the date."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from .entities import EntityRef


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment; `paid_at` has the portal's offset on that day, so that its date is the day in the portal's zone.

    A payment that was cancelled keeps the time at which it was paid: only `is_paid` tells.
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
    into the field, None where it never did. `read_at` is the reader's monotonic clock in seconds, taken *before* the
    first of the requests left.
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
