"""How long the rest of a run takes: by what it did lately while nothing held it up, and by the limits (pure)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24syncd.portal.pace.spending import Spending

_WINDOW = 600.0
"""Seconds that are looked back at: the portal's window of operating time, so that each has its share of waiting."""

_APART = 1.0
_ENOUGH_SECONDS = 3.0
"""So long something has to have been done before anything is said of the rest."""


@dataclass(frozen=True, slots=True)
class _Sample:
    at: float
    active: float
    share: float
    items: float


class Pace:
    """How fast a run gets on, told now and then by `note`; instants are those of one monotonic clock.

    Time in which it was held up and nothing was done is not `active`: what is waited for is told by itself.
    """

    def __init__(self, at: float, share: float, items: float) -> None:
        """Begin with what was done before."""
        self._first = self._last = _Sample(at, 0.0, share, items)
        self._samples = deque([self._first])

    def note(self, at: float, share: float, items: float, *, is_held_up: bool) -> None:
        """Take in how far it is by now."""
        last = self._last
        is_idle = is_held_up and share <= last.share and items <= last.items
        active = last.active + (0.0 if is_idle else max(0.0, at - last.at))
        self._last = _Sample(max(at, last.at), active, max(share, last.share), items)
        if self._last.at - self._samples[-1].at >= _APART:
            self._samples.append(self._last)
        while len(self._samples) > 1 and self._samples[1].at <= self._last.at - _WINDOW:
            self._samples.popleft()

    @property
    def active(self) -> float:
        """The seconds in which it got on."""
        return self._last.active

    @property
    def gained(self) -> float:
        """The share of the whole that was done since it began."""
        return self._last.share - self._first.share

    @property
    def rate(self) -> float | None:
        """The items per second of the last minutes, waiting included."""
        before, now = self._samples[0], self._last
        if now.at - before.at < _APART:
            return None
        return max(0.0, now.items - before.items) / (now.at - before.at)

    def seconds_for(self, share: float) -> float | None:
        """Return how long a further share would take if nothing held it up; None where that is not known yet."""
        now = self._last
        if self.gained <= 0 or now.active < _ENOUGH_SECONDS:
            return None
        before = self._samples[0]
        if now.share <= before.share or now.active <= before.active:
            before = self._first
        return share * (now.active - before.active) / (now.share - before.share)


def seconds_left(
    pace: Pace, share_left: float, *, waiting: float = 0.0, spent: Iterable[tuple[Spending, float]] = ()
) -> float | None:
    """Return how long the rest takes; None where that is not known yet.

    `waiting` is how long it is held up from now on, as far as that is known. `spent` tells how the operating time of
    methods stands, and how many seconds of it this run has spent: the rest will spend as much for each share.
    """
    if share_left <= 0:
        return waiting or None
    unhindered = pace.seconds_for(share_left)
    if unhindered is None:
        return None
    longest = waiting + unhindered
    for spending, seconds in spent:
        if seconds > 0:
            needed = share_left * seconds / pace.gained
            longest = max(longest, spending.seconds_for(needed, seconds / pace.active))
    return longest
