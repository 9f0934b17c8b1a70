"""The work through a list of moves, and its preview."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from b24syncd.assembly import beginning_of, guard_of, listed_of, rules_of_list
from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.domain.job_names import BINDINGS
from b24syncd.domain.moves import rules_of
from b24syncd.engine.preview import Preview
from b24syncd.engine.progress import Progress
from b24syncd.engine.runs import begin
from b24syncd.engine.tally import Tally
from b24syncd.memory import BorrowedMemory, remembered, remembered_in
from b24syncd.session import connected
from b24syncd.store.runs import RunKind

from .effort import WritingAhead
from .limits import safety_of
from .pausing import working_of
from .runs import RunWork, preview_run, run_to_end

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from b24syncd.clock import Clock
    from b24syncd.domain.moves import Move
    from b24syncd.domain.plans import Plan
    from b24syncd.engine.backfill import Backfill
    from b24syncd.reports.summary import Summary
    from b24syncd.session import Session
    from b24syncd.settings import Settings

    from .requests import RebindRequest
    from .runs import Execution, Show


async def work_through(session: Session, request: RebindRequest, execution: Execution) -> Summary:
    """Work through a list of moves; what is done already is left as it is."""
    settings, client, database = session.settings, session.client, session.database
    moves = rules_of(request.moves, request.name)
    await working_of(session, (BINDINGS,))
    memory = await database.read(remembered)
    guard = guard_of(settings, memory)
    session.guards.add(guard)
    listed = await listed_of(settings, client, moves, guard)
    beginning = beginning_of(settings, rules_of_list(settings, moves), client, (listed.kind,), by=request.by)
    run = await database.write(lambda db: begin(db, RunKind.REBIND, beginning))

    def work(walk: Backfill) -> Coroutine[object, object, None]:
        (lane,) = walk.lanes
        lane.settlement.refusals.forget()  # a person asks for it, and may have mended what was in the way
        return walk.process(lane, listed.pages(), expected=len(moves))

    safety = await safety_of(session, run, goes_on=request.goes_on)
    safety.most_changed = 1.0  # everything that is listed is to be moved
    return await run_to_end(session, run, RunWork((listed.kind,), work), execution, safety=safety)


async def preview_rebind(  # noqa: PLR0913 # a list has a name
    settings: Settings,
    moves: tuple[Move, ...],
    name: str,
    show: Show,
    report: Callable[[Plan], None],
    *,
    clock: Clock = SYSTEM_CLOCK,
) -> Summary:
    """Plan what a list of moves would do and hand it to `report`; write nothing to the portal or the state."""
    memory, ahead = BorrowedMemory(settings.state.path), WritingAhead(settings, report)
    async with connected(settings, memory, clock) as client:
        wanted = rules_of(moves, name)
        guard = guard_of(settings, remembered_in(settings.state.path))
        listed = await listed_of(settings, client, wanted, guard)
        walk = Preview(client, (listed.kind,), Progress(Tally()), ahead.add_plan)
        work = walk.process(listed.kind, listed.pages(), expected=len(wanted))
        summary = await preview_run(walk, work, show)
    return replace(summary, effort=await ahead.effort(memory))
