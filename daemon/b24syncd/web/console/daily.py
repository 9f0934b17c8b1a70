"""What happened by the day, for the charts of the first page: counted once, then only what is new."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from b24syncd.store import daily

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24syncd.store.database import Database

DAYS: Final = 30
"""Days that a chart shows."""

_KEPT_SECONDS: Final = 15.0
_REVIEWS_KEPT_SECONDS: Final = 60.0
_AT_ONCE: Final = 5
"""Stretches that are counted while somebody waits; of a long journal the rest follows at the next looks."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the machine's calendar: corrections that were made in it, reviews that were open at its end."""

    day: date
    corrections: int = 0
    open_reviews: int = 0


@dataclass(slots=True)
class Daily:
    """Counts by the hour, kept in memory; `days` brings them up to date now and then, a little at a time."""

    _made: Counter[str] = field(default_factory=Counter)
    _until: int = -1
    _opened: Counter[str] = field(default_factory=Counter)
    _ended: Counter[str] = field(default_factory=Counter)
    _told: tuple[Day, ...] = ()
    _told_at: float = float("-inf")
    _reviews_at: float = float("-inf")
    _counting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def days(self, database: Database, now: datetime, instant: float) -> tuple[Day, ...]:
        """Return the last days, the oldest first, as they were a moment ago; `instant` is of a monotonic clock.

        While somebody else has them counted, what was told before is told again.
        """
        if instant - self._told_at < _KEPT_SECONDS or (self._counting.locked() and self._told):
            return self._told
        async with self._counting:
            is_whole, tail = await self._count_made(database, now)
            if instant - self._reviews_at >= _REVIEWS_KEPT_SECONDS:
                await self._count_reviews(database)
                self._reviews_at = instant
            self._told = days_of(self._made + tail, self._opened, self._ended, now)
            if is_whole:
                self._told_at = instant
            return self._told

    async def _count_made(self, database: Database, now: datetime) -> tuple[bool, Counter[str]]:
        """Count some of what is settled, for good; return whether that was all, and what is not wholly settled yet."""
        if self._until < 0:
            self._until = await database.read(lambda db: daily.first_since(db, now - timedelta(days=DAYS + 1)))
        settled = await database.read(daily.settled_until)
        for _ in range(_AT_ONCE):
            after, until = self._until, min(self._until + daily.STRETCH, settled)
            if after >= until:
                return True, Counter(await database.read(lambda db: daily.made_by_hour(db, self._until, daily.LAST)))
            self._made.update(await database.read(lambda db, a=after, u=until: daily.made_by_hour(db, a, u)))  # type: ignore[misc] # bound now
            self._until = until
        return False, Counter()

    async def _count_reviews(self, database: Database) -> None:
        opened: Counter[str] = Counter()
        ended: Counter[str] = Counter()
        highest = await database.read(daily.highest_review)
        for after in range(0, highest, daily.STRETCH):
            found = await database.read(lambda db, a=after: daily.reviews_by_hour(db, a, a + daily.STRETCH))  # type: ignore[misc] # bound now
            opened.update(found.opened)
            ended.update(found.ended)
        self._opened, self._ended = opened, ended


def days_of(
    made: Mapping[str, int], opened: Mapping[str, int], ended: Mapping[str, int], now: datetime
) -> tuple[Day, ...]:
    """Return the last days up to now, from counts by the hour as the state writes it, in UTC."""
    today = now.astimezone().date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    corrections, coming, going = _by_day(made), _by_day(opened), _by_day(ended)
    standing = sum(number for day, number in coming.items() if day < days[0])
    standing -= sum(number for day, number in going.items() if day < days[0])
    found = []
    for day in days:
        standing += coming[day] - going[day]
        found.append(Day(day, corrections[day], max(0, standing)))
    return tuple(found)


def _by_day(hours: Mapping[str, int]) -> Counter[date]:
    found: Counter[date] = Counter()
    for hour, number in hours.items():
        found[datetime.fromisoformat(f"{hour}:00").replace(tzinfo=UTC).astimezone().date()] += number
    return found
