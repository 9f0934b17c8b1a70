"""What became of a write of contact points, told from what was read: done, not done, overtaken. All pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from .corrections import AddPoint, ChangePoint, DeletePoint, PointCorrection, point_values, values_after
from .judging import Verdict
from .snapshots import ContactPoint, PointKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FIRST_UNKNOWN_ID = 1 << 62
"""Ids from here on stand for entries whose id only the portal knows; they sort last, as new entries do."""


def judge(
    base: Sequence[ContactPoint], corrections: Sequence[PointCorrection], current: Sequence[ContactPoint]
) -> Verdict:
    """Tell by reading whether `corrections`, planned from `base`, were made.

    Entries are compared as multisets of values, of the kinds that the corrections touch: ids of added entries are
    unknown.
    """
    kinds = {correction.kind for correction in corrections}
    before = _only(base, kinds)
    found = point_values(_only(current, kinds))
    if found == values_after(before, corrections):
        return Verdict.DONE
    if found == point_values(before):
        return Verdict.NOT_DONE
    return Verdict.OVERTAKEN


def was_made(corrections: Iterable[PointCorrection], current: Sequence[ContactPoint]) -> bool:
    """Tell whether an entry proves that a write was executed; one update makes all corrections of an item or none."""
    by_id = {point.id: point.value for point in current}
    return any(
        isinstance(correction, ChangePoint) and by_id.get(correction.point_id) == correction.after
        for correction in corrections
    )


def visible(
    base: Sequence[ContactPoint], corrections: Iterable[PointCorrection], current: Sequence[ContactPoint]
) -> tuple[PointCorrection, ...]:
    """Return the corrections whose effect the item shows, though others of the same write are overtaken."""
    old_ids = {point.id for point in base}
    by_id = {point.id: point.value for point in current}
    added = {(point.kind, point.value) for point in current if point.id not in old_ids}
    seen: list[PointCorrection] = []
    for correction in corrections:
        match correction:
            case ChangePoint():
                shows = by_id.get(correction.point_id) == correction.after
            case DeletePoint():
                shows = correction.point_id not in by_id
            case AddPoint():
                shows = (correction.kind, correction.after) in added
        if shows:
            seen.append(correction)
    return tuple(seen)


def still_needed(
    corrections: Iterable[PointCorrection], current: Sequence[ContactPoint]
) -> tuple[PointCorrection, ...]:
    """Return the corrections that still meet what they were planned for; the others are done or overtaken."""
    by_id = {point.id: point for point in current}
    held = {(point.kind, point.value) for point in current}
    needed: list[PointCorrection] = []
    for correction in corrections:
        match correction:
            case AddPoint():
                if (correction.kind, correction.after) not in held:
                    needed.append(correction)
            case ChangePoint() | DeletePoint():
                point = by_id.get(correction.point_id)
                if point is not None and point.value == correction.before:
                    needed.append(correction)
    return tuple(needed)


def is_effective(
    corrections: Iterable[PointCorrection], after: Sequence[ContactPoint], *, ids_stay: bool = False
) -> bool:
    """Tell whether every correction can be seen in the item as it was answered.

    Where `ids_stay`, an entry that was to be changed and is not there was deleted by a person a moment before. Not
    every portal adds it then: one that has read the item keeps its entries for the rest of the request, and changes
    them by their ids (php: modules/crm/lib/Service/MultifieldStorage.php). An entry that was to be deleted and shows
    another value is a person's: it had become the exact twin of another one, which the portal hides, and came to light
    when that one changed (php: modules/crm/lib/Multifield/Collection.php `add`).
    """
    values = {point.id: point.value for point in after}
    held = {(point.kind, point.value) for point in after}

    def shows(correction: PointCorrection) -> bool:
        match correction:
            case DeletePoint():
                return values.get(correction.point_id) != correction.before
            case ChangePoint() if ids_stay and correction.point_id not in values:
                return True
            case _:
                return (correction.kind, correction.after) in held

    return all(map(shows, corrections))


def to_take_back(
    base: Sequence[ContactPoint], corrections: Sequence[PointCorrection], current: Sequence[ContactPoint]
) -> tuple[PointCorrection, ...]:
    """Return what takes back a failed write of which a part was made, as far as something would be lost by that part.

    The portal saves entry by entry (php: modules/crm/lib/Service/MultifieldStorage.php, `save`): a text may have been
    shortened though what it said besides was not added, an entry deleted though the text that holds its value did not
    come back.
    """
    made = visible(base, corrections, current)
    missing = [correction for correction in corrections if correction not in made]
    by_id = {point.id: point for point in current}
    held = {(point.kind, point.value) for point in current}
    is_cut = {each.kind for each in missing if isinstance(each, AddPoint) and (each.kind, each.after) not in held}
    back: list[PointCorrection] = []
    for correction in made if missing else ():
        match correction:
            case ChangePoint() if correction.kind in is_cut:
                back.append(replace(correction.inverse(), value_type=by_id[correction.point_id].value_type))
            case DeletePoint() if (correction.kind, correction.before) not in held:
                back.append(correction.inverse())
    return tuple(back)


def perhaps_lost(
    base: Sequence[ContactPoint], corrections: Sequence[PointCorrection], current: Sequence[ContactPoint]
) -> tuple[PointCorrection, ...]:
    """Return what takes back a write that was never answered and may have been made in part.

    Nothing where as much is new as was added: then it was added, and a person has changed it since.
    """
    old_ids = {point.id for point in base}
    new = Counter(point.kind for point in current if point.id not in old_ids)
    added = Counter(correction.kind for correction in corrections if isinstance(correction, AddPoint))
    return () if added and added <= new else to_take_back(base, corrections, current)


def points_after(points: Sequence[ContactPoint], corrections: Iterable[PointCorrection]) -> tuple[ContactPoint, ...]:
    """Return the contact points as they are once `corrections` are made; added ones get ids of their own at the end."""
    by_id = {point.id: point for point in points}
    next_id = max([_FIRST_UNKNOWN_ID - 1, *by_id]) + 1
    for correction in corrections:
        match correction:
            case ChangePoint():
                if correction.point_id in by_id:
                    by_id[correction.point_id] = ContactPoint(
                        correction.point_id, correction.kind, correction.after, correction.value_type
                    )
            case DeletePoint():
                by_id.pop(correction.point_id, None)
            case AddPoint():
                by_id[next_id] = ContactPoint(next_id, correction.kind, correction.after, correction.value_type)
                next_id += 1
    return tuple(sorted(by_id.values(), key=lambda point: point.id))


def is_unknown_id(point_id: int) -> bool:
    """Tell whether an id of `points_after` stands for an entry that the portal has not made yet."""
    return point_id >= _FIRST_UNKNOWN_ID


def _only(points: Iterable[ContactPoint], kinds: set[PointKind]) -> tuple[ContactPoint, ...]:
    return tuple(point for point in points if point.kind in kinds)
