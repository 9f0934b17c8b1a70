"""Looks at every write of bindings through REST: no activity may lose a source before its target is there.

Nor may a write take back what another request has written between its read and its write.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from .history import Breach
from .slugs import slug, slugs

if TYPE_CHECKING:
    from collections.abc import Callable

    from .history import History, Who
    from .slugs import Ref


class BindingWatch:
    """Keeps what arrived at each activity, and records breaches in the history."""

    def __init__(self, history: History, clock: Callable[[], float]) -> None:
        """Begin without any expectation."""
        self._history = history
        self._clock = clock
        self._targets: dict[Ref, frozenset[Ref]] = {}
        self._arrived: dict[int, set[Ref]] = {}
        self._writing: Counter[int] = Counter()

    def expect(self, source: Ref, *targets: Ref) -> None:
        """Tell where activities of a source may go; one of these has to be bound before the source is lost."""
        self._targets[source] = self._targets.get(source, frozenset()) | set(targets)

    def rebound(self, activity_id: int, before: list[Ref], after: list[Ref], who: Who) -> None:
        """Look at one write.

        Without an expectation for a lost source, something must be bound that was not when the activity was created.
        """
        arrived = self._arrived.setdefault(activity_id, set())
        arrived.update(set(after) - set(before))
        if who != "api":
            return
        for lost in before:
            known = self._targets.get(lost)
            there = arrived.intersection(after) if known is None else known.intersection(after)
            if lost not in after and not there:
                self._record(activity_id, "lost", slug(lost), after)

    def removed(self, activity_id: int, bindings: list[Ref], who: Who) -> None:
        """Look at an activity that was deleted with all its bindings."""
        if who == "api":
            self._record(activity_id, "lost", slugs(bindings), [])

    def begins(self, activity_id: int) -> None:
        """Note that a request has read the bindings of an activity and is going to write them."""
        self._writing[activity_id] += 1
        if self._writing[activity_id] > 1:
            self._history.binding_overlaps += 1

    def ends(self, activity_id: int) -> None:
        """Note that such a request is through, whether or not it wrote."""
        self._writing[activity_id] -= 1

    def overtaken(self, activity_id: int, read: list[Ref], present: list[Ref], written: list[Ref]) -> None:
        """Compare what a request read, what it meets when it writes, and what it writes."""
        taken = [ref for ref in present if ref not in read and ref not in written]
        brought_back = [ref for ref in read if ref not in present and ref in written]
        if taken or brought_back:
            self._record(activity_id, "overwritten", slugs([*taken, *brought_back]), written)

    def _record(self, activity_id: int, kind: str, refs: str, left: list[Ref]) -> None:
        self._history.breaches.append(Breach(self._clock(), activity_id, kind, refs, slugs(left)))
