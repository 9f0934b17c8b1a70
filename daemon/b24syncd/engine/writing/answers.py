"""From one answer to what follows: an outcome for the journal, repairs that are owed, and what is written next."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import first_step, only_fields, only_points, unit_of, units_of
from b24syncd.domain.judging import Executed
from b24syncd.domain.plans import Plan
from b24syncd.domain.refused import IGNORED, Refusal
from b24syncd.engine.tally import Count
from b24syncd.engine.updates import Update
from b24syncd.portal.activities.target_proofs import TARGET_GONE
from b24syncd.portal.wire.commands import Deferred, Refused, Unknown
from b24syncd.portal.wire.faults import is_gone, is_of_credentials
from b24syncd.portal.writes import NotApplicable, NotTried, Written
from b24syncd.store.journal import Outcome

from .batch_results import GivenUp
from .failures import TOO_MANY
from .hindrances import as_said, explained
from .next_updates import MOST_ATTEMPTS, NextUpdates

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.engine.context import RunContext
    from b24syncd.portal.writes import WriteOutcome

    from .answered_batch import AnsweredBatch, Notes
    from .batch_results import BatchResults
    from .read_back import ReadBack


class Answers:
    """Takes the answers of one run, each with all that follows from it."""

    def __init__(self, run: RunContext, read_back: ReadBack, notes: Notes) -> None:
        """Judge as the kind of `run` does; `notes` take in what fails, is refused, or stays unsettled: repairs owed."""
        self._run = run
        self._read_back = read_back
        self._notes = notes
        self._next = NextUpdates(run, notes)

    def handle(self, update: Update, outcome: WriteOutcome, answered: AnsweredBatch) -> None:
        """Take in the answer to one update."""
        match outcome:
            case Written():
                now = answered.read_back.get(update.ref)
                self._written(update, outcome if now is None else replace(outcome, after=now), answered)
            case Refused(code=code) if is_of_credentials(code):
                self._put_off(update, str(outcome.rejected), answered)
            case Refused():
                self._failed(update, outcome, answered)
            case NotApplicable(code=code):
                self._inapplicable(update, code, answered)
            case Deferred():
                self._run.safety.give_back([update])
                answered.again.append(update)
                if update.repair_batch is None:
                    answered.results.outcomes.append((answered.batch.id, update.ref, Outcome.NOT_SENT, "put off"))
            case NotTried(reason=reason):
                self._notes.failures.add([update.ref])
                self._put_off(update, reason, answered)
            case Unknown():
                self._notes.failures.add([update.ref])
                answered.unknown.append(update)

    def _written(self, update: Update, written: Written, answered: AnsweredBatch) -> None:
        """Take in an executed update: what of it the item shows counts, and only that."""
        key, results = answered.batch.journalled_as(update), answered.results
        plan = answered.work.replanned[update.ref] = self._run.kind.planner.plan(written.after)
        is_as_read = written.witness == update.snapshot
        shown, rest = self._read_back.parted(update, written.after)
        if rest:
            refusal = IGNORED
            if back := self._half_made(update, written.after):
                self._take_back(update, written.after, back, refusal, answered)
                return
            results.singly.append((key, rest, Outcome.REFUSED, refusal.words))
            reviews = self._set_aside(replace(update, corrections=rest), written.after, refusal, results)
            answered.work.replanned[update.ref] = plan + reviews
            plan = _others(plan, rest)
        if not shown:
            results.outcomes.append((key, update.ref, Outcome.REFUSED, None))
            undone, met = replace(update, attempt=update.attempt - 1), None if is_as_read else False
            self._next.go_on(undone, written.after, (), plan, answered, is_as_read=met)
            return
        made = replace(update, corrections=shown)
        results.outcomes.append((key, update.ref, Outcome.DONE, None))
        self._notes.failures.forget(update.ref)
        self._run.safety.note_success()
        _count_corrected(made, results)
        results.corrected.append(made)
        executed = Executed(shown, update.snapshot, written.witness, written.after, update.repair_batch is not None)
        aftermath = self._run.kind.judge.aftermath(executed, self._run.kind.planner.plan)
        results.met.extend((key, planned, done) for planned, done in aftermath.otherwise)
        if is_as_read:
            self._notes.refusals.carry_over(update.snapshot, written.after)
        if aftermath.repairs and update.attempt < MOST_ATTEMPTS:
            results.counts[Count.MENDED] += 1
            results.mended.append(update.ref)
        is_as_read &= update.repair_batch is None
        self._next.go_on(update, written.after, aftermath.repairs, plan, answered, is_as_read=is_as_read)

    def _failed(self, update: Update, refused: Refused, answered: AnsweredBatch) -> None:
        """Take in an error, which may have come before any effect, after it, or in its middle."""
        now = answered.read_back.get(update.ref)
        if now is not None and (back := self._half_made(update, now)):
            self._take_back(update, now, back, as_said(refused), answered)
        elif update.ref in answered.doubted:
            made = self._count_made(update, now, answered)
            left = tuple(each for each in update.corrections if each not in made)
            undone = update if made else replace(update, attempt=update.attempt - 1)  # nothing was written
            self._inapplicable(replace(undone, corrections=left), str(refused.rejected), answered)
        else:
            self._refused(update, refused, answered)

    def _refused(self, update: Update, refused: Refused, answered: AnsweredBatch) -> None:
        """Take in a refusal, which may have come after the effect."""
        key, results = answered.batch.journalled_as(update), answered.results
        now = answered.read_back.get(update.ref)
        refusal = explained(update, refused)
        if is_gone(refused.code):
            answered.work.replanned[update.ref] = Plan()
            results.outcomes.append((key, update.ref, Outcome.OVERTAKEN, "the item is gone"))
        elif now is not None and self._read_back.shows(update, now):  # what it met is not known, so nothing is mended
            plan = answered.work.replanned[update.ref] = self._run.kind.planner.plan(now)
            results.outcomes.append((key, update.ref, Outcome.UNVERIFIED, refusal.words))
            results.counts[Count.UNVERIFIED] += len(update.corrections)
            _count_corrected(update, results)
            self._next.go_on(update, now, (), plan, answered)
        elif len(units_of(update.corrections)) > 1 and not self._notes.hindrances.explains(update, refused):
            self._split(update, now or update.snapshot, refusal.words, answered)
        else:
            self._refused_alone(update, refused, refusal, answered)

    def _refused_alone(self, update: Update, refused: Refused, refusal: Refusal, answered: AnsweredBatch) -> None:
        """Take in the refusal of one unit, of which some may have been made all the same."""
        made = self._count_made(update, answered.read_back.get(update.ref), answered)
        now = answered.read_back[update.ref] if made else update.snapshot
        rest = replace(update, corrections=tuple(each for each in update.corrections if each not in made))
        answered.results.outcomes.append((answered.batch.journalled_as(update), update.ref, Outcome.REFUSED, refusal))
        self._run.safety.note_refused(update.ref, refused.rejected)
        plan = self._run.kind.planner.plan(now)
        if update.repair_batch is not None:  # what is owed is not finished, though no job asks for it
            plan = Plan(rest.corrections, plan.reviews, plan.ran)
        answered.work.replanned[update.ref] = plan
        if rest.corrections:
            answered.work.replanned[update.ref] += self._set_aside(rest, now, refusal, answered.results)
        if update.repair_batch is None:
            undone = update if made else replace(update, attempt=update.attempt - 1)
            self._next.go_on(undone, now, (), _others(plan, update.corrections), answered)

    def _count_made(self, update: Update, now: AnySnapshot | None, answered: AnsweredBatch) -> tuple[Correction, ...]:
        """Count what a failed update made all the same, and return it; what it met is not known."""
        made = () if now is None else self._read_back.made(update, now)
        if made:
            answered.results.singly.append((answered.batch.journalled_as(update), made, Outcome.UNVERIFIED, None))
            answered.results.counts[Count.UNVERIFIED] += len(made)
            _count_corrected(replace(update, corrections=made), answered.results)
        return made

    def _split(self, update: Update, now: AnySnapshot, detail: str, answered: AnsweredBatch) -> None:
        """Let an update of several units that was refused as a whole be written unit by unit.

        The journal tells it as superseded, but what shows all the same: each unit has an outcome of its own.
        """
        self._notes.steps.go_apart(update.ref)
        key, told = answered.batch.journalled_as(update), f"refused together, written one by one: {detail}"
        made = self._count_made(update, now, answered)
        left = tuple(each for each in update.corrections if each not in made)
        answered.results.outcomes.append((key, update.ref, Outcome.SUPERSEDED, told))
        if update.repair_batch is not None:
            for unit in units_of(left):
                repair = Update(now, unit, self._run.batch_ids(), update.attempt)
                answered.results.repairs.append(repair)
                answered.again.append(repair)
            return
        self._run.safety.give_back([replace(update, corrections=left)])
        plan = answered.work.replanned[update.ref] = self._run.kind.planner.plan(now)
        self._next.go_on(update if made else replace(update, attempt=update.attempt - 1), now, (), plan, answered)

    def _half_made(self, update: Update, now: AnySnapshot) -> tuple[Correction, ...]:
        """Return what takes back a failed write of which a part was made, where something is lost by that part."""
        return self._run.kind.judge.to_take_back(update.snapshot.state, update.corrections, now.state)

    def _take_back(
        self, update: Update, now: AnySnapshot, back: tuple[Correction, ...], refusal: Refusal, answered: AnsweredBatch
    ) -> None:
        """Let a failed write be taken back of which a part was made; it counts as refused, and is not tried again."""
        key, results = answered.batch.journalled_as(update), answered.results
        made = self._run.kind.judge.visible(update.snapshot.state, update.corrections, now.state)
        results.singly.append((key, made, Outcome.UNVERIFIED, None))
        others = tuple(each for each in only_fields(update.corrections) if each not in made)
        results.singly.append((key, others, Outcome.SUPERSEDED, refusal.words))
        results.outcomes.append((key, update.ref, Outcome.REFUSED, refusal))
        rest = only_points(update.corrections) or update.corrections
        self._notes.refusals.hold(rest, refusal, self._run.clock.now())
        answered.work.replanned[update.ref] = self._run.kind.planner.plan(now)
        self._next.go_on(update, now, back, Plan(), answered)

    def _inapplicable(self, update: Update, reason: str, answered: AnsweredBatch) -> None:
        """Plan afresh what the portal could not do, because somebody had changed things before.

        What is asked for again though its target is gone is refused: no list tells that it is.
        """
        if reason == TARGET_GONE and self._is_wanted_still(update, answered.read_back.get(update.ref)):
            self._refused(update, Refused("OWNER_NOT_FOUND", "the item to bind to is gone"), answered)
            return
        answered.results.outcomes.append((answered.batch.journalled_as(update), update.ref, Outcome.NOT_SENT, reason))
        self._run.safety.give_back([update])
        now = answered.read_back.get(update.ref)
        plan = answered.work.replanned[update.ref] = Plan() if now is None else self._run.kind.planner.plan(now)
        if now is not None:
            judge = self._run.kind.judge
            owed = judge.still_needed(update.corrections, now.state) if update.repair_batch is not None else ()
            self._next.go_on(update, now, owed, plan, answered)

    def _is_wanted_still(self, update: Update, now: AnySnapshot | None) -> bool:
        if now is None:
            return False
        if update.repair_batch is not None:
            return bool(self._run.kind.judge.still_needed(update.corrections, now.state))
        return first_step(self._run.kind.planner.plan(now).corrections) == update.corrections

    def _put_off(self, update: Update, reason: str, answered: AnsweredBatch) -> None:
        """Let an item be looked at again later, of which nothing was written; repairs stay open and are owed."""
        results = answered.results
        if update.repair_batch is not None:
            self._notes.leave_open([update.ref])
            results.not_tried.append(update.ref)
            return
        results.outcomes.append((answered.batch.id, update.ref, Outcome.NOT_SENT, reason))
        self._run.safety.give_back([update])
        if self._notes.failures.are_too_many(update.ref):
            self._notes.give_up_on(update.snapshot, update.corrections, TOO_MANY, results)
        if not any(one.snapshot.ref == update.ref for one in results.given_up):
            results.not_tried.append(update.ref)

    def _set_aside(self, update: Update, state: AnySnapshot, refusal: Refusal, results: BatchResults) -> Plan:
        """Note a refusal: an activity's is a person's to decide, an item's is listed as failed."""
        reviews = self._notes.refusals.add(update.ref, update.corrections, refusal, self._run.clock.now())
        if reviews.reviews:
            results.counts[Count.REFUSED] += 1
        else:
            results.given_up.append(GivenUp(state, update.corrections, refusal.words))
        return reviews


def _count_corrected(update: Update, results: BatchResults) -> None:
    results.counts[Count.CORRECTIONS] += len(update.corrections)
    if update.attempt == 1 and not update.units_before:
        results.made[update.ref] = None


def _others(plan: Plan, refused: Iterable[Correction]) -> Plan:
    """Return what a plan asks for besides the units that were refused."""
    units = set(map(unit_of, refused))
    return Plan(tuple(each for each in plan.corrections if unit_of(each) not in units))
