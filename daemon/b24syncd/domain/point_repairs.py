"""Repairs of contact points: bringing back a person's edit that a write met without knowing. All pure.

A write is planned from a *base* (the snapshot), meets the *witness* (read directly before the update) and leaves the
*after* (the update's answer). Where witness and base agree, nothing of a person's was touched. Where they differ, the
plan for the witness tells how the item should look, and `repairs_of` works out what brings it there. Only what the
write itself spoiled is mended; everything else is left to ordinary planning, which looks at the item again.

Edits made in the milliseconds between witness and update are seen where the answer shows them: an entry that vanished
(changing it may have *added* one, which goes again), and another value of an entry that the write left alone (a
duplicate of its old value was deleted in vain, and comes back).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .corrections import AddPoint, ChangePoint, DeletePoint, PointCorrection, only_points
from .settling import is_unknown_id, points_after, still_needed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from .plans import Plan
    from .snapshots import ContactPoint, PointKind, Snapshot


@dataclass(frozen=True, slots=True)
class Met:
    """One executed write: what was sent, what it met and what it left.

    `mends` tells that the write was itself a repair: what it restored belongs to the person, though the witness
    did not show it yet. `ids_stay` tells that this portal was seen to keep the id of an entry that it changed; until
    then an id that is missing from the answer is no proof that a person deleted the entry.
    """

    corrections: tuple[PointCorrection, ...]
    mends: bool
    witness: Snapshot
    after: Snapshot
    ids_stay: bool = True


def met_points(met: Met) -> tuple[ContactPoint, ...]:
    """Return the entries that the update really met, as far as the answer shows them.

    Of an entry that the write touched this is the witness's, unless it had vanished; of the others the answer's.
    """
    left = {point.id: point for point in met.after.entries}
    deleted = {correction.point_id for correction in met.corrections if isinstance(correction, DeletePoint)}
    changed = {correction.point_id for correction in met.corrections if isinstance(correction, ChangePoint)}
    certain = deleted if met.ids_stay else deleted | changed
    return tuple(
        point if point.id in deleted | changed else left[point.id]
        for point in met.witness.entries
        if point.id in certain or point.id in left
    )


def shows_that_ids_stay(corrections: Iterable[PointCorrection], after: Iterable[ContactPoint]) -> bool:
    """Tell whether the answer shows a changed entry under the id that it had."""
    left = {point.id: point.value for point in after}
    return any(
        isinstance(correction, ChangePoint) and left.get(correction.point_id) == correction.after
        for correction in corrections
    )


def as_met(met: Met) -> tuple[tuple[ChangePoint | DeletePoint, PointCorrection | None], ...]:
    """Return the corrections that did something else than planned, each with what it did; `None` for nothing at all."""
    points = {point.id: point for point in met_points(met)}
    planned = (correction for correction in met.corrections if not isinstance(correction, AddPoint))
    known = {point.id for point in met.witness.entries}
    added = {(point.kind, point.value) for point in met.after.entries if point.id not in known}
    pairs = ((correction, _as_met(correction, points.get(correction.point_id), added)) for correction in planned)
    return tuple((correction, done) for correction, done in pairs if done != correction)


def _as_met(
    correction: ChangePoint | DeletePoint, point: ContactPoint | None, added: Collection[tuple[PointKind, str]]
) -> PointCorrection | None:
    if isinstance(correction, DeletePoint):
        return None if point is None else replace(correction, before=point.value, reads=())
    if point is None and (correction.kind, correction.after) not in added:
        return None
    if point is None:
        return AddPoint(correction.ref, correction.job, correction.kind, correction.value_type, correction.after)
    if (point.value, point.value_type) == (correction.after, correction.value_type):
        return None
    return replace(correction, before=point.value, reads=())


def repairs_of(met: Met, plan: Callable[[Snapshot], Plan]) -> tuple[PointCorrection, ...]:
    """Return the corrections that bring back what the write spoiled; empty when it spoiled nothing."""
    wanted = _wanted(met, plan)
    changes = [correction for correction in met.corrections if isinstance(correction, ChangePoint)]
    restored = tuple(repair for change in changes if (repair := _restored(change, met, wanted)) is not None)
    unwanted, missing = _additions(met, wanted, restored)
    return (*restored, *missing, *unwanted)


def _wanted(met: Met, plan: Callable[[Snapshot], Plan]) -> dict[int, ContactPoint]:
    """Return the item as it should look: the person's state, planned and corrected, by entry id."""
    persons = met_points(met)
    if met.mends:
        persons = points_after(persons, still_needed(met.corrections, persons))
    corrections = only_points(plan(replace(met.witness, points=persons)).corrections)
    return {point.id: point for point in points_after(persons, corrections)}


