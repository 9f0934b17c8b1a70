"""Ways of writing the same: which of them takes the next batch, by the requests and the operating time that they cost.

Operating time is counted by method (php: modules/rest/lib/engine/access/loadlimiter.php), so each way has budgets of
its own. Both limits give back what was used of them, so many requests and so many operating seconds per second: the
price of an update is how long that takes. A way of which more than half is spent grows dear, so that all are spent at
the same time: nothing is left in one while others wait. One that is nearly spent needs a request for few updates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HALVINGS = 50
_PLENTY = 0.5
_SCARCITY = 2.0
"""So much dearer the operating time of a way is where nothing is left of it."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way: how many updates may leave now in one batch, and the operating `seconds` of one, all methods together.

    Seconds are None as long as nobody has used it. How much of its operating time is `spent`, of 1.
    """

    fits: int
    seconds: float | None
    spent: float = 0.0


@dataclass(frozen=True, slots=True)
class Prices:
    """The seconds in which the portal's limits give back a request, and an operating second."""

    request: float
    operating: float


def cheapest(ways: Sequence[Way], wanted: int, prices: Prices) -> int:
    """Return which way takes the next batch of up to `wanted` updates; the first of several that are equal.

    One that nobody has used is taken to be as dear as the dearest of the others; one without room waits.
    """
    dearest = max((way.seconds for way in ways if way.seconds is not None), default=0.0)

    def price(index: int) -> float:
        way, fits = ways[index], min(ways[index].fits, wanted)
        if not fits:
            return float("inf")
        scarcity = 1 + _SCARCITY * max(0.0, way.spent - _PLENTY)
        return prices.request / fits + prices.operating * scarcity * (dearest if way.seconds is None else way.seconds)

    return min(range(len(ways)), key=price)


def shared_out(numbers: Mapping[str, int], seconds: Mapping[str, float], common: str) -> dict[str, int]:
    """Return how many updates each way takes where all are done as early as can be.

    `numbers` are those that a way may take, of which any may go the `common` way as well; `seconds` are what one takes.
    """
    kept = numbers.get(common, 0)
    own = {way: number for way, number in numbers.items() if way != common}

    def within(limit: float) -> dict[str, int]:
        taken = {way: min(number, int(limit / seconds[way])) if seconds[way] else number for way, number in own.items()}
        return {common: kept + sum(own.values()) - sum(taken.values())} | taken

    low, high = 0.0, seconds[common] * (kept + sum(own.values()))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if within(middle)[common] * seconds[common] <= middle else (middle, high)
    return within(high)
