"""Taking corrections back, and the preview of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from b24syncd.assembly import at_portal, undoing_of
from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.domain.job_names import EDITS
from b24syncd.engine.edits import fields_edited
from b24syncd.engine.preview import Preview
from b24syncd.engine.progress import Progress
from b24syncd.engine.runs import begin_asked
from b24syncd.engine.safety import Safety
from b24syncd.engine.tally import Tally
from b24syncd.engine.undo import Undo, rehearse
from b24syncd.engine.undo_selection import choose
from b24syncd.memory import BorrowedMemory, remembered, remembered_in
from b24syncd.portal.cards.references import References
from b24syncd.portal.words.vocabulary import Api
from b24syncd.session import connected
from b24syncd.store import meta
from b24syncd.store.reading import open_for_reading
from b24syncd.store.runs import RunKind

from .effort import WritingAhead
from .results import Undone
from .runs import RunWork, preview_run, run_to_end

if TYPE_CHECKING:
    from b24syncd.clock import Clock
    from b24syncd.domain.undoing import Undoing
    from b24syncd.engine.edits import EditedFields
    from b24syncd.engine.undo_selection import UndoSelection
    from b24syncd.reports.manual_changes import UndoReport
    from b24syncd.reports.summary import Summary
    from b24syncd.session import Session
    from b24syncd.settings import Settings
    from b24syncd.store.history import Filter

    from .requests import UndoRequest
    from .runs import Execution, Show


async def take_back(session: Session, request: UndoRequest, execution: Execution) -> Undone:
    """Take back what the journal tells of it, and hold what was taken back."""
    which, by = request.which, request.by
    client, database = session.client, session.database
    excluded = (await database.read(remembered)).excluded
    chosen = await database.read(lambda db: choose(db, which))
    edits = await edited_among(session.references, chosen)
    settings = spoken(session.settings, chosen)
    portal = at_portal(settings, client, session.memory, session.judge)
    fitted, planner = await undoing_of(settings, portal, excluded, edits)
    jobs = chosen.jobs
    server_now, now = client.server_now(), client.clock.now()
    run = await database.write(lambda db: begin_asked(db, RunKind.UNDO, jobs, server_now=server_now, now=now, by=by))
    work = Undo(planner, which)
    # no safety limit: a person asks for exactly this, and every correction was in the journal before
    summary = await run_to_end(
        session, run, RunWork(fitted.kinds, work.undo), execution, safety=Safety(Tally(run.counts))
    )
    left = tuple(one for of_one in work.left.values() for one in of_one)
    titles = {of_type: dict(names) for of_type, names in fitted.titles.items()}
    return Undone(summary, left, work.holders, titles, dict(chosen.people))


async def preview_undo(
    settings: Settings, which: Filter, show: Show, report: UndoReport, *, clock: Clock = SYSTEM_CLOCK
) -> Summary:
    """Plan what an undo would do and hand it to `report`; write nothing to the portal or the state.

    Before that, it is told the titles of fields, and the people of the console who had asked for what is taken back.
    """
    path = settings.state.path
    memory, ahead = BorrowedMemory(path), WritingAhead(settings)

    def take(undoing: Undoing) -> None:
        ahead.add(undoing.corrections)
        report.add(undoing)

    async with connected(settings, memory, clock) as client:
        with open_for_reading(path) as db:
            meta.require_portal(db, settings.portal.host)
            chosen = choose(db, which)
        report.name(chosen.people)
        edits = await edited_among(References(client), chosen)
        settings = spoken(settings, chosen)
        excluded = remembered_in(path).excluded
        fitted, planner = await undoing_of(settings, at_portal(settings, client, memory), excluded, edits)
        report.learn(fitted.titles)
        planner.chosen = chosen
        walk = Preview(client, fitted.kinds, Progress(Tally()), lambda _: None)
        summary = await preview_run(walk, rehearse(fitted.kinds, planner, take, walk.progress), show)
    return replace(summary, effort=await ahead.effort(memory))


def spoken(settings: Settings, chosen: UndoSelection) -> Settings:
    """Return the settings with which something is taken back: edits by the methods by which they were made."""
    if EDITS not in chosen.jobs:
        return settings
    return replace(settings, portal=replace(settings.portal, api=Api.UNIVERSAL.value))


async def edited_among(references: References, chosen: UndoSelection) -> EditedFields:
    """Return the fields that people edited among what is chosen."""
    return await fields_edited(references, (one for made in chosen.made.values() for one in made))
