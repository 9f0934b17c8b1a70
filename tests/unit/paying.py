"""Payments, items and a portal's field to build the examples of the job `payment_dates` from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from b24syncd.domain.corrections import SetField
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.payments import FieldValue, PaidSnapshot, Payment
from b24syncd.domain.rules import PaymentRules, Pick

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24syncd.domain.corrections import Correction

DEAL = EntityRef(EntityType.DEAL, 7)
FIELD = "ufCrmPaid"
BERLIN = ZoneInfo("Europe/Berlin")


def rules(pick: Pick = Pick.LAST, *, clear: bool = True) -> PaymentRules:
    """Return rules for deals."""
    return PaymentRules(fields=((EntityType.DEAL, "Payment date"),), pick=pick, clear_when_unpaid=clear)


def payment(
    number: int, at: str | datetime | None, total: str = "10", currency: str = "EUR", *, is_paid: bool = True
) -> Payment:
    """Return a payment; by default one that was made."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return Payment(number, is_paid, moment, Decimal(total), currency)


def deal(
    *payments: Payment,
    there: str | None = None,
    written: str | None = None,
    holds_instant: bool = False,
    amount: str = "30",
) -> PaidSnapshot:
    """Return a deal as it was read."""
    return PaidSnapshot(
        DEAL,
        datetime(2026, 1, 1, tzinfo=UTC),
        Decimal(amount),
        "EUR",
        payments,
        FieldValue(FIELD, there),
        holds_instant,
        written,
    )


@dataclass(frozen=True)
class PortalField:
    """A field as a portal keeps it: a day, or what its wall clock shows, without the zone."""

    zone: ZoneInfo
    holds_instant: bool

    def kept(self, text: str | None) -> str | None:
        """Return how a value comes back that was sent."""
        if text is None or not self.holds_instant:
            return None if text is None else text[: len("2025-01-15")]
        wall = datetime.fromisoformat(text).astimezone(self.zone).replace(tzinfo=None, microsecond=0)
        return wall.replace(tzinfo=self.zone, fold=0).isoformat()


def made(snapshot: PaidSnapshot, corrections: Iterable[Correction], kept_in: PortalField) -> PaidSnapshot:
    """Return what is read after a write."""
    corrections = tuple(corrections)
    value = snapshot.state.value
    for correction in corrections:
        assert isinstance(correction, SetField)
        value = kept_in.kept(correction.after)
    return replace(snapshot, state=FieldValue(FIELD, value), written=snapshot.written_after(corrections))
