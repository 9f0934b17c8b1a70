"""The judge of contact points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import settling
from .corrections import only_points
from .judging import Aftermath
from .point_repairs import Met, as_met, met_points, repairs_of, shows_that_ids_stay

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .corrections import Correction
    from .judging import Executed, Verdict
    from .plans import Plan
    from .snapshots import ItemState, Snapshot


class PointsJudge:
    """Judges writes of contact points; it learns whether this portal keeps the id of an entry that it changes."""

    def __init__(self, *, ids_stay: bool = False) -> None:
        """Begin with what is known of the portal."""
        self._ids_stay = ids_stay

    def verdict(self, base: ItemState, corrections: Sequence[Correction], current: ItemState) -> Verdict:
        """See `Judge`."""
        return settling.judge(base.entries, only_points(corrections), current.entries)

    def was_made(self, corrections: Sequence[Correction], current: ItemState) -> bool:
        """See `Judge`."""
        return settling.was_made(only_points(corrections), current.entries)

    def visible(self, base: ItemState, corrections: Sequence[Correction], current: ItemState) -> tuple[Correction, ...]:
        """See `Judge`."""
        return settling.visible(base.entries, only_points(corrections), current.entries)

    def to_take_back(
        self, base: ItemState, corrections: Sequence[Correction], current: ItemState
    ) -> tuple[Correction, ...]:
        """See `Judge`."""
        return settling.to_take_back(base.entries, only_points(corrections), current.entries)

    def perhaps_lost(
        self, base: ItemState, corrections: Sequence[Correction], current: ItemState
    ) -> tuple[Correction, ...]:
        """See `Judge`."""
        return settling.perhaps_lost(base.entries, only_points(corrections), current.entries)

    def still_needed(self, corrections: Sequence[Correction], current: ItemState) -> tuple[Correction, ...]:
        """See `Judge`."""
        return settling.still_needed(only_points(corrections), current.entries)

    def is_effective(self, corrections: Sequence[Correction], after: ItemState) -> bool:
        """See `Judge`."""
        return settling.is_effective(only_points(corrections), after.entries, ids_stay=self._ids_stay)

    def learn(self, corrections: Sequence[Correction], after: ItemState) -> bool:
        """See `Judge`."""
        if self._ids_stay or not shows_that_ids_stay(only_points(corrections), after.entries):
            return False
        self._ids_stay = True
        return True

    def aftermath(self, write: Executed[Snapshot], plan: Callable[[Snapshot], Plan]) -> Aftermath:
        """See `Judge`."""
        met = Met(only_points(write.corrections), write.mends, write.witness, write.after, self._ids_stay)
        if met_points(met) == write.base.entries:
            return Aftermath()
        return Aftermath(as_met(met), repairs_of(met, plan))
