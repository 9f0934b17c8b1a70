"""What writes the decisions that a person made about reviews of fields. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.corrections import SetField
from b24syncd.domain.decisions import Deciding, Kept, LeftOpen
from b24syncd.domain.rules import field_review_id
from b24syncd.domain.values import same_value, shown

from .evaluation import all_polished
from .planner import NAME, applying, plan, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.decisions import Decision
    from b24syncd.domain.rules import FieldRules
    from b24syncd.domain.snapshots import Snapshot
    from b24syncd.domain.values import Value


def decide_fields(snapshot: Snapshot, decisions: Sequence[Decision], rules: FieldRules) -> Deciding:
    """Return the corrections that write decisions; what is written is a person's value from then on."""
    names = {field_review_id(name): name for name in rules.fields(snapshot.ref.type)}
    asked = {review.point_id: review for review in plan(snapshot, rules).reviews}
    corrections: list[Correction] = []
    left: list[LeftOpen] = []
    for decision in decisions:
        name = names.get(decision.point_id)
        if name is None:
            left.append(LeftOpen(decision, Kept.NOT_CONFIGURED))
            continue
        there = snapshot.fields[name]
        becomes = _value(snapshot, rules, name, decision)
        review = asked.get(decision.point_id)
        if becomes is not None and same_value(there, becomes):
            continue
        if told(name, there) != decision.value:
            left.append(LeftOpen(decision, Kept.CHANGED))
        elif becomes is None or (decision.is_suggestion and (review is None or review.suggestion != shown(becomes))):
            left.append(LeftOpen(decision, Kept.STALE))
        else:
            corrections.append(SetField(snapshot.ref, NAME, name, there, becomes, restores=True))
    return Deciding(tuple(corrections), tuple(left))


def _value(snapshot: Snapshot, rules: FieldRules, name: str, decision: Decision) -> Value:
    """Return what a field becomes, as the rules would leave it; None where today's rules do not let it stand."""
    own, there = applying(snapshot, rules), snapshot.fields[name]
    if decision.is_suggestion:
        wanted = all_polished(own, name, there)
        return wanted if shown(wanted) == decision.becomes else None
    polished = all_polished(own, name, decision.becomes) if isinstance(there, str) else None
    return None if decision.to_the_letter and polished != decision.becomes else polished
