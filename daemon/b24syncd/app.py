"""The composition root: builds all parts for one command, runs it, and takes everything down again."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.clock import SystemClock
from b24syncd.domain.points_judge import PointsJudge
from b24syncd.engine.backfill import Backfill, Resumed
from b24syncd.engine.context import RunContext
from b24syncd.engine.follow import Follow
from b24syncd.engine.lifecycle import run_until_stopped, stop_on_signals
from b24syncd.engine.pipeline import Pipeline
from b24syncd.engine.planning import Guard, Planner
from b24syncd.engine.preview import Preview
from b24syncd.engine.progress import Progress
from b24syncd.engine.recovery import Recovery
from b24syncd.engine.runs import Beginning, begin, begin_backfill, end, was_resumed
from b24syncd.engine.settlement import Settlement
from b24syncd.engine.startup import check_access
from b24syncd.engine.tally import Count, Tally
from b24syncd.engine.writer import Writer
from b24syncd.errors import UsageInvalid
from b24syncd.jobs.catalogue import jobs_for
from b24syncd.memory import BorrowedMemory, StoredMemory
from b24syncd.observe.logs import get_logger
from b24syncd.portal.client import PortalClient
from b24syncd.portal.items import Items
from b24syncd.portal.limits import Limits
from b24syncd.store import meta, queue, reviews
from b24syncd.store.database import open_for_writing
from b24syncd.store.reviews import ReviewState
from b24syncd.store.runs import RunKind, RunState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.domain.plans import Plan
    from b24syncd.domain.rules import Rules
    from b24syncd.portal.limits import LimitsMemory
    from b24syncd.settings import Settings
    from b24syncd.store.database import Database
    from b24syncd.store.queue import QueueEntry
    from b24syncd.store.runs import Run

_GRACE_SECONDS = 5.0
"""How long a stop waits for the answers to what has been sent."""

_LISTED = 20

log = get_logger()

Show = Callable[[Progress, PortalClient], AbstractAsyncContextManager[None]]
"""Shows the progress for as long as the context lasts."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a backfill is narrowed to; by default to nothing."""

    jobs: tuple[str, ...] = ()
    only: tuple[EntityRef, ...] = ()
    limit: int | None = None

    @property
    def is_partial(self) -> bool:
        """Whether it looks at some items only, and keeps no cursor."""
        return bool(self.only) or self.limit is not None


@dataclass(frozen=True, slots=True)
class Summary:
    """How a backfill ended."""

    run_id: int | None
    interrupted: bool
    counts: Mapping[str, int]
    requests: int
    refused_types: Mapping[EntityType, str] = field(default_factory=dict)
    missing: tuple[EntityRef, ...] = ()
    failed: tuple[QueueEntry, ...] = ()
    open_reviews: int | None = None


async def backfill(settings: Settings, narrowed: Narrowed, show: Show) -> Summary:
    """Walk the portal, or what it is narrowed to; go on where an unfinished walk with the same rules stopped."""
    rules = chosen_rules(settings, narrowed.jobs)
    async with open_for_writing(settings.state.path) as database:
        host = settings.portal.webhook.host
        await database.read(lambda db: meta.require_portal(db, host))
        async with _connected(settings, StoredMemory(database)) as client:
            await database.write(lambda db: meta.bind_portal(db, host))  # not before a portal has answered there
            beginning = _beginning(settings, rules, client)
            run = await database.write(
                lambda db: (
                    begin(db, RunKind.PARTIAL, beginning) if narrowed.is_partial else begin_backfill(db, beginning)
                )
            )
            tally = Tally(run.counts)
            engine = _Engine(settings, client, database, rules, run.id, tally)
            progress = Progress(tally)
            work = Backfill(engine.run, engine.pipeline, engine.writer, engine.recovery, progress)
            finished = False
            try:
                with stop_on_signals() as stop:
                    async with show(progress, client):
                        await engine.recovery.take_over()
                        finished = await run_until_stopped(
                            work.look_at(narrowed.only)
                            if narrowed.only
                            else work.walk_some(narrowed.limit)
                            if narrowed.limit is not None
                            else work.walk(_resumed(run, settings)),
                            stop,
                            engine.writer.stop,
                            grace_seconds=_GRACE_SECONDS,
                        )
            finally:
                await end(engine.run, RunState.DONE if finished else RunState.INTERRUPTED, run.kind)
            failed = await database.read(lambda db: queue.given_up(db, limit=_LISTED)) if tally[Count.FAILED] else ()
            standing = await database.read(reviews.counts)
            return Summary(
                run.id,
                not finished,
                tally.as_counts(),
                client.requests_sent,
                work.refused_types,
                work.missing,
                failed,
                standing[ReviewState.OPEN],
            )


