"""What one batch brings, collected while its answers are gone through and stored in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from b24syncd.store import journal, queue
from b24syncd.store.journal import Intent

if TYPE_CHECKING:
    from datetime import datetime

    import sqlite_utils

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.engine.updates import Update
    from b24syncd.store.journal import Outcome


@dataclass(frozen=True, slots=True)
class GivenUp:
    """What is listed as failed: the corrections that are not tried again in this state of their item, and why."""

    snapshot: AnySnapshot
    corrections: tuple[Correction, ...]
    detail: str


@dataclass(slots=True)
class BatchResults:
    """What one batch brings, collected before it is stored in one transaction.

    `singly` are corrections with an outcome of their own, by their batch: of parts of failed writes only reading shows
    what became of them.
    """

    singly: list[tuple[str, tuple[Correction, ...], Outcome, str | None]] = field(default_factory=list)
    outcomes: list[journal.ItemOutcome] = field(default_factory=list)
    met: list[journal.MetOtherwise] = field(default_factory=list)
    corrected: list[Update] = field(default_factory=list)
    repairs: list[Update] = field(default_factory=list)
    look_again: list[tuple[EntityRef, str]] = field(default_factory=list)
    not_tried: list[EntityRef] = field(default_factory=list)
    given_up: list[GivenUp] = field(default_factory=list)


def store_results(db: sqlite_utils.Database, results: BatchResults, run_id: int, now: datetime) -> None:
    """Store everything; call it inside a transaction."""
    journal.note_met(db, results.met, now=now)
    for batch, some, outcome, detail in results.singly:
        journal.settle_some(db, batch, some, outcome, detail=detail, now=now)
    journal.settle_all(db, results.outcomes, now=now)
    for repair in results.repairs:
        assert repair.mending is not None  # noqa: S101 # repairs are made with a batch of their own
        intent = Intent(repair.ref, repair.snapshot.state, repair.corrections)
        journal.insert_intents(db, run_id, repair.mending, [intent], mends=True, now=now, sent_at=None)
    for ref, reason in results.look_again:
        queue.postpone(db, ref, reason, now=now, backoff=_backoff)
    for one in results.given_up:
        queue.give_up(db, one.snapshot.ref, "refused", one.detail, now=now)


def _backoff(attempt: int) -> timedelta:
    """Return how long an item rests after its nth failed attempt: a minute, doubling up to six hours."""
    doublings: int = min(attempt - 1, 9)
    return min(timedelta(minutes=1 << doublings), timedelta(hours=6))
