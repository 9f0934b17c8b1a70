"""How many commands one request may hold: fewer where the portal did not manage as many, and slowly more again.

A list that is too much for the server ends in HTTP 500, in a page about memory, in a cut connection or in silence.
Nothing tells that apart from an outage, so a request that fails is sent again with half of its commands, down to one.
What fails even then is an outage: one command at a time goes until an answer comes, and whole batches from then on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .governor import MOST_COMMANDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24syncd.portal.wire.commands import Command

_Kind = tuple[str, ...]
_FIRST_GROWTH, _LAST_GROWTH = 8, 1024
"""So many requests have to go well at one length before one command more is tried; twice as many after each failure."""


class Lengths:
    """What requests of the same methods hold; a method that failed does not make those of others shorter."""

    def __init__(self) -> None:
        """Begin with whole batches."""
        self._most: dict[_Kind, int] = {}
        self._went_well: dict[_Kind, int] = {}
        self._wanted: dict[_Kind, int] = {}
        self._grown: set[_Kind] = set()
        self._in_outage: set[_Kind] = set()

    def most(self, commands: Sequence[Command]) -> int:
        """Return how many of such commands a request may hold."""
        return self._most.get(_kind(commands), MOST_COMMANDS)

    def failed(self, commands: Sequence[Command], sent: int) -> bool:
        """Take in that a request of so many got no usable answer; return whether a shorter one may."""
        kind = _kind(commands)
        self._went_well.pop(kind, None)
        if sent == 1:  # it was not their number; one at a time is enough to see when that is over
            self._most[kind] = 1
            self._in_outage.add(kind)
            return False
        shorter = sent // 2
        if kind in self._grown:
            self._grown.discard(kind)  # what was learnt does not hold any more if one less fails as well
            shorter = sent - 1
            self._wanted[kind] = min(2 * self._wanted.get(kind, _FIRST_GROWTH), _LAST_GROWTH)
        self._most[kind] = min(shorter, self._most.get(kind, shorter))
        return True

    def went_well(self, commands: Sequence[Command], sent: int) -> None:
        """Take in that a request of so many was answered."""
        kind = _kind(commands)
        if kind in self._in_outage:
            self._forget(kind)
        most = self._most.get(kind)
        if most is None or sent < most:
            return
        self._grown.discard(kind)
        self._went_well[kind] = self._went_well.get(kind, 0) + 1
        if self._went_well[kind] >= self._wanted.get(kind, _FIRST_GROWTH):
            self._went_well.pop(kind)
            self._most[kind] = most + 1
            self._grown.add(kind)
            if most + 1 >= MOST_COMMANDS:
                self._forget(kind)

    def _forget(self, kind: _Kind) -> None:
        for known in (self._most, self._went_well, self._wanted):
            known.pop(kind, None)
        self._grown.discard(kind)
        self._in_outage.discard(kind)


def _kind(commands: Sequence[Command]) -> _Kind:
    return tuple(sorted({command.method for command in commands}))
