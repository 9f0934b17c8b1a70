"""The request limit: what the portal's leaky bucket holds of our requests at most, and whose turn is next.

Where it is empty as many may leave at once as our share of it holds; from then on as many as drain of our share. A few
slots are kept for what somebody waits for. Docs: limits.md, "Request Rate Limits".
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from heapq import heapify, heappush
from itertools import count
from math import ceil, floor
from typing import TYPE_CHECKING, Protocol

from asyncio_throttle.throttler import Throttler

from b24syncd.portal.wire.commands import Priority

from .leaking import Leaking, Rule
from .share import Share

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.clock import Clock

    from .limits import Limits, LimitsState
    from .serverclock import ServerClock

KEPT_FOR_LIVE = 0.1
"""The part of the bucket that backfills leave alone."""

_LEAST_KEPT_FROM = 2
_SLOWED_BURST = 10
"""So many may leave at once, besides those that are kept, while the pace is not the full one."""

_SLOWEST_PACE = 1 / 16
_RECOVERY = 1.1
_EXACT = 1e-6
"""Requests by which a sum of fractions may be wrong."""

_TOGETHER = 2
_OTHERS = 2

_Turn = tuple[Priority, int, asyncio.Event]


class _Window(Protocol):
    """The sliding window of asyncio-throttle, which is not typed."""

    async def acquire(self) -> None:
        """Wait for a slot and take it."""
        ...


def _window_of(rule: Rule) -> _Window:
    """Return the longest window that such a bucket never fills, as a guard beside it."""
    requests = 2 * ceil(rule.most)
    window: _Window = Throttler(rate_limit=requests, period=(requests - rule.most) / rule.per_second)
    return window


class RequestBucket:
    """Lets requests go one by one, the live ones first and with a tenth of the bucket kept for them."""

    def __init__(self, limits: Limits, clock: Clock, server_clock: ServerClock) -> None:
        """Stay inside `limits`."""
        self._limits = limits
        self._share = Share(limits, server_clock)
        self._clock = clock
        self._server_clock = server_clock
        self._leaking = Leaking(Rule.of(limits, self._share.most), server_clock, clock.monotonic())
        self._throttler = _window_of(Rule.of(limits, self._share.most))
        self._queue: list[_Turn] = []
        self._numbers = count()
        self._pace = 1.0
        self._paced_at = float("-inf")

    def restore(self, state: LimitsState) -> None:
        """Take over the requests of an earlier life, as if no time had passed since: no clock can tell yet how much."""
        self._leaking.restore(state.send_times, state.undated, self._clock.monotonic())

    def correct(self) -> None:
        """Let what was restored drain for as long as the portal, which has told its time by now, says."""
        self._advance()
        self._leaking.correct()

    def succeed(self, former: RequestBucket) -> None:
        """Take the place of another bucket, with what is in it and at its pace."""
        self._leaking.restore(former.send_times, former.undated, self._clock.monotonic())
        self._pace, self._paced_at = former._pace, former._paced_at

    @property
    def send_times(self) -> tuple[float, ...]:
        """The requests that may still count, by the portal's clock; at the end those that nothing dates."""
        self._advance()
        return self._leaking.send_times

    @property
    def undated(self) -> int:
        """How many of the last send times are a guess: nothing was heard of those requests, or no time was told."""
        return self._leaking.undated

    @property
    def level(self) -> tuple[int, int]:
        """How many of our requests count at this moment, and of how many that may."""
        most = floor(self._advance().most)
        return min(ceil(self._leaking.level - _EXACT), most), most

    @property
    def pace(self) -> float:
        """How fast requests may leave; 1 where the portal refused none of late."""
        return self._pace

    @property
    def turn_seconds(self) -> float:
        """The seconds in which two requests of a backfill can leave, whenever they come; longer where it is slowed.

        At the share of now; at the least one where two do not fit into the bucket together.
        """
        least = Rule.of(self._limits, self._share.least)
        is_narrow = least.most - self._reserve(least) < _TOGETHER
        rule = least if is_narrow else Rule.of(self._limits, self._share.now())
        return _TOGETHER / (rule.per_second * self._pace)

    async def ready(self, requests: int, priority: Priority, *, within: float) -> int:
        """Wait until so many requests could leave in a row, as far as there is ever room for them; take no turn.

        For live ones that is what is kept for them. Returns how many requests could leave `within` so many seconds,
        if nobody else sends any.
        """
        async with self._next_of(priority, requests):
            rule = self._advance()
            free = self._brim(priority, rule) - self._leaking.level + rule.per_second * self._pace * within
            return max(1, floor(free + _EXACT))

    @asynccontextmanager
    async def turn(self, priority: Priority) -> AsyncIterator[None]:
        """Wait for the turn of one request, which is to be sent at once, and is answered when the block ends."""
        async with self._next_of(priority, 1):
            departure = self._leaking.depart(self._clock.monotonic())
        try:
            await self._throttler.acquire()
            yield
        finally:
            self._advance()
            self._leaking.arrive(departure, self._clock.monotonic())

    @asynccontextmanager
    async def _next_of(self, priority: Priority, requests: int) -> AsyncIterator[None]:
        """Wait until it is this one's turn and so many requests fit."""
        turn = (priority, next(self._numbers), asyncio.Event())
        heappush(self._queue, turn)
        try:
            await self._wait(turn, requests)
            yield
        finally:
            self._leave(turn)

    async def _wait(self, turn: _Turn, requests: int) -> None:
        priority, _, called = turn
        since = self._clock.monotonic()
        while True:
            called.clear()
            if requests > _TOGETHER and self._has_drained(requests, since):
                requests = _TOGETHER  # others took the room that became free meanwhile, and may go on doing so
            is_next = self._queue[0] is turn
            seconds = self._free_in(priority, requests) if is_next else None
            if seconds is not None and seconds <= 0:
                return
            try:
                async with asyncio.timeout(seconds):
                    await called.wait()
            except TimeoutError:
                continue

    def _leave(self, turn: _Turn) -> None:
        self._queue.remove(turn)
        heapify(self._queue)
        if self._queue:
            self._queue[0][2].set()

    def _free_in(self, priority: Priority, requests: int) -> float:
        """Return the seconds until so many requests may leave, at the earliest; what is under way may take longer."""
        rule = self._advance()
        reserve = self._reserve(rule)
        brim = self._brim(priority, rule)
        in_a_row = max(1, reserve) if priority is Priority.LIVE else floor(brim)
        if self._pace < 1:  # there is never room for more then
            in_a_row = min(in_a_row, _SLOWED_BURST)
        excess = self._leaking.level + min(requests, in_a_row) - brim
        return excess / (rule.per_second * self._pace) if excess > _EXACT else 0.0

    def _has_drained(self, requests: int, since: float) -> bool:
        """Tell whether room for so many requests has become free since an instant, and as much again for others."""
        rule = self._advance()
        drained = (self._clock.monotonic() - since) * rule.per_second * self._pace
        return drained > _OTHERS * min(requests, rule.most)  # there is never room for more

    def _brim(self, priority: Priority, rule: Rule) -> float:
        return rule.most - (self._reserve(rule) if priority is Priority.BACKFILL else 0)

    def _reserve(self, rule: Rule) -> int:
        return max(1, floor(rule.most * KEPT_FOR_LIVE)) if rule.most >= _LEAST_KEPT_FROM else 0

    def _advance(self) -> Rule:
        """Let the bucket drain up to now; return the rule that holds."""
        rule = Rule.of(self._limits, self._share.now())
        least = max(0.0, rule.most - self._reserve(rule) - _SLOWED_BURST) if self._pace < 1 else 0.0
        self._leaking.drain(self._clock.monotonic(), rule, self._pace, least)
        return rule

    def slow_down(self) -> None:
        """Halve the pace: the portal refused a request, so somebody else on this address is drawing from the bucket.

        It is full for all that is known, and as long as the pace is not the full one only a few leave at once.
        """
        now, rule = self._clock.monotonic(), self._advance()
        self._leaking.fill()
        if now - self._paced_at > self._paced_seconds(rule) / 2:
            self._pace, self._paced_at = max(self._pace / 2, _SLOWEST_PACE), now

    def recover(self) -> None:
        """Take the pace back a little, at most once in the time of a few requests."""
        now, rule = self._clock.monotonic(), self._advance()
        if self._pace < 1 and now - self._paced_at > self._paced_seconds(rule):
            self._pace, self._paced_at = min(self._pace * _RECOVERY, 1.0), now

    def _paced_seconds(self, rule: Rule) -> float:
        return max(1, min(_SLOWED_BURST, floor(rule.most))) / (rule.per_second * self._pace)
