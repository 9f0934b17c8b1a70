"""Recovery: intents without an outcome, after a lost answer or a dead process, are judged by reading.

An unanswered batch may go on running on the server until the portal cuts it, so nothing is judged before
`limits.request_cut_seconds` have passed since the request left. Until then the items stand in the queue and are not
written.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from b24syncd.domain.descriptions import describe
from b24syncd.domain.holds import Hold
from b24syncd.domain.judging import Verdict
from b24syncd.domain.reasons import Reason
from b24syncd.feeders.queue import due_page
from b24syncd.observe.logs import get_logger
from b24syncd.store import holds, journal, queue
from b24syncd.store.journal import Outcome

from .pipeline import DueItems
from .refusals import REST
from .tally import Count
from .targets import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import sqlite_utils

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.feeders.pages import Page
    from b24syncd.feeders.queue import DuePage
    from b24syncd.portal.commands import Priority
    from b24syncd.store.journal import OpenIntent

    from .context import RunContext
    from .pipeline import Pipeline
    from .settlement import Settlement

    _Judged = tuple[OpenIntent, Outcome, tuple[Correction, ...]]

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

    def mind_only(self, refs: Iterable[EntityRef]) -> None:
        """Leave all others in the queue; further calls add to these."""
        self._only = (self._only or set()).union(refs)

    async def take_over(self) -> int:
        """Queue the items of intents that an earlier process left open; return how many there are.

        Call it before anything is written.
        """
        now = self._run.clock.now()

        def take_over(db: sqlite_utils.Database) -> tuple[OpenIntent, ...]:
            self._settlement.refusals.remember(journal.refused_since(db, now - REST, self._run.kind.types))
            left = self._own(journal.open_intents(db))
            for intent in left:
                due_at = now + timedelta(seconds=self._rest(intent))
                queue.add(db, [intent.intent.ref], "unknown outcome", due_at=due_at)
            return left

        left = await self._run.database.write(take_over)
        self._settlement.unsettled.update(intent.intent.ref for intent in left)
        if left:
            log.info("taking_over_open_intents", items=len(left))
        return len(left)

    async def look_again(self, *, priority: Priority) -> int:
        """Take one page of due items through judging and the pipeline; return how many entries it had."""
        read = partial(self._run.kind.subjects.read, priority=priority)
        due = await due_page(self._run.database, read, self._run.clock, self._run.kind.types, self._minded)
        if due is None:
            return 0
        unsettled = {entry.ref for entry in due.entries} & self._settlement.unsettled
        open_intents = await self._run.database.read(journal.open_intents) if unsettled else ()
        open_intents = tuple(intent for intent in open_intents if intent.intent.ref in unsettled)
        unripe = {intent.intent.ref: self._rest(intent) for intent in open_intents if self._rest(intent) > 0}
        await self._put_back(due, unripe)
        self._run.tally.add(Count.FAILED, len(due.refused))
        held_back = unripe.keys() | due.refused.keys()  # what is not shown tells nothing, and may be owed
        ripe = [intent for intent in open_intents if intent.intent.ref not in held_back]
        repairs = await self._judge(ripe, {snapshot.ref: snapshot for snapshot in due.page.snapshots})
        self._settlement.unsettled -= unsettled - held_back
        entries = tuple(entry for entry in due.entries if entry.ref not in held_back)
        if self._run.kind.only_settles:
            entries = ()
        page = await self._recalled(due.page) if ripe else due.page
        self._pipeline.announce(page)
        await self._pipeline.take(page, priority=priority, due=DueItems(entries, repairs, due.gone))
        return len(due.entries)

    async def _recalled(self, page: Page) -> Page:
        """Return a page that was read before intents were judged, with what the judging told of the past."""
        recall = self._run.kind.recall
        return page if recall is None else replace(page, snapshots=await recall(page.snapshots))

    async def seconds_until_due(self) -> float | None:
        """Return how long the queue's next entry rests, 0 if it is due, None for an empty queue."""
        types, minded = self._run.kind.types, self._minded
        due_at = await self._run.database.read(lambda db: queue.next_due_at(db, types=types, only=minded))
        return None if due_at is None else max(0.0, (due_at - self._run.clock.now()).total_seconds())

    @property
    def _minded(self) -> tuple[EntityRef, ...] | None:
        """The items whose entries are looked at; None for all."""
        if self._run.kind.only_settles:
            return tuple(self._settlement.unsettled)
        return None if self._only is None else tuple(self._only)

    def _own(self, intents: Iterable[OpenIntent]) -> tuple[OpenIntent, ...]:
        return tuple(intent for intent in intents if intent.intent.ref.type in self._run.kind.types)

    def _rest(self, intent: OpenIntent) -> float:
        return self._run.seconds_until_cut(intent.sent_at)

    async def _put_back(self, due: DuePage, unripe: dict[EntityRef, float]) -> None:
        """Keep in the queue what cannot be judged yet, and give up what the portal refuses to show."""
        now = self._run.clock.now()

        def put_back(db: sqlite_utils.Database) -> None:
            for entry in due.entries:
                if entry.ref in unripe:
                    queue.done(db, entry.ref, revision=entry.revision)
                    queue.add(db, [entry.ref], entry.reason, due_at=now + timedelta(seconds=unripe[entry.ref]))
            for ref, rejected in due.refused.items():
                queue.give_up(db, ref, "refused", str(rejected), now=now)

        if unripe or due.refused:
            await self._run.database.write(put_back)

    async def _judge(
        self, intents: Iterable[OpenIntent], snapshots: dict[EntityRef, AnySnapshot]
    ) -> tuple[Target, ...]:
        """Close intents by what was read of their items; return the repairs that are still owed to a person."""
        judge = self._run.kind.judge
        outcomes: list[_Judged] = []
        repairs: list[Target] = []
        failing: list[AnySnapshot] = []
        doubts: list[Hold] = []
        for intent in intents:
            snapshot = snapshots.get(intent.intent.ref)
            verdict = Verdict.OVERTAKEN
            if snapshot is not None:
                verdict = judge.verdict(intent.intent.base, intent.intent.corrections, snapshot.state)
                if verdict is Verdict.ELSEWHERE and intent.mends:
                    log.warning("still_owed", ref=str(snapshot.ref), hint="it is of a field that is not configured")
                    continue
                needed = judge.still_needed(intent.intent.corrections, snapshot.state)
                is_made = verdict is Verdict.DONE or judge.was_made(intent.intent.corrections, snapshot.state)
                is_owed = bool(intent.mends and needed and not is_made)
                if self._settlement.failures.are_too_many(snapshot.ref) and (is_owed or verdict is Verdict.NOT_DONE):
                    outcomes.append((intent, Outcome.REFUSED, ()))
                    failing.append(snapshot)
                    continue
                if is_owed:
                    repairs.append(await self._owed(intent, Target(snapshot, needed, mending=intent.batch)))
                    continue
            seen: tuple[Correction, ...] = ()
            if snapshot is not None and verdict is Verdict.OVERTAKEN:
                seen = judge.visible(intent.intent.base, intent.intent.corrections, snapshot.state)
                if lost := judge.perhaps_lost(intent.intent.base, intent.intent.corrections, snapshot.state):
                    doubts.append(self._doubt(lost))
            outcomes.append((intent, _OUTCOMES[verdict], seen))
        await self._close(outcomes, doubts)
        if failing:
            await self._settlement.give_up(failing)
        return tuple(repairs)

    def _doubt(self, lost: Sequence[Correction]) -> Hold:
        """Ask a person: either somebody deleted what was split off, or the portal died before it saved that.

        `lost` would take back the part of the write that shows.
        """
        first = lost[0]
        detail = "; ".join(describe(back).reversed().between("→") for back in lost)
        log.warning("perhaps_lost", ref=str(first.ref), detail=detail)
        return Hold(first.ref, first.job, self._run.run_id, Reason.HALF_MADE, detail)

    async def _close(self, outcomes: Sequence[_Judged], doubts: Sequence[Hold]) -> None:
        now = self._run.clock.now()
        for doubt in doubts:
            self._run.kind.planner.hold(doubt)

        def close(db: sqlite_utils.Database) -> None:
            holds.hold(db, doubts, now=now)
            for intent, outcome, seen in outcomes:
                journal.settle_visible(db, intent.batch, seen, now=now)
                journal.settle(db, intent.batch, intent.intent.ref, outcome, now=now)

        if outcomes:
            await self._run.database.write(close)
        for intent, outcome, seen in outcomes:
            self._count(intent, outcome, seen)

    async def _owed(self, intent: OpenIntent, repair: Target) -> Target:
        if repair.corrections == intent.intent.corrections:
            return repair
        return await self._settlement.reopen_repairs(repair)

    def _count(self, intent: OpenIntent, outcome: Outcome, seen: tuple[Correction, ...]) -> None:
        tally = self._run.tally
        made = intent.intent.corrections if outcome is Outcome.UNVERIFIED else seen
        if made:
            tally.add(Count.UNVERIFIED, len(made))
            tally.add(Count.CORRECTIONS, len(made))
            tally.add(Count.CORRECTED)
        if outcome is Outcome.OVERTAKEN and made != intent.intent.corrections:
            tally.add(Count.OVERTAKEN)
        log.info("judged", ref=str(intent.intent.ref), outcome=outcome.value)
