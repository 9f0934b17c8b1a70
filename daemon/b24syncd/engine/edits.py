"""Edits: what a person changed in a form is written by the same writer as every correction, and told change by change.

The item is read afresh; what differs from what the form showed is a conflict and stays. The writer puts the witness
directly before the update, the intents into the journal before both, and a value that only the witness met comes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import AddPoint, SetField, only_fields, only_points
from b24syncd.domain.edits import (
    Conflict,
    Ending,
    Fate,
    FieldEdit,
    is_there,
    plan_edit,
    same_text,
    there_now,
    wanted_of,
)
from b24syncd.domain.entities import EntityType
from b24syncd.domain.job_names import EDITS
from b24syncd.domain.plans import Plan
from b24syncd.domain.snapshots import Parts, Snapshot
from b24syncd.domain.values import shown
from b24syncd.errors import Rejected
from b24syncd.feeders.pages import Page
from b24syncd.portal.item_rows import Wanted
from b24syncd.portal.items import Items
from b24syncd.portal.wire.commands import Priority
from b24syncd.store import history, journal, queue
from b24syncd.store.history import Filter
from b24syncd.store.journal import Outcome

from .planning import Guard, Planner
from .selection import claiming
from .subjects import Kind, LookedUp

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import sqlite_utils

    from b24syncd.domain.corrections import Correction, PointCorrection
    from b24syncd.domain.edits import AnyEdit, Edit, Editing
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.item_judge import ItemJudge
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.engine.writing.lane import Lane
    from b24syncd.portal.before import KnowsBefore
    from b24syncd.portal.cards.references import References
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.item_rows import WantedField
    from b24syncd.store.database import Database
    from b24syncd.store.history import JournalEntry

    from .backfill import Backfill

EditedFields = Mapping[EntityType, tuple["WantedField", ...]]
"""Fields that people edited, of each type."""

NO_EDITS: EditedFields = MappingProxyType({})

_MOST_PASSES = 8
"""Fields that the portal refuses together are written one by one, each in a pass of its own at worst."""


_MADE = frozenset({Outcome.DONE, Outcome.UNVERIFIED})
_FATES = {Outcome.DONE: Fate.SAVED, Outcome.UNVERIFIED: Fate.UNVERIFIED, Outcome.REFUSED: Fate.REFUSED}


class EditPlanner(Planner):
    """Plans what writes one edit; nothing else is touched, whatever holds a job off."""

    def __init__(self, edit: Edit) -> None:
        """Plan this edit, of an item that jobs may have to leave alone."""
        super().__init__((), Guard(()))
        self.edit = edit
        self.written: tuple[AnyEdit, ...] = ()
        """Of which it was done: who changes that back since is newer."""

    def editing(self, snapshot: AnySnapshot) -> Editing:
        """Return what writes the edit over what was read, and what a person has to be asked about."""
        assert isinstance(snapshot, Snapshot)  # noqa: S101 # only items are edited
        editing = plan_edit(snapshot, self.edit)
        left = (each for each in editing.corrections if not any(_is_of(each, one) for one in self.written))
        return replace(editing, corrections=tuple(left))

    def plan(self, snapshot: AnySnapshot) -> Plan:
        """Return what writes the edit."""
        return Plan(self.editing(snapshot).corrections)


def kind_of_edit(
    client: PortalClient,
    planner: EditPlanner,
    wanted: Wanted,
    judge: ItemJudge,
    before: KnowsBefore,
) -> Kind:
    """Return the kind of the one item that is edited: read with what is wanted for it, and nothing else."""
    entity_type = planner.edit.ref.type
    items = Items(client, client.clock, {entity_type: wanted}, before=before)

    async def lookup(refs: Sequence[EntityRef], *, priority: Priority) -> LookedUp:
        read = await items.read(refs, priority=priority)
        return LookedUp(Page(tuple(read.found.values()), refused=read.refused), frozenset(refs))

    return Kind((entity_type,), items, judge, planner, (), lookup, 1, only_settles=True)


@dataclass(slots=True)
class Save:
    """Writes one edit; in the end `endings` tell what became of each of its changes."""

    planner: EditPlanner
    endings: tuple[Ending, ...] = ()
    _conflicts: dict[AnyEdit, Conflict] = field(default_factory=dict)
    _refused: str = ""

    @property
    def ref(self) -> EntityRef:
        """The item."""
        return self.planner.edit.ref

    async def save(self, walk: Backfill) -> None:
        """Judge what is open of the item, and write until nothing more can be; nobody else touches it meanwhile."""
        (lane,) = walk.lanes
        async with claiming(walk, [self.ref]):
            lane.settlement.refusals.forget()  # a person asks for it, and may have mended what was in the way
            was_listed = await walk.run.database.read(self._is_listed)
            now = await self._write(walk, lane)
        if not was_listed:  # whoever saves is told at once: that is no item that failed
            await walk.run.database.write(lambda db: queue.forget_given_up(db, [self.ref]))
        made = await walk.run.database.read(lambda db: self._journal(db, walk.run.run_id))
        self.endings = tuple(self._ending(one, now, made) for one in self.planner.edit.all)

    async def _write(self, walk: Backfill, lane: Lane) -> Snapshot | None:
        """Write pass by pass; return what was read last."""
        now: Snapshot | None = None
        for _ in range(_MOST_PASSES):
            now = await self._read(lane)
            if now is None or walk.is_stopping:
                break
            editing = self.planner.editing(now)
            self._conflicts = {one.edit: one for one in editing.conflicts}
            step = lane.settlement.steps.next(now, editing.corrections, lane.run.clock.now())
            if not step.corrections:
                break
            page = Page((now,))
            lane.pipeline.announce(page)
            await lane.pipeline.process(page, priority=Priority.LIVE)
            await walk.settle()
            made = await walk.run.database.read(lambda db: self._journal(db, walk.run.run_id))
            self.planner.written = tuple(one for one in self.planner.edit.all if _was_written(one, made))
        return now

    async def _read(self, lane: Lane) -> Snapshot | None:
        read = await lane.kind.subjects.read([self.ref], priority=Priority.LIVE)
        self._refused = str(read.refused.get(self.ref, ""))
        found = read.found.get(self.ref)
        return found if isinstance(found, Snapshot) else None

    def _is_listed(self, db: sqlite_utils.Database) -> bool:
        return any(entry.ref == self.ref for entry in queue.given_up(db))

    def _journal(self, db: sqlite_utils.Database, run_id: int) -> tuple[JournalEntry, ...]:
        return tuple(history.iterate(db, Filter(item=self.ref, run_id=run_id)))

    def _ending(self, edit: AnyEdit, now: Snapshot | None, made: Iterable[JournalEntry]) -> Ending:
        rows = [entry for entry in made if _is_of(entry.correction, edit)]
        last = next((entry for entry in reversed(rows) if not entry.mends), None)
        there = there_now(now, edit)
        if any(entry.outcome is Outcome.INTENT for entry in rows):
            return Ending(edit, Fate.UNKNOWN, there)
        if now is None:
            return Ending(edit, Fate.REFUSED if self._refused else Fate.GONE, None, self._refused)
        if last is not None and last.outcome in _FATES:
            is_restored = last.outcome is not Outcome.REFUSED and len(rows) > 1 and rows[-1].mends
            detail = last.detail or "" if last.outcome is Outcome.REFUSED else ""
            return Ending(edit, Fate.RESTORED if is_restored else _FATES[last.outcome], there, detail)
        return Ending(edit, self._unwritten(edit, now), there)

    def _unwritten(self, edit: AnyEdit, now: Snapshot) -> Fate:
        if is_there(now, edit):
            return Fate.UNCHANGED
        if edit not in self._conflicts:
            return Fate.NOT_WRITTEN
        is_gone = there_now(now, edit) is None and not isinstance(edit, FieldEdit)
        return Fate.GONE if is_gone else Fate.CONFLICT


def _was_written(edit: AnyEdit, made: Iterable[JournalEntry]) -> bool:
    """Tell whether what a person wants stood there once, by a journal; the portal may have made another thing of it."""
    rows = (entry for entry in made if entry.outcome in _MADE and not entry.mends)
    return any(_is_of(row.correction, edit) and same_text(row.after, shown(wanted_of(edit))) for row in rows)


def _is_of(correction: Correction, edit: AnyEdit) -> bool:
    """Tell whether a row of the journal is of a change; what brings a person's entry back has an id of its own."""
    if isinstance(edit, FieldEdit):
        return isinstance(correction, SetField) and correction.field == edit.field
    if isinstance(correction, SetField) or not only_points([correction]):
        return False
    point: PointCorrection
    (point,) = only_points([correction])
    if point.kind is not edit.kind:
        return False
    if isinstance(point, AddPoint):
        return edit.point_id is None and point.after == edit.wanted
    return point.point_id == edit.point_id


