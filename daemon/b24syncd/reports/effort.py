"""How long the writing of what a preview found would take at the portal's limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .report import Report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ASSUMED_SECONDS = 0.2
"""What a command is taken to cost of which nothing is learnt yet."""

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0


@dataclass(frozen=True, slots=True)
class Pace:
    """What writing may use of the portal's limits: of each method so many operating seconds within the window.

    Of some methods the portal allows `less`. `burst` requests may leave at once, and `per_second` from then on;
    `in_flight` are under way at the same time.
    """

    operating_seconds: float
    window_seconds: float
    burst: float
    per_second: float
    in_flight: int
    less: Mapping[str, float] = field(default_factory=dict)

    def operating(self, method: str) -> float:
        """Return how many operating seconds of a method may be used within the window."""
        return self.less.get(method, self.operating_seconds)


@dataclass(frozen=True, slots=True)
class Effort(Report):
    """How long writing would take, and what holds it up: a method's operating time, requests, or the portal itself.

    `costs` are the seconds of one command by method; those of `assumed` methods are not learnt yet.
    """

    seconds: float
    bound_by: str
    costs: Mapping[str, float] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Yield it in words."""
        yield f"writing would take {_spoken(self.seconds)} at the portal's limits"
        yield f"  what binds is {self.bound_by}"
        learnt = [f"{method} {cost:.2g} s" for method, cost in self.costs.items() if method not in self.assumed]
        if learnt:
            yield f"  learnt: {', '.join(learnt)}"
        if self.assumed:
            each = "each other command" if learnt else "each command"
            yield f"  assumed, for nothing is learnt yet: {ASSUMED_SECONDS:g} s for {each}"


def effort_of(amounts: Mapping[str, int], requests: int, costs: Mapping[str, float], pace: Pace) -> Effort | None:
    """Return how long so many commands of each method, in so many requests, would take; None where there are none.

    What the limits allow at once leaves at once; the longest of all waits decides.
    """
    if not any(amounts.values()):
        return None
    known = {method: costs.get(method, ASSUMED_SECONDS) for method in amounts}
    spent = {method: number * known[method] for method, number in amounts.items()}
    waits = {
        f"the operating time of {method}": (seconds / pace.operating(method) - 1) * pace.window_seconds
        for method, seconds in reversed(spent.items())  # of several alike the write is named, not what is read for it
    }
    waits["the number of requests"] = (requests - pace.burst) / pace.per_second
    waits["the portal's own speed"] = sum(spent.values()) / pace.in_flight
    bound_by = max(waits, key=lambda name: waits[name])
    return Effort(waits[bound_by], bound_by, known, tuple(method for method in amounts if method not in costs))


def _spoken(seconds: float) -> str:
    if seconds < _MINUTE:
        return "less than a minute"
    if seconds < _HOUR:
        return f"about {seconds / _MINUTE:.0f} min"
    if seconds < 2 * _DAY:
        return f"about {seconds / _HOUR:.1f} hours"
    return f"about {seconds / _DAY:.1f} days"
