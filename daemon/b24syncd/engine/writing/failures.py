"""Failures: the items at which the portal fails again and again, so that they hold up neither others nor the run.

An update may crash on the portal's side (an event handler, an automation rule) and take its whole batch with it. So an
item whose batches got no answer twice in a row goes in a batch of its own, and one that goes on failing is given up.
So does a suspect: one that was refused without a reason of its own, and may be why others were refused.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from b24syncd.portal.wire.faults import is_final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24syncd.domain.entities import EntityRef
    from b24syncd.portal.wire.commands import Refused

_ALONE_AFTER = 2
_MOST = 5
_TRIALS_OF_OTHERS = 2

TOO_MANY = f"the portal failed at this item {_MOST} times in a row"


class Failures:
    """How often the portal failed at an item since it last succeeded."""

    def __init__(self) -> None:
        """Begin without any."""
        self._in_a_row: Counter[EntityRef] = Counter()
        self._suspects: set[EntityRef] = set()

    def add(self, refs: Iterable[EntityRef]) -> None:
        """Count one more for each."""
        self._in_a_row.update(refs)

    def forget(self, ref: EntityRef) -> None:
        """Take in a success."""
        self._in_a_row.pop(ref, None)
        self._suspects.discard(ref)

    def note_given_up(self, ref: EntityRef) -> None:
        """Take in that what failed of an item is not tried again: its other units failed by none of that.

        They go alone, and no unit is given up at its first failure. None of them has all trials anew: where the portal
        fails at every unit, so many failures in a row would pass for an outage and end the run.
        """
        self._in_a_row[ref] = _MOST - _TRIALS_OF_OTHERS
        self._suspects.discard(ref)

    def doubted(self, refused: Iterable[tuple[EntityRef, Refused]], *, alone: bool) -> set[EntityRef]:
        """Return which refusals of a batch prove nothing yet, so that these items are written again.

        Of those that were told the same without a documented code, the first is a suspect and goes alone: its own
        failure may be what the later ones were told. One that went alone, and is told so again, was refused.
        """
        doubted: set[EntityRef] = set()
        heard: set[tuple[str, str]] = set()
        for ref, outcome in refused:
            if is_final(outcome.code) or (alone and ref in self._suspects):
                continue
            doubted.add(ref)
            said = (outcome.code, outcome.description)
            if said not in heard:
                heard.add(said)
                self._suspects.add(ref)
        return doubted

    def go_alone(self, ref: EntityRef) -> bool:
        """Tell whether an item goes in a batch of its own, so that it cannot take others with it."""
        return ref in self._suspects or self._in_a_row[ref] >= _ALONE_AFTER

    def are_too_many(self, ref: EntityRef) -> bool:
        """Tell whether an item is not to be tried again."""
        return self._in_a_row[ref] >= _MOST
