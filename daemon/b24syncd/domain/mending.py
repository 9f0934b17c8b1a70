"""Mending: bringing back a person's edit that a write met without knowing. All pure.

A write is planned from a *base* (the snapshot), meets the *witness* (read directly before the update) and leaves the
*after* (the update's answer). Where witness and base agree, nothing of a person's was touched. Where they differ, the
plan for the witness tells how the item should look, and `mend` works out what brings it there. Only what the write
itself spoiled is mended; everything else is left to ordinary planning, which looks at the item again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .corrections import AddPoint, ChangePoint, Correction, DeletePoint
from .settling import points_after, still_needed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .plans import Plan
    from .snapshots import ContactPoint, Snapshot


@dataclass(frozen=True, slots=True)
class Met:
    """One executed write: what was sent, what it met and what it left.

    `mends` tells that the write was itself a mending: what it restored belongs to the person, though the witness
    did not show it yet.
    """

    corrections: tuple[Correction, ...]
    mends: bool
    witness: Snapshot
    after: Snapshot


def mend(met: Met, plan: Callable[[Snapshot], Plan]) -> tuple[Correction, ...]:
    """Return the corrections that bring back what the write spoiled; empty when it spoiled nothing."""
    wanted = _wanted(met, plan)
    repairs: list[Correction] = []
    for correction in met.corrections:
        repair: Correction | None = None
        match correction:
            case ChangePoint():
                repair = _restored(correction, met, wanted)
            case DeletePoint():
                repair = _brought_back(correction, met, wanted)
            case AddPoint():
                pass
        if repair is not None:
            repairs.append(repair)
    return (*repairs, *_unwanted_additions(met, wanted, repairs))


def _wanted(met: Met, plan: Callable[[Snapshot], Plan]) -> dict[int, ContactPoint]:
    """Return the item as it should look: the person's state, planned and corrected, by entry id."""
    persons = met.witness.points
    if met.mends:
        persons = points_after(persons, still_needed(met.corrections, persons))
    corrections = plan(replace(met.witness, points=persons)).corrections
    return {point.id: point for point in points_after(persons, corrections)}


def _by_id(points: Sequence[ContactPoint], point_id: int) -> ContactPoint | None:
    return next((point for point in points if point.id == point_id), None)


def _restored(correction: ChangePoint, met: Met, wanted: dict[int, ContactPoint]) -> ChangePoint | None:
    """Give an entry that the write overwrote the person's newer value (and value type) back."""
    newer = _by_id(met.witness.points, correction.point_id)
    now = _by_id(met.after.points, correction.point_id)
    if newer is None or now is None or (newer.value, newer.value_type) == (correction.before, correction.value_type):
        return None
    # where the plan would delete the entry as a duplicate, the raw value comes back and planning decides afresh
    target = wanted.get(correction.point_id, newer)
    if (now.value, now.value_type) == (target.value, target.value_type) or now.value != correction.after:
        return None
    return ChangePoint(
        correction.ref, correction.job, now.kind, now.id, target.value_type, before=now.value, after=target.value
    )


def _brought_back(correction: DeletePoint, met: Met, wanted: dict[int, ContactPoint]) -> AddPoint | None:
    """Add an entry again that the write deleted although the person's state needs its value."""
    newer = _by_id(met.witness.points, correction.point_id)
    if newer is None or _by_id(met.after.points, correction.point_id) is not None:
        return None
    target = wanted.get(correction.point_id)
    if target is None and (newer.value, newer.value_type) == (correction.before, correction.value_type):
        return None
    target = target or newer
    return AddPoint(correction.ref, correction.job, target.kind, target.value_type, target.value)


def _unwanted_additions(
    met: Met, wanted: dict[int, ContactPoint], repairs: Sequence[Correction]
) -> tuple[DeletePoint, ...]:
    """Delete entries that the write added or brought back although the person's state does not hold their values."""
    known = {point.id for point in met.witness.points}
    written = {
        (correction.kind, correction.after): correction
        for correction in met.corrections
        if isinstance(correction, ChangePoint | AddPoint)
    }
    repaired = {repair.point_id: repair.after for repair in repairs if isinstance(repair, ChangePoint)}
    held = {(point.kind, repaired.get(point.id, point.value)) for point in met.after.points if point.id in known}
    held |= {(repair.kind, repair.after) for repair in repairs if isinstance(repair, AddPoint)}
    needed = {(point.kind, point.value) for point in wanted.values()} - held
    unwanted: list[DeletePoint] = []
    for point in met.after.points:
        key = (point.kind, point.value)
        if point.id in known or key not in written:
            continue
        if key in needed:
            needed.discard(key)  # the first entry that holds a needed value stays
            continue
        cause = written[key]
        unwanted.append(DeletePoint(cause.ref, cause.job, point.kind, point.id, point.value_type, point.value))
    return tuple(unwanted)
