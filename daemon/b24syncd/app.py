"""The commands that work with the portal, each from its beginning to its end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from b24syncd.assembly import (
    beginning_of,
    connected,
    fit,
    held_in,
    holding,
    lanes_of,
    listed_of,
    rules_of_list,
    undoing_of,
    upkeep_of,
)
from b24syncd.clock import SystemClock
from b24syncd.engine.backfill import Backfill, Resumed
from b24syncd.engine.follow import Follow
from b24syncd.engine.lifecycle import run_until_stopped, stop_on_signals
from b24syncd.engine.preview import Preview
from b24syncd.engine.progress import Progress
from b24syncd.engine.runs import begin, begin_backfill, end, was_resumed
from b24syncd.engine.sweep import Sweep
from b24syncd.engine.tally import Count, Tally
from b24syncd.engine.undoing import Undo, begin_undo, choose, rehearse
from b24syncd.errors import UsageInvalid
from b24syncd.memory import BorrowedMemory, BorrowedPast, StoredPast
from b24syncd.observe.logs import get_logger
from b24syncd.portal.client import PortalClient
from b24syncd.store import holds, queue, reviews
from b24syncd.store.reading import open_for_reading
from b24syncd.store.reviews import ReviewState
from b24syncd.store.runs import RunKind, RunState

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Mapping

    from b24syncd.assembly import Moves
    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.domain.plans import Plan
    from b24syncd.domain.undoing import Left, Undoing
    from b24syncd.engine.lane import Lane
    from b24syncd.engine.subjects import Kind
    from b24syncd.settings import Settings
    from b24syncd.store.database import Database
    from b24syncd.store.history import Filter
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
    refused_feeds: Mapping[str, str] = field(default_factory=dict)
    failed: tuple[QueueEntry, ...] = ()
    open_reviews: int | None = None


@dataclass(frozen=True, slots=True)
class Undone:
    """How an undo ended, and what stays as it is."""

    summary: Summary
    left: tuple[Left, ...]


async def backfill(settings: Settings, narrowed: Narrowed, show: Show) -> Summary:
    """Walk the portal, or what it is narrowed to; go on where an unfinished walk with the same rules stopped."""
    chosen = chosen_jobs(settings, narrowed.jobs)
    async with holding(settings) as (database, client):
        jobs = await fit(
            settings, client, chosen, StoredPast(database), await database.read(holds.standing), create=True
        )
        await upkeep_of(settings, database, client).keep_up()
        beginning = beginning_of(settings, jobs.rules, client, jobs.kinds)
        run = await database.write(
            lambda db: begin(db, RunKind.PARTIAL, beginning) if narrowed.is_partial else begin_backfill(db, beginning)
        )

        def work(walk: Backfill) -> Coroutine[object, object, None]:
            if narrowed.only:
                return walk.look_at(narrowed.only)
            if narrowed.limit is not None:
                return walk.walk_some(narrowed.limit)
            return walk.walk(_resumed(run, settings))

        return await _carry_out(settings, client, database, run, jobs.kinds, work, show)


async def rebind(settings: Settings, moves: Moves, show: Show) -> Summary:
    """Work through a list of moves; what is done already is left as it is."""
    async with holding(settings) as (database, client):
        listed = await listed_of(settings, client, moves, await database.read(holds.standing))
        beginning = beginning_of(settings, rules_of_list(settings), client, (listed.kind,))
        run = await database.write(lambda db: begin(db, RunKind.PARTIAL, beginning))

        def work(walk: Backfill) -> Coroutine[object, object, None]:
            return walk.take(walk.lanes[0], listed.pages())

        return await _carry_out(settings, client, database, run, (listed.kind,), work, show)


async def preview(settings: Settings, narrowed: Narrowed, show: Show, report: Callable[[Plan], None]) -> Summary:
    """Plan what a backfill would do and hand it to `report`; write nothing to the portal or the state."""
    chosen = chosen_jobs(settings, narrowed.jobs)
    async with connected(settings, BorrowedMemory(settings.state.path)) as client:
        path = settings.state.path
        jobs = await fit(settings, client, chosen, BorrowedPast(path), held_in(path), create=False)
        walk = Preview(client, jobs.kinds, Progress(Tally()), report)
        work = walk.look_at(narrowed.only) if narrowed.only else walk.walk(limit=narrowed.limit)
        return await _preview(walk, work, show)


async def preview_rebind(settings: Settings, moves: Moves, show: Show, report: Callable[[Plan], None]) -> Summary:
    """Plan what a list of moves would do and hand it to `report`; write nothing to the portal or the state."""
    async with connected(settings, BorrowedMemory(settings.state.path)) as client:
        listed = await listed_of(settings, client, moves, held_in(settings.state.path))
        walk = Preview(client, (listed.kind,), Progress(Tally()), report)
        return await _preview(walk, walk.take(listed.kind, listed.pages()), show)


async def undo(settings: Settings, which: Filter, show: Show) -> Undone:
    """Take back what the journal tells of it, and hold what was taken back."""
    async with holding(settings) as (database, client):
        kinds, planner = await undoing_of(settings, client, StoredPast(database))
        jobs = (await database.read(lambda db: choose(db, which))).jobs
        server_now, now = client.server_now(), SystemClock().now()
        run = await database.write(lambda db: begin_undo(db, jobs, server_now=server_now, now=now))
        work = Undo(planner, which)
        summary = await _carry_out(settings, client, database, run, kinds, work.undo, show)
        return Undone(summary, tuple(left for of_one in work.left.values() for left in of_one))


async def preview_undo(settings: Settings, which: Filter, show: Show, report: Callable[[Undoing], None]) -> Summary:
    """Plan what an undo would do and hand it to `report`; write nothing to the portal or the state."""
    path = settings.state.path
    async with connected(settings, BorrowedMemory(path)) as client:
        kinds, planner = await undoing_of(settings, client, BorrowedPast(path))
        with open_for_reading(path) as db:
            planner.chosen = choose(db, which)
        walk = Preview(client, kinds, Progress(Tally()), lambda _: None)
        return await _preview(walk, rehearse(kinds, planner, report), show)


async def follow(settings: Settings) -> None:
    """Follow the portal's changes until SIGTERM or SIGINT."""
    chosen = chosen_jobs(settings, ())
    async with holding(settings) as (database, client):
        jobs = await fit(
            settings, client, chosen, StoredPast(database), await database.read(holds.standing), create=True
        )
        beginning = beginning_of(settings, jobs.rules, client, jobs.kinds)
        run = await database.write(lambda db: begin(db, RunKind.RUN, beginning))
        tally = Tally()
        lanes = lanes_of(settings, client, database, run, tally, jobs.kinds)
        with stop_on_signals() as stop:
            changes = settings.changes
            sweep = Sweep(lanes[0].run, changes.sweep_hours * 3600, changes.interval_seconds)
            work = Follow(
                lanes,
                changes.interval_seconds,
                changes.overlap_seconds,
                stop,
                sweep if changes.sweep_hours else None,
                upkeep=upkeep_of(settings, database, client),
            )
            await _take_over(lanes)
            log.info("following", feeds=list(beginning.feeds))
            try:
                await run_until_stopped(work.follow(), stop, partial(_stop, lanes), grace_seconds=_GRACE_SECONDS)
            finally:
                await end(lanes[0].run, RunState.DONE, RunKind.RUN)
            log.info("stopped", **tally.as_counts())


