"""Everything that is observed of a daemon at one moment: from its own parts, and from its state."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeVar

from b24syncd.app.health import health_with
from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.errors import B24SyncError, StateUnavailable
from b24syncd.observe.logs import get_logger
from b24syncd.reports.health import recorded_in
from b24syncd.store import outcomes, queue

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    import sqlite_utils

    from b24syncd.app.follow import Daemon, FollowedFeed
    from b24syncd.clock import Clock
    from b24syncd.engine.pulse import Pulse
    from b24syncd.portal.pace.levels import Levels
    from b24syncd.portal.pace.waits import WaitCause
    from b24syncd.portal.wire.traffic import Traffic
    from b24syncd.reports.health import Health, Recorded
    from b24syncd.store.outcomes import OutcomeCounts

T = TypeVar("T")

KEPT_SECONDS: Final = 5.0
"""So long what was read of the state is told again, however often somebody asks."""

LONGEST_READING: Final = 5.0
"""Seconds in which the state has to answer; longer than anything that it does at once."""

log = get_logger()


@dataclass(frozen=True, slots=True)
class StateNumbers:
    """What the state tells: how it is, how many entries of the queue stand how, and how corrections ended."""

    recorded: Recorded
    queue: Mapping[queue.QueueState, int]
    outcomes: OutcomeCounts


@dataclass(frozen=True, slots=True)
class Working:
    """What the parts of a daemon tell, with instants as times of this machine's clock."""

    traffic: Traffic
    levels: Levels
    waited: Mapping[WaitCause, float]
    errors: Mapping[str, int]
    feeds: tuple[FollowedFeed, ...]
    last_success: Mapping[str, datetime]
    """By the name of the feed."""
    server_now: float | None


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything at one moment; all of it only once a daemon follows, and `state` only where that answered.

    `fault` is why it did not; `health` is then what the daemon knows by itself.
    """

    working: Working | None = None
    state: StateNumbers | None = None
    health: Health | None = None
    fault: str | None = None


@dataclass(slots=True)
class Monitor:
    """Observes the daemon that is `serving`, if one is; `within` are the seconds in which its state has to answer."""

    within: float = LONGEST_READING
    started_at: datetime = field(default_factory=SYSTEM_CLOCK.now)
    _daemon: Daemon | None = None
    _outcomes: OutcomeCounts | None = None
    _read: StateNumbers | None = None
    _read_at: float = float("-inf")
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def serving(self, daemon: Daemon) -> AsyncIterator[None]:
        """Observe this daemon for as long as the context lasts."""
        if self._outcomes is None:
            self._outcomes = await daemon.session.database.read(outcomes.count_from_now_on)
        self._daemon = daemon
        try:
            yield
        finally:
            self._daemon, self._read = None, None

    async def observe(self) -> Observed:
        """Return what is to be seen now; what the state told a moment ago is told again."""
        daemon = self._daemon
        if daemon is None:
            return Observed()
        try:
            state = await self._state_of(daemon)
        except B24SyncError as error:
            log.warning("state_not_observed", detail=str(error))
            return Observed(_working(daemon), None, health_with(daemon, None), str(error))
        return Observed(_working(daemon), state, health_with(daemon, state.recorded))

    async def faults(self) -> tuple[str, ...]:
        """Return why this process cannot go on, in words; before a daemon follows it is enough that it runs."""
        daemon = self._daemon
        if daemon is None:
            return ()
        loops = () if daemon.is_alive else ("there was no sign of life for too long; it has to be started again",)
        try:
            await self._ask(daemon, lambda db: db.execute("SELECT 1 FROM meta LIMIT 1").fetchone())
        except B24SyncError as error:
            return (*loops, str(error))
        return loops

    async def _state_of(self, daemon: Daemon) -> StateNumbers:
        async with self._reading:
            now = daemon.session.client.clock.monotonic()
            if self._read is None or now - self._read_at >= KEPT_SECONDS:
                self._read = None
                self._read, self._read_at = await self._ask(daemon, self._numbers), now
            return self._read

    def _numbers(self, db: sqlite_utils.Database) -> StateNumbers:
        before = self._outcomes or outcomes.count_from_now_on(db)
        self._outcomes = outcomes.count_on(db, before)
        return StateNumbers(recorded_in(db), queue.counts(db), self._outcomes)

    async def _ask(self, daemon: Daemon, reading: Callable[[sqlite_utils.Database], T]) -> T:
        """Read of the state; raise `StateUnusable` where it does not answer within the time."""
        try:
            async with asyncio.timeout(self.within):
                return await daemon.session.database.read(reading)
        except TimeoutError:
            message = f"the state did not answer within {self.within:g} s"
            raise StateUnavailable(message) from None


def _working(daemon: Daemon) -> Working:
    client, pulse = daemon.session.client, daemon.pulse.now()
    return Working(
        traffic=client.traffic,
        levels=client.levels(),
        waited=client.waits.seconds(),
        errors=daemon.pulse.errors,
        feeds=daemon.feeds,
        last_success=_successes(daemon, pulse),
        server_now=client.server_now() if client.knows_time else None,
    )


def _successes(daemon: Daemon, pulse: Pulse) -> dict[str, datetime]:
    found = {feed.name: pulse.loop(feed.loop).last_success for feed in daemon.feeds}
    clock = daemon.session.client.clock
    return {name: _time(clock, instant) for name, instant in found.items() if instant is not None}


def _time(clock: Clock, instant: float) -> datetime:
    """Return when an instant of the monotonic clock was, by what both clocks show at this moment."""
    return datetime.fromtimestamp(clock.now().timestamp() - (clock.monotonic() - instant), UTC)
