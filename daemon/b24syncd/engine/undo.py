"""Undo: what the journal tells is taken back, item by item, by the same writer as every correction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.domain.activities import ActivitySnapshot
from b24syncd.domain.corrections import touched
from b24syncd.domain.holds import Hold
from b24syncd.domain.job_names import EDITS
from b24syncd.domain.plans import Plan
from b24syncd.domain.reasons import Reason
from b24syncd.domain.snapshots import Snapshot
from b24syncd.domain.undoing import NotUndone, Undoing, Why, undo_additions, undo_fields
from b24syncd.domain.undoing_bindings import undo_bindings
from b24syncd.domain.undoing_edits import undo_point_edits, without_edits
from b24syncd.domain.undoing_points import undo_points
from b24syncd.feeders.pages import Page
from b24syncd.portal.wire.commands import Priority
from b24syncd.store import holds

from .planning import Planner
from .progress import ITEMS
from .selection import MOST_PASSES, read_each
from .tally import Count
from .undo_selection import UndoSelection, choose

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

    import sqlite_utils

    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.holds import Held
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.domain.undoing_points import Says
    from b24syncd.engine.writing.lane import Lane
    from b24syncd.store.history import Filter

    from .backfill import Backfill
    from .planning import Guard
    from .progress import Progress
    from .subjects import Kind


class UndoPlanner(Planner):
    """Plans what takes the chosen corrections back; what is not among them is left alone."""

    def __init__(self, guard: Guard, says: Says) -> None:
        """Plan within what `guard` allows; `says` reads contact points."""
        super().__init__((), guard)
        self._says = says
        self._may_touch = guard.allows
        self.chosen = UndoSelection({})

    def plan(self, snapshot: AnySnapshot) -> Plan:
        """Return what takes the corrections of this item back."""
        return Plan(self.undo(snapshot).corrections)

    def undo(self, snapshot: AnySnapshot) -> Undoing:
        """Return what takes the corrections of this item back, and what is left as it is, and why."""
        made = self.chosen.made.get(snapshot.ref, ())
        match snapshot:
            case ActivitySnapshot():
                undoing = undo_bindings(snapshot.state, made)
            case Snapshot():
                undoing = undo_points(snapshot.points, without_edits(made), self._says)
                undoing += undo_point_edits(snapshot.points, made)
                undoing += undo_fields(snapshot.state, made) + undo_additions(made)
        if undoing.corrections and not all(map(self._may_touch, (snapshot.ref, *touched(undoing.corrections)))):
            undoing = Undoing(left=tuple(NotUndone(correction, Why.EXCLUDED) for correction in made))
        replaced = tuple(
            NotUndone(correction, Why.CHANGED) for correction in self.chosen.replaced.get(snapshot.ref, ())
        )
        return undoing + Undoing(left=replaced)

    def leave(self, ref: EntityRef, is_refused: bool) -> Undoing:  # noqa: FBT001 # as `read_each` tells it
        """Return that all corrections of an item stay that was not read."""
        why = Why.REFUSED if is_refused else Why.GONE
        return Undoing(left=tuple(NotUndone(each, why) for each in self.chosen.all_of(ref)))


@dataclass(slots=True)
class Undo:
    """Takes back what is chosen, and holds it.

    In the end `left` is what stays as it is, and `holders` are the undos that hold what is chosen: this one, and those
    before it that did not come to their end.
    """

    planner: UndoPlanner
    which: Filter
    left: dict[EntityRef, tuple[NotUndone, ...]] = field(default_factory=dict)
    holders: tuple[int, ...] = ()
    _again: list[EntityRef] = field(default_factory=list)

    async def undo(self, walk: Backfill) -> None:
        """Judge what is open, choose, and take back until nothing more can be."""
        await walk.settle()
        database = walk.run.database
        self.planner.chosen = await database.read(lambda db: choose(db, self.which))
        self.left |= self.planner.chosen.left_out(lane.kind for lane in walk.lanes)
        for lane in walk.lanes:
            refs: Sequence[EntityRef] = self.planner.chosen.refs_of(lane.kind)
            for _ in range(MOST_PASSES):
                if not refs or walk.is_stopping:
                    break
                self._again = []
                await walk.process(lane, self._pages(lane, refs), expected=len(refs))
                refs = self._again
                self.planner.chosen = await database.read(lambda db: choose(db, self.which))
        now = walk.run.clock.now()
        await database.write(lambda db: holds.drop_unused(db, now=now))
        self.holders = await database.read(self._holders)

    def _holders(self, db: sqlite_utils.Database) -> tuple[int, ...]:
        chosen = {(ref, each.job) for ref, made in self.planner.chosen.made.items() for each in made}
        undone = [hold for hold in holds.standing(db) if hold.reason is Reason.UNDONE]
        return tuple(sorted({hold.run_id for hold in undone if hold.key in chosen}))

    async def _pages(self, lane: Lane, refs: Sequence[EntityRef]) -> AsyncIterator[Page]:
        async for found, undoings in read_each(lane.kind.subjects, refs, self.planner.undo, self.planner.leave):
            self._note(lane, found, undoings)
            await self._hold(lane, undoings)
            yield Page(found)

    def _note(self, lane: Lane, found: Iterable[AnySnapshot], undoings: Mapping[EntityRef, Undoing]) -> None:
        """Note what is left, and what is to be looked at again; what the portal refused is not tried again."""
        snapshots = {snapshot.ref: snapshot for snapshot in found}
        for ref, undoing in undoings.items():
            self.left[ref] = undoing.left
            if not undoing.corrections:
                continue
            step = lane.settlement.steps.next(snapshots[ref], undoing.corrections, lane.run.clock.now())
            if step.corrections:
                self._again.append(ref)
            self.left[ref] += tuple(NotUndone(correction, Why.REFUSED) for correction in step.refused)

    async def _hold(self, lane: Lane, undoings: Mapping[EntityRef, Undoing]) -> None:
        """Hold what will be taken back before it is, so that no crash leaves it to the job; edits are of none."""
        releases = self.planner.chosen.releases
        made = ((ref, one.job) for ref, undoing in undoings.items() for one in undoing.corrections)
        wanted = {(ref, job) for ref, job in made if job != EDITS}
        kept = {(ref, one.correction.job) for ref, undoing in undoings.items() for one in undoing.left}
        freed = {held: run_id for held, run_id in releases.items() if held[0] in undoings and held not in kept}
        now = lane.run.clock.now()

        def hold(db: sqlite_utils.Database) -> None:
            holds.take_back(db, freed, now=now)
            held = sorted(wanted - releases.keys(), key=_by_item)
            holds.hold(db, [Hold(ref, job, lane.run.run_id) for ref, job in held], now=now)

        if wanted or freed:
            await lane.run.database.write(hold)


async def rehearse(
    kinds: Iterable[Kind],
    planner: UndoPlanner,
    report: Callable[[Undoing], None],
    progress: Progress,
    *,
    priority: Priority = Priority.BACKFILL,
) -> None:
    """Hand to `report` what an undo would do with each item or activity; write nothing."""
    chosen = [(kind, planner.chosen.refs_of(kind)) for kind in kinds]
    progress.phase = "walking"
    progress.expect_items(sum(len(refs) for _, refs in chosen))
    for kind, refs in chosen:
        async for found, undoings in read_each(kind.subjects, refs, planner.undo, planner.leave, priority=priority):
            progress.tally.add(Count.READ, len(found))
            for undoing in undoings.values():
                progress.tally.add(Count.CORRECTED, bool(undoing.corrections))
                progress.tally.add(Count.CORRECTIONS, len(undoing.corrections))
                report(undoing)
            progress.settle(progress.take(ITEMS, len(undoings), len(undoings)))
    for left in planner.chosen.left_out(kinds).values():
        report(Undoing(left=left))


def _by_item(held: Held) -> tuple[str, int, str]:
    ref, job = held
    return ref.type.value, ref.id, job
