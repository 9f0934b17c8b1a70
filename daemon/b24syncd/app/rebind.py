"""The work through a list of moves, and its preview."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.assembly import beginning_of, listed_of, remembered, remembered_in, rules_of_list
from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.domain.moves import rules_of
from b24syncd.engine.preview import Preview
from b24syncd.engine.progress import Progress
from b24syncd.engine.runs import begin
from b24syncd.engine.tally import Tally
from b24syncd.memory import BorrowedMemory
from b24syncd.session import connected, holding
from b24syncd.store.runs import RunKind

from .carrying import Conduct, carry_out, look_only
from .handing_over import hand_over
from .limits import safety_of
from .orders import RebindOrder
from .results import summary_from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from b24syncd.assembly import Moves
    from b24syncd.clock import Clock
    from b24syncd.domain.moves import Move
    from b24syncd.domain.plans import Plan
    from b24syncd.engine.backfill import Backfill
    from b24syncd.reports.summary import Summary
    from b24syncd.session import Session
    from b24syncd.settings import Settings

    from .carrying import Show


async def rebind(  # noqa: PLR0913 # a list has a name
    settings: Settings,
    moves: tuple[Move, ...],
    name: str,
    show: Show,
    *,
    goes_on: bool = False,
    clock: Clock = SYSTEM_CLOCK,
) -> Summary:
    """Work through a list of moves that is called `name`; what is done already is left as it is."""
    handed = await hand_over(settings, RebindOrder.of(moves, name, goes_on=goes_on), show)
    if handed is not None:
        return summary_from_json(handed["summary"])
    async with holding(settings, clock) as session:
        return await work_through(session, rules_of(moves, name), Conduct(show, goes_on))


async def work_through(session: Session, moves: Moves, conduct: Conduct) -> Summary:
    """Do the same in a state that is held already, with the rules made of the list."""
    settings, client, database = session.settings, session.client, session.database
    memory = await database.read(remembered)
    listed = await listed_of(settings, client, moves, memory.holds)
    beginning = beginning_of(settings, rules_of_list(settings, moves), client, (listed.kind,))
    run = await database.write(lambda db: begin(db, RunKind.REBIND, beginning))

    def work(walk: Backfill) -> Coroutine[object, object, None]:
        (lane,) = walk.lanes
        lane.settlement.refusals.forget()  # a person asks for it, and may have mended what was in the way
        return walk.take(lane, listed.pages())

    safety = await safety_of(session, run, goes_on=conduct.goes_on)
    safety.most_changed = 1.0  # everything that is listed is to be moved
    return await carry_out(session, run, (listed.kind,), work, conduct, safety=safety)


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
    async with connected(settings, BorrowedMemory(settings.state.path), clock) as client:
        listed = await listed_of(settings, client, rules_of(moves, name), remembered_in(settings.state.path).holds)
        walk = Preview(client, (listed.kind,), Progress(Tally()), report)
        return await look_only(walk, walk.take(listed.kind, listed.pages()), show)
