"""The judge of items: what became of a write of contact points and fields, which is one update of the portal.

An update saves the fields first and the contact points after them, so that one that died in its middle is told part by
part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .corrections import only_fields, only_points
from .field_judge import FieldsJudge
from .judging import Verdict
from .points_judge import PointsJudge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .corrections import Correction
    from .judging import Aftermath, Executed
    from .plans import Plan
    from .snapshots import ItemState, Snapshot


class ItemJudge:
    """Judges writes of items, by the judges of their parts."""

    def __init__(self, *, ids_stay: bool = False) -> None:
        """Begin with what is known of the portal: whether it keeps the id of an entry that it changes."""
        self._points = PointsJudge(ids_stay=ids_stay)
        self._fields = FieldsJudge()

    def verdicts(
        self, base: ItemState, corrections: Sequence[Correction], current: ItemState
    ) -> tuple[tuple[Verdict, tuple[Correction, ...]], ...]:
        """See `Judge`: one of the contact points, and one of each field."""
        points = only_points(corrections)
        is_read = current.points is not None
        verdict = self._points.verdict(base, points, current) if is_read else Verdict.ELSEWHERE
        of_points = ((verdict, points),) if points else ()
        of_fields = ((self._fields.verdict(base, (one,), current), (one,)) for one in only_fields(corrections))
        return (*of_points, *of_fields)

    def was_made(self, corrections: Sequence[Correction], current: ItemState) -> bool:
        """See `Judge`."""
        points, fields = only_points(corrections), only_fields(corrections)
        return self._points.was_made(points, current) or bool(fields and self._fields.was_made(fields, current))

    def visible(self, base: ItemState, corrections: Sequence[Correction], current: ItemState) -> tuple[Correction, ...]:
        """See `Judge`."""
        of_points = self._points.visible(base, corrections, current)
        return (*of_points, *self._fields.visible(base, corrections, current))

    def to_take_back(
        self, base: ItemState, corrections: Sequence[Correction], current: ItemState
    ) -> tuple[Correction, ...]:
        """See `Judge`. A field is written or not; nothing is lost by a part of it."""
        return self._points.to_take_back(base, corrections, current)

    def perhaps_lost(
        self, base: ItemState, corrections: Sequence[Correction], current: ItemState
    ) -> tuple[Correction, ...]:
        """See `Judge`."""
        return self._points.perhaps_lost(base, corrections, current)

    def still_needed(self, corrections: Sequence[Correction], current: ItemState) -> tuple[Correction, ...]:
        """See `Judge`."""
        of_points = self._points.still_needed(corrections, current)
        return (*of_points, *self._fields.still_needed(corrections, current))

    def is_effective(self, corrections: Sequence[Correction], after: ItemState) -> bool:
        """See `Judge`."""
        return self._points.is_effective(corrections, after) and self._fields.is_effective(corrections, after)

    def learn(self, corrections: Sequence[Correction], after: ItemState) -> bool:
        """See `Judge`."""
        return self._points.learn(corrections, after)

    def aftermath(self, write: Executed[Snapshot], plan: Callable[[Snapshot], Plan]) -> Aftermath:
        """See `Judge`."""
        fields = self._fields.aftermath(write)
        return self._points.aftermath(write, plan) + fields if only_points(write.corrections) else fields
