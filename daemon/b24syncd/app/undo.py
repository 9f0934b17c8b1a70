"""Taking corrections back, and the preview of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.assembly import undoing_of
from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.engine.chosen import choose
from b24syncd.engine.preview import Preview
from b24syncd.engine.progress import Progress
from b24syncd.engine.runs import begin_asked
from b24syncd.engine.safety import Safety
from b24syncd.engine.tally import Tally
from b24syncd.engine.undoing import Undo, rehearse
from b24syncd.memory import BorrowedMemory
from b24syncd.session import connected, holding
from b24syncd.store.reading import open_for_reading
from b24syncd.store.runs import RunKind

from .carrying import Conduct, carry_out, look_only
from .handing_over import hand_over
from .orders import UndoOrder
from .results import left_from_json, summary_from_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from b24syncd.clock import Clock
    from b24syncd.domain.undoing import Left, Undoing
    from b24syncd.reports.summary import Summary
    from b24syncd.session import Session
    from b24syncd.settings import Settings
    from b24syncd.store.history import Filter

    from .carrying import Show


@dataclass(frozen=True, slots=True)
class Undone:
    """How an undo ended, what stays as it is, and the undos that hold what was to be taken back."""

    summary: Summary
    left: tuple[Left, ...]
    holders: tuple[int, ...]


async def undo(settings: Settings, which: Filter, show: Show, *, clock: Clock = SYSTEM_CLOCK) -> Undone:
    """Take back what the journal tells of it, and hold what was taken back."""
    handed = await hand_over(settings, UndoOrder.of(which), show)
    if handed is not None:
        summary, left = summary_from_json(handed["summary"]), left_from_json(handed["left"])
        return Undone(summary, left, tuple(handed["holders"]))
    async with holding(settings, clock) as session:
        return await take_back(session, which, Conduct(show))


async def take_back(session: Session, which: Filter, conduct: Conduct) -> Undone:
    """Do the same in a state that is held already."""
    client, database = session.client, session.database
    kinds, planner = await undoing_of(session.settings, client, session.memory, session.judge)
    jobs = (await database.read(lambda db: choose(db, which))).jobs
    server_now, now = client.server_now(), client.clock.now()
    run = await database.write(lambda db: begin_asked(db, RunKind.UNDO, jobs, server_now=server_now, now=now))
    work = Undo(planner, which)
    # no safety limit: a person asks for exactly this, and every correction was in the journal before
    summary = await carry_out(session, run, kinds, work.undo, conduct, safety=Safety(Tally(run.counts)))
    return Undone(summary, tuple(left for of_one in work.left.values() for left in of_one), work.holders)


async def preview_undo(
    settings: Settings, which: Filter, show: Show, report: Callable[[Undoing], None], *, clock: Clock = SYSTEM_CLOCK
) -> Summary:
    """Plan what an undo would do and hand it to `report`; write nothing to the portal or the state."""
    path = settings.state.path
    memory = BorrowedMemory(path)
    async with connected(settings, memory, clock) as client:
        kinds, planner = await undoing_of(settings, client, memory)
        with open_for_reading(path) as db:
            planner.chosen = choose(db, which)
        walk = Preview(client, kinds, Progress(Tally()), lambda _: None)
        return await look_only(walk, rehearse(kinds, planner, report), show)
