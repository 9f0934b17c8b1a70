"""The job `payment_dates`: a field of an item tells the day, or the instant, at which it was paid for.

The field is this program's for as long as it shows what this program wrote last. Once a person has changed or emptied
it, it is theirs: what they entered is never overwritten, only asked about.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from b24syncd.domain.corrections import SetField
from b24syncd.domain.payments import same_value
from b24syncd.domain.plans import Plan, Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import Pick

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from b24syncd.domain.payments import PaidSnapshot, Payment
    from b24syncd.domain.rules import PaymentRules

NAME = "payment_dates"

_ROUNDING = Decimal("0.005")
"""Less than this is not owed: sums have up to four decimal places, amounts two."""

_Paid = tuple["datetime", "Payment"]


def plan(snapshot: PaidSnapshot, rules: PaymentRules) -> Plan:
    """Return what brings the date by the payments into the field, or the review of what a person entered there."""
    paid = _paid(snapshot.payments)
    if rules.pick is Pick.FULLY_PAID and any(payment.currency != snapshot.currency for _, payment in paid):
        return _review(snapshot, _currencies(snapshot, paid), Reason.OTHER_CURRENCY)
    moment = _moment(paid, rules.pick, snapshot.amount)
    there = snapshot.state.value
    if moment is None:
        return _plan_unpaid(snapshot, there) if rules.clear_when_unpaid and there is not None else Plan()
    wanted = value_of(moment, holds_instant=snapshot.holds_instant, time_zone=rules.time_zone)
    if same_value(there, wanted):
        return Plan()
    if snapshot.written is None or same_value(snapshot.written or None, there):
        return _set(snapshot, wanted)
    return _review(snapshot, there or "", Reason.ENTERED_BY_HAND, wanted)


def value_of(moment: datetime, *, holds_instant: bool, time_zone: str = "") -> str:
    """Return how a field shows a moment: in whole seconds, or as the day that it had in a zone, or its own offset.

    A portal keeps the day that is sent, without an hour (php: modules/rest/classes/general/rest_util.php,
    `unConvertDate`), so it is the one that is meant, whatever zone the portal is in.
    """
    if holds_instant:
        return moment.replace(microsecond=0).isoformat()
    return (moment.astimezone(ZoneInfo(time_zone)) if time_zone else moment).date().isoformat()


def _paid(payments: Sequence[Payment]) -> list[_Paid]:
    """Return the payments that count, in the order in which they were made; a cancelled one keeps its date."""
    paid = [(payment.paid_at, payment) for payment in payments if payment.is_paid and payment.paid_at is not None]
    return sorted(paid, key=lambda one: one[0].timestamp())  # in one zone, `<` compares wall clocks


def _moment(paid: Sequence[_Paid], pick: Pick, amount: Decimal) -> datetime | None:
    if not paid:
        return None
    match pick:
        case Pick.FIRST:
            return paid[0][0]
        case Pick.LAST:
            return paid[-1][0]
        case Pick.FULLY_PAID:
            return _covered(paid, amount)


def _covered(paid: Sequence[_Paid], amount: Decimal) -> datetime | None:
    """Return when the paid sum reached the amount, None if it has not yet."""
    owed = amount
    for moment, payment in paid:
        owed -= payment.sum
        if owed < _ROUNDING:
            return moment
    return None


def _plan_unpaid(snapshot: PaidSnapshot, there: str) -> Plan:
    """Clear a date that payments told once; one that a person entered stays."""
    if same_value(snapshot.written, there):
        return _set(snapshot, None)
    return _review(snapshot, there, Reason.ENTERED_BY_HAND)


def _set(snapshot: PaidSnapshot, wanted: str | None) -> Plan:
    return Plan((SetField(snapshot.ref, NAME, snapshot.state.name, snapshot.state.value, wanted),))


def _review(snapshot: PaidSnapshot, value: str, reason: Reason, suggestion: str | None = None) -> Plan:
    return Plan(reviews=(Review(snapshot.ref, NAME, 0, value, reason, suggestion),))


def _currencies(snapshot: PaidSnapshot, paid: Sequence[_Paid]) -> str:
    """Return which currencies meet: the same for as long as nobody pays in yet another."""
    used = ", ".join(sorted({payment.currency or "no currency" for _, payment in paid}))
    return f"paid in {used}, amount in {snapshot.currency or 'no currency'}"
