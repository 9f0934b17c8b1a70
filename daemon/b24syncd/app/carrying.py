"""Carrying out: what the commands that work with the portal have in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from b24syncd.assembly import lanes_of
from b24syncd.engine.backfill import Backfill
from b24syncd.engine.lifecycle import run_until_stopped, stop_on_signals
from b24syncd.engine.progress import Progress, Sending
from b24syncd.engine.runs import end
from b24syncd.engine.safety import Allowance, Limit, Safety
from b24syncd.engine.tally import Count, Tally
from b24syncd.errors import UsageInvalid
from b24syncd.store import journal, known, queue, reviews
from b24syncd.store.reviews import ReviewState
from b24syncd.store.runs import RunState

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping

    import sqlite_utils

    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.engine.lane import Lane
    from b24syncd.engine.preview import Preview
    from b24syncd.engine.subjects import Kind
    from b24syncd.session import Session
    from b24syncd.settings import Settings
    from b24syncd.store.runs import Run

GRACE_SECONDS = 5.0
"""How long a stop waits for the answers to what has been sent."""

_LISTED = 20

Show = Callable[[Progress, Sending], AbstractAsyncContextManager[None]]
"""Shows the progress for as long as the context lasts."""


@asynccontextmanager
async def unshown(_progress: Progress, _client: Sending) -> AsyncIterator[None]:
    """Show nothing."""
    yield


@dataclass(frozen=True, slots=True)
class Conduct:
    """How a command is carried out: who sees its progress, what stops it, and what is done between its pages.

    With `goes_on`, a person looked at what a safety limit stopped, and lets it go on. `requests_before` is what the
    client had sent before the command began, which is not told as its own.
    """

    show: Show
    goes_on: bool = False
    stopping: Callable[[], AbstractContextManager[asyncio.Event]] = stop_on_signals
    between_pages: Callable[[], Awaitable[bool]] | None = None
    requests_before: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """An item that failed, and why."""

    ref: EntityRef
    detail: str | None


@dataclass(frozen=True, slots=True)
class Summary:
    """How a backfill ended; `stopped` tells which safety limit ended it.

    Of the items that were named, `missing` ones are gone or not to be read; no job looks at those `of_no_job`.
    """

    run_id: int | None
    interrupted: bool
    counts: Mapping[str, int]
    requests: int
    refused_types: Mapping[EntityType, str] = field(default_factory=dict)
    missing: tuple[EntityRef, ...] = ()
    refused_feeds: Mapping[str, str] = field(default_factory=dict)
    failed: tuple[Failed, ...] = ()
    open_reviews: int | None = None
    stopped: str | None = None
    of_no_job: tuple[EntityRef, ...] = ()


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


async def safety_of(session: Session, run: Run, *, goes_on: bool, seen: frozenset[Limit] = frozenset()) -> Safety:
    """Return the safety limits of a run; what a person approved once holds for all runs with the same rules.

    They approve what they have `seen`, or what stopped the last run with these rules, and everything where none was
    stopped.
    """
    stop = await session.database.read(lambda db: known.stop_of(db, run.fingerprint))
    limits = session.settings.safety
    if goes_on:
        lifted = seen or ({Limit(stop.limit)} if stop is not None and stop.limit else frozenset(Limit))
        await session.database.write(lambda db: known.approve(db, run.fingerprint, lifted))
    allowance = session.allowances.setdefault(run.fingerprint, Allowance())
    allowance.approved.update(map(Limit, await session.database.read(lambda db: known.approved(db, run.fingerprint))))
    if limits.canary:
        allowance.sent = max(allowance.sent, await _sent_with(session, run, allowance.sent))
    safety = Safety(Tally(run.counts), limits.canary, limits.max_changed_share, limits.flips, allowance)
    if stop is not None and stop.run_id == run.id:
        safety.stand_by(stop.reason)
    return safety


async def _sent_with(session: Session, run: Run, counted: int) -> int:
    """Return how many corrections were sent with the rules of a run since a canary looks at them, and note it.

    Those that a killed process left open are in no count but the journal's. The journal may have been shortened
    meanwhile, and one that was emptied begins with the first id again.
    """

    def count(db: sqlite_utils.Database) -> int:
        last = journal.last_id(db)
        begun, noted = known.canary_of(db, run.fingerprint) or (last, 0)
        begun = min(begun, last)
        sent = max(counted, noted, journal.count_sent(db, run.fingerprint, after=begun))
        known.note_canary(db, run.fingerprint, begun, sent)
        return sent

    return await session.database.write(count)


async def note_end(session: Session, run: Run, safety: Safety) -> None:
    """Put on record which safety limit ended a run, if one did."""
    stop = known.Stop(run.id, safety.reason, safety.limit or "") if safety.reason is not None else None
    await session.database.write(lambda db: known.note_end(db, run.fingerprint, run.id, stop))
    if safety.canary:
        await _sent_with(session, run, safety.allowance.sent)


async def carry_out(  # noqa: PLR0913 # a run and what it works with
    session: Session,
    run: Run,
    kinds: tuple[Kind, ...],
    work: Callable[[Backfill], Coroutine[object, object, None]],
    conduct: Conduct,
    *,
    safety: Safety,
) -> Summary:
    """Do the work of a run that comes to an end, after what an earlier process left open."""
    client, tally = session.client, safety.tally
    lanes = lanes_of(session, run, safety, kinds)
    progress = Progress(tally)
    walk = Backfill(lanes, progress, conduct.between_pages)
    finished = False
    try:
        with conduct.stopping() as stop:
            async with conduct.show(progress, client):
                await take_over(lanes)
                finished = await run_until_stopped(
                    work(walk), stop, partial(stop_all, lanes), grace_seconds=GRACE_SECONDS
                )
                finished = finished and safety.reason is None
    finally:
        walked = [feed.name for kind in kinds for feed in kind.feeds if feed.scans and not feed.needs_sweep]
        await note_end(session, run, safety)
        await end(lanes[0].run, RunState.DONE if finished else RunState.INTERRUPTED, run.kind, walked)
    database = session.database
    given_up = await database.read(lambda db: queue.given_up(db, limit=_LISTED)) if tally[Count.FAILED] else ()
    standing = await database.read(reviews.counts)
    return Summary(
        run.id,
        not finished and safety.reason is None,
        tally.as_counts(),
        client.requests_sent - conduct.requests_before,
        walk.refused_types,
        walk.missing,
        walk.refused_feeds,
        tuple(Failed(entry.ref, entry.detail) for entry in given_up),
        standing[ReviewState.OPEN],
        safety.reason,
        walk.of_no_job,
    )


async def look_only(walk: Preview, work: Coroutine[object, object, None], show: Show) -> Summary:
    """Do the work of a preview until it ends or a signal comes."""
    with stop_on_signals() as stop:
        async with show(walk.progress, walk.client):
            finished = await run_until_stopped(work, stop, lambda: None, grace_seconds=0.0)
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
    )


async def take_over(lanes: Iterable[Lane]) -> None:
    """Queue what an earlier process left open."""
    for lane in lanes:
        await lane.recovery.take_over()


def stop_all(lanes: Iterable[Lane]) -> None:
    """Let nothing more be sent."""
    for lane in lanes:
        lane.writer.stop()
