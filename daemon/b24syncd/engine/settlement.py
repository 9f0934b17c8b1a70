"""Settling: from the answers of a batch to outcomes in the journal, repairs, further targets and queue entries.

Everything that one batch brought is settled in one transaction, so a process that dies finds each intent either open,
to be judged by reading, or closed together with the repairs that it called for.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import first_step
from b24syncd.domain.plans import Plan
from b24syncd.observe.logs import get_logger
from b24syncd.portal.commands import Deferred, Refused, Unknown
from b24syncd.portal.writes import NotApplicable, NotTried, Written
from b24syncd.store import queue, runs
from b24syncd.store.journal import Outcome

from .doubts import Doubts, is_gone
from .failures import TOO_MANY, Failures
from .refusals import Refusals
from .settled import Settled, store_settled
from .tally import Count
from .targets import Target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import sqlite_utils

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.portal.writes import WriteOutcome

    from .context import RunContext
    from .targets import SentBatch, Work

_MOST_ROUNDS = 6
"""Writes of one item in a row; a person cannot edit faster, so more means that the portal changes what it is given."""

log = get_logger()


class Settlement:
    """Settles what was sent, for one run; `unsettled` items have an open intent and must not be written."""

    def __init__(self, run: RunContext) -> None:
        """Settle for `run`."""
        self._run = run
        self.unsettled: set[EntityRef] = set()
        self.refusals = Refusals()
        self.failures = Failures()
        self._doubts = Doubts(run, self.failures)

    async def settle(self, batch: SentBatch, outcomes: Sequence[WriteOutcome], work: Work) -> None:
        """Store the outcomes; put repairs and further corrections back to work.

        What is certain is stored first: while a doubtful item is read back, nothing that a witness told of the others
        may be lost.
        """
        answers = list(zip(batch.targets, outcomes, strict=True))
        for target, outcome in answers:
            if isinstance(outcome, Written):
                self._run.kind.judge.learn(target.corrections, outcome.after.state)
        doubtful = [(target, outcome) for target, outcome in answers if self._doubts.is_doubtful(target, outcome)]
        in_doubt = {target.ref for target, _ in doubtful}
        certain = [(target, outcome) for target, outcome in answers if target.ref not in in_doubt]
        await self._settle_some(batch, certain, {}, work)
        if doubtful:
            answers, found = await self._doubts.read(doubtful, work.priority)
            await self._settle_some(batch, answers, found, work)
        if all(isinstance(outcome, Deferred) for outcome in outcomes):
            await self._run.clock.sleep(max(outcome.delay for outcome in outcomes if isinstance(outcome, Deferred)))

    async def _settle_some(
        self,
        batch: SentBatch,
        answers: Sequence[tuple[Target, WriteOutcome]],
        read_back: Mapping[EntityRef, AnySnapshot],
        work: Work,
    ) -> None:
        settled = Settled()
        unknown: list[Target] = []
        again: list[Target] = []
        doubted = self._doubts.unproved(batch, answers, read_back)
        for target, outcome in answers:
            match outcome:
                case Written():
                    written = replace(outcome, after=read_back.get(target.ref, outcome.after))
                    again.extend(self._written(batch, target, written, settled, work))
                case Refused() if target.ref in doubted:
                    undone = replace(target, round=target.round - 1)  # nothing was written
                    why = NotApplicable(str(outcome.rejected))
                    again.extend(self._settle_inapplicable(batch, undone, why, settled, work, read_back))
                case Refused():
                    again.extend(self._refused(batch, target, outcome, settled, work, read_back.get(target.ref)))
                case NotApplicable():
                    again.extend(self._settle_inapplicable(batch, target, outcome, settled, work, read_back))
                case Deferred():
                    self._run.safety.give_back([target])
                    again.append(target)
                    if target.mending is None:
                        settled.outcomes.append((batch.id, target.ref, Outcome.NOT_SENT, None))
                case NotTried(reason=reason):
                    self._not_tried(batch, target, reason, settled)
                case Unknown():
                    self.failures.add([target.ref])
                    unknown.append(target)
        await self._store(settled, unknown, sent_at=batch.sent_at)
        work.pending.extendleft(reversed(again))

    async def unread(self, target: Target, reason: str) -> None:
        """Put aside what could not be read again before its write; repairs stay owed."""
        settled = Settled()
        self.failures.add([target.ref])
        if target.mending is not None:
            self.unsettled.add(target.ref)
        elif self.failures.are_too_many(target.ref):
            settled.given_up.append((target.snapshot, reason))
        if not settled.given_up:
            settled.not_tried.append(target.ref)
        log.warning("not_read", ref=str(target.ref), detail=reason)
        await self._store(settled)

    async def lost(self, batch: SentBatch, reason: str) -> None:
        """Leave the intents of an unanswered batch open, and queue its items to be read when it must be over."""
        log.warning("answer_lost", reason=reason, items=len(batch.targets))
        self.failures.add(target.ref for target in batch.targets)
        await self._store(Settled(), batch.targets, sent_at=batch.sent_at)

    async def give_up(self, snapshots: Sequence[AnySnapshot]) -> None:
        """List items at which the portal keeps failing; they are not tried again in this state."""
        await self._store(Settled(given_up=[(snapshot, TOO_MANY) for snapshot in snapshots]))

    async def drop_repairs(self, target: Target) -> None:
        """Close repairs that are no longer needed, because the item is gone or somebody changed it again."""
        settled = Settled()
        if target.mending is not None:
            settled.outcomes.append((target.mending, target.ref, Outcome.OVERTAKEN, None))
        await self._store(settled)

    async def reopen_repairs(self, target: Target) -> Target:
        """Journal repairs of which only a part is still needed in the place of the whole, and return their target."""
        settled = Settled()
        if target.mending is not None:
            settled.outcomes.append((target.mending, target.ref, Outcome.SUPERSEDED, None))
        reopened = Target(target.snapshot, target.corrections, self._run.batch_ids(), target.round)
        settled.repairs.append(reopened)
        await self._store(settled)
        return reopened

    def _written(
        self, batch: SentBatch, target: Target, written: Written, settled: Settled, work: Work
    ) -> tuple[Target, ...]:
        """Settle one executed update; return what is to be written next for this item."""
        key = batch.journalled_as(target)
        plan = self._run.kind.planner.plan(written.after)
        work.replanned[target.ref] = plan
        if not self._run.kind.judge.is_effective(target.corrections, written.after.state):
            detail = "the portal answered that it was done, but the item does not show it"
            settled.outcomes.append((key, target.ref, Outcome.REFUSED, detail))
            work.replanned[target.ref] = plan + self._set_aside(target, written.after, detail, settled)
            return ()
        settled.outcomes.append((key, target.ref, Outcome.DONE, None))
        self.failures.forget(target.ref)
        self._run.safety.note_success()
        self._run.tally.add(Count.CORRECTIONS, len(target.corrections))
        if target.round == 1:
            self._run.tally.add(Count.CORRECTED)
        settled.corrected.append(target)
        aftermath = self._run.kind.judge.aftermath(
            target.snapshot.state,
            target.corrections,
            mends=target.mending is not None,
            witness=written.witness,
            after=written.after,
            plan=self._run.kind.planner.plan,
        )
        settled.met.extend((key, planned, done) for planned, done in aftermath.otherwise)
        if aftermath.repairs and target.round < _MOST_ROUNDS:
            self._run.tally.add(Count.MENDED)
            log.info("mending", ref=str(target.ref), corrections=len(aftermath.repairs))
        return self._next(target, written.after, aftermath.repairs, plan, settled)

    def _next(
        self, target: Target, now: AnySnapshot, repairs: tuple[Correction, ...], plan: Plan, settled: Settled
    ) -> tuple[Target, ...]:
        """Return what is to be written next: repairs that are owed, or else what planning asks for."""
        if target.round >= _MOST_ROUNDS and (repairs or plan.corrections):
            settled.look_again.append((target.ref, "still changing"))
            if repairs:  # they stay owed
                settled.repairs.append(Target(now, repairs, self._run.batch_ids()))
                self.unsettled.add(target.ref)
            return ()
        if repairs:
            repair = Target(now, repairs, self._run.batch_ids(), target.round + 1)
            settled.repairs.append(repair)
            return (repair,)
        if plan.corrections:
            return (Target(now, first_step(plan.corrections), None, target.round + 1),)
        return ()

    def _refused(  # noqa: PLR0913, PLR0917 # one outcome, and everything it may touch
        self,
        batch: SentBatch,
        target: Target,
        refused: Refused,
        settled: Settled,
        work: Work,
        now: AnySnapshot | None,
    ) -> tuple[Target, ...]:
        """Settle a refusal, which may have come after the effect; return what is to be written next for this item."""
        key = batch.journalled_as(target)
        detail = str(refused.rejected)
        if is_gone(refused):
            work.replanned[target.ref] = Plan()
            settled.outcomes.append((key, target.ref, Outcome.OVERTAKEN, "the item is gone"))
        elif now is not None and self._doubts.shows(target, now):
            plan = work.replanned[target.ref] = self._run.kind.planner.plan(now)
            settled.outcomes.append((key, target.ref, Outcome.UNVERIFIED, detail))
            self._run.tally.add(Count.CORRECTIONS, len(target.corrections))
            self._run.tally.add(Count.UNVERIFIED, len(target.corrections))
            if target.round == 1:
                self._run.tally.add(Count.CORRECTED)
            return self._next(target, now, (), plan, settled)
        else:
            settled.outcomes.append((key, target.ref, Outcome.REFUSED, detail))
            self._run.safety.note_refused(target.ref, refused.rejected)
            reviews = self._set_aside(target, target.snapshot, detail, settled)
            work.replanned[target.ref] = self._run.kind.planner.plan(target.snapshot) + reviews
        return ()

    def _settle_inapplicable(  # noqa: PLR0913, PLR0917 # one outcome, and everything it may touch
        self,
        batch: SentBatch,
        target: Target,
        outcome: NotApplicable,
        settled: Settled,
        work: Work,
        read_back: Mapping[EntityRef, AnySnapshot],
    ) -> tuple[Target, ...]:
        """Plan afresh what the portal could not do, because somebody had changed things before."""
        settled.outcomes.append((batch.journalled_as(target), target.ref, Outcome.NOT_SENT, outcome.code))
        self._run.safety.give_back([target])
        now = read_back.get(target.ref)
        plan = work.replanned[target.ref] = Plan() if now is None else self._run.kind.planner.plan(now)
        if now is None:
            return ()
        judge = self._run.kind.judge
        owed = judge.still_needed(target.corrections, now.state) if target.mending is not None else ()
        return self._next(target, now, owed, plan, settled)

    def _set_aside(self, target: Target, state: AnySnapshot, detail: str, settled: Settled) -> Plan:
        """Note a refusal: an activity's is a person's to decide, an item's is listed as failed."""
        reviews = self.refusals.add(target.ref, target.corrections, detail, self._run.clock.now())
        if not reviews.reviews:
            settled.given_up.append((state, detail))
        return reviews

    def _not_tried(self, batch: SentBatch, target: Target, reason: str, settled: Settled) -> None:
        """Put an item whose witness failed aside; repairs stay open and are owed."""
        self.failures.add([target.ref])
        if target.mending is not None:
            self.unsettled.add(target.ref)
            settled.not_tried.append(target.ref)
            return
        settled.outcomes.append((batch.id, target.ref, Outcome.NOT_SENT, reason))
        self._run.safety.give_back([target])
        if self.failures.are_too_many(target.ref):
            settled.given_up.append((target.snapshot, TOO_MANY))
        else:
            settled.not_tried.append(target.ref)

    async def _store(self, settled: Settled, unknown: Sequence[Target] = (), *, sent_at: float | None = None) -> None:
        now = self._run.clock.now()
        judged_at = now + timedelta(seconds=self._run.seconds_until_cut(sent_at))
        self.unsettled.update(target.ref for target in unknown)
        self._run.tally.add(Count.FAILED, len(settled.given_up))
        counts = self._run.tally.as_counts()
        for snapshot, detail in settled.given_up:
            self.refusals.add_item(snapshot, detail)

        def store(db: sqlite_utils.Database) -> None:
            store_settled(db, settled, self._run.run_id, now)
            queue.add(db, [target.ref for target in unknown], "unknown outcome", due_at=judged_at)
            queue.add(db, settled.not_tried, "witness failed", due_at=judged_at)
            runs.save_counts(db, self._run.run_id, counts)

        await self._run.database.write(store)
        if settled.corrected:  # a line per batch: what became of each entry is in the journal
            refs = [str(target.ref) for target in settled.corrected]
            corrections = sum(len(target.corrections) for target in settled.corrected)
            log.info("corrected", refs=refs, corrections=corrections)