async def preview(settings: Settings, narrowed: Narrowed, show: Show, report: Callable[[Plan], None]) -> Summary:
    """Plan what a backfill would do and hand it to `report`; write nothing to the portal or the state."""
    rules = chosen_rules(settings, narrowed.jobs)
    clock = SystemClock()
    async with _connected(settings, BorrowedMemory(settings.state.path)) as client:
        progress = Progress(Tally())
        planner = _planner(settings, rules)
        work = Preview(client, Items(client, clock), planner, clock, progress)
        with stop_on_signals() as stop:
            async with show(progress, client):
                finished = await run_until_stopped(
                    work.look_at(narrowed.only, report) if narrowed.only else work.walk(report, limit=narrowed.limit),
                    stop,
                    lambda: None,
                    grace_seconds=0.0,
                )
        return Summary(
            None, not finished, progress.tally.as_counts(), client.requests_sent, work.refused_types, work.missing
        )


async def follow(settings: Settings) -> None:
    """Follow the portal's changes until SIGTERM or SIGINT."""
    rules = chosen_rules(settings, ())
    async with open_for_writing(settings.state.path) as database:
        host = settings.portal.webhook.host
        await database.read(lambda db: meta.require_portal(db, host))
        async with _connected(settings, StoredMemory(database)) as client:
            await database.write(lambda db: meta.bind_portal(db, host))  # not before a portal has answered there
            beginning = _beginning(settings, rules, client)
            run = await database.write(lambda db: begin(db, RunKind.RUN, beginning))
            engine = _Engine(settings, client, database, rules, run.id, Tally())
            with stop_on_signals() as stop:
                changes = settings.changes
                work = Follow(
                    engine.run,
                    engine.pipeline,
                    engine.writer,
                    engine.recovery,
                    changes.interval_seconds,
                    changes.overlap_seconds,
                    stop,
                )
                await engine.recovery.take_over()
                log.info("following", entity_types=[entity_type.value for entity_type in engine.planner.entity_types])
                try:
                    await run_until_stopped(work.follow(), stop, engine.writer.stop, grace_seconds=_GRACE_SECONDS)
                finally:
                    await end(engine.run, RunState.DONE, RunKind.RUN)
                log.info("stopped", **engine.run.tally.as_counts())


def chosen_rules(settings: Settings, names: tuple[str, ...]) -> dict[str, Rules]:
    """Return the rules of the named jobs, of all enabled ones by default; raise `UsageInvalid` for another name."""
    for name in names:
        if name not in settings.jobs:
            message = f"{name!r} is not an enabled job; enabled are: {', '.join(settings.jobs) or 'none'}"
            raise UsageInvalid(message)
    return {name: rules for name, rules in settings.jobs.items() if not names or name in names}


class _Engine:
    """The parts of the engine for one run, put together."""

    def __init__(  # noqa: PLR0913, PLR0917 # the root is where everything comes together
        self,
        settings: Settings,
        client: PortalClient,
        database: Database,
        rules: Mapping[str, Rules],
        run_id: int,
        tally: Tally,
    ) -> None:
        clock = SystemClock()
        allowed = settings.limits
        self.planner = _planner(settings, rules)
        self.run = RunContext(
            run_id=run_id,
            client=client,
            subjects=Items(client, clock),
            judge=PointsJudge(),
            database=database,
            planner=self.planner,
            tally=tally,
            clock=clock,
            batch_ids=lambda: uuid.uuid4().hex,
            request_cut_seconds=allowed.request_cut_seconds,
            workers=max(1, allowed.in_flight - 1),
            longest_turn_seconds=2 / (allowed.per_second * allowed.share),
        )
        self.settlement = Settlement(self.run)
        self.writer = Writer(self.run, self.settlement)
        self.pipeline = Pipeline(self.run, self.writer, self.settlement)
        self.recovery = Recovery(self.run, self.pipeline, self.settlement)


def _resumed(run: Run, settings: Settings) -> Resumed | None:
    if not was_resumed(run) or run.began_server_time is None:
        return None
    return Resumed(run.began_server_time, settings.changes.overlap_seconds)


@asynccontextmanager
async def _connected(settings: Settings, memory: LimitsMemory) -> AsyncIterator[PortalClient]:
    """Give a client whose access is checked; its clock and limits are those of the portal."""
    client = PortalClient(
        settings.portal.webhook,
        Limits(**settings.limits.model_dump()),
        clock=SystemClock(),
        random=random.Random(),  # noqa: S311 # jitter
        memory=memory,
    )
    async with client:
        await check_access(client)
        yield client


def _planner(settings: Settings, rules: Mapping[str, Rules]) -> Planner:
    return Planner(jobs_for(rules), Guard(settings.safety.exclude))


def _beginning(settings: Settings, rules: Mapping[str, Rules], client: PortalClient) -> Beginning:
    return Beginning(
        rules,
        settings.safety.exclude,
        _planner(settings, rules).entity_types,
        client.server_now(),
        SystemClock().now(),
    )