def left_open(db: sqlite_utils.Database, ref: EntityRef) -> Parts:
    """Return what is to be read of an item so that its writes are judged whose outcome is not known yet."""
    intents = (one.intent.corrections for one in journal.open_intents(db) if one.intent.ref == ref)
    corrections = [each for of_one in intents for each in of_one]
    fields = frozenset(one.field for one in only_fields(corrections))
    return Parts(points=bool(only_points(corrections)), fields=fields)


async def fields_edited(references: References, corrections: Iterable[Correction]) -> EditedFields:
    """Return the fields that edits among corrections are of, as the portal tells them; none that it has no more.

    A type of which the portal tells nothing is left out.
    """
    names: dict[EntityType, dict[str, None]] = {}
    for one in only_fields(corrections):
        if one.job == EDITS:
            names.setdefault(one.ref.type, {})[one.field] = None
    found: dict[EntityType, tuple[WantedField, ...]] = {}
    for entity_type, of_type in names.items():
        with suppress(Rejected):
            known = await references.fields(entity_type)
            found[entity_type] = tuple(known[name] for name in of_type if name in known)
    return found


async def edits_left_open(database: Database, references: References) -> EditedFields:
    """Return the fields of edits whose outcome is not known: whoever reads them judges them."""
    left = await database.read(journal.open_intents)
    return await fields_edited(references, (each for one in left for each in one.intent.corrections))


def needed(edit: Edit, left_open: Parts, known: Mapping[str, WantedField]) -> Wanted:
    """Return what is to be read for an edit, besides what was `left_open`."""
    names = dict.fromkeys((*(one.field for one in edit.fields), *sorted(left_open.fields)))
    fields = tuple(known[name] for name in names if name in known)
    return Wanted(points=bool(edit.points) or left_open.points, fields=fields)
