"""What is meant by a time that the portal tells a user whose clocks are set on other days than the server's.

The portal writes a time as the user's wall showed it *then*, and takes it back to the server's as if that were as far
off as it is *now* (php: modules/main/lib/type/datetime.php, `toUserTime`, and modules/rest/classes/general/
rest_util.php, `ConvertDateTime`). So what is told is off by what lies between: with `ahead(t)`, by how much the user's
wall is ahead of the server's at a time, `told = t + ahead(t) - ahead(now)`. What the server's wall showed tells the
answer's own offset.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    Meant = Callable[[datetime], datetime]
    """Makes of a time that was told the one that was meant."""

_AROUND = tuple(timedelta(hours=hours) for hours in (-26, -3, 0, 3, 26))
"""Where the user's offset is looked for: a clock is set by an hour or two, and once by a day."""


def zone_named(name: str | None) -> tzinfo | None:
    """Return the zone of this name; None where there is none, or none is known."""
    try:
        return ZoneInfo(name) if name else None
    except (OSError, ValueError, LookupError):
        return None


def ahead(zone: tzinfo, instant: float, utc_offset: float) -> timedelta:
    """Return by how much a user's wall is ahead of the server's, which is `utc_offset` seconds ahead of UTC."""
    return _offset(datetime.fromtimestamp(instant, UTC), zone) - timedelta(seconds=utc_offset)


def meant(told: datetime, zone: tzinfo, ahead_now: timedelta) -> datetime:
    """Return the time that was told with the server's offset, to a user in `zone`; `ahead_now` as the portal was asked.

    Of two that are told alike, for a clock was set back between them, it is always the earlier, whatever season it is
    now. What is never told to a user in this zone is left as it is.
    """
    server = told.utcoffset() or timedelta()
    offsets = {_offset(told + around, zone) for around in _AROUND}
    possible = (told - (offset - server - ahead_now) for offset in sorted(offsets, reverse=True))
    return next((moment for moment in possible if told - moment == _offset(moment, zone) - server - ahead_now), told)


def as_told(told: datetime) -> datetime:
    """Return a time as it was told, where it is meant so or nothing is known."""
    return told


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
