"""Payments, items and a portal's field to build the examples of the job `payment_dates` from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from b24syncd.domain.corrections import SetField, written_after
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.payments import Payment, Payments
from b24syncd.domain.rules import FoundField, PaymentRules, Pick
from b24syncd.domain.snapshots import Snapshot
from b24syncd.jobs.payment_dates import moment_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.values import Value

DEAL = EntityRef(EntityType.DEAL, 7)
FIELD = "ufCrmPaid"
BERLIN = ZoneInfo("Europe/Berlin")


def rules(pick: Pick = Pick.LAST, *, clear: bool = True, holds_instant: bool = False) -> PaymentRules:
    """Return rules for deals, whose field was found at the portal."""
    found = {EntityType.DEAL: FoundField(FIELD, holds_instant)}
    return PaymentRules(fields=((EntityType.DEAL, "Payment date"),), pick=pick, clear_when_unpaid=clear, found=found)


def payment(
    number: int, at: str | datetime | None, total: str = "10", currency: str = "EUR", *, is_paid: bool = True
) -> Payment:
    """Return a payment; by default one that was made."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return Payment(number, is_paid, moment, Decimal(total), currency)


def value(text: str | None) -> Value:
    """Return the day or the instant that is written like this."""
    return None if text is None else moment_in(text)


def deal(*payments: Payment, there: str | None = None, written: str | None = None, amount: str = "30") -> Snapshot:
    """Return a deal as it was read; `written` is what was written into its field before, if anything was."""
    return Snapshot(
        DEAL,
        datetime(2026, 1, 1, tzinfo=UTC),
        fields={FIELD: value(there)},
        payments=Payments(Decimal(amount), "EUR", payments),
        written={} if written is None else {FIELD: value(written)},
    )


def showing(snapshot: Snapshot, there: Value) -> Snapshot:
    """Return the deal with another value in its field."""
    return replace(snapshot, fields={FIELD: there})


def paid_by(snapshot: Snapshot, payments: Iterable[Payment]) -> Snapshot:
    """Return the deal with other payments."""
    assert snapshot.payments is not None
    return replace(snapshot, payments=replace(snapshot.payments, payments=tuple(payments)))


@dataclass(frozen=True)
class PortalField:
    """A field as a portal keeps it: a day, or what its wall clock shows, without the zone."""

    zone: ZoneInfo
    holds_instant: bool

    def kept(self, sent: Value) -> Value:
        """Return how a value comes back that was sent."""
        if not isinstance(sent, datetime):
            return sent
        if not self.holds_instant:
            return sent.date()
        wall = sent.astimezone(self.zone).replace(tzinfo=None, microsecond=0).replace(tzinfo=self.zone, fold=0)
        return datetime.fromisoformat(wall.isoformat())


def made(snapshot: Snapshot, corrections: Iterable[Correction], kept_in: PortalField) -> Snapshot:
    """Return what is read after a write."""
    corrections = tuple(corrections)
    there = snapshot.fields[FIELD]
    for correction in corrections:
        assert isinstance(correction, SetField)
        there = kept_in.kept(correction.after)
    return replace(snapshot, fields={FIELD: there}, written=written_after(snapshot.written, corrections))
