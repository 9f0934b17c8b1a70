"""The work through a list of moves, and its preview."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.assembly import beginning_of, connected, held_in, holding, listed_of, rules_of_list
from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.engine.preview import Preview
from b24syncd.engine.progress import Progress
from b24syncd.engine.runs import begin
from b24syncd.engine.tally import Tally
from b24syncd.memory import BorrowedMemory
from b24syncd.store import holds
from b24syncd.store.runs import RunKind

from .carrying import carry_out, look_only

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from b24syncd.assembly import Moves
    from b24syncd.clock import Clock
    from b24syncd.domain.plans import Plan
    from b24syncd.engine.backfill import Backfill
    from b24syncd.settings import Settings

    from .carrying import Show, Summary


async def rebind(settings: Settings, moves: Moves, show: Show, *, clock: Clock = SYSTEM_CLOCK) -> Summary:
    """Work through a list of moves; what is done already is left as it is."""
    async with holding(settings, clock) as (database, client):
        listed = await listed_of(settings, client, moves, await database.read(holds.standing))
        beginning = beginning_of(settings, rules_of_list(settings), client, (listed.kind,))
        run = await database.write(lambda db: begin(db, RunKind.PARTIAL, beginning))

        def work(walk: Backfill) -> Coroutine[object, object, None]:
            return walk.take(walk.lanes[0], listed.pages())

        return await carry_out(settings, client, database, run, (listed.kind,), work, show)


async def preview_rebind(
    settings: Settings, moves: Moves, show: Show, report: Callable[[Plan], None], *, clock: Clock = SYSTEM_CLOCK
) -> Summary:
    """Plan what a list of moves would do and hand it to `report`; write nothing to the portal or the state."""
    async with connected(settings, BorrowedMemory(settings.state.path), clock) as client:
        listed = await listed_of(settings, client, moves, held_in(settings.state.path))
        walk = Preview(client, (listed.kind,), Progress(Tally()), report)
        return await look_only(walk, walk.take(listed.kind, listed.pages()), show)
