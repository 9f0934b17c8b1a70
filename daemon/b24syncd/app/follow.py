"""The life of the daemon."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from b24syncd.assembly import beginning_of, fitted, lanes_of, upkeep_of
from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.engine.follow import Follow
from b24syncd.engine.lifecycle import run_until_stopped, stop_on_signals
from b24syncd.engine.runs import begin, end
from b24syncd.engine.sweep import Sweep
from b24syncd.observe.logs import get_logger
from b24syncd.session import holding
from b24syncd.store import holds
from b24syncd.store.runs import RunKind, RunState

from .carrying import GRACE_SECONDS, chosen_jobs, stop_all, take_over
from .errands import Errands
from .limits import note_end, safety_of

if TYPE_CHECKING:
    from b24syncd.clock import Clock
    from b24syncd.settings import Settings

log = get_logger()


async def follow(settings: Settings, *, goes_on: bool = False, clock: Clock = SYSTEM_CLOCK) -> None:
    """Follow the portal's changes until SIGTERM or SIGINT; raise `SafetyStop` where a safety limit ends it."""
    chosen = chosen_jobs(settings, ())
    async with holding(settings, clock) as session:
        jobs = await fitted(session, chosen, goes_on=goes_on)
        beginning = beginning_of(settings, jobs.rules, session.client, jobs.kinds)
        run = await session.database.write(lambda db: begin(db, RunKind.RUN, beginning))
        safety = await safety_of(session, run, goes_on=goes_on, seen=jobs.lifted)
        lanes = lanes_of(session, run, safety, jobs.kinds)
        with stop_on_signals() as stop:

            async def refresh_holds() -> None:
                jobs.guard.hold_only(await session.database.read(holds.standing))

            errands = Errands(session, stop, refresh_holds)
            changes = settings.changes
            sweep = Sweep(lanes[0].run, changes.sweep_hours * 3600, changes.interval_seconds)
            work = Follow(
                lanes,
                changes.interval_seconds,
                changes.overlap_seconds,
                stop,
                sweep if changes.sweep_hours else None,
                upkeep=upkeep_of(session),
                errands=errands,
            )
            await take_over(lanes)
            try:
                async with errands.listening():
                    log.info("following", feeds=list(beginning.feeds))
                    await run_until_stopped(work.follow(), stop, partial(stop_all, lanes), grace_seconds=GRACE_SECONDS)
            finally:
                await note_end(session, run, safety)
                await end(lanes[0].run, RunState.DONE, RunKind.RUN)
            log.info("stopped", **safety.tally.as_counts())
        safety.raise_if_stopped()
