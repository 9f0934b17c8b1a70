"""Deciding: what a person decided of reviews is written, item by item, by the same writer as every correction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.domain.decisions import Deciding, Decision, Kept, LeftOpen
from b24syncd.domain.plans import Plan
from b24syncd.feeders.pages import Page
from b24syncd.jobs.decisions import decide
from b24syncd.store import accepted, queue

from .planning import Planner
from .selection import MOST_PASSES, claiming, of_kind, of_no_kind, read_each

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence

    import sqlite_utils

    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.rules import Rules
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.engine.writing.lane import Lane

    from .backfill import Backfill
    from .planning import Guard
    from .subjects import Kind

_AT_ONCE = 50
"""Items that are claimed together: others wait for them, and for no more."""

_LOOK_AGAIN = frozenset({Kept.CHANGED, Kept.GONE, Kept.STALE})
"""What the jobs are to look at, so that the review becomes what it should be."""


class DecidingPlanner(Planner):
    """Plans what writes the decisions that are to be written; nothing else is touched, whatever holds a job off."""

    def __init__(self, rules: Mapping[str, Rules], guard: Guard) -> None:
        """Plan by the rules of the jobs, within what `guard` allows."""
        super().__init__((), guard)
        self._rules = rules
        self._may_touch = guard.allows
        self.decisions: dict[EntityRef, tuple[Decision, ...]] = {}

    def set_decisions(self, decisions: Iterable[Decision]) -> None:
        """Plan these, and nothing else, from now on."""
        self.decisions = {}
        for decision in decisions:
            self.decisions[decision.ref] = (*self.decisions.get(decision.ref, ()), decision)

    def refs_of(self, kind: Kind) -> tuple[EntityRef, ...]:
        """Return the items of one kind that are decided about, in the order of ids."""
        return of_kind(self.decisions, kind)

    def of_no_kind(self, kinds: Iterable[Kind]) -> tuple[LeftOpen, ...]:
        """Return what is of none of these kinds, because the configuration does not tell of it any more."""
        unknown = of_no_kind(self.decisions, kinds)
        return tuple(left for ref in unknown for left in _all_left(self.decisions[ref], Kept.NOT_CONFIGURED))

    def plan(self, snapshot: AnySnapshot) -> Plan:
        """Return what writes the decisions about this item."""
        return Plan(self.decide(snapshot).corrections)

    def decide(self, snapshot: AnySnapshot) -> Deciding:
        """Return what writes the decisions about this item, and what is left of them, and why."""
        decisions = self.decisions.get(snapshot.ref, ())
        if not self._may_touch(snapshot.ref):
            return Deciding(left=_all_left(decisions, Kept.EXCLUDED))
        return decide(snapshot, decisions, self._rules)

    def leave(self, ref: EntityRef, is_refused: bool) -> Deciding:  # noqa: FBT001 # as `read_each` tells it
        """Return that nothing is written about an item that was not read."""
        return Deciding(left=_all_left(self.decisions.get(ref, ()), Kept.REFUSED if is_refused else Kept.GONE))


@dataclass(slots=True)
class Decide:
    """Writes decisions; in the end `accepted` are the numbers of the reviews of which it did, `left` the others."""

    planner: DecidingPlanner
    decisions: Sequence[Decision]
    accepted: set[int] = field(default_factory=set)
    left: dict[int, LeftOpen] = field(default_factory=dict)
    _again: list[EntityRef] = field(default_factory=list)
    _tried: set[int] = field(default_factory=set)
    """Whose value still stood: what an earlier run wrote in its place is of another time."""

    async def decide(self, walk: Backfill) -> None:
        """Write some at a time, which nobody else touches meanwhile, until nothing more can be written."""
        of_no_kind = self.planner.of_no_kind(lane.kind for lane in walk.lanes)
        self.left |= {left.decision.review_id: left for left in of_no_kind}
        for lane in walk.lanes:
            refs = self.planner.refs_of(lane.kind)
            walk.progress.expect_items(len(refs))
            for first in range(0, len(refs), _AT_ONCE):
                if not walk.is_stopping:
                    some = refs[first : first + _AT_ONCE]
                    async with claiming(walk, some):
                        # after the claim, which remembers them: a person asks for it, and may have mended the cause
                        lane.settlement.refusals.forget()
                        await self._write(walk, lane, some)
        await self._have_looked_at(walk)

    async def _write(self, walk: Backfill, lane: Lane, refs: Sequence[EntityRef]) -> None:
        left, again = refs, 0
        for _ in range(MOST_PASSES):
            if not left or walk.is_stopping:
                break
            self._again = []
            await walk.process(lane, self._pages(walk, lane, left), expected=again)
            await self._note(lane, frozenset(refs))
            left = [ref for ref in self._again if ref in self.planner.decisions]
            again = len(left)

    def finish(self) -> tuple[LeftOpen, ...]:
        """Return what is left in the order of the decisions, with what was not come to."""
        of_no_outcome = (each for each in self.decisions if each.review_id not in self.accepted | self.left.keys())
        left = self.left | {each.review_id: LeftOpen(each, Kept.NOT_WRITTEN) for each in of_no_outcome}
        order = dict.fromkeys(each.review_id for each in self.decisions)
        return tuple(left[review_id] for review_id in order if review_id in left)

    async def _note(self, lane: Lane, refs: Collection[EntityRef]) -> None:
        """Close the reviews of these items whose decisions are written, and plan the others only.

        What an earlier process wrote before it died counts where the portal shows it.
        """
        run_id, now = lane.run.run_id, lane.run.clock.now()
        open_ones = [each for each in self.decisions if each.review_id not in self.accepted and each.ref in refs]
        letters = [each for each in open_ones if each.to_the_letter]

        def note(db: sqlite_utils.Database) -> set[int]:
            written = {
                each.review_id
                for each in letters
                if accepted.note_as_written(db, each.review_id, run_id, each.value, each.becomes, now=now)
            }
            left = {each.review_id for each in open_ones} - written
            now_written = accepted.note(db, left & self._tried, now=now, run_id=run_id)
            return written | now_written | accepted.note(db, left & self.left.keys() - self._tried, now=now)

        self.accepted |= await lane.run.database.write(note)
        for review_id in self.accepted & self.left.keys():
            del self.left[review_id]
        self.planner.set_decisions(each for each in self.decisions if each.review_id not in self.accepted)

    async def _pages(self, walk: Backfill, lane: Lane, refs: Sequence[EntityRef]) -> AsyncIterator[Page]:
        subjects, planner = lane.kind.subjects, self.planner
        async for found, decidings in read_each(subjects, refs, planner.decide, planner.leave, priority=walk.priority):
            self._look_at(lane, found, decidings)
            yield Page(found)

    def _look_at(self, lane: Lane, found: Iterable[AnySnapshot], decidings: Mapping[EntityRef, Deciding]) -> None:
        """Note what is left, and what is to be looked at again; what the portal refused is not tried again."""
        snapshots = {snapshot.ref: snapshot for snapshot in found}
        for ref, deciding in decidings.items():
            left = {one.decision.review_id: one for one in deciding.left}
            decided_now = {each.review_id for each in self.planner.decisions.get(ref, ())} - left.keys()
            self._tried = self._tried - left.keys() | decided_now
            if deciding.corrections:
                step = lane.settlement.steps.next(snapshots[ref], deciding.corrections, lane.run.clock.now())
                if step.corrections:
                    self._again.append(ref)
                refused = {correction.job for correction in step.refused}
                decided = [each for each in self.planner.decisions[ref] if each.review_id not in left]
                of_refused = [each for each in decided if each.job in refused]
                left |= {one.decision.review_id: one for one in _all_left(of_refused, Kept.REFUSED)}
            self.left |= left

    async def _have_looked_at(self, walk: Backfill) -> None:
        """Let the jobs look at what they asked about and is not so any more: the review closes, or changes."""
        types = {entity_type for lane in walk.lanes for entity_type in lane.kind.types}
        refs = {
            one.decision.ref: None
            for one in self.left.values()
            if one.why in _LOOK_AGAIN and one.decision.ref.type in types
        }
        now = walk.run.clock.now()
        if refs:
            await walk.run.database.write(lambda db: queue.add(db, list(refs), "review", due_at=now))


async def rehearse_decisions(
    kinds: Iterable[Kind], planner: DecidingPlanner, report: Callable[[Deciding], None]
) -> None:
    """Hand to `report` what would be written of the decisions about each item; write nothing."""
    for kind in kinds:
        async for _, decidings in read_each(kind.subjects, planner.refs_of(kind), planner.decide, planner.leave):
            for deciding in decidings.values():
                report(deciding)
    report(Deciding(left=planner.of_no_kind(kinds)))


def _all_left(decisions: Iterable[Decision], why: Kept) -> tuple[LeftOpen, ...]:
    return tuple(LeftOpen(decision, why) for decision in decisions)