def chosen_jobs(settings: Settings, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the named jobs, all enabled ones by default; raise `UsageInvalid` for another name, or for none at all.

    A configuration without any job is good enough for a list of moves.
    """
    if not settings.enabled:
        reasons = "; ".join(dict.fromkeys(settings.idle.values()))
        message = f"no job is enabled ({reasons}); set enabled = true for one of {', '.join(settings.idle)}"
        raise UsageInvalid(message)
    for name in names:
        if name not in settings.enabled:
            enabled = f"enabled are: {', '.join(settings.enabled) or 'none'}"
            message = f"{name!r} is not an enabled job ({settings.idle.get(name, 'there is none')}); {enabled}"
            raise UsageInvalid(message)
    return names or settings.enabled


async def _carry_out(  # noqa: PLR0913, PLR0917 # a run and what it works with
    settings: Settings,
    client: PortalClient,
    database: Database,
    run: Run,
    kinds: tuple[Kind, ...],
    work: Callable[[Backfill], Coroutine[object, object, None]],
    show: Show,
) -> Summary:
    """Do the work of a run that comes to an end, after what an earlier process left open."""
    tally = Tally(run.counts)
    lanes = lanes_of(settings, client, database, run, tally, kinds)
    progress = Progress(tally)
    walk = Backfill(lanes, progress)
    finished = False
    try:
        with stop_on_signals() as stop:
            async with show(progress, client):
                await _take_over(lanes)
                finished = await run_until_stopped(
                    work(walk), stop, partial(_stop, lanes), grace_seconds=_GRACE_SECONDS
                )
    finally:
        walked = [feed.name for kind in kinds for feed in kind.feeds if feed.scans and not feed.needs_sweep]
        await end(lanes[0].run, RunState.DONE if finished else RunState.INTERRUPTED, run.kind, walked)
    failed = await database.read(lambda db: queue.given_up(db, limit=_LISTED)) if tally[Count.FAILED] else ()
    standing = await database.read(reviews.counts)
    return Summary(
        run.id,
        not finished,
        tally.as_counts(),
        client.requests_sent,
        walk.refused_types,
        walk.missing,
        walk.refused_feeds,
        failed,
        standing[ReviewState.OPEN],
    )


async def _preview(walk: Preview, work: Coroutine[object, object, None], show: Show) -> Summary:
    with stop_on_signals() as stop:
        async with show(walk.progress, walk.client):
            finished = await run_until_stopped(work, stop, lambda: None, grace_seconds=0.0)
    counts = walk.progress.tally.as_counts()
    return Summary(
        None, not finished, counts, walk.client.requests_sent, walk.refused_types, walk.missing, walk.refused_feeds
    )


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
