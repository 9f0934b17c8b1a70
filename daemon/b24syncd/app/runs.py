"""Runs: what the commands that work with the portal have in common, and their previews."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from b24syncd.assembly import lanes_of
from b24syncd.domain.conditions import SKIPS, Condition, ConditionKind
from b24syncd.engine.additions import judge_open
from b24syncd.engine.backfill import Backfill
from b24syncd.engine.lifecycle import run_until_stopped, stop_on_signals
from b24syncd.engine.progress import Progress, Watched
from b24syncd.engine.runs import end
from b24syncd.engine.tally import Count
from b24syncd.engine.writing.in_flight import Claim
from b24syncd.errors import UsageInvalid
from b24syncd.portal.wire.commands import Priority
from b24syncd.reports.summary import Failed, Summary
from b24syncd.store import conditions, queue, reviews
from b24syncd.store.runs import RunState
from b24syncd.store.stored_reviews import ReviewState

from .limits import note_end

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Collection, Coroutine, Iterable, Mapping

    from b24syncd.engine.how_far import Watching
    from b24syncd.engine.preview import Preview
    from b24syncd.engine.safety import Safety
    from b24syncd.engine.subjects import Kind
    from b24syncd.engine.writing.lane import Lane
    from b24syncd.session import Session
    from b24syncd.settings import Settings
    from b24syncd.store.runs import Run

GRACE_SECONDS = 5.0
"""How long a stop waits for the answers to what has been sent."""

_LISTED = 20

Show = Callable[["Watching"], AbstractAsyncContextManager[None]]
"""Shows the progress for as long as the context lasts."""


@asynccontextmanager
async def unshown(_progress: Watching) -> AsyncIterator[None]:
    """Show nothing."""
    yield


@dataclass(frozen=True, slots=True)
class Execution:
    """How a command is executed: who sees its progress, what stops it, and what is done between its pages, if anything.

    `requests_before` is what the client had sent before the command began, which is not told as its own. One that
    `is_handed_over` is executed by a daemon, one that `is_live` beside all that the daemon does.
    """

    show: Show
    stopping: Callable[[], AbstractContextManager[asyncio.Event]] = stop_on_signals
    between_pages: Callable[[], Awaitable[bool]] | None = None
    requests_before: int = 0
    is_handed_over: bool = False
    is_live: bool = False

    @property
    def priority(self) -> Priority:
        """How urgent its requests are."""
        return Priority.LIVE if self.is_live else Priority.BACKFILL


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
            why = f" ({settings.idle[name]})" if name in settings.idle else ""
            message = f"{name!r} is not an enabled job{why}; enabled are: {', '.join(settings.enabled)}"
            raise UsageInvalid(message)
    return names or settings.enabled


@dataclass(frozen=True, slots=True)
class RunWork:
    """What a run works with, and what it does; one that `claims` its items may be executed beside others."""

    kinds: tuple[Kind, ...]
    do: Callable[[Backfill], Coroutine[object, object, None]]
    claims: bool = False


async def run_to_end(session: Session, run: Run, work: RunWork, execution: Execution, *, safety: Safety) -> Summary:
    """Do the work of a run that comes to an end, after what an earlier process left open."""
    client, tally, kinds = session.client, safety.tally, work.kinds
    whole, lanes = lanes_of(session, run, safety, kinds, Claim(session.in_flight) if work.claims else None)
    progress = Progress(tally)
    walk = Backfill(whole, lanes, progress, execution.between_pages, execution.priority)
    finished, counts = False, tally.as_counts()
    try:
        with execution.stopping() as stop, session.in_flight.passed.walking():
            async with execution.show(Watched(progress, client, execution.requests_before)):
                await take_over(lanes)
                await judge_open(whole, session.references)
                finished = await run_until_stopped(
                    work.do(walk), stop, partial(stop_all, lanes), grace_seconds=GRACE_SECONDS
                )
                finished = finished and safety.reason is None
                if finished:
                    progress.finish()
    finally:
        walked = [feed.name for kind in kinds for feed in kind.feeds if feed.scans and not feed.needs_sweep]
        await note_end(session, run, safety, is_finished=finished, is_handed_over=execution.is_handed_over)
        counts = dict(await end(whole, RunState.DONE if finished else RunState.INTERRUPTED, run.kind, walked))
    database = session.database
    await note_types(session, walk, kinds)
    given_up = await database.read(lambda db: queue.given_up(db, limit=_LISTED)) if counts[Count.FAILED] else ()
    standing = await database.read(reviews.counts)
    return Summary(
        run.id,
        not finished and safety.reason is None,
        counts,
        client.requests_sent - execution.requests_before,
        walk.refused_types,
        walk.missing,
        walk.refused_feeds,
        tuple(Failed(entry.ref, entry.detail) for entry in given_up),
        standing[ReviewState.OPEN],
        safety.reason,
        walk.of_no_job,
        types_off=walk.types_off,
    )


async def note_types(session: Session, walk: Backfill, kinds: Iterable[Kind]) -> None:
    """Put on record which types a walk skipped, until they are seen again."""
    now = session.client.clock.now()
    seen = {feed.entity_type.value for kind in kinds for feed in kind.feeds if feed.scans} if walk.has_looked else set()
    met = [
        Condition(kind, entity_type.value, now, detail)
        for kind, found in ((ConditionKind.TYPE_REFUSED, walk.refused_types), (ConditionKind.TYPE_OFF, walk.types_off))
        for entity_type, detail in found.items()
    ]

    def judges(one: Condition) -> bool:
        return one.kind in SKIPS and one.about in seen

    await session.database.write(lambda db: conditions.note(db, met, judged=judges, now=now))


async def note_resting(session: Session, resting: Mapping[str, str], working: Collection[str]) -> None:
    """Put on record which jobs a walk leaves out for want of rights, and that those which work have theirs."""
    now = session.client.clock.now()
    met = [Condition(ConditionKind.RIGHT_MISSING, job, now, detail) for job, detail in resting.items()]

    def judges(one: Condition) -> bool:
        return one.kind is ConditionKind.RIGHT_MISSING and one.about in working

    await session.database.write(lambda db: conditions.note(db, met, judged=judges, now=now))


async def preview_run(
    walk: Preview,
    work: Coroutine[object, object, None],
    show: Show,
    stopping: Callable[[], AbstractContextManager[asyncio.Event]] = stop_on_signals,
) -> Summary:
    """Do the work of a preview until it ends or a signal comes, or whatever stops it."""
    with stopping() as stop:
        async with show(Watched(walk.progress, walk.client, is_preview=True)):
            finished = await run_until_stopped(work, stop, lambda: None, grace_seconds=0.0)
            if finished:
                walk.progress.finish()
    counts = walk.progress.tally.as_counts()
    return Summary(
        None,
        not finished,
        counts,
        walk.client.requests_sent,
        walk.refused_types,
        walk.missing,
        walk.refused_feeds,
        of_no_job=walk.of_no_job,
        types_off=walk.types_off,
        other_region=None if walk.other_region is None else str(walk.other_region),
    )


async def take_over(lanes: Iterable[Lane]) -> None:
    """Queue what an earlier process left open."""
    for lane in lanes:
        await lane.recovery.take_over()


def stop_all(lanes: Iterable[Lane]) -> None:
    """Let nothing more be sent."""
    for lane in lanes:
        lane.writer.stop()
