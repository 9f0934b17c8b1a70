"""The job `payment_dates`: a field of an item tells the day, or the instant, at which it was paid for.

The field is this program's for as long as it shows what this program wrote last. Once a person has changed or emptied
it, it is theirs: what they entered is never overwritten, only asked about.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from b24syncd.domain.corrections import SetField
from b24syncd.domain.decisions import Deciding, Kept, LeftOpen
from b24syncd.domain.job_names import PAYMENT_DATES
from b24syncd.domain.plans import Plan, Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import Pick
from b24syncd.domain.snapshots import Parts
from b24syncd.domain.values import same_value, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.decisions import Decision
    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.payments import Payment, Payments
    from b24syncd.domain.rules import FoundField, PaymentRules
    from b24syncd.domain.snapshots import Snapshot
    from b24syncd.domain.values import Value

NAME = PAYMENT_DATES

_ROUNDING = Decimal("0.005")
"""Less than this is not owed: sums have up to four decimal places, amounts two."""

_DAY_LENGTH = len("2025-01-15")

_Paid = tuple["datetime", "Payment"]


def needs(rules: PaymentRules, entity_type: EntityType) -> Parts:
    """Return what is to be read of an item: its payments, and the field."""
    field = rules.found.get(entity_type)
    return Parts(payments=True, fields=frozenset() if field is None else frozenset({field.name}))


def plan(snapshot: Snapshot, rules: PaymentRules) -> Plan:
    """Return what brings the date by the payments into the field, or the review of what a person entered there."""
    field, payments = rules.found[snapshot.ref.type], snapshot.payments
    if payments is None:
        return Plan()
    paid = _paid(payments.payments)
    if rules.pick is Pick.FULLY_PAID and any(payment.currency != payments.currency for _, payment in paid):
        return _review(snapshot, _currencies(payments, paid), Reason.OTHER_CURRENCY)
    moment = _moment(paid, rules.pick, payments.amount)
    there = snapshot.fields[field.name]
    if moment is None:
        return _plan_unpaid(snapshot, field) if rules.clear_when_unpaid and there is not None else Plan()
    wanted = value_of(moment, holds_instant=field.holds_instant, time_zone=rules.time_zone)
    if same_value(there, wanted):
        return Plan()
    if same_value(snapshot.written.get(field.name, there), there):
        return _set(snapshot, field, wanted)
    return _review(snapshot, shown(there) or "", Reason.ENTERED_BY_HAND, shown(wanted))


def value_of(moment: datetime, *, holds_instant: bool, time_zone: str = "") -> date | datetime:
    """Return how a field shows a moment: in whole seconds, or as the day that it had in a zone, or its own offset.

    A portal keeps the day that is sent, without an hour (php: modules/rest/classes/general/rest_util.php,
    `unConvertDate`), so it is the one that is meant, whatever zone the portal is in.
    """
    if holds_instant:
        return moment.replace(microsecond=0)
    return (moment.astimezone(ZoneInfo(time_zone)) if time_zone else moment).date()


def moment_in(text: str) -> date | datetime | None:
    """Return the day or the instant, as reviews show them, that a text tells; None for anything else."""
    try:
        return date.fromisoformat(text) if len(text) == _DAY_LENGTH else datetime.fromisoformat(text)
    except ValueError:
        return None


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


def _plan_unpaid(snapshot: Snapshot, field: FoundField) -> Plan:
    """Clear a date that payments told once; one that a person entered stays."""
    there = snapshot.fields[field.name]
    if same_value(snapshot.written.get(field.name), there):
        return _set(snapshot, field, None)
    return _review(snapshot, shown(there) or "", Reason.ENTERED_BY_HAND)


def _set(snapshot: Snapshot, field: FoundField, wanted: Value) -> Plan:
    return Plan((SetField(snapshot.ref, NAME, field.name, snapshot.fields[field.name], wanted),))


def _review(snapshot: Snapshot, value: str, reason: Reason, suggestion: str | None = None) -> Plan:
    return Plan(reviews=(Review(snapshot.ref, NAME, 0, value, reason, suggestion),))


def _currencies(payments: Payments, paid: Sequence[_Paid]) -> str:
    """Return which currencies meet: the same for as long as nobody pays in yet another."""
    used = ", ".join(sorted({payment.currency or "no currency" for _, payment in paid}))
    return f"paid in {used}, amount in {payments.currency or 'no currency'}"


def decide(snapshot: Snapshot, decisions: Sequence[Decision], rules: PaymentRules) -> Deciding:
    """Return the corrections that write decisions: a date that is suggested still, where the field is as it was."""
    corrections: list[Correction] = []
    left: list[LeftOpen] = []
    asked = {review.reason: review for review in plan(snapshot, rules).reviews}
    review = asked.get(Reason.ENTERED_BY_HAND)
    name = rules.found[snapshot.ref.type].name
    there = snapshot.fields[name]
    for decision in decisions:
        becomes = moment_in(decision.becomes)
        if becomes is not None and same_value(there, becomes):
            continue
        if (shown(there) or "") != decision.value:
            left.append(LeftOpen(decision, Kept.CHANGED))
        elif becomes is None or review is None or not _is_suggested(review, becomes):
            left.append(LeftOpen(decision, Kept.STALE))
        else:
            corrections.append(SetField(snapshot.ref, decision.job, name, there, becomes))
    return Deciding(tuple(corrections), tuple(left))


def _is_suggested(review: Review, becomes: date) -> bool:
    suggestion = None if review.suggestion is None else moment_in(review.suggestion)
    return suggestion is not None and same_value(suggestion, becomes)
