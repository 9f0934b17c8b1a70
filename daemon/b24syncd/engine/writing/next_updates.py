"""What is written next of an item after an answer: repairs that are owed before what planning asks for."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import unit_of
from b24syncd.engine.tally import Count
from b24syncd.engine.updates import Update

from .batch_results import GivenUp

if TYPE_CHECKING:
    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.plans import Plan
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.engine.context import RunContext

    from .answered_batch import AnsweredBatch, Notes

MOST_ATTEMPTS = 6
"""Writes of one item in a row; a person cannot edit faster, so more means that the portal changes what it is given.

Parts that are written one after the other, each once, do not count.
"""

_CHANGING = "still changing"


class NextUpdates:
    """Chooses what follows each answer, for one run."""

    def __init__(self, run: RunContext, notes: Notes) -> None:
        """Plan as `run` does; `notes` tell what stands refused."""
        self._run = run
        self._notes = notes

    def go_on(  # noqa: PLR0913 # what was written, and what follows
        self,
        update: Update,
        now: AnySnapshot,
        repairs: tuple[Correction, ...],
        plan: Plan,
        answered: AnsweredBatch,
        *,
        is_as_read: bool | None = None,
    ) -> None:
        """Let be written next what is owed, or else what planning asks for.

        `is_as_read` tells whether a write met what it was planned from; None where that tells nothing. Where it did
        not, the filters that the item meets may be others too, and it is read again.
        """
        results = answered.results
        if repairs and update.attempt >= MOST_ATTEMPTS:  # they stay owed
            results.look_again.append((update.ref, _CHANGING))
            results.repairs.append(Update(now, repairs, self._run.batch_ids()))
            self._notes.leave_open([update.ref])
        elif repairs:
            repair = Update(now, repairs, self._run.batch_ids(), update.attempt + 1)
            results.repairs.append(repair)
            answered.again.append(repair)
        elif plan.corrections:
            step = self._notes.steps.next(now, plan.corrections, self._run.clock.now())
            done = update.units_before | (set(map(unit_of, update.corrections)) if is_as_read else set())
            goes_on = bool(is_as_read) and done.isdisjoint(map(unit_of, step.corrections))
            then = replace(now, read_at=-inf) if is_as_read is False else now
            following = Update(then, step.corrections, None, update.attempt + (not goes_on), units_before=done)
            if step.corrections and following.attempt > MOST_ATTEMPTS:
                results.look_again.append((update.ref, _CHANGING))
            elif step.corrections:
                answered.again.append(following)
            if step.refused:
                planned = answered.work.replanned[update.ref]
                answered.work.replanned[update.ref] = planned + step.reviews
            if step.detail is not None:
                results.counts[Count.FAILED] += 1  # noted already, so that listing it does not count
                results.given_up.append(GivenUp(now, step.refused, step.detail))
