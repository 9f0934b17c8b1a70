"""Ways of writing the same: which of them takes the next batch, by the requests and the operating time that they cost.

Operating time is counted by method (php: modules/rest/lib/engine/access/loadlimiter.php), so each way has budgets of
its own. What they have in common is requests: while several have room, the one that needs fewest is the cheapest, and
one that is nearly spent needs most, as only few updates of it fit into a batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Way:
    """One way: how many updates may leave now in one batch, and the operating `seconds` of one, all methods together.

    Seconds are None as long as nobody has used it.
    """

    fits: int
    seconds: float | None


def cheapest(ways: Sequence[Way], wanted: int) -> int:
    """Return which way takes the next batch of up to `wanted` updates; the first of several that are equal.

    That is the one with the fewest requests per update, and of those with as few the one with the least operating time.
    """

    def price(index: int) -> tuple[int, float, int]:
        way = ways[index]
        return -min(way.fits, wanted), float("inf") if way.seconds is None else way.seconds, index

    return min(range(len(ways)), key=price)
