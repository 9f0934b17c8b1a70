"""Following: polls for changes and corrects them, for as long as the daemon lives."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from b24syncd.errors import OutcomeUnknown, Rejected, RetryLater, Tasks
from b24syncd.feeders import poll
from b24syncd.observe.logs import get_logger
from b24syncd.portal.commands import Priority
from b24syncd.portal.replies import PointsHidden
from b24syncd.store import cursors

from .known import compare_types
from .obstacles import Obstacles, name_of, names_for
from .startup import readable_types

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    import sqlite_utils

    from b24syncd.feeders.pages import Feed

    from .context import RunContext
    from .lane import Lane
    from .sweep import Sweep
    from .upkeep import Upkeep

_LONGEST_PAUSE = 600.0
_ASK_AGAIN_SECONDS = 600.0

log = get_logger()


class Commands(Protocol):
    """The commands that others ask the daemon for; `arrived` is set while one waits."""

    @property
    def arrived(self) -> asyncio.Event:
        """Set while something waits."""

    async def run(self, between_pages: Callable[[], Awaitable[bool]]) -> None:
        """Execute what waits, and call `between_pages` whenever nothing of it is under way."""

    def refresh_holds(self) -> Awaitable[None]:
        """Let planners know what was decided meanwhile."""


@dataclass(slots=True)
class Follow:
    """The life of the daemon: one round of polling and queue work per interval, until `stop` is set.

    Between rounds it runs `commands`, and goes its rounds between their pages. Jobs that are `resting` have no lane for
    want of rights; it ends, to be begun anew, once one of them `may_work`.
    """

    lanes: tuple[Lane, ...]
    interval_seconds: float
    overlap_seconds: float
    stop: asyncio.Event
    sweep: Sweep | None = None
    upkeep: Upkeep | None = None
    commands: Commands | None = None
    resting: Mapping[str, str] = field(default_factory=dict)
    may_work: Callable[[], Awaitable[bool]] | None = None
    _asked_at: float = float("-inf")
    _failures: int = 0
    _went_at: float = float("-inf")
    _has_begun: bool = False
    _fit: list[Lane] = field(default_factory=list)
    _obstacles: Obstacles = field(init=False)

    def __post_init__(self) -> None:
        """Begin without obstacles."""
        self._obstacles = Obstacles(self._run.database)
        self._asked_at = self._run.clock.monotonic()
        for job, detail in self.resting.items():
            self._obstacles.meet(job, f"what {job} needs", detail)

    async def follow(self) -> None:
        """Work until stopped; an unreachable portal is waited for, refused credentials end it."""
        while not self._is_stopping:
            await self._go_round()
            if self.commands is not None and not self._is_stopping:
                await self.commands.run(self._meanwhile)
                await self._take_over()
            if await self._is_to_begin_anew():
                return
            if not self._is_stopping:
                await self._rest(await self._pause())

    async def _is_to_begin_anew(self) -> bool:
        """Ask now and then whether a job that rests may work, while nothing else is asked for."""
        now = self._run.clock.monotonic()
        is_busy = self._is_stopping or self._failures or (self.commands is not None and self.commands.arrived.is_set())
        if self.may_work is None or is_busy or now - self._asked_at < _ASK_AGAIN_SECONDS:
            return False
        self._asked_at = now
        return await self.may_work()

    async def _meanwhile(self) -> bool:
        """Go a round while a command is executed, if it is due; each of both may have left something open."""
        is_due = self._run.clock.monotonic() - self._went_at >= self.interval_seconds
        if self.commands is None or not is_due or self._is_stopping:
            return False
        await self.commands.refresh_holds()
        await self._take_over()
        await self._go_round()
        return True

    async def _go_round(self) -> None:
        self._went_at = self._run.clock.monotonic()
        safety = self._run.safety
        try:
            if safety.resume():
                await self._round()
            self._failures = 0
        except (RetryLater, OutcomeUnknown) as error:
            self._failures += 1
            log.warning("round_failed", failures=self._failures, detail=str(error))
            for lane in self.lanes:
                lane.pipeline.forget()
            await self._take_over()
        if safety.is_paused:
            for lane in self.lanes:
                lane.pipeline.forget()
            await self._take_over()
        self._note_pause()
        self._note_lacks()
        await self._obstacles.store()

    def _note_pause(self) -> None:
        """Show by `status` that nothing is sent until a person lets it go on."""
        safety = self._run.safety
        for lane in self.lanes:
            if safety.is_paused and lane.kind.planner.job_names:
                self._obstacles.meet(name_of(lane), "safety limit", str(safety.reason))
            else:
                self._obstacles.pass_by(name_of(lane), "safety limit")

    def _note_lacks(self) -> None:
        """Show by `status` what was taken from the webhook while the rest of the work goes on."""
        for job, lack_of in ((job, lack_of) for lane in self.lanes for job, lack_of in lane.kind.lacks.items()):
            lack = lack_of()
            if lack is None:
                self._obstacles.pass_by(job, "permissions")
            else:
                self._obstacles.meet(job, "permissions", lack)

    async def _take_over(self) -> None:
        for lane in self.lanes:
            await lane.recovery.take_over()

    @property
    def _run(self) -> RunContext:
        """What the lanes have in common."""
        return self.lanes[0].run

    @property
    def _is_stopping(self) -> bool:
        """Whether somebody said so, or a safety limit that does not only let it pause."""
        return self.stop.is_set() or (self._run.safety.reason is not None and not self._run.safety.is_paused)

    @property
    def _sends_nothing(self) -> bool:
        """Whether this round is over, as what it would still find is not sent."""
        return self.stop.is_set() or self._run.safety.reason is not None

    async def _round(self) -> None:
        if not self._has_begun:
            await self._begin()
            if self._sends_nothing:
                return
        self._fit = [lane for lane in self.lanes if await self._is_fit(lane)]
        for lane in tuple(self._fit):
            for feed in lane.kind.feeds:
                if self._sends_nothing:
                    return
                await self._poll(lane, feed)
        for lane in tuple(self._fit):
            await self._look_again(lane)
        if self.sweep is not None:
            await self._sweep_all(self.sweep)
        if self.upkeep is not None:
            await self.upkeep.keep_up()

    async def _begin(self) -> None:
        """Look once whether the portal is what it was, before anything of it is followed."""
        await self._begin_where_nothing_began()
        types = dict.fromkeys(feed.entity_type for lane in self.lanes for feed in lane.kind.feeds if feed.scans)
        vocabulary = self._run.kind.vocabulary
        found = await readable_types(self._run.client, list(types), priority=Priority.LIVE, vocabulary=vocabulary)
        self._run.safety.known_items = sum(found.highest_ids.values())
        await compare_types(self._run, found.highest_ids)
        for lane in self.lanes:
            lane.pipeline.region.expect(sum(found.highest_ids.values()))
        self._has_begun = True

    async def _is_fit(self, lane: Lane) -> bool:
        """Let the jobs of a lane rest that miss what they need of the portal; tell whether any is left that works."""
        resting: set[str] = set()
        for one in lane.kind.requirements:
            problems = await one.check()
            if problems:
                resting.update(one.jobs)
                self._obstacles.meet(one.name, f"what {one.name} needs", "; ".join(map(str, problems)))
            else:
                self._obstacles.pass_by(one.name, f"what {one.name} needs")
        lane.kind.planner.rest(resting)
        lane.kind.subjects.forgo(lane.kind.planner.fields_at_rest)
        return not lane.kind.planner.rests

    @asynccontextmanager
    async def _resting_where_refused(self, lane: Lane, feed: str, jobs: str) -> AsyncIterator[None]:
        """Let what the portal refuses as a whole end this part of a round only, and tell why.

        Pages that were announced are read again. Where what the lane needs is gone, it rests from now on.
        """
        try:
            yield
        except (Rejected, PointsHidden) as error:
            lane.pipeline.forget()
            await lane.recovery.take_over()
            before = lane.kind.planner.types_at_rest
            if not await self._is_fit(lane):
                self._fit.remove(lane)
            elif lane.kind.planner.types_at_rest == before:  # what rests now is told already
                self._obstacles.meet(jobs, feed, str(error))
        else:
            self._obstacles.pass_by(jobs, feed)

    async def _poll(self, lane: Lane, feed: Feed) -> None:
        if lane not in self._fit or lane.kind.planner.is_idle(feed.entity_type):
            return
        position = await self._run.database.read(lambda db: cursors.get(db, poll.cursor_name(feed.name)))
        assert position is not None  # noqa: S101 # every feed has one from the first round on
        since = poll.instant_of(position) - self.overlap_seconds
        async with self._resting_where_refused(lane, feed.name, names_for(lane, feed)):
            async for page in feed.changed(since, priority=Priority.LIVE):
                lane.pipeline.announce(page)
                await lane.pipeline.take(page, priority=Priority.LIVE)
                if self._sends_nothing:
                    return

    async def _sweep_all(self, sweep: Sweep) -> None:
        for lane in tuple(self._fit):
            for feed in lane.kind.feeds:
                await self._sweep(sweep, lane, feed)

    async def _sweep(self, sweep: Sweep, lane: Lane, feed: Feed) -> None:
        is_idle = lane.kind.planner.is_idle(feed.entity_type)
        if not feed.scans or self._sends_nothing or lane not in self._fit or is_idle:
            return
        async with self._resting_where_refused(lane, f"sweep of {feed.name}", names_for(lane, feed)):
            await sweep.advance(lane, feed)

    async def _look_again(self, lane: Lane) -> None:
        async with self._resting_where_refused(lane, f"queue of {name_of(lane)}", name_of(lane)):
            while not self._sends_nothing and await lane.recovery.look_again(priority=Priority.LIVE):
                pass

    async def _begin_where_nothing_began(self) -> None:
        """Let polling begin at the present, for all feeds the same, where neither a poll nor a backfill ever began."""
        present = poll.position_at(self._run.client.server_now())
        now = self._run.clock.now()
        names = [feed.name for lane in self.lanes for feed in lane.kind.feeds]

        def begin(db: sqlite_utils.Database) -> list[str]:
            new = [name for name in names if cursors.get(db, poll.cursor_name(name)) is None]
            for name in new:
                cursors.put(db, poll.cursor_name(name), present, now=now)
            return new

        new = await self._run.database.write(begin)
        if new:
            log.info("following_from_now", feeds=new, hint="no backfill ever ran")

    async def _pause(self) -> float:
        if self._failures:
            pause: float = self.interval_seconds * 2 ** min(self._failures, 10)
            return min(pause, max(_LONGEST_PAUSE, self.interval_seconds))
        if self._run.safety.is_paused:
            return self.interval_seconds
        rests = [await lane.recovery.seconds_until_due() for lane in self._fit]
        due = min((rest for rest in rests if rest is not None), default=None)
        return self.interval_seconds if due is None else min(self.interval_seconds, max(due, 0.05))

    async def _rest(self, seconds: float) -> None:
        """Wait, but not longer than until the daemon is stopped or asked for something."""
        ends = [self.stop, *([] if self.commands is None else [self.commands.arrived])]
        async with Tasks() as group:
            waiting = [group.create_task(event.wait()) for event in ends]
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            for task in waiting:
                task.cancel()
