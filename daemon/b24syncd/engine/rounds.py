"""A round: every feed is polled, queues are looked at, the sweep goes on, and upkeep is done where it is due."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.domain.conditions import ConditionKind
from b24syncd.errors import OutcomeUnknown, Rejected, RetryLater, RightMissing
from b24syncd.feeders import poll
from b24syncd.observe.logs import get_logger
from b24syncd.portal.wire.commands import Priority
from b24syncd.portal.wire.replies import PointsHidden
from b24syncd.store import cursors, paused_jobs
from b24syncd.store.runs import RunKind

from .conditions import Conditions, name_of, names_for, of_refusal
from .endings import of_stop
from .portal_watch import compare_types
from .pulse import UPKEEP, poll_of
from .startup import readable_types
from .type_watch import TypeWatch

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Mapping

    import sqlite_utils

    from b24syncd.domain.entities import EntityType
    from b24syncd.engine.writing.lane import Lane
    from b24syncd.engine.writing.pipeline import Pipeline
    from b24syncd.feeders.pages import Feed

    from .context import WholeRun
    from .event_source import EventSource
    from .pulse import PulseRecorder
    from .sweep import Sweep
    from .upkeep import Upkeep

_STOP = "safety limit"

log = get_logger()


@dataclass(slots=True)
class Rounds:
    """The rounds of a daemon through its lanes, until `stop` is set; each part tells `pulse` how it went.

    What keeps a lane from its work ends its part of a round only, and is a condition; so are the jobs that are
    `resting`, which have no lane for want of rights.
    """

    run: WholeRun
    lanes: tuple[Lane, ...]
    overlap_seconds: float
    stop: asyncio.Event
    pulse: PulseRecorder
    conditions: Conditions
    events: EventSource
    sweep: Sweep | None = None
    upkeep: Upkeep | None = None
    resting: Mapping[str, str] = field(default_factory=dict)
    _has_begun: bool = False
    _fit: list[Lane] = field(default_factory=list)
    _woken: list[Lane] = field(default_factory=list)
    _rested: dict[Lane, frozenset[str]] = field(default_factory=dict)
    _types: TypeWatch = field(init=False)

    def __post_init__(self) -> None:
        """Begin with the jobs that rest."""
        self._types = TypeWatch(self.run, self.conditions)
        for job, detail in self.resting.items():
            self.conditions.meet(f"what {job} needs", ConditionKind.RIGHT_MISSING, job, detail)

    async def go(self) -> None:
        """Go one round; the first one looks before whether the portal is what it was."""
        if not self._has_begun:
            await self._begin()
            if self._sends_nothing:
                return
        await self.events.take()
        await self._read_again()
        if await self._is_anything_due():
            await self._follow()
            if self._sends_nothing:
                return
        if self.upkeep is not None:
            with self.pulse.beat(UPKEEP):
                await self.upkeep.keep_up()
        if not self._sends_nothing:
            self.conditions.whole_round()

    async def sweep_on(self) -> None:
        """Sweep as far as the time demands, through the lanes that the last round found fit."""
        if self.sweep is None:
            return
        for lane in self.lanes:
            lane.sweeping.forget()  # what was cut short is walked again
        try:
            with self.run.in_flight.passed.walking():
                for lane in tuple(self._fit):
                    for feed in lane.kind.feeds:
                        await self._sweep(self.sweep, lane, feed)
        except (RetryLater, OutcomeUnknown) as error:
            self.pulse.met(error)
            log.warning("sweep_put_off", detail=str(error))

    async def _is_anything_due(self) -> bool:
        """Tell whether anything is to be polled or looked at again; else nothing of the portal is asked in vain."""
        if any(self.events.is_due(lane, feed) for lane in self.lanes for feed in lane.kind.feeds):
            return True
        rests = [await lane.recovery.seconds_until_due() for lane in self.lanes]
        return any(rest == 0 for rest in rests)

    async def _follow(self) -> None:
        """Poll what is due, and look at what waits in the queues."""
        self._fit = [lane for lane in self.lanes if await self._is_fit(lane)]
        await self._look_at_woken()
        due = [(lane, feed) for lane in self._fit for feed in lane.kind.feeds if self.events.is_due(lane, feed)]
        await self._types.look([feed for _, feed in due])
        for lane, feed in due:
            if self._sends_nothing:
                return
            await self._poll(lane, feed)
        for lane in tuple(self._fit):
            await self._look_again(lane)

    async def settle_open(self) -> None:
        """Judge in a pause what is open, and write what of it people are owed; nothing else is sent."""
        self._fit = [lane for lane in self.lanes if lane.settlement.unsettled and await self._is_fit(lane)]
        for lane in tuple(self._fit):
            await self._look_again(lane, in_pause=True)

    async def break_off(self) -> None:
        """Leave what a round has begun to the next one."""
        for lane in self.lanes:
            lane.pipeline.forget()
        await self.take_over()

    async def take_over(self) -> None:
        """Learn from the journal what others left open."""
        for lane in self.lanes:
            await lane.recovery.take_over()

    async def seconds_until_due(self) -> float | None:
        """Return when something of the queues is due; None where nothing is."""
        rests = [await lane.recovery.seconds_until_due() for lane in self._fit]
        return min((rest for rest in rests if rest is not None), default=None)

    async def store_conditions(self) -> None:
        """Put on record what stands in the way at the end of a round."""
        stopped = of_stop(RunKind.RUN, self.run.safety)
        if stopped is None:
            self.conditions.pass_by(_STOP)
        else:
            self.conditions.meet(_STOP, *stopped, str(self.run.safety.reason))
        for job, lack_of in ((job, lack_of) for lane in self.lanes for job, lack_of in lane.kind.lacks.items()):
            where, lack = f"permissions of {job}", lack_of()
            if lack is None:
                self.conditions.pass_by(where)
            else:
                self.conditions.meet(where, ConditionKind.RIGHT_MISSING, job, lack)
        await self.conditions.store()

    @property
    def _sends_nothing(self) -> bool:
        """Whether this round is over, as what it would still find is not sent."""
        return self.stop.is_set() or self.run.safety.reason is not None

    async def _begin(self) -> None:
        """Look once whether the portal is what it was, before anything of it is followed."""
        await self._begin_where_nothing_began()
        types = dict.fromkeys(feed.entity_type for lane in self.lanes for feed in lane.kind.feeds if feed.scans)
        vocabulary = self.run.vocabulary
        found = await readable_types(self.run.client, list(types), priority=Priority.LIVE, vocabulary=vocabulary)
        await self._types.begin(found, [feed for lane in self.lanes for feed in lane.kind.feeds])
        self.run.safety.known_items = sum(found.highest_ids.values())
        await compare_types(self.run, found.highest_ids)
        for lane in self.lanes:
            for pipeline in (lane.pipeline, lane.sweeping):
                pipeline.region.expect(sum(found.highest_ids.values()), found.highest_ids)
        self._has_begun = True

    async def _is_fit(self, lane: Lane) -> bool:
        """Let the jobs of a lane rest that miss what they need of the portal; tell whether any is left that works."""
        resting: set[str] = set()
        for one in lane.kind.requirements:
            problems = await one.check()
            if problems:
                resting.update(one.jobs)
                is_right = all(isinstance(problem, RightMissing) for problem in problems)
                kind = ConditionKind.RIGHT_MISSING if is_right else one.kind
                self.conditions.meet(f"what {one.name} needs", kind, one.name, "; ".join(map(str, problems)))
            else:
                self.conditions.pass_by(f"what {one.name} needs")
        lane.kind.planner.rest(resting)
        rested, self._rested[lane] = self._rested.get(lane, frozenset()), lane.kind.planner.at_rest
        woken = rested - lane.kind.planner.at_rest
        lane.kind.subjects.forgo(lane.kind.planner.fields_at_rest, lane.kind.planner.points_at_rest)
        if woken:
            await lane.recovery.take_over()
            self._woken.append(lane)
        return not lane.kind.planner.rests

    async def _read_again(self) -> None:
        """Poll again what changed while jobs were paused that a person let go on."""
        if await self.run.database.read(paused_jobs.resumed):
            now = self.run.clock.now()
            resumed = await self.run.database.write(lambda db: paused_jobs.read_again(db, now=now))
            self.events.poll_all()
            log.info("jobs_resumed", jobs=list(resumed))

    async def _look_at_woken(self) -> None:
        """Judge what jobs left open that are back from rest, before what has changed meanwhile is polled."""
        woken, self._woken = self._woken, []
        for lane in woken:
            if lane in self._fit:
                await self._look_again(lane)

    @asynccontextmanager
    async def _resting_where_refused(
        self,
        lane: Lane,
        where: str,
        jobs: str,
        entity_type: EntityType | None = None,
        pipeline: Pipeline | None = None,
    ) -> AsyncIterator[None]:
        """Let what the portal refuses as a whole end this part of a round only, and tell why.

        Pages that were announced are read again. Where what the lane needs is gone, it rests from now on.
        """
        try:
            yield
        except (Rejected, PointsHidden) as error:
            self.pulse.met(error)
            (pipeline or lane.pipeline).forget()
            await lane.recovery.take_over()
            before = lane.kind.planner.types_at_rest
            if not await self._is_fit(lane):
                self._fit = [other for other in self._fit if other is not lane]
            elif lane.kind.planner.types_at_rest == before:  # what rests now is told already
                kind, about = of_refusal(error, entity_type, jobs)
                self.conditions.meet(where, kind, about, str(error))
        else:
            self.conditions.pass_by(where)

    async def _poll(self, lane: Lane, feed: Feed) -> None:
        if lane not in self._fit or lane.kind.planner.is_idle(feed.entity_type):
            return
        if (refused := self._types.refused.get(feed.entity_type)) is not None:
            self.pulse.failed(f"poll {feed.name}", refused)  # the cursor stays, for what changes meanwhile
            return
        position = await self.run.database.read(lambda db: cursors.get(db, poll.cursor_name(feed.name)))
        assert position is not None  # noqa: S101 # every feed has one from the first round on
        since = poll.instant_of(position) - self.overlap_seconds
        async with self._resting_where_refused(lane, feed.name, names_for(lane, feed), feed.entity_type):
            with self.pulse.beat(poll_of(feed.name)):
                async for page in feed.changed(since, priority=Priority.LIVE):
                    lane.pipeline.announce(page)
                    await lane.pipeline.process(page, priority=Priority.LIVE)
                    if self._sends_nothing:
                        return
            self.events.polled(feed)

    async def _look_again(self, lane: Lane, *, in_pause: bool = False) -> None:
        queue = f"queue of {name_of(lane)}"
        async with self._resting_where_refused(lane, queue, name_of(lane)):
            with self.pulse.beat(queue):
                while not (self.stop.is_set() if in_pause else self._sends_nothing):
                    if not await lane.recovery.look_again(priority=Priority.LIVE, only_open=in_pause):
                        return

    async def _sweep(self, sweep: Sweep, lane: Lane, feed: Feed) -> None:
        is_idle = lane.kind.planner.is_idle(feed.entity_type) or feed.entity_type in self._types.refused
        if not feed.scans or self._sends_nothing or lane not in self._fit or is_idle:
            return
        name = f"sweep of {feed.name}"
        jobs = names_for(lane, feed)
        async with self._resting_where_refused(lane, name, jobs, feed.entity_type, lane.sweeping):
            with self.pulse.beat(name):
                await sweep.advance(lane, feed)

    async def _begin_where_nothing_began(self) -> None:
        """Let polling begin at the present, for all feeds the same, where neither a poll nor a backfill ever began."""
        present = poll.position_at(self.run.client.server_now())
        now = self.run.clock.now()
        names = [feed.name for lane in self.lanes for feed in lane.kind.feeds]

        def begin(db: sqlite_utils.Database) -> list[str]:
            new = [name for name in names if cursors.get(db, poll.cursor_name(name)) is None]
            for name in new:
                cursors.put(db, poll.cursor_name(name), present, now=now)
            return new

        new = await self.run.database.write(begin)
        if new:
            log.info("following_from_now", feeds=new, hint="no backfill ever ran")
