"""What people pay for an item: its amount, and the payments that were made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal


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
class Payments:
    """What an item costs, and its payments in the order of their ids."""

    amount: Decimal
    currency: str
    payments: tuple[Payment, ...]
