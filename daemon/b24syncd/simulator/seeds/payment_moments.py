"""Moments at which people pay: by day, about midnight, at midnight elsewhere, and where the clock is set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo
    from random import Random

YEAR = 365 * 86400
_DAY = 86400
_ELSEWHERE = tuple(timezone(timedelta(hours=hours)) for hours in (-10, -5, 0, 1, 5.5, 10, 12))
_MIDNIGHT_SHARE, _ELSEWHERE_SHARE, _CHANGE_SHARE = 0.2, 0.15, 0.1


@dataclass(frozen=True)
class Moments:
    """Draws moments of the year before `end`, in a zone."""

    rng: Random
    zone: tzinfo
    end: int

    def some(self) -> int:
        """Return some moment."""
        draw = self.rng.random()
        day = self.end - YEAR + self.rng.randrange(YEAR)
        if draw < _MIDNIGHT_SHARE:
            day = self._midnight(day, self.zone) + self.rng.randint(-90, 90)
        elif draw < _MIDNIGHT_SHARE + _ELSEWHERE_SHARE:
            day = self._midnight(day, self.rng.choice(_ELSEWHERE)) + self.rng.randint(-90, 90)
        elif self._changes and draw < _MIDNIGHT_SHARE + _ELSEWHERE_SHARE + _CHANGE_SHARE:
            day = self.rng.choice(self._changes) + self.rng.randint(-7200, 7200)
        return min(day, self.end)

    @staticmethod
    def _midnight(second: int, zone: tzinfo) -> int:
        day = datetime.fromtimestamp(second, zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return int(day.timestamp())

    @cached_property
    def _changes(self) -> list[int]:
        """The seconds in which the zone's offset changes."""
        days = range(self.end - YEAR, self.end, _DAY)
        return [self._change(day) for day in days if self._offset(day) != self._offset(day + _DAY)]

    def _change(self, low: int) -> int:
        high, before = low + _DAY, self._offset(low)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._offset(middle) == before else (low, middle)
        return high

    def _offset(self, second: int) -> timedelta | None:
        return datetime.fromtimestamp(second, UTC).astimezone(self.zone).utcoffset()
