"""Deciding: the corrections that write what a person decided of reviews. Pure.

Only entries that were decided about are touched. What they become follows the rule of the jobs: each value stands in
one entry of an item, so an entry whose values other entries say already is a duplicate and is deleted.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import SetField
from b24syncd.domain.decisions import Deciding, Decision, Kept, Left
from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import EmailRules, FieldRules, PaymentRules, PhoneRules
from b24syncd.domain.snapshots import Snapshot
from b24syncd.domain.values import same_value, shown

from . import email_addresses, payment_dates, phone_numbers
from .catalogue import OF_POINTS
from .contact_points import merge
from .fields import planner as fields
from .fields.deciding import decide_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.plans import Review
    from b24syncd.domain.rules import Rules
    from b24syncd.domain.snapshots import ContactPoint
    from b24syncd.domain.states import AnySnapshot

    from .reading import Reading

WRITTEN = (*OF_POINTS, payment_dates.NAME, fields.NAME)
"""The jobs of whose reviews a decision can be written as a value."""


def read_given(value: str, rules: PhoneRules | EmailRules, *, splits: bool = True) -> Reading:
    """Return how the job reads a value that a person gives; they may give several, whatever the rules say of that."""
    if isinstance(rules, PhoneRules):
        return phone_numbers.read(value, replace(rules, split=splits or rules.split))
    return email_addresses.read(value, replace(rules, split=splits or rules.split))


def decide(snapshot: AnySnapshot, decisions: Iterable[Decision], rules: Mapping[str, Rules]) -> Deciding:
    """Return what writes these decisions about an item, and what is left of them because it does not fit any more."""
    by_job: defaultdict[str, dict[int, Decision]] = defaultdict(dict)
    for decision in decisions:  # of one that is repeated the last one counts: written twice, an entry would be deleted
        by_job[decision.job][decision.point_id] = decision
    corrections: list[Correction] = []
    left: list[Left] = []
    for job, own in by_job.items():
        found = _of_job(snapshot, job, tuple(own.values()), rules.get(job))
        corrections += found.corrections
        left += found.left
    return Deciding(tuple(corrections), tuple(left))


def why_left(decision: Decision, rules: Rules | None) -> Kept | None:
    """Tell why today's rules do not let a decision be written, as far as they alone tell it."""
    if rules is None or decision.ref.type not in rules.entities:
        return Kept.NOT_CONFIGURED
    if isinstance(rules, PhoneRules | EmailRules) and not _values(decision, rules):
        return Kept.STALE
    return None


def _of_job(snapshot: AnySnapshot, job: str, decisions: Sequence[Decision], rules: Rules | None) -> Deciding:
    match snapshot, rules:
        case Snapshot(), PhoneRules() | EmailRules():
            return _of_points(snapshot, job, decisions, rules)
        case Snapshot(), PaymentRules():
            return _of_field(snapshot, decisions, rules)
        case Snapshot(), FieldRules():
            return decide_fields(snapshot, decisions, rules)
        case _:
            return Deciding(left=tuple(Left(decision, Kept.NOT_CONFIGURED) for decision in decisions))


def _of_points(snapshot: Snapshot, job: str, decisions: Sequence[Decision], rules: PhoneRules | EmailRules) -> Deciding:
    points = {point.id: point for point in snapshot.points_of(OF_POINTS[job])}
    decided: list[tuple[ContactPoint, tuple[str, ...]]] = []
    left: list[Left] = []
    for decision in sorted(decisions, key=lambda decision: decision.point_id):
        point = points.get(decision.point_id)
        why = why_left(decision, rules)
        if point is None:
            left.append(Left(decision, Kept.GONE))
        elif point.value != decision.value:
            left.append(Left(decision, Kept.CHANGED))
        elif why is not None:
            left.append(Left(decision, why))
        else:
            decided.append((point, _values(decision, rules)))
    own = {point.id for point, _ in decided}
    held = {said for point in points.values() if point.id not in own for said in _said(point.value, rules)}
    return Deciding(tuple(merge(snapshot.ref, job, decided, held)), tuple(left))


def _values(decision: Decision, rules: PhoneRules | EmailRules) -> tuple[str, ...]:
    """Return what an entry becomes; nothing where today's rules contradict the decision."""
    given = read_given(decision.becomes, rules).values
    if not decision.is_suggestion:
        return given or ((decision.becomes,) if decision.to_the_letter else ())
    asked = read_given(decision.value, rules, splits=False)
    return given if asked.reason is not None and asked.suggestion == decision.becomes else ()


def _said(value: str, rules: PhoneRules | EmailRules) -> tuple[str, ...]:
    """Return what another entry says: its text, and what is read in it with certainty."""
    return (value, *read_given(value, rules).values)


def _of_field(snapshot: Snapshot, decisions: Sequence[Decision], rules: PaymentRules) -> Deciding:
    corrections: list[Correction] = []
    left: list[Left] = []
    asked = {review.reason: review for review in payment_dates.plan(snapshot, rules).reviews}
    review = asked.get(Reason.ENTERED_BY_HAND)
    name = rules.found[snapshot.ref.type].name
    there = snapshot.fields[name]
    for decision in decisions:
        becomes = payment_dates.moment_in(decision.becomes)
        if becomes is not None and same_value(there, becomes):
            continue
        if (shown(there) or "") != decision.value:
            left.append(Left(decision, Kept.CHANGED))
        elif becomes is None or review is None or not _is_suggested(review, becomes):
            left.append(Left(decision, Kept.STALE))
        else:
            corrections.append(SetField(snapshot.ref, decision.job, name, there, becomes))
    return Deciding(tuple(corrections), tuple(left))


def _is_suggested(review: Review, becomes: date) -> bool:
    suggestion = None if review.suggestion is None else payment_dates.moment_in(review.suggestion)
    return suggestion is not None and same_value(suggestion, becomes)
