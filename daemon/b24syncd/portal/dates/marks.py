"""What was found out about the date filter of a list, as it is remembered over restarts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .told_times import zone_named

if TYPE_CHECKING:
    from datetime import tzinfo

_CHECK_SECONDS = 600.0
_FIRST_CHECK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class DateMark:
    """How one list is to be asked; all times are unix seconds of the portal's clock.

    A filter is written `shift` seconds later than what is meant, `is_plain` without an offset. That is known to hold
    since `held_since`, was last seen at `confirmed_at`, while the wall was `utc_offset` ahead of UTC, and `is_settled`
    once it is sure: an item showed it that was changed while it held, or the zones of user and server are known. What
    changed between `doubted_from` and `doubted_until` may have been passed over, for the shift was another by then.
    `user_zone` is the zone of the webhook's user, where it is known and explains the shift.
    """

    is_plain: bool
    shift: float
    held_since: float
    confirmed_at: float
    utc_offset: float
    is_settled: bool = False
    doubted_from: float | None = None
    doubted_until: float | None = None
    user_zone: str = ""

    @property
    def zone(self) -> tzinfo | None:
        """The zone of the webhook's user; None where it is the server's, or not known for sure."""
        return zone_named(self.user_zone)

    def is_due(self, now: float, utc_offset: float | None) -> bool:
        """Tell whether it is to be looked at again: now and then, more often in the beginning, or at another offset."""
        pause = _CHECK_SECONDS
        if not self.is_settled:
            pause = min(max(now - self.held_since, _FIRST_CHECK_SECONDS), _CHECK_SECONDS)
        has_other_offset = utc_offset is not None and utc_offset != self.utc_offset
        return has_other_offset or not self.confirmed_at <= now < self.confirmed_at + pause

    def after(self, earlier: DateMark | None) -> DateMark:
        """Return this one as it follows an earlier one: what changed since that was last seen is in doubt."""
        if earlier is None:
            return self
        if (earlier.is_plain, earlier.shift) == (self.is_plain, self.shift):
            return replace(
                self,
                held_since=earlier.held_since,
                is_settled=earlier.is_settled or self.is_settled,
                doubted_from=earlier.doubted_from,
                doubted_until=earlier.doubted_until,
            )
        return replace(self, doubted_from=earlier.confirmed_at, doubted_until=self.confirmed_at)
