"""The request limit: a sliding window that never overfills the portal's leaky bucket (docs: limits.md).

Of at most R requests per R/(Y·share) seconds, any T seconds hold at most R + Y·share·T, so a bucket that drains Y per
second never rises above R, and R never exceeds X·share. A small R makes the pauses after a burst short.

That is for what nobody waits for. What somebody waits for keeps to a longer window of the same pace, so that a few such
requests in a row find room however fast a backfill goes; all requests count in both.
"""

from __future__ import annotations

import asyncio
from collections import deque
from heapq import heapify, heappush
from itertools import count
from math import floor
from typing import TYPE_CHECKING, Protocol

from asyncio_throttle.throttler import Throttler

from b24syncd.portal.wire.commands import Priority

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24syncd.clock import Clock

    from .limits import Limits
    from .serverclock import ServerClock

_LARGEST_WINDOW = 10
_LONGER = 3
"""So many times as long is the window of live requests."""

_SLOWEST_PACE = 1 / 16
_RECOVERY = 1.1


class _Window(Protocol):
    """The sliding window of asyncio-throttle, which is not typed."""

    period: float
    retry_interval: float

    async def acquire(self) -> None:
        """Wait for a slot and take it."""
        ...


class RequestBucket:
    """Lets requests go one by one, the live ones first and with a tenth of the window kept for them."""

    def __init__(self, limits: Limits, clock: Clock, server_clock: ServerClock) -> None:
        """Stay inside `limits`."""
        self._size = max(1, min(_LARGEST_WINDOW, floor(limits.burst * limits.share)))
        self._period = self._size / (limits.per_second * limits.share)
        self._throttler: _Window = Throttler(rate_limit=self._size, period=self._period)
        self._has_room = limits.burst > 2 * self._size
        most = min(_LONGER * self._size, floor(limits.burst * limits.share) - self._size) if self._has_room else 0
        self._most = max(self._size, most)
        self._longer_period = self._period * self._most / self._size
        self._reserve = max(1, self._size // 10) if self._size > 1 else 0
        self._clock = clock
        self._server_clock = server_clock
        self._sent: deque[float] = deque(maxlen=self._most)
        self._knows_all = False
        self._restored: tuple[float, ...] = ()
        self._queue: list[tuple[Priority, int, asyncio.Event]] = []
        self._numbers = count()
        self._pace = 1.0
        self._paced_at = float("-inf")

    async def restore(self, send_times: Iterable[float]) -> None:
        """Take over the requests of an earlier life, as far as this machine's clock says that they still count.

        That clock may be wrong, and let a request too many go at each start: a small bucket has no room for it, and
        counts them as if no time had passed since.
        """
        self._restored = tuple(send_times)
        clock = self._server_clock
        await self._take_restored(clock.guess() if self._has_room else clock.careful_guess())

    async def correct(self) -> None:
        """Look at the restored requests again, now that the portal has told its time; never waits."""
        now = self._server_clock.now()
        await self._take_restored(now)
        shift = self._clock.monotonic() - now
        older = [sent_at + shift for sent_at in self._restored if now - sent_at <= self._longer_period]
        self._sent = deque(sorted((*older, *self._sent)), maxlen=self._most)
        self._restored, self._knows_all = (), True

    async def _take_restored(self, now: float) -> None:
        counting = [sent_at for sent_at in self._restored if now - sent_at <= self._period]
        others = tuple(sent_at for sent_at in self._restored if now - sent_at > self._period)
        while counting and not self._is_full:
            # as if they were sent just now: what the window forgets later than the portal does no harm
            await self._acquire()
            counting.pop()
        self._restored = (*others, *counting)

    @property
    def send_times(self) -> tuple[float, ...]:
        """The requests that may still count, by the portal's clock."""
        shift = self._server_clock.careful_guess() - self._clock.monotonic()
        return (*self._restored, *(sent_at + shift for sent_at in self._sent))

    @property
    def level(self) -> tuple[int, int]:
        """How many of our requests count at this moment, and of how many that may."""
        since = self._clock.monotonic() - self._throttler.period
        return min(sum(sent_at >= since for sent_at in self._sent), self._size), self._size

    @property
    def pace(self) -> float:
        """How fast requests may leave; 1 where the portal refused none of late."""
        return self._pace

    @property
    def turn_seconds(self) -> float:
        """The seconds in which two requests of a backfill can leave, whenever they come; longer where it is slowed."""
        return 2 * (self._period + self._throttler.retry_interval) / (self._size - self._reserve)

    async def ready(self, requests: int, priority: Priority, *, within: float) -> int:
        """Wait until so many requests could leave in a row, at most all that a window lets through; take no turn.

        Returns how many requests could leave `within` so many seconds, if nobody else sends any.
        """
        in_a_row = self._size - self._kept(priority)
        others = min(requests, in_a_row) - 1
        while (seconds := self._free_in(priority, others)) > 0:
            await self._clock.sleep(seconds)
        first = next(number for number in range(in_a_row, 0, -1) if self._free_in(priority, number - 1) <= within)
        return first + int(within // self._throttler.period) * in_a_row

    async def acquire(self, priority: Priority) -> None:
        """Wait for the turn of one request; send it at once."""
        turn = (priority, next(self._numbers), asyncio.Event())
        heappush(self._queue, turn)
        try:
            await self._wait(turn)
            await self._acquire()
        finally:
            self._leave(turn)

    async def _wait(self, turn: tuple[Priority, int, asyncio.Event]) -> None:
        priority, _, called = turn
        while True:
            called.clear()
            is_next = self._queue[0] is turn
            seconds = self._free_in(priority) if is_next else None
            if seconds is not None and seconds <= 0:
                return
            try:
                async with asyncio.timeout(seconds):
                    await called.wait()
            except TimeoutError:
                continue

    def _leave(self, turn: tuple[Priority, int, asyncio.Event]) -> None:
        self._queue.remove(turn)
        heapify(self._queue)
        if self._queue:
            self._queue[0][2].set()

    def _kept(self, priority: Priority) -> int:
        return self._reserve if priority is Priority.BACKFILL else 0

    def _free_in(self, priority: Priority, others: int = 0) -> float:
        """Return the seconds until so many others may leave, and one more."""
        is_long = priority is Priority.LIVE and self._knows_all and self._pace == 1
        short = 0.0 if is_long else self._free_after(self._size - self._kept(priority) - others, self._throttler.period)
        return max(short, self._free_after(self._most - others, self._longer_period))

    def _free_after(self, requests: int, period: float) -> float:
        """Return the seconds until the last so many requests are not all within a period."""
        if len(self._sent) < requests:
            return 0.0
        age = self._clock.monotonic() - self._sent[-requests]
        return period - age + self._throttler.retry_interval if age <= period else 0.0

    @property
    def _is_full(self) -> bool:
        return self._free_after(self._size, self._throttler.period) > 0

    async def _acquire(self) -> None:
        if not self._is_full:  # else it is a live one, for which the longer window has room
            await self._throttler.acquire()
        self._sent.append(self._clock.monotonic())

    def slow_down(self) -> None:
        """Halve the pace: the portal refused a request, so somebody else on this address is drawing from the bucket."""
        now = self._clock.monotonic()
        if now - self._paced_at > self._throttler.period / 2:
            self._set_pace(max(self._pace / 2, _SLOWEST_PACE), now)

    def recover(self) -> None:
        """Take the pace back a little, at most once per window."""
        now = self._clock.monotonic()
        if self._pace < 1 and now - self._paced_at > self._throttler.period:
            self._set_pace(min(self._pace * _RECOVERY, 1.0), now)

    def _set_pace(self, pace: float, now: float) -> None:
        self._pace, self._paced_at = pace, now
        self._throttler.period = self._period / pace
