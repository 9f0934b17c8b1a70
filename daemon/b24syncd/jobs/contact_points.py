"""What the jobs for phones and e-mails share: one canonical value per entry, each value in one entry of an item."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.corrections import AddPoint, ChangePoint, DeletePoint
from b24syncd.domain.plans import Plan, Review

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.snapshots import ContactPoint, PointKind, Snapshot

    from .reading import Reading


def plan_points(snapshot: Snapshot, job: str, kind: PointKind, read: Callable[[str], Reading]) -> Plan:
    """Return what makes every readable entry of `kind` canonical and unique within the item.

    Entries are gone through by id and their values in order: an entry keeps its first value that no earlier entry
    keeps, and is deleted if there is none. A value that no entry keeps becomes a new entry of the value type it was
    found under. Entries that cannot be read stay as they are and hold nothing; a blank entry is not even reviewed.
    """
    readable: list[tuple[ContactPoint, tuple[str, ...]]] = []
    reviews: list[Review] = []
    for point in sorted(snapshot.points_of(kind), key=lambda point: point.id):
        reading = read(point.value)
        if reading.reason is not None:
            review = Review(snapshot.ref, job, point.id, point.value, reading.reason, reading.suggestion)
            reviews.append(review)
        elif reading.values:
            readable.append((point, reading.values))
    return Plan(tuple(merge(snapshot.ref, job, readable)), tuple(reviews))


def merge(
    ref: EntityRef, job: str, readable: list[tuple[ContactPoint, tuple[str, ...]]], held_by_others: Iterable[str] = ()
) -> Iterator[Correction]:
    """Yield what gives these entries, by their ids, their values; what others hold is not kept a second time."""
    held = set(held_by_others)
    for point, values in readable:
        kept = next((value for value in values if value not in held), None)
        if kept is None:
            yield DeletePoint(ref, job, point.kind, point.id, point.value_type, point.value, values)
            continue
        held.add(kept)
        if kept != point.value:
            yield ChangePoint(ref, job, point.kind, point.id, point.value_type, point.value, kept, values)
    for point, values in readable:
        for value in values:
            if value not in held:
                held.add(value)
                yield AddPoint(ref, job, point.kind, point.type_to_add, value, (value,))
