"""What one batch brings, collected while its answers are gone through and stored in one transaction."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from b24syncd.store import journal, queue, runs
from b24syncd.store.journal import Intent
from b24syncd.store.runs import Count

if TYPE_CHECKING:
    from collections.abc import Iterable
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
    what became of them. `counts` are counted of the run when the rest is stored, and items that are `made` once in it.
    """

    singly: list[tuple[str, tuple[Correction, ...], Outcome, str | None]] = field(default_factory=list)
    outcomes: list[journal.ItemOutcome] = field(default_factory=list)
    met: list[journal.MetOtherwise] = field(default_factory=list)
    corrected: list[Update] = field(default_factory=list)
    repairs: list[Update] = field(default_factory=list)
    look_again: list[tuple[EntityRef, str]] = field(default_factory=list)
    not_tried: list[EntityRef] = field(default_factory=list)
    given_up: list[GivenUp] = field(default_factory=list)
    mended: list[EntityRef] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    made: dict[EntityRef, None] = field(default_factory=dict)
    counts_read: bool = False


def store_results(db: sqlite_utils.Database, results: BatchResults, run_id: int, now: datetime) -> None:
    """Store everything; call it inside a transaction."""
    count_made(db, run_id, results.made, results.counts, counts_read=results.counts_read)
    journal.note_met(db, results.met, now=now)
    for batch, some, outcome, detail in results.singly:
        journal.settle_some(db, batch, some, outcome, detail=detail, now=now)
    journal.settle_all(db, results.outcomes, now=now)
    for repair in results.repairs:
        assert repair.repair_batch is not None  # noqa: S101 # repairs are made with a batch of their own
        intent = Intent(repair.ref, repair.snapshot.state, repair.corrections)
        journal.insert_intents(db, journal.Batch(run_id, repair.repair_batch, mends=True), [intent], now=now)
    for ref, reason in results.look_again:
        queue.postpone(db, ref, reason, now=now, backoff=_backoff)
    for one in results.given_up:
        queue.give_up(db, one.snapshot.ref, "refused", one.detail, now=now)
    runs.add_counts(db, run_id, results.counts)


def count_made(
    db: sqlite_utils.Database, run_id: int, made: Iterable[EntityRef], counts: Counter[str], *, counts_read: bool
) -> None:
    """Count the items that are corrected, before the journal tells it: each once, however often the run is resumed.

    They count as read at once: where the run is killed before their page is settled, they need not be met again.
    """
    refs = frozenset(made)
    before = journal.corrected_in(db, run_id, refs)
    new = len(refs - (before or frozenset()))
    counts[Count.CORRECTED] += new
    if counts_read and before is not None:
        counts[Count.READ] += new


def _backoff(attempt: int) -> timedelta:
    """Return how long an item rests after its nth failed attempt: a minute, doubling up to six hours."""
    doublings: int = min(attempt - 1, 9)
    return min(timedelta(minutes=1 << doublings), timedelta(hours=6))
