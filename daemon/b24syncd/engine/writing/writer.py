"""The writer: witnessed batches, each with its intents in the journal before it leaves and settled after it.

An update waits here until the limits let it go. Its snapshot must be young when the batch leaves, so one worker at a
time re-reads old snapshots and sends its batch; waiting for the answer and settling overlap with the next turn. What is
live has turns of its own: a backfill may wait for minutes in its turn, until operating time is free again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import only_fields
from b24syncd.domain.plans import Plan
from b24syncd.engine.safety import Limit
from b24syncd.engine.updates import Applied, SentBatch, Update
from b24syncd.errors import OutcomeUnknown
from b24syncd.portal.wire.commands import Priority
from b24syncd.store import journal
from b24syncd.task_group import Tasks, signing_until

from .ahead import YOUNG_SECONDS, Ahead
from .turn import Turn
from .unsettled import UnsettledBatches

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    import sqlite_utils

    from b24syncd.domain.states import AnySnapshot
    from b24syncd.engine.context import RunContext
    from b24syncd.engine.updates import PendingUpdates
    from b24syncd.portal.writes import Write, WriteOutcome

    from .settlement import Settlement

_READ_AND_WRITE = 2


class _TooOldError(Exception):
    """The snapshots aged while the batch waited for its turn; nothing was sent."""


class Writer:
    """Applies updates; every item of theirs is settled, queued or given up when `apply` returns."""

    def __init__(self, run: RunContext, settlement: Settlement) -> None:
        """Write for `run`; what is sent is settled by `settlement`."""
        self._run = run
        self._settlement = settlement
        self._young_seconds = max(YOUNG_SECONDS, run.longest_turn_seconds)
        self._turns = {priority: asyncio.Lock() for priority in Priority}
        self._last: dict[Priority, asyncio.Event] = {}
        self._under_way, self._is_told_to_stop = 0, False
        self._unsettled = UnsettledBatches()
        self._ahead = Ahead(run.workers, self._young_seconds, run.kind.subjects.renewed_by_request)
        self._in_flight, self._claim = run.in_flight, run.claim
        self._in_flight.remember(self._young_seconds)

    def stop(self) -> None:
        """Send nothing more; what is under way is settled."""
        self._is_told_to_stop = True

    @property
    def stopping(self) -> bool:
        """Whether nothing more is sent, but what people are owed: somebody said so, or a safety limit."""
        return self._is_told_to_stop or self._run.safety.reason is not None

    async def apply(self, work: PendingUpdates) -> Applied:
        """Write what is pending; incomplete only when it was `stopping` meanwhile."""
        if work.pending:
            with self._in_flight.applying(work):
                async with self._in_order(work), Tasks() as group:
                    for _ in range(min(self._run.workers, len(work.pending))):
                        group.create_task(self._write_all(work))
        return Applied(work.replanned, is_complete=not work.pending and not work.is_cut)

    @asynccontextmanager
    async def _in_order(self, work: PendingUpdates) -> AsyncIterator[None]:
        """Wait until the work that came before has handed out its last updates.

        Two that take turns would read the same items again and again: the snapshots of one age while the other sends.
        """
        before, self._last[work.priority] = self._last.get(work.priority), work.handed_out
        try:
            if before is not None:
                await before.wait()
            yield
        finally:
            work.handed_out.set()

    async def _write_all(self, work: PendingUpdates) -> None:
        while self._has_work(work):
            async with Turn(self._turns[work.priority]) as turn:
                await self._until_more_follow(work)
                chunk = await self._next_chunk(work)
                if not chunk:
                    freed = self._in_flight.until_freed(work.pending, self._claim)
                    turn.end()
                    if freed is not None:
                        await signing_until(freed, self._run.client.waits.sign)
                    continue
                batch = SentBatch(self._run.batch_ids(), chunk)
                refs = {update.ref for update in chunk}
                with self._unsettled.settling(), self._in_flight.holding(refs), work.counting(len(chunk)):
                    await self._write(batch, work, turn)

    async def _write(self, batch: SentBatch, work: PendingUpdates, turn: Turn) -> None:
        """Send a batch and settle it; what aged while it waited goes back to work."""
        began = self._run.clock.monotonic()
        try:
            outcomes = await self._send(batch, work.priority, turn)
        except _TooOldError:
            self._run.safety.give_back(batch.updates)
            work.pending.extendleft(reversed(batch.updates))
            return
        except OutcomeUnknown as error:
            await self._settlement.lost(batch, str(error))
            return
        finally:
            turn.end()
        first = sum(update.attempt == 1 for update in batch.updates)
        self._ahead.answered(len(batch.updates), first, self._run.clock.monotonic() - began)
        self._in_flight.note_answered(batch.updates, outcomes, self._run.clock.monotonic())
        await self._settlement.settle(batch, outcomes, work)

    def _has_work(self, work: PendingUpdates) -> bool:
        """Tell whether something is to be sent; where a safety limit stops the run, that is what people are owed.

        Where a field is gone, what is written into fields would be dropped; contact points are as they were.
        """
        safety = self._run.safety
        if self._is_told_to_stop:
            return False
        if safety.reason is not None:
            owed = deque(one for one in work.pending if one.repair_batch is not None and self._is_of_use(one))
            work.is_cut |= len(owed) < len(work.pending)
            work.pending = owed
        return bool(work.pending)

    def _is_of_use(self, repair: Update) -> bool:
        return self._run.safety.limit is not Limit.FIELD or not only_fields(repair.corrections)

    async def _send(self, batch: SentBatch, priority: Priority, turn: Turn) -> tuple[WriteOutcome, ...]:
        self._under_way += 1
        try:
            writes, before = [update.write for update in batch.updates], partial(self._journal_intents, batch, turn)
            return await self._run.kind.subjects.write(writes, priority=priority, before_send=before)
        finally:
            self._under_way -= 1

    async def _until_more_follow(self, work: PendingUpdates) -> None:
        """Wait a moment where a backfill has few updates left: most of those under way are followed by others."""
        if work.priority is Priority.BACKFILL and self._ahead.has_more_to_follow:
            wanted, seconds = self._ahead.most_updates, self._young_seconds / 4
            await self._unsettled.until(lambda: len(work.pending) >= wanted, seconds=seconds)
            work.order_rest(wanted)

    async def _next_chunk(self, work: PendingUpdates) -> tuple[Update, ...]:
        """Take what fits into the limits now, with young snapshots; may come back empty when planning has changed."""
        if not work.pending:
            return ()  # others took the last ones
        subjects, was_old = self._run.kind.subjects, self._begins_old(work)
        room = await subjects.room(work.upcoming(self._is_held), priority=work.priority, renewed=was_old)
        takes = partial(subjects.takes, priority=work.priority)
        work.prefer(takes, self._is_held)
        soon, was_old = self._young_seconds / 2, self._begins_old(work)
        row = self._ahead.in_a_row(len(work.pending), room, self._under_way) if was_old else 1
        free = await self._run.client.ready(row, priority=work.priority, within=soon)
        if not was_old and self._begins_old(work):
            return ()  # they aged while they waited
        if self._are_to_be_renewed(islice(work.pending, room), free):
            ahead = self._ahead.batches(free, room, self._under_way) * room
            await self._renew(work, max(1, subjects.renewable(ahead, priority=work.priority)))
        chunk, last = list[Update](), list[Update]()
        self._put_back_held_up(work, room)
        while work.pending and len(chunk) + len(last) < room and self._is_ready(work.pending[0], takes, chunk, last):
            alone = self._settlement.failures.go_alone(work.pending[0].ref)
            at_its_end = self._settlement.hindrances.goes_last(work.pending[0])
            if (alone and (chunk or last)) or (at_its_end and last) or not self._run.safety.admit(work.pending[0]):
                break
            (last if at_its_end else chunk).append(work.pending.popleft())
            if alone:
                break
        if not work.pending:
            work.handed_out.set()
        return (*chunk, *last)

    def _put_back_held_up(self, work: PendingUpdates, room: int) -> None:
        """Let items that others are writing come last; drop those of unknown outcome, and what is wanted no more."""
        if all(map(self._is_wanted_now, islice(work.pending, room))):
            return  # of the others it is asked when they are in front: there may be thousands
        unsettled = self._settlement.unsettled
        work.left_open |= {update.ref for update in work.pending if update.ref in unsettled}
        known = (update for update in work.pending if update.ref not in unsettled)
        wanted = [update for one in known if (update := self._as_allowed(one, work)).corrections]
        work.pending = deque(sorted(wanted, key=self._is_held))

    def _is_wanted_now(self, update: Update) -> bool:
        is_held_up = update.ref in self._settlement.unsettled or self._is_held(update)
        return not is_held_up and self._run.kind.planner.still_wants(update)

    def _as_allowed(self, update: Update, work: PendingUpdates) -> Update:
        """Return an update as it is wanted by what a person decided since it was planned."""
        planner = self._run.kind.planner
        if planner.still_wants(update):
            return update
        if not planner.allows(update.ref):
            return replace(update, corrections=())
        return self._planned(update, update.snapshot, planner.plan(update.snapshot), work)

    def _is_ready(self, update: Update, takes: Callable[[Write], bool], *chosen: Iterable[Update]) -> bool:
        is_first = all(update.ref != other.ref for some in chosen for other in some)
        is_free = not self._is_held(update) and takes(update.write)
        return is_first and is_free and not self._is_old(update)

    def _is_held(self, update: Update) -> bool:
        return self._in_flight.holds(update.ref, self._claim)

    def _are_to_be_renewed(self, front: Iterable[Update], free: int) -> bool:
        """Tell whether the next batch needs a reading first, or would be filled by one for which there is time."""
        is_old = [self._is_old(update) for update in front]
        return any(is_old) and (is_old[0] or free > _READ_AND_WRITE)

    def _begins_old(self, work: PendingUpdates) -> bool:
        return bool(work.pending) and self._is_old(work.pending[0])

    async def _renew(self, work: PendingUpdates, number: int) -> None:
        """Read the old ones among the first updates again, and drop those that have nothing left to do."""
        front = [update for update in islice(work.pending, number) if self._is_old(update)]
        sent = self._run.client.requests_sent
        after = {update.ref: self._in_flight.last_answer(update.ref) for update in front}
        read = await self._run.kind.subjects.renew([update.snapshot for update in front], priority=work.priority)
        self._ahead.renewed(len(front), self._run.client.requests_sent - sent)
        renewed: dict[int, Update] = {}  # by identity: of one item there may be several repairs, each owed by itself
        for update in front:
            if (rejected := read.refused.get(update.ref)) is not None:
                await self._settlement.unread(update, str(rejected))
                renewed[id(update)] = replace(update, corrections=())
            else:
                update_now = await self._renewed(update, read.found.get(update.ref), work)
                renewed[id(update)] = replace(update_now, read_after=after[update.ref])
        # in place: meanwhile other workers may have put further updates to the front
        latest = (renewed.get(id(update), update) for update in work.pending)
        work.pending = deque(update for update in latest if update.corrections)

    def _is_old(self, update: Update) -> bool:
        age = self._run.clock.monotonic() - update.snapshot.read_at
        return age > self._young_seconds or self._in_flight.was_written_since(update)

    async def _renewed(self, update: Update, snapshot: AnySnapshot | None, work: PendingUpdates) -> Update:
        """Return the update as it is wanted on a fresh snapshot; without corrections when nothing is left to do."""
        if update.repair_batch is not None:
            needed = (
                self._run.kind.judge.still_needed(update.corrections, snapshot.state) if snapshot is not None else ()
            )
            renewed = replace(update, snapshot=snapshot or update.snapshot, corrections=needed)
            if not needed:
                await self._settlement.drop_repairs(update)
            elif needed != update.corrections:
                renewed = await self._settlement.reopen_repairs(renewed)
            return renewed
        if snapshot is not None and snapshot == update.snapshot:
            return replace(update, snapshot=snapshot)  # younger, and planning is pure: it would come out the same
        plan = (
            self._run.kind.planner.plan(snapshot) if snapshot is not None else Plan()
        )  # gone, or no longer to be read
        return self._planned(update, snapshot or update.snapshot, plan, work)

    def _planned(self, update: Update, snapshot: AnySnapshot, plan: Plan, work: PendingUpdates) -> Update:
        step = self._settlement.steps.next(snapshot, plan.corrections, self._run.clock.now())
        work.replanned[update.ref] = plan + step.reviews
        return replace(update, snapshot=snapshot, corrections=step.corrections)

    async def _journal_intents(self, batch: SentBatch, turn: Turn) -> None:
        """Journal the intents, the last thing before the request leaves, and let the next worker have its turn."""
        if any(self._is_old(update) for update in batch.updates):
            raise _TooOldError
        sent_at = batch.sent_at = self._run.client.server_now()
        now = self._run.clock.now()
        planned = (update for update in batch.updates if update.repair_batch is None)
        intents = [journal.Intent(update.ref, update.snapshot.state, update.corrections) for update in planned]

        def insert(db: sqlite_utils.Database) -> None:
            journal.insert_intents(db, journal.Batch(self._run.run_id, batch.id, sent_at=sent_at), intents, now=now)
            for update in batch.updates:
                if update.repair_batch is not None:
                    journal.mark_sent(db, update.repair_batch, sent_at=sent_at)

        await self._run.database.write(insert)
        turn.end()
