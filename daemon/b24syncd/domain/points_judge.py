"""The judge of contact points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import settling
from .corrections import only_points
from .judging import Aftermath
from .mending import Met, as_met, mend, met_points, shows_that_ids_stay

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .corrections import Correction
    from .judging import Verdict
    from .plans import Plan
    from .snapshots import ContactPoint, Snapshot

    _Points = Sequence[ContactPoint]


class PointsJudge:
    """Judges writes of contact points; it learns whether this portal keeps the id of an entry that it changes."""

    def __init__(self, *, ids_stay: bool = False) -> None:
        """Begin with what is known of the portal."""
        self._ids_stay = ids_stay

    def verdict(self, base: _Points, corrections: Sequence[Correction], current: _Points) -> Verdict:
        """See `Judge`."""
        return settling.judge(base, only_points(corrections), current)

    def was_made(self, corrections: Sequence[Correction], current: _Points) -> bool:
        """See `Judge`."""
        return settling.was_made(only_points(corrections), current)

    def visible(self, base: _Points, corrections: Sequence[Correction], current: _Points) -> tuple[Correction, ...]:
        """See `Judge`."""
        return settling.visible(base, only_points(corrections), current)

    def to_take_back(
        self, base: _Points, corrections: Sequence[Correction], current: _Points
    ) -> tuple[Correction, ...]:
        """See `Judge`."""
        return settling.to_take_back(base, only_points(corrections), current)

    def perhaps_lost(
        self, base: _Points, corrections: Sequence[Correction], current: _Points
    ) -> tuple[Correction, ...]:
        """See `Judge`."""
        return settling.perhaps_lost(base, only_points(corrections), current)

    def still_needed(self, corrections: Sequence[Correction], current: _Points) -> tuple[Correction, ...]:
        """See `Judge`."""
        return settling.still_needed(only_points(corrections), current)

    def is_effective(self, corrections: Sequence[Correction], after: _Points) -> bool:
        """See `Judge`."""
        return settling.is_effective(only_points(corrections), after, ids_stay=self._ids_stay)

    def learn(self, corrections: Sequence[Correction], after: _Points) -> bool:
        """See `Judge`."""
        if self._ids_stay or not shows_that_ids_stay(only_points(corrections), after):
            return False
        self._ids_stay = True
        return True

    def aftermath(  # noqa: PLR0913 # see Judge
        self,
        base: _Points,
        corrections: Sequence[Correction],
        *,
        mends: bool,
        witness: Snapshot,
        after: Snapshot,
        plan: Callable[[Snapshot], Plan],
    ) -> Aftermath:
        """See `Judge`."""
        met = Met(only_points(corrections), mends, witness, after, self._ids_stay)
        if met_points(met) == tuple(base):
            return Aftermath()
        return Aftermath(as_met(met), mend(met, plan))
