"""The composition root: builds all parts for one command, runs it, and takes everything down again."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from b24syncd.clock import SystemClock
from b24syncd.domain.rules import BindingRules
from b24syncd.engine.backfill import Backfill, Resumed
from b24syncd.engine.context import RunContext
from b24syncd.engine.follow import Follow
from b24syncd.engine.kinds import kinds_for
from b24syncd.engine.lane import Lane
from b24syncd.engine.lifecycle import run_until_stopped, stop_on_signals
from b24syncd.engine.planning import Guard
from b24syncd.engine.preview import Preview
from b24syncd.engine.progress import Progress
from b24syncd.engine.runs import Beginning, begin, begin_backfill, end, was_resumed
from b24syncd.engine.startup import check_access
from b24syncd.engine.tally import Count, Tally
from b24syncd.errors import SettingsInvalid, UsageInvalid
from b24syncd.jobs.catalogue import jobs_for
from b24syncd.memory import BorrowedMemory, StoredMemory
from b24syncd.observe.logs import get_logger
from b24syncd.portal.client import PortalClient
from b24syncd.portal.commands import Priority
from b24syncd.portal.limits import Limits
from b24syncd.portal.rule_check import check_rules
from b24syncd.store import meta, queue, reviews
from b24syncd.store.database import open_for_writing
from b24syncd.store.reviews import ReviewState
from b24syncd.store.runs import RunKind, RunState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.domain.plans import Plan
    from b24syncd.domain.rules import Rules
    from b24syncd.engine.subjects import Kind
    from b24syncd.errors import Problem
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
    async with _holding(settings) as (database, client):
        kinds = await _kinds(settings, client, rules)
        beginning = _beginning(settings, rules, client, kinds)
        run = await database.write(
            lambda db: begin(db, RunKind.PARTIAL, beginning) if narrowed.is_partial else begin_backfill(db, beginning)
        )
        tally = Tally(run.counts)
        lanes = _lanes(settings, client, database, run.id, tally, kinds)
        progress = Progress(tally)
        work = Backfill(lanes, progress)
        finished = False
        try:
            with stop_on_signals() as stop:
                async with show(progress, client):
                    await _take_over(lanes)
                    finished = await run_until_stopped(
                        work.look_at(narrowed.only)
                        if narrowed.only
                        else work.walk_some(narrowed.limit)
                        if narrowed.limit is not None
                        else work.walk(_resumed(run, settings)),
                        stop,
                        partial(_stop, lanes),
                        grace_seconds=_GRACE_SECONDS,
                    )
        finally:
            await end(lanes[0].run, RunState.DONE if finished else RunState.INTERRUPTED, run.kind)
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
    async with _connected(settings, BorrowedMemory(settings.state.path)) as client:
        progress = Progress(Tally())
        work = Preview(client, await _kinds(settings, client, rules), progress, report)
        with stop_on_signals() as stop:
            async with show(progress, client):
                finished = await run_until_stopped(
                    work.look_at(narrowed.only) if narrowed.only else work.walk(limit=narrowed.limit),
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
    async with _holding(settings) as (database, client):
        kinds = await _kinds(settings, client, rules)
        run = await database.write(lambda db: begin(db, RunKind.RUN, _beginning(settings, rules, client, kinds)))
        tally = Tally()
        lanes = _lanes(settings, client, database, run.id, tally, kinds)
        with stop_on_signals() as stop:
            work = Follow(lanes, settings.changes.interval_seconds, settings.changes.overlap_seconds, stop)
            await _take_over(lanes)
            log.info("following", feeds=[feed.name for kind in kinds for feed in kind.feeds])
            try:
                await run_until_stopped(work.follow(), stop, partial(_stop, lanes), grace_seconds=_GRACE_SECONDS)
            finally:
                await end(lanes[0].run, RunState.DONE, RunKind.RUN)
            log.info("stopped", **tally.as_counts())


def chosen_rules(settings: Settings, names: tuple[str, ...]) -> dict[str, Rules]:
    """Return the rules of the named jobs, of all enabled ones by default; raise `UsageInvalid` for another name."""
    for name in names:
        if name not in settings.jobs:
            message = f"{name!r} is not an enabled job; enabled are: {', '.join(settings.jobs) or 'none'}"
            raise UsageInvalid(message)
    return {name: rules for name, rules in settings.jobs.items() if not names or name in names}


@asynccontextmanager
async def _holding(settings: Settings) -> AsyncIterator[tuple[Database, PortalClient]]:
    """Hold the state of the portal as its one writer, and a client of that portal."""
    async with open_for_writing(settings.state.path) as database:
        host = settings.portal.webhook.host
        await database.read(lambda db: meta.require_portal(db, host))
        async with _connected(settings, StoredMemory(database)) as client:
            await database.write(lambda db: meta.bind_portal(db, host))  # not before a portal has answered there
            yield database, client


async def _kinds(settings: Settings, client: PortalClient, rules: Mapping[str, Rules]) -> tuple[Kind, ...]:
    """Return the kinds of subjects; raise `SettingsInvalid` for rules that do not fit the portal."""
    problems: list[Problem] = []
    for of_job in rules.values():
        if isinstance(of_job, BindingRules):
            problems += await check_rules(client, of_job, priority=Priority.LIVE)
    if problems:
        raise SettingsInvalid(tuple(problems))
    return kinds_for(client, SystemClock(), jobs_for(rules), Guard(settings.safety.exclude))


def _lanes(  # noqa: PLR0913, PLR0917 # the root is where everything comes together
    settings: Settings,
    client: PortalClient,
    database: Database,
    run_id: int,
    tally: Tally,
    kinds: tuple[Kind, ...],
) -> tuple[Lane, ...]:
    allowed = settings.limits
    run = partial(
        RunContext,
        run_id=run_id,
        client=client,
        database=database,
        tally=tally,
        clock=SystemClock(),
        batch_ids=lambda: uuid.uuid4().hex,
        request_cut_seconds=allowed.request_cut_seconds,
        workers=max(1, allowed.in_flight - 1),
        longest_turn_seconds=2 / (allowed.per_second * allowed.share),
    )
    return tuple(Lane(run(kind=kind)) for kind in kinds)


async def _take_over(lanes: Iterable[Lane]) -> None:
    for lane in lanes:
        await lane.recovery.take_over()


def _stop(lanes: Iterable[Lane]) -> None:
    for lane in lanes:
        lane.writer.stop()


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


def _beginning(
    settings: Settings, rules: Mapping[str, Rules], client: PortalClient, kinds: Iterable[Kind]
) -> Beginning:
    feeds = tuple(feed.name for kind in kinds for feed in kind.feeds)
    return Beginning(rules, settings.safety.exclude, feeds, client.server_now(), SystemClock().now())
