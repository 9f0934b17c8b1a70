"""The job `fields`: what a person's rules make of the fields of an item, as one plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.corrections import SetField
from b24syncd.domain.field_reviews import told_field
from b24syncd.domain.job_names import FIELDS
from b24syncd.domain.plans import Plan, Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import field_review_id
from b24syncd.domain.snapshots import Parts
from b24syncd.domain.values import same_value, shown

from .evaluation import Known, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.rules import FieldRule, FieldRules
    from b24syncd.domain.snapshots import Snapshot
    from b24syncd.domain.values import Value

NAME = FIELDS


def needs(rules: FieldRules, entity_type: EntityType) -> Parts:
    """Return what is to be read of an item: the fields that rules change, or copy from."""
    return Parts(fields=rules.fields(entity_type))


def plan(snapshot: Snapshot, rules: FieldRules) -> Plan:
    """Return at most one correction for each field, and what a person has to decide."""
    own = applying(snapshot, rules)
    names = {rule.field for rule in own}
    known = Known(snapshot.fields, snapshot.written, snapshot.replaced)
    found = evaluate(own, known)
    corrections: list[SetField] = []
    reviews = [_review(snapshot, name, Reason.RESTORED_BY_HAND, wanted) for name, wanted in found.restored.items()]
    for name in sorted(names):
        before, after = snapshot.fields[name], found.fields[name]
        if same_value(before, after) or not _can_be_written(own, name, after):
            continue
        if _is_too_long(own, name, before, after):
            reviews.append(_review(snapshot, name, Reason.DOES_NOT_FIT))
        else:
            corrections.append(SetField(snapshot.ref, NAME, name, before, after, restores=known.is_theirs(name)))
    return Plan(tuple(corrections), tuple(reviews))


def applying(snapshot: Snapshot, rules: FieldRules) -> tuple[FieldRule, ...]:
    """Return the rules for an item: those of its type without a filter, or with one that it met when it was read."""
    return tuple(rule for rule in rules.of(snapshot.ref.type) if not rule.where or rule.name in snapshot.meets)


def told(name: str, value: Value) -> str:
    """Return what a review shows of a field: several of one item may be asked about."""
    return told_field(name, shown(value))


def _review(snapshot: Snapshot, name: str, reason: Reason, wanted: Value = None) -> Review:
    value = told(name, snapshot.fields[name])
    return Review(snapshot.ref, NAME, field_review_id(name), value, reason, shown(wanted))


def _can_be_written(rules: Sequence[FieldRule], name: str, after: Value) -> bool:
    return after is not None or all(rule.can_be_empty for rule in _of_field(rules, name))


def _is_too_long(rules: Sequence[FieldRule], name: str, before: Value, after: Value) -> bool:
    """Tell whether a text has become longer than the field takes: the portal would cut it off, or refuse it."""
    longest = min((rule.longest for rule in _of_field(rules, name) if rule.longest is not None), default=None)
    if longest is None:
        return False
    entries = after if isinstance(after, tuple) else (after,)
    there = before if isinstance(before, tuple) else (before,)
    return any(isinstance(one, str) and len(one) > longest and one not in there for one in entries)


def _of_field(rules: Sequence[FieldRule], name: str) -> Iterator[FieldRule]:
    return (rule for rule in rules if rule.field == name)
