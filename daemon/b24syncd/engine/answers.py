"""From one answer to what follows: an outcome for the journal, repairs that are owed, and what is written next."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import first_step, only_fields, only_points, part_of, parts_of
from b24syncd.domain.judging import Verdict
from b24syncd.domain.plans import Plan
from b24syncd.domain.refused import Refusal
from b24syncd.observe.logs import get_logger
from b24syncd.portal.commands import Deferred, Refused, Unknown
from b24syncd.portal.faults import is_gone, is_of_credentials
from b24syncd.portal.target_proofs import TARGET_GONE
from b24syncd.portal.writes import NotApplicable, NotTried, Written
from b24syncd.store.journal import Outcome

from .failures import TOO_MANY
from .hindrances import as_said, explained
from .settled import GivenUp
from .tally import Count
from .targets import Target

if TYPE_CHECKING:
    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.portal.writes import WriteOutcome

    from .context import RunContext
    from .doubts import Doubts
    from .settled import Settled
    from .taken import Notes, Taken

_MOST_ROUNDS = 6
"""Writes of one item in a row; a person cannot edit faster, so more means that the portal changes what it is given."""

log = get_logger()


class Answers:
    """Takes the answers of one run, each with all that follows from it."""

    def __init__(self, run: RunContext, doubts: Doubts, notes: Notes) -> None:
        """Judge as the kind of `run` does; `notes` take in what fails, is refused, or stays unsettled: repairs owed."""
        self._run = run
        self._doubts = doubts
        self._notes = notes

    def take(self, target: Target, outcome: WriteOutcome, taken: Taken) -> None:
        """Take in the answer to one target."""
        match outcome:
            case Written():
                self._written(target, replace(outcome, after=taken.read_back.get(target.ref, outcome.after)), taken)
            case Refused(code=code) if is_of_credentials(code):
                self._put_off(target, str(outcome.rejected), taken)
            case Refused():
                self._failed(target, outcome, taken)
            case NotApplicable(code=code):
                self._inapplicable(target, code, taken)
            case Deferred():
                self._run.safety.give_back([target])
                taken.again.append(target)
                if target.mending is None:
                    taken.settled.outcomes.append((taken.batch.id, target.ref, Outcome.NOT_SENT, None))
            case NotTried(reason=reason):
                self._notes.failures.add([target.ref])
                self._put_off(target, reason, taken)
            case Unknown():
                self._notes.failures.add([target.ref])
                taken.unknown.append(target)

    def _written(self, target: Target, written: Written, taken: Taken) -> None:
        """Take in an executed update: it counts only if the item shows it."""
        key, settled = taken.batch.journalled_as(target), taken.settled
        plan = self._run.kind.planner.plan(written.after)
        taken.work.replanned[target.ref] = plan
        if not self._run.kind.judge.is_effective(target.corrections, written.after.state):
            refusal = Refusal("the portal answered that it was done, but the item does not show it")
            if back := self._half_made(target, written.after):
                self._take_back(target, written.after, back, refusal, taken)
                return
            settled.outcomes.append((key, target.ref, Outcome.REFUSED, refusal))
            taken.work.replanned[target.ref] = plan + self._set_aside(target, written.after, refusal, settled)
            return
        settled.outcomes.append((key, target.ref, Outcome.DONE, None))
        self._notes.failures.forget(target.ref)
        self._run.safety.note_success()
        self._count_corrected(target)
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
        if written.witness == target.snapshot:
            self._notes.refusals.carry_over(target.snapshot, written.after)
        if aftermath.repairs and target.round < _MOST_ROUNDS:
            self._run.tally.add(Count.MENDED)
            log.info("mending", ref=str(target.ref), corrections=len(aftermath.repairs))
        self._go_on(target, written.after, aftermath.repairs, plan, taken)

    def _failed(self, target: Target, refused: Refused, taken: Taken) -> None:
        """Take in an error, which may have come before any effect, after it, or in its middle."""
        now = taken.read_back.get(target.ref)
        if now is not None and (back := self._half_made(target, now)):
            self._take_back(target, now, back, as_said(refused), taken)
        elif target.ref in taken.doubted:
            undone = replace(target, round=target.round - 1)  # nothing was written
            self._inapplicable(undone, str(refused.rejected), taken)
        else:
            self._refused(target, refused, taken)

    def _refused(self, target: Target, refused: Refused, taken: Taken) -> None:
        """Take in a refusal, which may have come after the effect."""
        key, settled = taken.batch.journalled_as(target), taken.settled
        now = taken.read_back.get(target.ref)
        refusal = explained(target, refused)
        if is_gone(refused.code):
            taken.work.replanned[target.ref] = Plan()
            settled.outcomes.append((key, target.ref, Outcome.OVERTAKEN, "the item is gone"))
        elif now is not None and self._doubts.shows(target, now):
            plan = taken.work.replanned[target.ref] = self._run.kind.planner.plan(now)
            settled.outcomes.append((key, target.ref, Outcome.UNVERIFIED, refusal.words))
            self._run.tally.add(Count.UNVERIFIED, len(target.corrections))
            self._count_corrected(target)
            self._go_on(target, now, (), plan, taken)
        elif len(parts_of(target.corrections)) > 1 and not self._notes.hindrances.explains(target, refused):
            self._part(target, now or target.snapshot, refusal.words, taken)
        else:
            settled.outcomes.append((key, target.ref, Outcome.REFUSED, refusal))
            self._run.safety.note_refused(target.ref, refused.rejected)
            plan = self._run.kind.planner.plan(target.snapshot)
            if target.mending is not None:  # what is owed is not finished, though no job asks for it
                plan = Plan(target.corrections, plan.reviews, plan.ran)
            reviews = self._set_aside(target, target.snapshot, refusal, settled)
            taken.work.replanned[target.ref] = plan + reviews
            if target.mending is None:
                self._go_on_apart(target, plan, taken)

    def _part(self, target: Target, now: AnySnapshot, detail: str, taken: Taken) -> None:
        """Let an update of several parts that was refused as a whole be written part by part.

        The journal tells it as superseded, but what shows all the same: each part has an outcome of its own.
        """
        self._notes.steps.go_apart(target.ref)
        key, told = taken.batch.journalled_as(target), f"refused together, written one by one: {detail}"
        verdicts = self._run.kind.judge.verdicts(target.snapshot.state, target.corrections, now.state)
        made = tuple(each for verdict, part in verdicts if verdict is Verdict.DONE for each in part)
        taken.settled.singly.append((key, made, Outcome.UNVERIFIED, None))
        taken.settled.outcomes.append((key, target.ref, Outcome.SUPERSEDED, told))
        if made:
            self._run.tally.add(Count.UNVERIFIED, len(made))
            self._run.tally.add(Count.CORRECTIONS, len(made))
        if target.mending is not None:
            for part in parts_of(each for each in target.corrections if each not in made):
                repair = Target(now, part, self._run.batch_ids(), target.round)
                taken.settled.repairs.append(repair)
                taken.again.append(repair)
            return
        self._run.safety.give_back([target])
        plan = taken.work.replanned[target.ref] = self._run.kind.planner.plan(now)
        self._go_on(replace(target, round=target.round - 1), now, (), plan, taken)

    def _go_on_apart(self, target: Target, plan: Plan, taken: Taken) -> None:
        """Let the other parts be written where one was refused."""
        refused = set(map(part_of, target.corrections))
        others = tuple(each for each in plan.corrections if part_of(each) not in refused)
        if others:
            self._go_on(replace(target, round=target.round - 1), target.snapshot, (), Plan(others), taken)

    def _half_made(self, target: Target, now: AnySnapshot) -> tuple[Correction, ...]:
        """Return what takes back a failed write of which a part was made, where something is lost by that part."""
        return self._run.kind.judge.to_take_back(target.snapshot.state, target.corrections, now.state)

    def _take_back(
        self, target: Target, now: AnySnapshot, back: tuple[Correction, ...], refusal: Refusal, taken: Taken
    ) -> None:
        """Let a failed write be taken back of which a part was made; it counts as refused, and is not tried again."""
        key, settled = taken.batch.journalled_as(target), taken.settled
        made = self._run.kind.judge.visible(target.snapshot.state, target.corrections, now.state)
        settled.singly.append((key, made, Outcome.UNVERIFIED, None))
        others = tuple(each for each in only_fields(target.corrections) if each not in made)
        settled.singly.append((key, others, Outcome.SUPERSEDED, refusal.words))
        settled.outcomes.append((key, target.ref, Outcome.REFUSED, refusal))
        rest = only_points(target.corrections) or target.corrections
        self._notes.refusals.hold(rest, refusal, self._run.clock.now())
        taken.work.replanned[target.ref] = self._run.kind.planner.plan(now)
        self._go_on(target, now, back, Plan(), taken)

    def _inapplicable(self, target: Target, reason: str, taken: Taken) -> None:
        """Plan afresh what the portal could not do, because somebody had changed things before.

        What is asked for again though its target is gone is refused: no list tells that it is.
        """
        if reason == TARGET_GONE and self._is_wanted_still(target, taken.read_back.get(target.ref)):
            self._refused(target, Refused("OWNER_NOT_FOUND", "the item to bind to is gone"), taken)
            return
        taken.settled.outcomes.append((taken.batch.journalled_as(target), target.ref, Outcome.NOT_SENT, reason))
        self._run.safety.give_back([target])
        now = taken.read_back.get(target.ref)
        plan = taken.work.replanned[target.ref] = Plan() if now is None else self._run.kind.planner.plan(now)
        if now is not None:
            judge = self._run.kind.judge
            owed = judge.still_needed(target.corrections, now.state) if target.mending is not None else ()
            self._go_on(target, now, owed, plan, taken)

    def _is_wanted_still(self, target: Target, now: AnySnapshot | None) -> bool:
        if now is None:
            return False
        if target.mending is not None:
            return bool(self._run.kind.judge.still_needed(target.corrections, now.state))
        return first_step(self._run.kind.planner.plan(now).corrections) == target.corrections

    def _put_off(self, target: Target, reason: str, taken: Taken) -> None:
        """Let an item be looked at again later, of which nothing was written; repairs stay open and are owed."""
        settled = taken.settled
        if target.mending is not None:
            self._notes.leave_open([target.ref])
            settled.not_tried.append(target.ref)
            return
        settled.outcomes.append((taken.batch.id, target.ref, Outcome.NOT_SENT, reason))
        self._run.safety.give_back([target])
        if self._notes.failures.are_too_many(target.ref):
            self._notes.give_up_on(target.snapshot, target.corrections, TOO_MANY, settled)
        if not any(one.snapshot.ref == target.ref for one in settled.given_up):
            settled.not_tried.append(target.ref)

    def _go_on(
        self, target: Target, now: AnySnapshot, repairs: tuple[Correction, ...], plan: Plan, taken: Taken
    ) -> None:
        """Let be written next what is owed, or else what planning asks for."""
        settled = taken.settled
        if target.round >= _MOST_ROUNDS and (repairs or plan.corrections):
            settled.look_again.append((target.ref, "still changing"))
            if repairs:  # they stay owed
                settled.repairs.append(Target(now, repairs, self._run.batch_ids()))
                self._notes.leave_open([target.ref])
        elif repairs:
            repair = Target(now, repairs, self._run.batch_ids(), target.round + 1)
            settled.repairs.append(repair)
            taken.again.append(repair)
        elif plan.corrections:
            step = self._notes.steps.next(now, plan.corrections, self._run.clock.now())
            if step.corrections:
                taken.again.append(Target(now, step.corrections, None, target.round + 1))
            if step.refused:
                planned = taken.work.replanned[target.ref]
                taken.work.replanned[target.ref] = planned + step.reviews
            if step.detail is not None:
                self._run.tally.add(Count.FAILED)  # noted already, so that listing it does not count
                settled.given_up.append(GivenUp(now, step.refused, step.detail))

    def _count_corrected(self, target: Target) -> None:
        self._run.tally.add(Count.CORRECTIONS, len(target.corrections))
        if target.round == 1:
            self._run.tally.add(Count.CORRECTED)

    def _set_aside(self, target: Target, state: AnySnapshot, refusal: Refusal, settled: Settled) -> Plan:
        """Note a refusal: an activity's is a person's to decide, an item's is listed as failed."""
        reviews = self._notes.refusals.add(target.ref, target.corrections, refusal, self._run.clock.now())
        if reviews.reviews:
            self._run.tally.add(Count.REFUSED)
        else:
            settled.given_up.append(GivenUp(state, target.corrections, refusal.words))
        return reviews
