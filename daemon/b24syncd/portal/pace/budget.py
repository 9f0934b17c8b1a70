"""How much of a method's operating time may be spent within a window, and by whom.

A backfill may spend all that our share allows: what is kept for live work is lent to it while nothing live waits. What
is live then leaves at once all the same, by up to a tenth of our share, out of the margin that the share leaves. That
is safe against the portal's own rule: it refuses a command only where the sum *before* it is above the whole limit
(php: modules/rest/lib/engine/access/loadlimiter.php `is`), and a quarter of the margin is never touched, for what is
not counted exactly. What live work took above our share a backfill pays back, for it leaves no more until the sum is
below the share again. Waiting for room would not do: what was spent in one minute leaves the window all at once, so
that for minutes nothing may leave it. Where there is no margin (`share = 1`) a little is kept back at all times.

Once live work had to wait all the same, nothing is lent for the length of a window.
"""

from __future__ import annotations

from dataclasses import dataclass

_FOR_LIVE = 0.1
_LEAST_FOR_LIVE = 0.04
_LENT_OF_MARGIN = 0.75


@dataclass(frozen=True, slots=True)
class Budget:
    """The operating seconds of each method within a window: the portal's `limit`, of which a `share` is ours."""

    limit: float
    share: float

    @property
    def ours(self) -> float:
        """What we may spend, in the long run."""
        return self.limit * self.share

    @property
    def live(self) -> float:
        """Up to where live work may spend."""
        return self.ours + min(_FOR_LIVE * self.ours, _LENT_OF_MARGIN * (self.limit - self.ours))

    @property
    def backfill(self) -> float:
        """Up to where a backfill may spend while nothing live waits."""
        return min(self.ours, self.live - _LEAST_FOR_LIVE * self.ours)

    @property
    def backfill_beside_live(self) -> float:
        """Up to where a backfill may spend where live work waits, or had to wait of late."""
        return (1 - _FOR_LIVE) * self.ours
