"""Settling: from the answers of a batch to outcomes in the journal, repairs, further updates and queue entries.

Everything that one batch brought is settled in one transaction, so a process that dies finds each intent either open,
to be judged by reading, or closed together with the repairs that it called for.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeGuard

from b24syncd.domain.corrections import units_of
from b24syncd.engine.updates import Update
from b24syncd.observe.digest import Digest
from b24syncd.observe.logs import get_logger, some_of
from b24syncd.portal.wire.commands import Deferred, Refused
from b24syncd.portal.wire.faults import credentials_refused, is_of_credentials
from b24syncd.portal.writes import Written
from b24syncd.store import portal_facts, queue
from b24syncd.store.journal import Outcome
from b24syncd.store.runs import Count

from .answered_batch import AnsweredBatch
from .answers import Answers
from .batch_results import BatchResults, GivenUp, store_results
from .failures import TOO_MANY, Failures
from .hindrances import Hindrances
from .read_back import ReadBack
from .refusals import Refusals
from .steps import Steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import sqlite_utils

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.engine.context import RunContext
    from b24syncd.engine.updates import PendingUpdates, SentBatch
    from b24syncd.portal.writes import WriteOutcome

_NO_WITNESS = "witness failed"
_NO_CREDENTIALS = "credentials refused"
_NOT_READ = "not read again"
_NOTHING_TOLD: Mapping[EntityRef, str] = MappingProxyType({})

log = get_logger()


class Settlement:
    """Settles what was sent, for one run."""

    def __init__(self, run: RunContext) -> None:
        """Settle for `run`."""
        self._run = run
        self.digest = Digest(run.clock.monotonic)
        self.refusals = Refusals(self.digest)
        self.failures = Failures()
        self.hindrances = Hindrances()
        self.steps = Steps(self.refusals, self.failures)
        self._read_back = ReadBack(run, self.failures, self.hindrances)
        self._answers = Answers(run, self._read_back, self)

    @property
    def unsettled(self) -> frozenset[EntityRef]:
        """The items that have an open intent, whoever left it, and must not be written."""
        return self._run.in_flight.left_open

    def leave_open(self, refs: Iterable[EntityRef]) -> None:
        """Note items with an open intent."""
        self._run.in_flight.leave_open(refs)

    def close(self, refs: Iterable[EntityRef]) -> None:
        """Note items that have none any more."""
        self._run.in_flight.close(refs)

    async def settle(self, batch: SentBatch, outcomes: Sequence[WriteOutcome], work: PendingUpdates) -> None:
        """Store the outcomes; put repairs and further corrections back to work.

        What is certain is stored first: while a doubtful item is read back, nothing that a witness told of the others
        may be lost. Raises `CredentialsRefused`, when all is stored, where an item was refused for the webhook's sake.
        """
        answers = list(zip(batch.updates, outcomes, strict=True))
        learnt = [
            self._run.kind.judge.learn(update.corrections, outcome.after.state)
            for update, outcome in answers
            if isinstance(outcome, Written)
        ]
        if any(learnt):
            await self._run.database.write(portal_facts.remember_ids_stay)
        doubtful = [(update, outcome) for update, outcome in answers if self._read_back.is_doubtful(update, outcome)]
        in_doubt = {update.ref for update, _ in doubtful}
        certain = [(update, outcome) for update, outcome in answers if update.ref not in in_doubt]
        await self._settle_some(batch, certain, {}, work)
        if doubtful:
            answers, found = await self._read_back.read(doubtful, work.priority)
            await self._settle_some(batch, answers, found, work)
        for outcome in outcomes:
            if _is_of_credentials(outcome):
                called = self._run.client.credentials.called
                raise credentials_refused(outcome.code, outcome.description, called)
        if all(isinstance(outcome, Deferred) for outcome in outcomes):
            await self._run.clock.sleep(max(outcome.delay for outcome in outcomes if isinstance(outcome, Deferred)))

    async def _settle_some(
        self,
        batch: SentBatch,
        answers: Sequence[tuple[Update, WriteOutcome]],
        read_back: Mapping[EntityRef, AnySnapshot],
        work: PendingUpdates,
    ) -> None:
        answered = AnsweredBatch(batch, work, read_back, self._read_back.unproved(batch, answers, read_back))
        answered.results.counts_read = work.counts_read
        for update, outcome in answers:
            self._answers.handle(update, outcome, answered)
        why = {update.ref: _NO_CREDENTIALS for update, outcome in answers if _is_of_credentials(outcome)}
        await self._store(answered.results, answered.unknown, sent_at=batch.sent_at, why=why)
        work.pending.extendleft(reversed(answered.again))

    async def unread(self, update: Update, reason: str) -> None:
        """Put aside what could not be read again before its write; repairs stay owed."""
        results = BatchResults()
        self.failures.add([update.ref])
        if update.repair_batch is not None:
            self.leave_open([update.ref])
        elif self.failures.are_too_many(update.ref):
            self.give_up_on(update.snapshot, update.corrections, reason, results)
        if not results.given_up:
            results.not_tried.append(update.ref)
        self.digest.add("not_read", update.ref, reason)
        await self._store(results, why={update.ref: _NOT_READ})

    async def lost(self, batch: SentBatch, reason: str) -> None:
        """Leave the intents of an unanswered batch open, and queue its items to be read when it must be over."""
        log.warning("answer_lost", reason=reason, items=len(batch.updates))
        self.failures.add(update.ref for update in batch.updates)
        await self._store(BatchResults(), batch.updates, sent_at=batch.sent_at)

    async def give_up(self, failing: Iterable[tuple[AnySnapshot, tuple[Correction, ...]]]) -> None:
        """List items at which the portal keeps failing; these corrections are not tried again in this state."""
        results = BatchResults()
        for snapshot, made in failing:
            self._give_up_unit(snapshot, made, TOO_MANY, results)
        await self._store(results)

    def give_up_on(
        self, snapshot: AnySnapshot, corrections: tuple[Correction, ...], reason: str, results: BatchResults
    ) -> None:
        """List an item at which the portal keeps failing, or, where several units were written at once, go apart."""
        if len(units_of(corrections)) > 1:
            self.steps.go_apart(snapshot.ref)
        else:
            self._give_up_unit(snapshot, corrections, reason, results)

    def _give_up_unit(
        self, snapshot: AnySnapshot, corrections: tuple[Correction, ...], reason: str, results: BatchResults
    ) -> None:
        """List an item for one unit, so that its failures do not count for the others."""
        results.given_up.append(GivenUp(snapshot, corrections, reason))
        self.failures.note_given_up(snapshot.ref)

    async def drop_repairs(self, update: Update) -> None:
        """Close repairs that are no longer needed, because the item is gone or somebody changed it again."""
        results = BatchResults()
        if update.repair_batch is not None:
            results.outcomes.append((update.repair_batch, update.ref, Outcome.OVERTAKEN, None))
        await self._store(results)

    async def reopen_repairs(self, update: Update, instead: tuple[Correction, ...] | None = None) -> Update:
        """Journal repairs of which only a part is still needed in the place of the whole, and return their update.

        What else the batch left open stays so, where it is told `instead` of which corrections they come.
        """
        results = BatchResults()
        if update.repair_batch is not None and instead is not None:
            results.singly.append((update.repair_batch, instead, Outcome.SUPERSEDED, None))
        elif update.repair_batch is not None:
            results.outcomes.append((update.repair_batch, update.ref, Outcome.SUPERSEDED, None))
        reopened = Update(update.snapshot, update.corrections, self._run.batch_ids(), update.attempt)
        results.repairs.append(reopened)
        await self._store(results)
        return reopened

    async def _store(
        self,
        results: BatchResults,
        unknown: Sequence[Update] = (),
        *,
        sent_at: float | None = None,
        why: Mapping[EntityRef, str] = _NOTHING_TOLD,
    ) -> None:
        now = self._run.clock.now()
        judged_at = now + timedelta(seconds=self._run.seconds_until_cut(sent_at))
        self.leave_open(update.ref for update in unknown)
        for index, one in enumerate(results.given_up):
            is_first = self.refusals.add_item(one.snapshot, one.corrections, one.detail)
            results.counts[Count.FAILED] += is_first
            results.given_up[index] = replace(one, detail=self.refusals.told_of(one.snapshot))

        def store(db: sqlite_utils.Database) -> None:
            store_results(db, results, self._run.run_id, now)
            queue.add(db, [update.ref for update in unknown], "unknown outcome", due_at=judged_at)
            for ref in results.not_tried:
                queue.add(db, [ref], why.get(ref, _NO_WITNESS), due_at=judged_at)

        await self._run.database.write(store)
        self._run.tally.take_in(results.counts)
        if results.corrected:  # a line per batch: what became of each entry is in the journal
            corrections = sum(len(update.corrections) for update in results.corrected)
            mended = {"mended": len(results.mended)} if results.mended else {}
            log.info("corrected", corrections=corrections, **mended, **some_of([one.ref for one in results.corrected]))


def _is_of_credentials(outcome: WriteOutcome) -> TypeGuard[Refused]:
    return isinstance(outcome, Refused) and is_of_credentials(outcome.code)
