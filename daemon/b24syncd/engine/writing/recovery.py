"""Recovery: intents without an outcome, after a lost answer or a dead process, are judged by reading.

An unanswered batch may go on running on the server until the portal cuts it, so nothing is judged before
`limits.request_cut_seconds` have passed since the request left. Until then the items stand in the queue and are not
written.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import units_of
from b24syncd.domain.descriptions import describe
from b24syncd.domain.holds import Hold
from b24syncd.domain.judging import Verdict
from b24syncd.domain.reasons import Reason
from b24syncd.engine.updates import Update
from b24syncd.feeders.queue import due_entries, due_page
from b24syncd.observe.logs import get_logger
from b24syncd.store import holds, journal, queue, runs
from b24syncd.store.journal import Outcome
from b24syncd.store.runs import Count
from b24syncd.store.times import after

from .judged import Judged, count, left_since, tell
from .pipeline import DueItems
from .refusals import REST

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    import sqlite_utils

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.engine.context import RunContext
    from b24syncd.feeders.queue import DuePage
    from b24syncd.portal.wire.commands import Priority
    from b24syncd.store.journal import OpenIntent
    from b24syncd.store.queue import QueueEntry

    from .pipeline import Pipeline
    from .settlement import Settlement

_OUTCOMES = {
    Verdict.DONE: Outcome.UNVERIFIED,
    Verdict.NOT_DONE: Outcome.NOT_SENT,
    Verdict.OVERTAKEN: Outcome.OVERTAKEN,
    Verdict.ELSEWHERE: Outcome.OVERTAKEN,
}

log = get_logger()


class Recovery:
    """Looks at queued items again, and closes the open intents among them."""

    def __init__(self, run: RunContext, pipeline: Pipeline, settlement: Settlement) -> None:
        """Recover for `run`; what has to be written goes through its pipeline."""
        self._run = run
        self._pipeline = pipeline
        self._settlement = settlement
        self._only: set[EntityRef] | None = None
        self._in_flight, self._claim = run.in_flight, run.claim

    def mind_only(self, refs: Iterable[EntityRef]) -> None:
        """Leave all others in the queue; further calls add to these."""
        self._only = (self._only or set()).union(refs)

    async def take_over(self) -> int:
        """Learn from the journal which items have an open intent, and queue them; return how many there are.

        Call it before anything is written, and whenever others may have left or judged some. What others have in hand
        is left to them; nothing of the caller's may be under way.
        """
        now, types, known = self._run.clock.now(), self._run.kind.types, self._settlement.unsettled
        before = self._in_flight.in_hand  # what is settled while the journal is read looks open there
        refused, intents = await self._run.database.read(
            lambda db: (journal.refused_since(db, now - REST, types), journal.open_intents(db))
        )
        self._settlement.refusals.remember(refused, now - REST)
        self._in_flight.leave_only(intent.intent.ref for intent in intents)
        in_hand = frozenset() if self._claim is not None else before | self._in_flight.in_hand
        left = tuple(one for one in self._own(intents) if one.intent.ref not in in_hand)
        self._settlement.leave_open(intent.intent.ref for intent in left)

        def announce(db: sqlite_utils.Database) -> None:
            for one in left:
                queue.add(db, [one.intent.ref], "unknown outcome", due_at=after(now, self._rest(one)))

        if left:
            await self._run.database.write(announce)
        if new := {one.intent.ref for one in left} - known:  # each round looks anew: what stays open is told once
            log.info("taking_over_open_intents", items=len(new))
        return len(left)

    async def look_again(self, *, priority: Priority, only_open: bool = False) -> int:
        """Take one page of due items through judging and the pipeline; return how many entries it had.

        Perhaps `only_open` ones: those that have an intent without an outcome.
        """
        async with self._in_flight.looking(partial(self._due, only_open=only_open)) as entries:
            if entries:
                await self._look_at(entries, priority)
            return len(entries)

    async def _due(self, *, only_open: bool) -> tuple[QueueEntry, ...]:
        for types, minded in self._minded(only_open=only_open):
            if found := await due_entries(self._run.database, self._run.clock, types, minded, self._left_to_others):
                return found
        return ()

    async def _look_at(self, entries: Sequence[QueueEntry], priority: Priority) -> None:
        all_open = await self._run.database.read(journal.open_intents) if self._settlement.unsettled else ()
        rests = {intent.intent.ref: rest for intent in all_open if (rest := self._rest(intent)) > 0}  # before reading
        due = await due_page(entries, partial(self._run.kind.subjects.read, priority=priority))
        unsettled = {entry.ref for entry in due.entries} & self._settlement.unsettled
        now_open = await self._run.database.read(journal.open_intents) if unsettled else ()
        unripe = {ref: rest for ref, rest in rests.items() if ref in unsettled}
        await self._put_back(due, unripe)
        held_back = unripe.keys() | due.refused.keys()  # what is not shown tells nothing, and may be owed
        # since the entries were read; what was left open since may have been read before it was written
        held_back |= unsettled.intersection((*self._claimed_by_others, *left_since(all_open, now_open)))
        judged = unsettled - held_back
        ripe = [intent for intent in all_open if intent.intent.ref in judged]
        with self._in_flight.holding(judged):  # who claims one of them waits until it is judged
            repairs = await self._judge(ripe, {snapshot.ref: snapshot for snapshot in due.page.snapshots})
            self._settlement.close(judged)
        left, page = self._run.kind.left_types, due.page
        done = tuple(entry for entry in due.entries if entry.ref not in held_back and entry.ref.type not in left)
        if ripe:  # it was read before that was judged, which has told of the past
            page = replace(page, snapshots=await self._run.kind.subjects.recall(page.snapshots))
        self._pipeline.announce(page)
        await self._pipeline.process(page, priority=priority, due=DueItems(done, repairs, due.gone))

    async def seconds_until_due(self) -> float | None:
        """Return how long the queue's next entry rests, 0 if it is due, None for an empty queue."""
        minded, others = self._minded(), self._left_to_others

        def next_due(db: sqlite_utils.Database) -> datetime | None:
            found = (queue.next_due_at(db, types=types, only=only, but=others) for types, only in minded)
            return min((due_at for due_at in found if due_at is not None), default=None)

        due_at = await self._run.database.read(next_due)
        return None if due_at is None else max(0.0, (due_at - self._run.clock.now()).total_seconds())

    def _minded(
        self, *, only_open: bool = False
    ) -> tuple[tuple[tuple[EntityType, ...], tuple[EntityRef, ...] | None], ...]:
        """Whose entries are looked at, by types: all, or only some; of types that are left out only what is open."""
        kind = self._run.kind
        left = kind.types if only_open else kind.left_types
        free = tuple(entity_type for entity_type in kind.types if entity_type not in left)
        only = self._only if self._claim is None else self._claim.refs
        rest = tuple(one for one in kind.types if one in left and not kind.planner.is_idle(one))
        unsettled = (ref for ref in self._settlement.unsettled if self._in_flight.may_touch(ref, self._claim))
        both = ((free, None if only is None else tuple(only)), (rest, tuple(unsettled)))
        return tuple((types, some) for types, some in both if types)

    def _own(self, intents: Iterable[OpenIntent]) -> tuple[OpenIntent, ...]:
        """Return those of this kind, but what was told already to wait for jobs that rest."""
        own = (one for one in intents if one.intent.ref.type in self._run.kind.types)
        may_touch = partial(self._in_flight.may_touch, claim=self._claim)
        return tuple(one for one in own if may_touch(one.intent.ref) and self._is_minded(one))

    @property
    def _left_to_others(self) -> tuple[EntityRef, ...]:  # who looks at what is claimed leaves that alone
        return (*self._claimed_by_others, *(self._in_flight.looked_at if self._claim is None else ()))

    @property
    def _claimed_by_others(self) -> tuple[EntityRef, ...]:
        return tuple(ref for ref in self._in_flight.claimed if self._in_flight.is_claimed(ref, self._claim))

    def _is_minded(self, intent: OpenIntent) -> bool:
        """Tell whether an item must not be written: a job works that it is of, or it has not been looked at yet."""
        at_rest = self._run.kind.planner.at_rest
        works = any(each.job not in at_rest for each in intent.intent.corrections)
        return works or intent.intent.ref in self._settlement.unsettled or self._rest(intent) > 0

    def _rest(self, intent: OpenIntent) -> float:
        return self._run.seconds_until_cut(intent.sent_at)

    async def _put_back(self, due: DuePage, unripe: dict[EntityRef, float]) -> None:
        """Keep in the queue what cannot be judged yet, and give up what the portal refuses to show."""
        now = self._run.clock.now()

        def put_back(db: sqlite_utils.Database) -> None:
            for entry in due.entries:
                if entry.ref in unripe:
                    queue.done(db, entry.ref, revision=entry.revision)
                    queue.add(db, [entry.ref], entry.reason, due_at=after(now, unripe[entry.ref]))
            for ref, rejected in due.refused.items():
                queue.give_up(db, ref, "refused", str(rejected), now=now)
            runs.add_counts(db, self._run.run_id, counts)

        counts = {Count.FAILED.value: len(due.refused)}
        if unripe or due.refused:
            await self._run.database.write(put_back)
            self._run.tally.take_in(counts)

    async def _judge(
        self, intents: Iterable[OpenIntent], snapshots: dict[EntityRef, AnySnapshot]
    ) -> tuple[Update, ...]:
        """Close intents by what was read of their items; return the repairs that are still owed to a person."""
        judged: list[Judged] = []
        repairs: list[tuple[Judged, Update]] = []
        failing: list[tuple[AnySnapshot, tuple[Correction, ...]]] = []
        for intent in intents:
            snapshot = snapshots.get(intent.intent.ref)
            one = Judged(intent)
            judged.append(one)
            if snapshot is None:
                one.parts.append((Outcome.OVERTAKEN, intent.intent.corrections))
                continue
            owed = self._judge_parts(one, snapshot, failing)
            if owed:
                repairs.append((one, Update(snapshot, owed, repair_batch=intent.batch)))
        await self._close(judged)
        if failing:
            await self._settlement.give_up(failing)
        return tuple([await self._owed(one, repair) for one, repair in repairs])

    def _judge_parts(
        self, judged: Judged, snapshot: AnySnapshot, failing: list[tuple[AnySnapshot, tuple[Correction, ...]]]
    ) -> tuple[Correction, ...]:
        """Judge an intent part by part; return what of it is still owed to a person."""
        intent, judge = judged.intent, self._run.kind.judge
        base, whole = intent.intent.base, intent.intent.corrections
        fails = self._settlement.failures.are_too_many(snapshot.ref)
        owed: list[Correction] = []
        if fails and len(units_of(whole)) > 1:
            self._settlement.steps.go_apart(snapshot.ref)
            fails = False
        for verdict, part in judge.verdicts(base, whole, snapshot.state):
            if verdict is Verdict.ELSEWHERE and (intent.mends or self._run.kind.leaves_to(part[0].job)):
                self._settlement.digest.add("still_open", snapshot.ref, "it is of a field that this run does not read")
                judged.stays_open = True
                continue
            needed = judge.still_needed(part, snapshot.state)
            is_made = verdict is Verdict.DONE or judge.was_made(part, snapshot.state)
            is_owed = bool(intent.mends and needed and not is_made)
            if fails and (is_owed or verdict is Verdict.NOT_DONE):
                judged.parts.append((Outcome.REFUSED, part))
                failing.append((snapshot, part))
            elif is_owed:
                owed += needed
                judged.owed += part
            elif verdict is Verdict.OVERTAKEN:
                seen = judge.visible(base, part, snapshot.state)
                judged.parts.append((Outcome.UNVERIFIED, seen))
                judged.parts.append((Outcome.OVERTAKEN, tuple(each for each in part if each not in seen)))
                if lost := judge.perhaps_lost(base, part, snapshot.state):
                    judged.doubts.append(self._doubt(lost))
            else:
                judged.parts.append((_OUTCOMES[verdict], part))
        return tuple(owed)

    def _doubt(self, lost: Sequence[Correction]) -> Hold:
        """Ask a person: either somebody deleted what was split off, or the portal died before it saved that.

        `lost` would take back the part of the write that shows.
        """
        first = lost[0]
        detail = "; ".join(describe(back).reversed().between("→") for back in lost)
        self._settlement.digest.add("perhaps_lost", first.ref, "a person is asked, for a part of a write shows")
        return Hold(first.ref, first.job, self._run.run_id, Reason.HALF_MADE, detail)

    async def _close(self, judged: Sequence[Judged]) -> None:
        now = self._run.clock.now()
        doubts = [doubt for one in judged for doubt in one.doubts]
        for doubt in doubts:
            self._run.kind.planner.hold(doubt)

        def close(db: sqlite_utils.Database) -> Counter[str]:
            holds.hold(db, doubts, now=now)
            counts = count(db, self._run.run_id, judged)
            for one in judged:
                for outcome, part in one.parts:
                    journal.settle_some(db, one.intent.batch, part, outcome, now=now)
                if not (one.owed or one.stays_open):
                    # closes what is left of it, where two corrections are one to the journal
                    journal.settle(db, one.intent.batch, one.intent.intent.ref, one.parts[-1][0], now=now)
            return counts

        if judged:
            self._run.tally.take_in(await self._run.database.write(close))
            for doubt in doubts:
                self._run.kind.planner.hold(doubt)  # also where holds were read anew in between
            tell(judged)

    async def _owed(self, judged: Judged, repair: Update) -> Update:
        """Return a repair that is still owed; journalled anew where it is not all that the batch left open."""
        if repair.corrections == judged.owed and not judged.stays_open:
            return repair
        return await self._settlement.reopen_repairs(repair, judged.owed if judged.stays_open else None)
