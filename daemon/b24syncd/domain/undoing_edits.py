"""Undoing what a person changed of phones and e-mails in a form. All pure.

An edit is no reading of a text: each entry gets back the value that it had, and one that was deleted comes back. One
that was added stays where its value stands nowhere else, for no value may vanish; so does what somebody changed since.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .corrections import AddPoint, ChangePoint, DeletePoint, only_points
from .job_names import EDITS
from .undoing import NotUndone, Undoing, Why

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .corrections import Correction, PointCorrection
    from .snapshots import ContactPoint


@dataclass(slots=True)
class _Chain:
    """What edits did to one entry, all in all: from the value that it had, None for one that was deleted."""

    first: ChangePoint | DeletePoint
    now: str | None


def undo_point_edits(points: Sequence[ContactPoint] | None, made: Iterable[Correction]) -> Undoing:
    """Return what takes back those of `made` that are edits of entries, in their order."""
    edits = [one for one in only_points(made) if one.job == EDITS]
    if points is None:
        return Undoing(left=tuple(NotUndone(one, Why.NOT_CONFIGURED) for one in edits))
    chains, added = _chains(edits)
    by_id = {point.id: point for point in points}
    back: list[Correction] = []
    left: list[NotUndone] = []
    for chain in chains:
        first, point = chain.first, by_id.get(chain.first.point_id)
        is_there = any((one.kind, one.value) == (first.kind, first.before) for one in points)
        if chain.now is None:
            back += [] if is_there else [AddPoint(first.ref, EDITS, first.kind, first.value_type, first.before)]
        elif point is None:
            left.append(NotUndone(first, Why.GONE))
        elif point.value == chain.now != first.before:
            start = (first.ref, EDITS, first.kind, point.id, point.value_type)
            back.append(ChangePoint(*start, chain.now, first.before))
        elif point.value != first.before:
            left.append(NotUndone(first, Why.CHANGED))
    for one in added:
        same = sorted(point.id for point in points if (point.kind, point.value) == (one.kind, one.after))
        if len(same) > 1:
            back.append(DeletePoint(one.ref, EDITS, one.kind, same[-1], by_id[same[-1]].value_type, one.after))
        elif same:
            left.append(NotUndone(one, Why.ONLY_THERE))
    return Undoing(tuple(back), tuple(left))


def without_edits(made: Iterable[Correction]) -> tuple[Correction, ...]:
    """Return the corrections but edits of entries."""
    return tuple(one for one in made if one.job != EDITS)


def _chains(edits: Iterable[PointCorrection]) -> tuple[list[_Chain], list[AddPoint]]:
    chains: dict[int, _Chain] = {}
    added: list[AddPoint] = []
    for one in edits:
        match one:
            case AddPoint():
                returned = next((key for key, chain in chains.items() if _brings_back(one, chain)), None)
                if returned is None:
                    added.append(one)
                else:
                    del chains[returned]
            case ChangePoint() | DeletePoint():
                now = one.after if isinstance(one, ChangePoint) else None
                known = chains.get(one.point_id)
                if known is not None and known.now == one.before:
                    known.now = now
                else:
                    chains[one.point_id] = _Chain(one, now)
    return list(chains.values()), added


def _brings_back(addition: AddPoint, chain: _Chain) -> bool:
    first = chain.first
    return chain.now is None and (first.kind, first.before) == (addition.kind, addition.after)
