"""Edits of a person, checked as the portal would and as it does not, and written through the engine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from b24syncd.domain.additions import AddEnding, AddFate
from b24syncd.domain.edits import Edit, Ending, Fate, FieldEdit
from b24syncd.domain.entities import EntityRef
from b24syncd.domain.job_names import EDITS
from b24syncd.engine.additions import Add
from b24syncd.engine.edits import EditPlanner, Save, kind_of_edit, left_open, needed
from b24syncd.engine.runs import begin_asked
from b24syncd.engine.safety import Safety
from b24syncd.engine.tally import Tally
from b24syncd.portal.cards.checks import faults_of, missing
from b24syncd.portal.cards.creating import mark_of
from b24syncd.portal.cards.typed import on_wall
from b24syncd.store import portal_facts
from b24syncd.store.runs import RunKind

from .results import Added, Edited
from .runs import RunWork, run_to_end

if TYPE_CHECKING:
    from b24syncd.domain.edits import AnyEdit
    from b24syncd.session import Session

    from .requests import AddRequest, EditRequest
    from .runs import Execution


async def save_edit(session: Session, request: EditRequest, execution: Execution) -> Edited:
    """Write what a person changed, wherever what the form showed still stands; nothing where one change is no good."""
    client, database = session.client, session.database
    told = [replace(one, wanted=on_wall(one.wanted, client.utc_offset)) for one in request.edit.fields]
    edit = replace(request.edit, fields=tuple(told))
    references = session.references
    fields = await references.fields(edit.ref.type)
    faults = await faults_of(references, edit, fields)
    if faults:
        return Edited(edit.ref, None, tuple(_unwritten(one, faults.get(one)) for one in edit.all))
    planner = EditPlanner(edit)
    wanted = needed(edit, await database.read(lambda db: left_open(db, edit.ref)), fields)
    kind = kind_of_edit(client, planner, wanted, session.judge, session.memory)
    server_now, now = client.server_now(), client.clock.now()
    asked = (RunKind.EDIT, (EDITS,))
    run = await database.write(lambda db: begin_asked(db, *asked, server_now=server_now, now=now, by=request.by))
    titles = {one.field: fields[one.field].title for one in edit.fields}
    await database.write(lambda db: portal_facts.remember_titles(db, {edit.ref.type.value: titles}))
    work = Save(planner)
    # no canary and no share: a person asks for exactly this, and has seen it
    safety = Safety(Tally(run.counts))
    summary = await run_to_end(session, run, RunWork((kind,), work.save, claims=True), execution, safety=safety)
    return Edited(edit.ref, run.id, work.endings, summary.interrupted)


async def add_item(session: Session, request: AddRequest, execution: Execution) -> Added:
    """Add an item, once for each token; nothing where a value is no good or a required one is missing."""
    client, database = session.client, session.database
    told = tuple((name, on_wall(value, client.utc_offset)) for name, value in request.addition.fields)
    addition = replace(request.addition, fields=told)
    references = session.references
    fields = await references.fields(addition.type)
    edit = Edit(EntityRef(addition.type, 1), tuple(FieldEdit(name, None, value) for name, value in addition.fields))
    found = await faults_of(references, replace(edit, points=addition.points), fields, creates=True)
    faults = {one.field if isinstance(one, FieldEdit) else one.kind.value.lower(): why for one, why in found.items()}
    faults |= missing(fields, dict(addition.fields))
    if faults:
        return Added(None, AddEnding(AddFate.REFUSED, faults=tuple(faults.items())))
    server_now, now = client.server_now(), client.clock.now()
    asked = (RunKind.EDIT, (EDITS,))
    run = await database.write(lambda db: begin_asked(db, *asked, server_now=server_now, now=now, by=request.by))
    work = Add(addition, fields, mark_of(fields))
    await run_to_end(session, run, RunWork((), work.add), execution, safety=Safety(Tally(run.counts)))
    return Added(run.id, work.ending)


def _unwritten(edit: AnyEdit, why: str | None) -> Ending:
    return Ending(edit, Fate.NOT_WRITTEN) if why is None else Ending(edit, Fate.REFUSED, detail=why)
