"""The walk through the whole portal, and its preview."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from b24syncd.assembly import at_portal, beginning_of, fit, fitted, upkeep_of
from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.engine.preview import Preview
from b24syncd.engine.progress import Progress
from b24syncd.engine.region_hints import keep_region_hints
from b24syncd.engine.runs import begin, begin_backfill, was_resumed
from b24syncd.engine.tally import Tally
from b24syncd.engine.walks import Resumed
from b24syncd.errors import UsageInvalid
from b24syncd.jobs.payment_dates import NAME as PAYMENT_DATES
from b24syncd.memory import BorrowedMemory, remembered_in
from b24syncd.session import connected
from b24syncd.store.runs import RunKind

from .effort import WritingAhead, unheeded
from .limits import safety_of
from .pausing import working_of
from .runs import RunWork, chosen_jobs, note_resting, preview_run, run_to_end

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from b24syncd.clock import Clock
    from b24syncd.domain.plans import Plan
    from b24syncd.engine.backfill import Backfill
    from b24syncd.reports.summary import Summary
    from b24syncd.session import Session
    from b24syncd.settings import Settings
    from b24syncd.store.runs import Run

    from .effort import Knows
    from .requests import BackfillRequest
    from .runs import Execution, Show


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a backfill is narrowed to; by default to nothing."""

    jobs: tuple[str, ...] = ()
    only: tuple[EntityRef, ...] = ()
    limit: int | None = None

    @classmethod
    def parse(cls, jobs: Sequence[str], only: Sequence[str], limit: int | None) -> Narrowed:
        """Return it as it was written; raise `ValueError` with a sentence fit for a user."""
        return cls(tuple(jobs), tuple(map(EntityRef.parse, only)), limit)

    @property
    def is_partial(self) -> bool:
        """Whether it looks at some items only, and keeps no cursor."""
        return bool(self.only) or self.limit is not None


_NEVER_PAID = frozenset({EntityType.LEAD, EntityType.CONTACT, EntityType.COMPANY, EntityType.ACTIVITY})


async def walk(session: Session, request: BackfillRequest, execution: Execution) -> Summary:
    """Walk the portal, or what it is narrowed to; go on where an unfinished walk with the same rules stopped."""
    settings, client, database = session.settings, session.client, session.database
    narrowed, goes_on = Narrowed(request.jobs, request.only, request.limit), request.goes_on
    chosen, paused = await working_of(session, chosen_for(settings, narrowed))
    jobs = await fitted(session, chosen, goes_on=goes_on)
    if not execution.is_handed_over:  # its daemon knows which jobs rest, and tells it in words of its own
        await note_resting(session, jobs.resting, jobs.rules)
    await upkeep_of(session).keep_up()
    beginning = beginning_of(settings, jobs.rules, client, jobs.kinds, by=request.by)
    run = await database.write(
        lambda db: begin(db, RunKind.PARTIAL, beginning) if narrowed.is_partial else begin_backfill(db, beginning)
    )

    def work(walk: Backfill) -> Coroutine[object, object, None]:
        if narrowed.only:
            return walk.walk_items(narrowed.only)
        if narrowed.limit is not None:
            return walk.walk_some(narrowed.limit)
        return walk.walk(_resumed(run, settings))

    safety = await safety_of(session, run, goes_on=goes_on, seen=jobs.lifted)
    summary = await run_to_end(session, run, RunWork(jobs.kinds, work), execution, safety=safety)
    await keep_region_hints(database, settings.jobs)
    return replace(summary, resting=jobs.resting, paused=paused)


def chosen_for(settings: Settings, narrowed: Narrowed) -> tuple[str, ...]:
    """Return the jobs that are asked for and may look at what is named: no field is made for the sake of a contact.

    Raises `UsageInvalid` where there are none.
    """
    chosen = chosen_jobs(settings, narrowed.jobs)
    if not narrowed.only or not all(ref.type in _NEVER_PAID for ref in narrowed.only):
        return chosen
    concerned = tuple(name for name in chosen if name != PAYMENT_DATES)
    if not concerned:
        message = f"{PAYMENT_DATES} looks at nothing that --only names: {', '.join(map(str, narrowed.only))}"
        raise UsageInvalid(message)
    return concerned


async def preview(  # noqa: PLR0913 # what it looks at, and who is told what
    settings: Settings,
    narrowed: Narrowed,
    show: Show,
    report: Callable[[Plan], None],
    *,
    knows: Knows = unheeded,
    clock: Clock = SYSTEM_CLOCK,
) -> Summary:
    """Plan what a backfill would do and hand it to `report`; write nothing to the portal or the state.

    Before that, `knows` is told the titles of fields.
    """
    chosen = chosen_for(settings, narrowed)
    memory = BorrowedMemory(settings.state.path)
    ahead = WritingAhead(settings, report)
    async with connected(settings, memory, clock) as client:
        portal = at_portal(settings, client, memory)
        jobs = await fit(settings, portal, chosen, remembered_in(settings.state.path), create=False)
        knows(jobs.titles)
        walk = Preview(client, jobs.kinds, Progress(Tally()), ahead.add_plan)
        work = walk.walk_items(narrowed.only) if narrowed.only else walk.walk(limit=narrowed.limit)
        summary = await preview_run(walk, work, show)
    return replace(summary, resting=jobs.resting, effort=await ahead.effort(memory))


def _resumed(run: Run, settings: Settings) -> Resumed | None:
    if not was_resumed(run) or run.began_server_time is None:
        return None
    return Resumed(run.began_server_time, settings.changes.overlap_seconds)
