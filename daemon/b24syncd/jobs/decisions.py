"""Deciding: the corrections that write what a person decided of reviews. Pure.

Only entries that were decided about are touched. What they become follows the rule of the jobs: each value stands in
one entry of an item, so an entry whose values other entries say already is a duplicate and is deleted.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from b24syncd.domain.decisions import Deciding, Decision, Kept, LeftOpen
from b24syncd.domain.snapshots import Snapshot

from .catalogue import CATALOGUE, reader_of
from .contact_points import merge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.rules import Rules
    from b24syncd.domain.snapshots import ContactPoint
    from b24syncd.domain.states import AnySnapshot

    from .reading import PointReader

WRITTEN = tuple(name for name, kind in CATALOGUE.items() if kind.reader is not None or kind.decide is not None)
"""The jobs of whose reviews a decision can be written as a value."""


def decide(snapshot: AnySnapshot, decisions: Iterable[Decision], rules: Mapping[str, Rules]) -> Deciding:
    """Return what writes these decisions about an item, and what is left of them because it does not fit any more."""
    by_job: defaultdict[str, dict[int, Decision]] = defaultdict(dict)
    for decision in decisions:  # of one that is repeated the last one counts: written twice, an entry would be deleted
        by_job[decision.job][decision.point_id] = decision
    corrections: list[Correction] = []
    left: list[LeftOpen] = []
    for job, own in by_job.items():
        found = _of_job(snapshot, job, tuple(own.values()), rules.get(job))
        corrections += found.corrections
        left += found.left
    return Deciding(tuple(corrections), tuple(left))


def why_left(decision: Decision, rules: Rules | None) -> Kept | None:
    """Tell why today's rules do not let a decision be written, as far as they alone tell it."""
    if rules is None or decision.ref.type not in rules.entities:
        return Kept.NOT_CONFIGURED
    reader = reader_of(decision.job, rules)
    return Kept.STALE if reader is not None and not _values(decision, reader) else None


def _of_job(snapshot: AnySnapshot, job: str, decisions: Sequence[Decision], rules: Rules | None) -> Deciding:
    if isinstance(snapshot, Snapshot) and rules is not None:
        if (reader := reader_of(job, rules)) is not None:
            return _of_points(snapshot, decisions, rules, reader)
        if (decide_others := CATALOGUE[job].decide) is not None:
            return decide_others(snapshot, decisions, rules)
    return Deciding(left=tuple(LeftOpen(decision, Kept.NOT_CONFIGURED) for decision in decisions))


def _of_points(snapshot: Snapshot, decisions: Sequence[Decision], rules: Rules, reader: PointReader) -> Deciding:
    points = {point.id: point for point in snapshot.points_of(reader.kind)}
    decided: list[tuple[ContactPoint, tuple[str, ...]]] = []
    left: list[LeftOpen] = []
    for decision in sorted(decisions, key=lambda decision: decision.point_id):
        point = points.get(decision.point_id)
        why = why_left(decision, rules)
        if point is None:
            left.append(LeftOpen(decision, Kept.GONE))
        elif point.value != decision.value:
            left.append(LeftOpen(decision, Kept.CHANGED))
        elif why is not None:
            left.append(LeftOpen(decision, why))
        else:
            decided.append((point, _values(decision, reader)))
    own = {point.id for point, _ in decided}
    held = {said for point in points.values() if point.id not in own for said in _said(point.value, reader)}
    return Deciding(tuple(merge(snapshot.ref, decisions[0].job, decided, held)), tuple(left))


def _values(decision: Decision, reader: PointReader) -> tuple[str, ...]:
    """Return what an entry becomes; nothing where today's rules contradict the decision."""
    given = reader.read_all(decision.becomes).values
    if not decision.is_suggestion:
        return given or ((decision.becomes,) if decision.to_the_letter else ())
    asked = reader.read(decision.value)
    return given if asked.reason is not None and asked.suggestion == decision.becomes else ()


def _said(value: str, reader: PointReader) -> tuple[str, ...]:
    """Return what another entry says: its text, and what is read in it with certainty."""
    return (value, *reader.read_all(value).values)
