"""How the operating time of a method is spent, and how long it takes to spend more of it within the limit."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Spending:
    """How one method stands: its `total` since the program began, and what is `allowed` within a `window` of seconds.

    `leaving` is what is spent of the window at this moment: in how many seconds each part leaves it, and its size.
    """

    total: float
    allowed: float
    window: float
    leaving: tuple[tuple[float, float], ...]

    def seconds_for(self, needed: float, pace: float) -> float:
        """Return after how many seconds `needed` more will be spent, by somebody who spends `pace` of it per second.

        More than a window allows takes whole windows; the rest is spent as room for it comes.
        """
        if needed <= 0 or pace <= 0:  # too little to be told from nothing
            return 0.0
        windows = max(0, ceil(needed / self.allowed) - 1)
        before = windows * max(self.window, self.allowed / pace)
        left = needed - windows * self.allowed
        room, at = self.allowed - sum(seconds for _, seconds in self.leaving), 0.0
        for leaves_in, seconds in sorted(self.leaving):
            spent = min(left, max(0.0, room), pace * max(0.0, leaves_in - at))
            left -= spent
            if left <= 0:
                return before + at + spent / pace
            room += seconds - spent
            at = max(at, leaves_in)
        return before + at + left / pace
