"""The pipeline: a page of snapshots is planned, applied and settled as one unit, and its cursor moves with it."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from b24syncd.engine.region import RegionCheck
from b24syncd.engine.updates import PendingUpdates, Update, nobody
from b24syncd.jobs.phones.countries import countries_of
from b24syncd.portal.wire.commands import Priority
from b24syncd.store import cursors, journal, queue, reviews, runs
from b24syncd.store.runs import Count

from .flips import Flips

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import sqlite_utils

    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.plans import Plan, Review
    from b24syncd.engine.context import RunContext
    from b24syncd.engine.updates import Left
    from b24syncd.feeders.pages import Page
    from b24syncd.store.queue import QueueEntry

    from .settlement import Settlement
    from .writer import Writer


@dataclass(frozen=True, slots=True)
class DueItems:
    """What a page from the queue brings along: the entries it settles, repairs still owed, and items that are gone."""

    entries: tuple[QueueEntry, ...] = ()
    repairs: tuple[Update, ...] = ()
    gone: tuple[EntityRef, ...] = ()


class Pipeline:
    """Takes pages through planning, writing and settling, for one run."""

    def __init__(self, run: RunContext, writer: Writer, settlement: Settlement) -> None:
        """Work for `run`; its counts are stored with every settled page."""
        self._run = run
        self._writer = writer
        self._settlement = settlement
        self._flips = Flips(run)
        self.region = RegionCheck(run)
        self._announced: deque[Page] = deque()
        self._settled: set[int] = set()
        self._asked_before: list[Review] = []
        self._read_of_step: list[EntityRef] = []

    def announce(self, page: Page) -> None:
        """Take note of a page in the order of its feeder, before `take` begins; cursors move in this order only."""
        self._announced.append(page)

    def forget(self) -> None:
        """Drop announced pages that were not settled: their feeder reads them again from its cursor."""
        self._announced.clear()
        self._settled.clear()
        self._asked_before.clear()
        self._read_of_step.clear()

    async def process(
        self,
        page: Page,
        *,
        priority: Priority,
        due: DueItems | None = None,
        note_left: Left = nobody,
    ) -> bool:
        """Plan, apply and settle an announced page; return False for one that was cut short by a stop: it stays open.

        `due` tells what else is to be done for a page that came from the queue. `note_left` is told how many updates
        are still to be written.
        """
        try:
            return await self._process(page, priority, due or DueItems(), note_left)
        finally:
            self._settlement.digest.tell()

    async def _process(self, page: Page, priority: Priority, due: DueItems, note_left: Left) -> bool:
        mending = {update.ref for update in due.repairs}
        plans: dict[EntityRef, Plan] = {}
        updates: list[Update] = []
        counts: Counter[str] = Counter()
        left_open: set[EntityRef] = set()
        for snapshot in page.snapshots:
            if snapshot.ref in self._settlement.unsettled:
                left_open.add(snapshot.ref)
                continue
            if snapshot.ref in mending:
                continue
            plan = self._run.kind.planner.plan(snapshot)
            if plan.corrections:
                step = self._settlement.steps.next(snapshot, plan.corrections, self._run.clock.now())
                if step.corrections:
                    updates.append(Update(snapshot, step.corrections))
                plan += step.reviews
                counts[Count.FAILED] += step.detail is not None
            plans[snapshot.ref] = plan
        updates = await self._without_flips(updates, plans)
        await self.region.check(page, updates, priority)
        if not self._run.safety.check_share(len(page.snapshots), len(updates)):
            # no limit keeps back what people are owed
            await self._writer.apply(PendingUpdates(deque(due.repairs), priority))
            return False
        pending = deque([*due.repairs, *updates])
        work = PendingUpdates(pending, priority, not page.looks_again, note_left, left_open=left_open)
        applied = await self._writer.apply(work)
        if applied.is_complete:
            await self._settle(page, plans | applied.replanned, due, counts, work)
        return applied.is_complete

    async def _without_flips(self, updates: list[Update], plans: dict[EntityRef, Plan]) -> list[Update]:
        """Leave out what alternates; planned again, it asks a person."""
        looked_at, left = updates, [*updates]
        while aside := await self._flips.set_aside(looked_at):
            again = {one.ref: one.snapshot for one in looked_at if one.ref in aside}
            plans |= {ref: self._run.kind.planner.plan(snapshot) for ref, snapshot in again.items()}
            now = self._run.clock.now()
            steps = [(one, self._settlement.steps.next(one, plans[ref].corrections, now)) for ref, one in again.items()]
            looked_at = [Update(snapshot, step.corrections) for snapshot, step in steps if step.corrections]
            left = [update for update in left if update.ref not in aside] + looked_at
        return left

    async def _settle(
        self, page: Page, plans: Mapping[EntityRef, Plan], due: DueItems, counts: Counter[str], work: PendingUpdates
    ) -> None:
        outdated = self._outdated(page, work.priority)
        if work.priority is Priority.LIVE:
            self._run.in_flight.passed.note(snapshot.ref for snapshot in page.snapshots)
        asked_for = [one for one in self._asked_for(page, plans, {*due.gone, *page.covers}) if one[0] not in outdated]
        refused = {ref: why for ref, why in page.refused.items() if ref not in self._settlement.unsettled}
        counts[Count.FAILED] += len(refused)
        for ref, rejected in refused.items():
            self._run.safety.note_refused(ref, rejected)
        finished = [ref for ref, plan in plans.items() if self._is_finished(ref, plan) and ref not in outdated]
        passed = self._passed_with(page)  # nothing is awaited from here on, so that moves are stored in their order
        read = self._read_with(passed)
        now = self._run.clock.now()
        judged_at = now + timedelta(seconds=self._run.request_cut_seconds)
        span = page.span

        def settle(db: sqlite_utils.Database) -> None:
            counted = journal.corrected_in(db, self._run.run_id, read) or frozenset()
            counts[Count.READ] += sum(ref not in counted for ref in read)
            counts[Count.REVIEWS] += reviews.replace_for_page(db, asked_for, now=now, countries_of=countries_of)
            if span is not None:  # nothing else tells of deleted items: they are never announced
                key = (span.job, span.point_id)
                reviews.close_missing(db, span.entity_type, span.ids, span.present, at=span.asked_at, only=key)
                if span.job is None:
                    queue.forget_missing(db, span.entity_type, span.ids, span.present)
            queue.forget_given_up(db, finished)
            for ref, rejected in refused.items():
                queue.give_up(db, ref, "not read", str(rejected), now=now)
            queue.add(db, filter(self._run.kind.planner.allows, outdated), "review", due_at=now)
            # whoever left them open may not have had the time to say so, or may never have sent anything
            queue.keep(db, work.left_open, "unknown outcome", due_at=judged_at)
            for entry in due.entries:
                queue.done(db, entry.ref, revision=entry.revision)
            for move in (each.move for each in passed if each.move is not None):
                cursors.put(db, move.name, move.position, now=now)
            runs.add_counts(db, self._run.run_id, counts)

        await self._run.database.write(settle)
        self._run.tally.take_in(counts)

    def _is_finished(self, ref: EntityRef, plan: Plan) -> bool:
        return not plan.corrections and self._run.kind.is_whole(ref, plan)

    def _outdated(self, page: Page, priority: Priority) -> frozenset[EntityRef]:
        """Return the items that something which passed this page has had: what was read tells too little."""
        in_flight, claim, allows = self._run.in_flight, self._run.claim, self._run.kind.planner.allows
        may_be_passed = priority is not Priority.LIVE
        return frozenset(
            one.ref
            for one in page.snapshots
            if in_flight.was_claimed_since(one, claim)
            or (may_be_passed and in_flight.passed.since(one))
            or not allows(one.ref)
        )

    def _read_with(self, passed: Iterable[Page]) -> list[EntityRef]:
        """Return what was read up to where a cursor moves: what lies behind it will be read again, and is counted then.

        So is a step of a walk that is not settled as a whole, for only its last page moves the cursor. What has an open
        intent is counted when that is judged.
        """
        read: list[EntityRef] = []
        for page in passed:
            if not page.looks_again:
                self._read_of_step += [snapshot.ref for snapshot in page.snapshots]
            if not page.goes_on:
                read, self._read_of_step = [*read, *self._read_of_step], []
        return [ref for ref in read if ref not in self._settlement.unsettled]

    def _asked_for(
        self, page: Page, plans: Mapping[EntityRef, Plan], complete: Collection[EntityRef]
    ) -> list[tuple[EntityRef, frozenset[str], tuple[Review, ...]]]:
        """Return the reviews by the item that they are of; those that are not asked for close, where a job tells so.

        Of a `complete` item every job does, of another one those that planned it. One that a page covers is told by the
        pages before as well.
        """
        by_ref: dict[EntityRef, dict[Review, None]] = {ref: {} for ref in (*plans, *complete)}
        for review in self._asked_before:
            if review.ref in complete:
                by_ref[review.ref][review] = None
        asked = [review for plan in plans.values() for review in plan.reviews]
        for review in asked:
            by_ref.setdefault(review.ref, {})[review] = None
        self._asked_before = [*self._asked_before, *asked] if page.goes_on else []
        ran = {ref: plan.ran for ref, plan in plans.items()} | dict.fromkeys(complete, self._run.kind.planner.all_jobs)
        return [(ref, ran.get(ref, frozenset()), tuple(asked)) for ref, asked in by_ref.items()]

    def _passed_with(self, page: Page) -> tuple[Page, ...]:
        """Return the pages whose moves become safe with this one: the contiguous settled ones at the front."""
        self._settled.add(id(page))
        passed: list[Page] = []
        while self._announced and id(self._announced[0]) in self._settled:
            front = self._announced.popleft()
            self._settled.discard(id(front))
            passed.append(front)
        return tuple(passed)
