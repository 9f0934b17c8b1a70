"""A daemon that follows, as others see it: what they may ask it, and whether its parts go on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.engine.follow import LONGEST_PAUSE
from b24syncd.engine.pulse import poll_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from b24syncd.domain.entities import EntityType
    from b24syncd.engine.conditions import Conditions
    from b24syncd.engine.pulse import PulseRecorder
    from b24syncd.engine.writing.lane import Lane
    from b24syncd.session import Session

    from .command_queue import CommandQueue

_MARGIN = 1.5


@dataclass(frozen=True, slots=True)
class FollowedFeed:
    """A feed by what is known of it elsewhere: the type that it walks, its loop in the pulse, and its name."""

    name: str
    entity_type: EntityType
    loop: str


@dataclass(slots=True)
class Daemon:
    """What others may ask of a daemon that follows; with other settings it is the same one, with another `session`."""

    session: Session
    commands: CommandQueue
    pulse: PulseRecorder
    conditions: Conditions
    feeds: tuple[FollowedFeed, ...]

    @property
    def is_alive(self) -> bool:
        """Whether all that it does goes on; else it has to be ended, and goes on where it was when it is started."""
        return self.pulse.now().is_alive(self.session.client.clock.monotonic(), within=_longest_silence(self.session))

    @property
    def silent(self) -> tuple[str, ...]:
        """What of it does not go on."""
        return self.pulse.now().silent(self.session.client.clock.monotonic(), within=_longest_silence(self.session))


Serving = Callable[[Daemon], AbstractAsyncContextManager[None]]
"""Lets others ask the daemon for as long as the context lasts."""


@asynccontextmanager
async def unserved(_daemon: Daemon) -> AsyncIterator[None]:
    """Let nobody ask."""
    yield


def feeds_of(lanes: Iterable[Lane]) -> tuple[FollowedFeed, ...]:
    """Return the feeds that lanes follow."""
    feeds = [feed for lane in lanes for feed in lane.kind.feeds]
    return tuple(FollowedFeed(feed.name, feed.entity_type, poll_of(feed.name)) for feed in feeds)


def _longest_silence(session: Session) -> float:
    """Return for how many seconds nothing may be heard: of what takes long, one rest, limit or request at most."""
    limits = session.settings.limits
    longest = max(
        LONGEST_PAUSE,
        session.settings.changes.interval_seconds,
        limits.burst / (limits.per_second * limits.least_share),
        limits.operating_window_seconds,
        limits.request_timeout_seconds,
        limits.request_cut_seconds,
    )
    return _MARGIN * longest
