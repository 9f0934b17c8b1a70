"""What a person decided of reviews, written to the portal: suggestions accepted and values edited; its preview."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from b24syncd.assembly import at_portal, deciding_of, portal_of
from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.domain.job_names import BINDINGS
from b24syncd.engine.decisions import Decide, rehearse_decisions
from b24syncd.engine.preview import Preview
from b24syncd.engine.progress import Progress
from b24syncd.engine.runs import begin_asked
from b24syncd.engine.safety import Safety
from b24syncd.engine.tally import Tally
from b24syncd.errors import UsageInvalid
from b24syncd.memory import BorrowedMemory, remembered, remembered_in
from b24syncd.session import connected
from b24syncd.store import review_search
from b24syncd.store.runs import RunKind
from b24syncd.store.stored_reviews import ReviewState

from .effort import WritingAhead, unheeded
from .requests import DecideRequest
from .results import Decided
from .review_decisions import suggested
from .review_states import require_seen
from .runs import RunWork, preview_run, run_to_end

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from b24syncd.clock import Clock
    from b24syncd.domain.decisions import Deciding, Decision
    from b24syncd.reports.summary import Summary
    from b24syncd.session import Session
    from b24syncd.settings import Settings

    from .effort import Knows
    from .requests import AcceptRequest
    from .runs import Execution, Show


async def write_decisions(session: Session, request: DecideRequest, execution: Execution) -> Decided:
    """Write what was decided, wherever the value that it was decided about still stands."""
    decisions, by = request.decisions, request.by
    client, database = session.client, session.database
    jobs = sorted({decision.job for decision in decisions})
    excluded = (await database.read(remembered)).excluded
    fitted, planner = await deciding_of(session.settings, portal_of(session), jobs, excluded)
    server_now, now = client.server_now(), client.clock.now()
    run = await database.write(lambda db: begin_asked(db, RunKind.REVIEW, jobs, server_now=server_now, now=now, by=by))
    planner.set_decisions(decisions)
    work = Decide(planner, decisions)
    # no canary and no share: a person asks for exactly this, and has seen it
    safety = Safety(Tally(run.counts))
    summary = await run_to_end(session, run, RunWork(fitted.kinds, work.decide, claims=True), execution, safety=safety)
    return Decided(summary, tuple(sorted(work.accepted)), work.finish())


async def accept_all(session: Session, request: AcceptRequest, execution: Execution) -> Decided:
    """Write what all reviews of a filter suggest; raise `UsageInvalid` where they are not as many as were seen."""
    open_ones = replace(request.which, states=frozenset({ReviewState.OPEN}))
    found = await session.database.read(lambda db: tuple(review_search.each(db, open_ones)))
    suggesting = [one for one in found if one.suggestion is not None and one.job != BINDINGS]
    require_seen(len(suggesting), request.expected, open_ones)
    # rules read each value, which takes long where there are many
    decisions, _ = await asyncio.to_thread(suggested, session.settings, suggesting, by_number=False)
    if not decisions:
        message = "no open review that is meant can be accepted"
        raise UsageInvalid(message)
    return await write_decisions(session, DecideRequest(decisions=tuple(decisions), by=request.by), execution)


async def preview_decisions(  # noqa: PLR0913 # what is decided, and who is told what
    settings: Settings,
    decisions: Sequence[Decision],
    show: Show,
    report: Callable[[Deciding], None],
    *,
    knows: Knows = unheeded,
    clock: Clock = SYSTEM_CLOCK,
) -> Summary:
    """Plan what would be written and hand it to `report`; write nothing to the portal or the state.

    Before that, `knows` is told the titles of fields.
    """
    jobs = sorted({decision.job for decision in decisions})
    memory, ahead = BorrowedMemory(settings.state.path), WritingAhead(settings)

    def take(deciding: Deciding) -> None:
        ahead.add(deciding.corrections)
        report(deciding)

    async with connected(settings, memory, clock) as client:
        excluded = remembered_in(settings.state.path).excluded
        fitted, planner = await deciding_of(settings, at_portal(settings, client, memory), jobs, excluded)
        knows(fitted.titles)
        planner.set_decisions(decisions)
        walk = Preview(client, fitted.kinds, Progress(Tally()), lambda _: None)
        summary = await preview_run(walk, rehearse_decisions(fitted.kinds, planner, take), show)
    return replace(summary, effort=await ahead.effort(memory))
