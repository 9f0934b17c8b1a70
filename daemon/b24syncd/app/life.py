"""A life of the daemon: it follows with the same settings and jobs, until it is stopped or begins anew with others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Self

from b24syncd.assembly import beginning_of, fitted, lanes_of, upkeep_of
from b24syncd.engine.additions import judge_open
from b24syncd.engine.apart import Apart
from b24syncd.engine.conditions import Conditions
from b24syncd.engine.endings import is_lifted
from b24syncd.engine.event_source import Events, Polling
from b24syncd.engine.follow import Follow
from b24syncd.engine.lifecycle import run_until_stopped
from b24syncd.engine.pulse import PulseRecorder
from b24syncd.engine.rounds import Rounds
from b24syncd.engine.runs import begin, end
from b24syncd.engine.sweep import Sweep
from b24syncd.engine.watch import Watch
from b24syncd.errors import OutcomeUnknown, RetryLater, SafetyStop, SettingsInvalid
from b24syncd.observe.logs import get_logger
from b24syncd.store.runs import RunKind, RunState
from b24syncd.task_group import Tasks
from b24syncd.telling import keeping_told

from .command_queue import CommandQueue
from .daemon import Daemon, feeds_of
from .limits import note_end, safety_of
from .runs import GRACE_SECONDS, chosen_jobs, stop_all, take_over
from .settings_anew import refuse, settings_anew

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from b24syncd.assembly import Fitted
    from b24syncd.engine.context import WholeRun
    from b24syncd.engine.event_source import EventSource
    from b24syncd.engine.safety import Safety
    from b24syncd.engine.writing.lane import Lane
    from b24syncd.session import Session
    from b24syncd.settings import Settings
    from b24syncd.store.runs import Run

    from .supervision import Supervision

_TURN_SECONDS: Final = 75.0
"""So long other settings wait for what is on its way at least: a request is answered by then, or never."""

_HURRY_SECONDS: Final = 2 * GRACE_SECONDS
"""So long what people wait for may take to end gently after that: it waits for answers, and is put on record."""

_PUT_OFF_SECONDS: Final = 30.0
"""Until settings are judged again that a portal which is away could not judge."""

_JUDGING_SECONDS: Final = 60.0

log = get_logger()


@dataclass(frozen=True, slots=True)
class Begun:
    """What a life begins with: a session with its settings, and the jobs that fit the portal."""

    session: Session
    jobs: Fitted


@dataclass(slots=True)
class Life:
    """One life: the run that it is, its lanes, and the daemon that others see, which outlives it."""

    begun: Begun
    stop: asyncio.Event
    supervision: Supervision
    daemon: Daemon
    run: Run
    safety: Safety
    whole: WholeRun
    lanes: tuple[Lane, ...]
    feeds: tuple[str, ...]
    over: asyncio.Event = field(default_factory=asyncio.Event)
    then: Begun | None = None

    @classmethod
    async def beginning(
        cls,
        begun: Begun,
        stop: asyncio.Event,
        supervision: Supervision,
        *,
        daemon: Daemon | None = None,
        goes_on: bool = False,
    ) -> Self:
        """Begin the next life of a `daemon`, or its first one."""
        session, jobs = begun.session, begun.jobs
        beginning = beginning_of(session.settings, jobs.rules, session.client, jobs.kinds)
        run = await session.database.write(lambda db: begin(db, RunKind.RUN, beginning))
        safety = await safety_of(session, run, goes_on=goes_on, seen=jobs.lifted)
        whole, lanes = lanes_of(session, run, safety, jobs.kinds)
        jobs.guard.heeds_pauses = True
        await session.refresh_guards()
        conditions = Conditions(session.database, session.client.clock, lambda one: is_lifted(one, safety))
        if daemon is None:
            pulse = PulseRecorder(session.client.clock, session.client.waits)
            commands = CommandQueue(session, stop, pulse, apart=Apart(session.client.waits.sign))
            daemon = Daemon(session, commands, pulse, conditions, feeds_of(lanes))
        else:
            daemon.pulse.begin_anew()
            daemon.session, daemon.conditions, daemon.feeds = session, conditions, feeds_of(lanes)
            daemon.commands.go_on(session)
        return cls(begun, stop, supervision, daemon, run, safety, whole, lanes, beginning.feeds)

    async def live(self, open_doors: Callable[[Daemon], Awaitable[None]]) -> Begun | None:
        """Follow to the end of this life; return what the next one begins with, None where there is none.

        The doors are opened when all that was left open is known; for a later life they are open.
        """
        session = self.begun.session
        changes = session.settings.changes
        sweep = Sweep(self.whole, changes.sweep_hours * 3600, changes.interval_seconds)
        pulse, conditions, resting = self.daemon.pulse, self.daemon.conditions, self.begun.jobs.resting
        rounds = Rounds(
            self.whole,
            self.lanes,
            changes.overlap_seconds,
            self.over,
            pulse,
            conditions,
            self._events(),
            sweep if changes.sweep_hours else None,
            upkeep_of(session),
            resting,
        )
        may_work = self._may_work if resting else None
        work = Follow(rounds, changes.interval_seconds, self.over, pulse, self.daemon.commands, may_work)
        watch = Watch(self.whole, conditions, pulse)
        await take_over(self.lanes)
        if not self.stop.is_set():
            await judge_open(self.whole, session.references)
        try:
            await open_doors(self.daemon)
            told = keeping_told(session.settings, session.database, session.client)
            async with watch.keeping(), told:
                log.info("following", feeds=list(self.feeds))
                self.supervision.follows()
                await run_until_stopped(self._work(work), self.stop, self._stop, grace_seconds=GRACE_SECONDS)
        finally:
            await note_end(session, self.run, self.safety)
            await end(self.whole, RunState.DONE, RunKind.RUN)
        log.info("stopped", **self.safety.tally.as_counts())
        self.safety.raise_if_stopped()
        return None if self.stop.is_set() else self.then

    def _events(self) -> EventSource:
        """Return what tells rounds what to look at."""
        changes = self.begun.session.settings.changes
        if changes.source == "polling":
            return Polling(self.whole)
        pulse, conditions = self.daemon.pulse, self.daemon.conditions
        return Events(self.whole, self.lanes, self.over, pulse, conditions, changes.poll_seconds)

    async def _work(self, work: Follow) -> None:
        """Follow; end gently once other settings are to be taken over."""
        async with Tasks() as group:
            task = group.create_task(work.follow())
            turning = group.create_task(self._turn(task))
            task.add_done_callback(lambda _: turning.cancel())

    def _stop(self) -> None:
        self.supervision.stopping()
        self._send_no_more()

    def _send_no_more(self) -> None:
        self.over.set()
        stop_all(self.lanes)

    async def _turn(self, task: asyncio.Task[None]) -> None:
        """Wait for settings that can be taken over, and let this life end for them."""
        self.then = await self._settings()
        self.daemon.commands.turn()
        self._send_no_more()
        longest = max(_TURN_SECONDS, self.begun.session.settings.limits.request_timeout_seconds)
        await asyncio.wait({task}, timeout=longest)
        if not task.done():
            self.daemon.commands.hurry()
            await asyncio.wait({task}, timeout=_HURRY_SECONDS)
        task.cancel()

    async def _settings(self) -> Begun:
        """Wait until other settings are asked for that are right, and fit the portal."""
        pause: float | None = None
        while True:
            await self._asked(pause)
            pause = None
            settings = settings_anew(self.begun.session.settings, self.supervision)
            if settings is not None:
                try:
                    if (begun := await self._judged(settings)) is not None:
                        return begun
                except asyncio.CancelledError:
                    self.supervision.asked.set()  # who judged them begins anew for another reason
                    raise
                except (RetryLater, OutcomeUnknown, TimeoutError) as error:
                    pause = _PUT_OFF_SECONDS
                    log.warning("settings_put_off", detail=str(error) or "no answer in time", retry_in=pause)
                except Exception as error:  # noqa: BLE001 # the service goes on, whatever was not thought of
                    refuse(error)
            self.supervision.ready()

    async def _asked(self, within: float | None) -> None:
        """Wait until somebody asks for other settings, or so many seconds."""
        asked = self.supervision.asked
        try:
            async with asyncio.timeout(within):
                await asked.wait()
                self.supervision.reloading()
        except TimeoutError:
            pass
        except asyncio.CancelledError:
            if within is not None:
                asked.set()  # those that were put off are still to be judged, by the life that begins now
            raise
        asked.clear()

    async def _judged(self, settings: Settings) -> Begun | None:
        """Return what to begin with under these settings, as the portal lets it; None where nothing is to begin."""
        before = self.begun.session
        session = before.under(settings)
        if replace(settings, log=before.settings.log) == before.settings:
            self.begun = Begun(session, self.begun.jobs)
            self.daemon.session = session
            self.daemon.commands.session = session
            self._configure(settings)
            return None
        async with asyncio.timeout(_JUDGING_SECONDS):
            jobs = await fitted(session, chosen_jobs(settings, ()))
        self._configure(settings)
        return Begun(session, jobs)

    def _configure(self, settings: Settings) -> None:
        self.supervision.configure(settings)
        log.info("settings_taken_over")

    async def _may_work(self) -> bool:
        """Tell whether a job may work by now that rested for want of rights, and begin with it."""
        session, resting = self.begun.session, self.begun.jobs.resting
        try:
            jobs = await fitted(session, chosen_jobs(session.settings, ()))
        except (RetryLater, OutcomeUnknown, SettingsInvalid, SafetyStop) as error:
            log.debug("still_resting", detail=str(error))
            return False
        if jobs.resting.keys() < resting.keys() and not self.over.is_set():  # or it ends for other settings by now
            self.then = Begun(session, jobs)
            return True
        return False
