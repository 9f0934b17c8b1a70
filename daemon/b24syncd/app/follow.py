"""The life of the daemon."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from b24syncd.assembly import beginning_of, fitted, lanes_of, upkeep_of
from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.engine.additions import judge_open
from b24syncd.engine.conditions import Conditions
from b24syncd.engine.endings import is_lifted
from b24syncd.engine.follow import LONGEST_PAUSE, Follow
from b24syncd.engine.lifecycle import run_until_stopped, stop_on_signals
from b24syncd.engine.pulse import PulseRecorder, poll_of
from b24syncd.engine.rounds import Rounds
from b24syncd.engine.runs import begin, end
from b24syncd.engine.sweep import Sweep
from b24syncd.engine.watch import Watch
from b24syncd.errors import OutcomeUnknown, RetryLater, SafetyStop, SettingsInvalid
from b24syncd.observe.logs import get_logger
from b24syncd.session import holding
from b24syncd.store.runs import RunKind, RunState
from b24syncd.telling import keeping_told

from .command_queue import CommandQueue
from .limits import note_end, safety_of
from .runs import GRACE_SECONDS, chosen_jobs, stop_all, take_over

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Iterable

    from b24syncd.clock import Clock
    from b24syncd.domain.entities import EntityType
    from b24syncd.engine.writing.lane import Lane
    from b24syncd.session import Session
    from b24syncd.settings import Settings

log = get_logger()

_MARGIN = 1.5


@dataclass(frozen=True, slots=True)
class FollowedFeed:
    """A feed by what is known of it elsewhere: the type that it walks, its loop in the pulse, and its name."""

    name: str
    entity_type: EntityType
    loop: str


@dataclass(frozen=True, slots=True)
class Daemon:
    """What others may ask of a daemon that follows."""

    session: Session
    commands: CommandQueue
    pulse: PulseRecorder
    conditions: Conditions
    feeds: tuple[FollowedFeed, ...]

    @property
    def is_alive(self) -> bool:
        """Whether its loops go on; one that is not has to be ended, and goes on where it was when it is started."""
        return self.pulse.now().is_alive(self.session.client.clock.monotonic(), within=_longest_silence(self.session))


def _feeds_of(lanes: Iterable[Lane]) -> tuple[FollowedFeed, ...]:
    feeds = [feed for lane in lanes for feed in lane.kind.feeds]
    return tuple(FollowedFeed(feed.name, feed.entity_type, poll_of(feed.name)) for feed in feeds)


Serving = Callable[[Daemon], AbstractAsyncContextManager[None]]
"""Lets others ask the daemon for as long as the context lasts."""


@asynccontextmanager
async def unserved(_daemon: Daemon) -> AsyncIterator[None]:
    """Let nobody ask."""
    yield


def _longest_silence(session: Session) -> float:
    """Return for how many seconds nothing may be heard: of what takes long, one rest, limit or request at most."""
    limits = session.settings.limits
    longest = max(
        LONGEST_PAUSE,
        session.settings.changes.interval_seconds,
        limits.burst / (limits.per_second * limits.share),
        limits.operating_window_seconds,
        limits.request_timeout_seconds,
        limits.request_cut_seconds,
    )
    return _MARGIN * longest


async def follow(
    settings: Settings, *, goes_on: bool = False, serving: Serving = unserved, clock: Clock = SYSTEM_CLOCK
) -> None:
    """Follow the portal's changes until SIGTERM or SIGINT; raise `SafetyStop` where a safety limit ends it."""
    chosen_jobs(settings, ())
    async with holding(settings, clock) as session:
        await follow_session(session, stop_on_signals, goes_on=goes_on, serving=serving)


async def follow_session(
    session: Session,
    stopping: Callable[[], AbstractContextManager[asyncio.Event]],
    *,
    goes_on: bool = False,
    serving: Serving = unserved,
) -> None:
    """Follow the changes of the portal of a session until the event that `stopping` gives is set.

    Signals are the caller's affair. Begins anew when a job that rested for want of rights may work.
    """
    chosen = chosen_jobs(session.settings, ())
    while await _live(session, chosen, stopping, serving, goes_on=goes_on):
        goes_on = False


async def _live(
    session: Session,
    chosen: tuple[str, ...],
    stopping: Callable[[], AbstractContextManager[asyncio.Event]],
    serving: Serving,
    *,
    goes_on: bool,
) -> bool:
    """Follow with the jobs that may work; return whether another one may by now, so that it is to begin anew."""
    jobs = await fitted(session, chosen, goes_on=goes_on)
    beginning = beginning_of(session.settings, jobs.rules, session.client, jobs.kinds)
    run = await session.database.write(lambda db: begin(db, RunKind.RUN, beginning))
    safety = await safety_of(session, run, goes_on=goes_on, seen=jobs.lifted)
    whole, lanes = lanes_of(session, run, safety, jobs.kinds)

    async def may_work() -> bool:
        try:
            return (await fitted(session, chosen)).resting.keys() < jobs.resting.keys()
        except (RetryLater, OutcomeUnknown, SettingsInvalid, SafetyStop) as error:
            log.debug("still_resting", detail=str(error))
            return False

    jobs.guard.heeds_pauses = True
    await session.refresh_guards()
    with stopping() as stop:
        pulse = PulseRecorder(session.client.clock, session.client.waits)
        conditions = Conditions(session.database, session.client.clock, lambda one: is_lifted(one, safety))
        commands = CommandQueue(session, stop, pulse)
        changes = session.settings.changes
        sweep = Sweep(whole, changes.sweep_hours * 3600, changes.interval_seconds)
        rounds = Rounds(
            whole,
            lanes,
            changes.overlap_seconds,
            stop,
            pulse,
            conditions,
            sweep if changes.sweep_hours else None,
            upkeep_of(session),
            jobs.resting,
        )
        work = Follow(rounds, changes.interval_seconds, stop, pulse, commands, may_work if jobs.resting else None)
        watch = Watch(whole, conditions, pulse, session.settings.limits.operating_seconds)
        await take_over(lanes)
        await judge_open(whole, session.references)
        try:
            daemon = Daemon(session, commands, pulse, conditions, _feeds_of(lanes))
            told = keeping_told(session.settings, session.database, session.client)
            async with serving(daemon), watch.keeping(), told:
                log.info("following", feeds=list(beginning.feeds))
                await run_until_stopped(work.follow(), stop, partial(stop_all, lanes), grace_seconds=GRACE_SECONDS)
        finally:
            await note_end(session, run, safety)
            await end(whole, RunState.DONE, RunKind.RUN)
    log.info("stopped", **safety.tally.as_counts())
    safety.raise_if_stopped()
    return not stop.is_set()
