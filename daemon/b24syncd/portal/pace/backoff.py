"""Waiting longer and longer, with jitter, and not for ever."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random


@dataclass(frozen=True, slots=True)
class Backoff:
    """Delays that start at `first`, double up to `longest`, and end when they add up to `total` seconds.

    `total_at_start` holds until the portal has answered for the first time: somebody is looking at the terminal.
    """

    first: float = 1.0
    longest: float = 60.0
    total: float = 300.0
    total_at_start: float = 10.0

    def delays(self, random: Random) -> Iterator[float]:
        """Yield the delays, each between half of and the whole of its step."""
        waited, step = 0.0, self.first
        while waited < self.total:
            delay = step * random.uniform(0.5, 1.0)
            yield delay
            waited += delay
            step = min(step * 2, self.longest)
