"""What a leaky bucket holds at most of requests of which only is known when they left and were answered (pure).

When a request reaches the portal nobody tells. Until it is answered it may come any moment, so it does not drain yet.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import count
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .limits import Limits
    from .serverclock import ServerClock

_NOT_DRAINED = 0.05
"""The part of the bucket that may not have drained yet: it does so once per second, by 2 of 50, or by 5 of 250."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How many requests the bucket may hold of ours, and how many drain of it per second."""

    most: float
    per_second: float

    @classmethod
    def of(cls, limits: Limits, share: float) -> Rule:
        """Return the rule for a share of the portal's bucket."""
        most = max(1.0, limits.burst * min(share, 1 - _NOT_DRAINED))
        return cls(most, limits.per_second * share)


class Leaking:
    """The requests in the bucket; instants are those of the monotonic clock, where nothing else is said."""

    def __init__(self, widest: Rule, server_clock: ServerClock, now: float) -> None:
        """Begin empty; no rule that ever holds allows more than the `widest`."""
        self._widest = self._rule = widest
        self._server_clock = server_clock
        self._amount, self._at = 0.0, now
        self._hidden = 0.0
        self._most_kept = ceil(widest.most)
        self._answered: deque[float] = deque(maxlen=self._most_kept)
        self._under_way: dict[int, float] = {}
        self._numbers = count()
        self._restored: tuple[float, ...] = ()
        self._restored_undated = 0
        self._restored_at = now

    @property
    def level(self) -> float:
        """How many requests the bucket holds at most."""
        return self._amount + len(self._under_way)

    @property
    def undated(self) -> int:
        """How many of the last `send_times` nothing dates."""
        own = len(self._under_way)
        return own if self._server_clock.is_known else self._restored_undated + own + len(self._answered)

    @property
    def send_times(self) -> tuple[float, ...]:
        """The requests that may still count, by the portal's clock and none too early."""
        clock = self._server_clock
        shift = (clock.at_latest() if clock.is_known else clock.careful_guess()) - self._at
        own = (at + shift for at in (*self._answered, *self._under_way.values()))
        return (*self._restored, *own)[-2 * self._most_kept :]

    def depart(self, now: float) -> int:
        """Take in that a request leaves; return its number."""
        number = next(self._numbers)
        self._under_way[number] = now
        return number

    def arrive(self, number: int, now: float) -> None:
        """Take in that a request is over: if it ever reached the portal, then by now."""
        del self._under_way[number]
        self._amount += 1
        self._answered.append(now)

    def drain(self, now: float, rule: Rule, pace: float, least: float) -> None:
        """Let drain what has since, at a `pace`, and at most down to so many requests; `rule` holds from now on.

        Where that allows less than before, what is beyond it drains beside the rest, by what is not ours any more.
        """
        seconds, self._at = max(0.0, now - self._at), now
        rate = min(rule.per_second, self._rule.per_second)
        self._hidden = max(0.0, self._hidden - (self._widest.per_second - rate) * seconds)
        self._amount = max(0.0, self._amount - rate * pace * seconds, least - len(self._under_way))
        if not self._amount and not self._hidden:
            self._answered.clear()
        if rule != self._rule:
            self._rule = rule
            self._hold(self._amount + self._hidden)

    def fill(self) -> None:
        """Take in that the bucket is full."""
        self._amount = max(self._amount, self._rule.most - len(self._under_way))

    def restore(self, send_times: Sequence[float], undated: int, now: float) -> None:
        """Take over the requests of an earlier life, as if the last of them had left just now."""
        self._restored = tuple(send_times)
        self._restored_undated = min(undated, len(self._restored))
        self._restored_at = self._at = now
        self._hold(self._restored_level(float("-inf")))

    def correct(self) -> None:
        """Count the requests of an earlier life anew, by the portal's clock, which is known by now.

        Those that nothing dates may have come as late as this life began; what this life sent counts in full.
        """
        seconds = self._at - self._restored_at
        now = self._server_clock.now()
        left = max(0.0, self._restored_level(now - seconds) - self._widest.per_second * seconds)
        self._hold(min(self._amount + self._hidden, left + len(self._answered)))
        dated = self._restored[: len(self._restored) - self._restored_undated]
        earlier = [min(at - now + self._at, self._restored_at) for at in dated]
        undated = [self._restored_at] * self._restored_undated
        self._answered = deque((*earlier, *undated, *self._answered), maxlen=self._most_kept)
        self._restored, self._restored_undated = (), 0

    def _restored_level(self, at: float) -> float:
        """Return what the bucket held by the portal's time when this life began, but not before the last request."""
        dated = self._restored[: len(self._restored) - self._restored_undated]
        # of a list that is cut off nobody knows with how much it began
        level = self._widest.most - 1 if len(self._restored) >= self._most_kept else 0.0
        before = float("inf")
        for sent_at in sorted(dated):
            level = min(max(0.0, level - self._widest.per_second * max(0.0, sent_at - before)) + 1, self._widest.most)
            before = sent_at
        level = max(0.0, level - self._widest.per_second * max(0.0, at - before))
        return min(level + self._restored_undated, self._widest.most)

    def _hold(self, whole: float) -> None:
        self._amount = min(whole, max(0.0, self._rule.most - len(self._under_way)))
        self._hidden = whole - self._amount