def _by_id(points: Sequence[ContactPoint], point_id: int) -> ContactPoint | None:
    return next((point for point in points if point.id == point_id), None)


def _restored(correction: ChangePoint, met: Met, wanted: dict[int, ContactPoint]) -> ChangePoint | None:
    """Give an entry that the write overwrote the person's newer value (and value type) back.

    It is the same where the entry was met as planned, and yet is not to be changed any more, for something else of the
    item has changed: an undo leaves it.
    """
    newer = _by_id(met.witness.entries, correction.point_id)
    now = _by_id(met.after.entries, correction.point_id)
    is_as_planned = newer is not None and (newer.value, newer.value_type) == (correction.before, correction.value_type)
    if newer is None or now is None or (is_as_planned and wanted.get(newer.id) != newer):
        return None
    # where the plan would delete the entry as a duplicate, the raw value comes back and planning decides afresh
    target = wanted.get(correction.point_id, newer)
    if (now.value, now.value_type) == (target.value, target.value_type) or now.value != correction.after:
        return None
    return ChangePoint(
        correction.ref, correction.job, now.kind, now.id, target.value_type, before=now.value, after=target.value
    )


def _additions(
    met: Met, wanted: dict[int, ContactPoint], restored: Sequence[ChangePoint]
) -> tuple[tuple[DeletePoint, ...], tuple[AddPoint, ...]]:
    """Compare the entries that are new since the witness with those that are wanted.

    Returns the deletions of what the write added or brought back although the person's state does not hold it, and
    the additions of wanted values that the write took away: of entries that it touched, and of texts that held
    several.
    """
    known = {point.id for point in met.witness.entries}
    repaired = {repair.point_id: repair.after for repair in restored}
    held = {(point.kind, repaired.get(point.id, point.value)) for point in met.after.entries if point.id in known}
    needed = {(point.kind, point.value): point for point in wanted.values() if (point.kind, point.value) not in held}
    spare = [
        point
        for point in met.after.entries
        if point.id not in known and needed.pop((point.kind, point.value), None) is None
    ]
    unwanted = _added_in_vain(met, spare)
    jobs = {correction.kind: correction.job for correction in met.corrections}
    touched = {correction.point_id for correction in met.corrections if not isinstance(correction, AddPoint)}
    missing = tuple(
        AddPoint(met.after.ref, jobs[point.kind], point.kind, point.value_type, point.value)
        for point in needed.values()
        if point.id in touched or (is_unknown_id(point.id) and point.kind in jobs)
    )
    return unwanted, missing


def _added_in_vain(met: Met, spare: Sequence[ContactPoint]) -> tuple[DeletePoint, ...]:
    """Return the deletions of those spare entries that the write itself added, never of more than it added.

    A person may have added the same value: the newest entries are the write's. A change adds where its entry is not
    known: it is gone, or became the exact twin of another, which the portal hides
    (php: modules/crm/lib/Multifield/Collection.php `add`).
    """
    left = {point.id: point.value for point in met.after.entries}
    causes = [
        correction
        for correction in met.corrections
        if isinstance(correction, AddPoint)
        or (isinstance(correction, ChangePoint) and left.get(correction.point_id) != correction.after)
    ]
    unwanted: list[DeletePoint] = []
    for point in sorted(spare, key=lambda point: point.id, reverse=True):
        cause = next((cause for cause in causes if (cause.kind, cause.after) == (point.kind, point.value)), None)
        if cause is not None:
            causes.remove(cause)
            unwanted.append(DeletePoint(cause.ref, cause.job, point.kind, point.id, point.value_type, point.value))
    return tuple(reversed(unwanted))
