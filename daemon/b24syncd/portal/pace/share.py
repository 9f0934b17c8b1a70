"""The share of the portal's limits that is ours at this moment, as the clock on the portal's wall shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .limits import Limits
    from .serverclock import ServerClock

_MINUTE, _DAY = 60, 86_400
_THURSDAY = 3
"""The weekday on which unix time begins, counted from Monday."""


class Share:
    """What `limits` say of the share; by a schedule it changes while the program runs."""

    def __init__(self, limits: Limits, server_clock: ServerClock) -> None:
        """Go by the portal's time."""
        self._limits = limits
        self._server_clock = server_clock
        shares = [limits.share, *(span.share for span in limits.schedule)]
        self.most, self.least = max(shares), min(shares)

    def now(self) -> float:
        """Return the share of now; as long as the portal has not told its time and zone, the least of all."""
        clock = self._server_clock
        if not self._limits.schedule:
            return self._limits.share
        if not clock.is_known or clock.utc_offset is None:
            return self.least
        return share_at(clock.now() + clock.utc_offset, self._limits)


def share_at(local: float, limits: Limits) -> float:
    """Return the share at a time on the portal's wall, in seconds since it was 1970 there."""
    days, seconds = divmod(local, _DAY)
    minute = (days + _THURSDAY) % 7 * (_DAY // _MINUTE) + seconds // _MINUTE
    return next((span.share for span in limits.schedule if span.begins <= minute < span.ends), limits.share)
