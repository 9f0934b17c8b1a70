"""What reading told of intents without an outcome: how it is counted, and logged."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.observe.logs import get_logger, some_of
from b24syncd.store import journal, runs
from b24syncd.store.journal import Outcome
from b24syncd.store.runs import Count

from .batch_results import count_made

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import sqlite_utils

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.holds import Hold
    from b24syncd.store.journal import OpenIntent

log = get_logger()


@dataclass(slots=True)
class Judged:
    """What was told of an intent: the outcomes of its parts, and which of it is still owed, or cannot be told yet."""

    intent: OpenIntent
    parts: list[tuple[Outcome, tuple[Correction, ...]]] = field(default_factory=list)
    doubts: list[Hold] = field(default_factory=list)
    owed: tuple[Correction, ...] = ()
    stays_open: bool = False

    def of(self, outcome: Outcome) -> tuple[Correction, ...]:
        """Return the corrections that had this outcome."""
        return tuple(each for one, part in self.parts if one is outcome for each in part)


def left_since(before: Iterable[OpenIntent], now: Iterable[OpenIntent]) -> frozenset[EntityRef]:
    """Return the items of which intents are open now that were not before, or were sent in between."""
    known = {(one.batch, one.intent.ref, one.sent_at) for one in before}
    return frozenset(one.intent.ref for one in now if (one.batch, one.intent.ref, one.sent_at) not in known)


def count(db: sqlite_utils.Database, run_id: int, judged: Sequence[Judged]) -> Counter[str]:
    """Count what was judged of a run, before the journal tells it; return what was counted."""
    counts: Counter[str] = Counter()
    for one in judged:
        counts[Count.UNVERIFIED] += len(one.of(Outcome.UNVERIFIED))
        counts[Count.CORRECTIONS] += len(one.of(Outcome.UNVERIFIED))
        counts[Count.OVERTAKEN] += bool(one.of(Outcome.OVERTAKEN))
    own = {
        one.intent.intent.ref for one in judged if one.intent.run_id == run_id and not one.intent.mends and one.parts
    }
    corrected = journal.corrected_in(db, run_id, own)
    if corrected is not None:  # once, however often answers are lost; a daemon meets items again
        own -= corrected | journal.judged_in(db, run_id, own)
    counts[Count.READ] += len(own)
    made = [one.intent.intent.ref for one in judged if one.of(Outcome.UNVERIFIED)]
    count_made(db, run_id, made, counts, counts_read=False)
    runs.add_counts(db, run_id, counts)
    return counts


def tell(judged: Sequence[Judged]) -> None:
    """Log what was judged, a line for each outcome."""
    refs: dict[Outcome, dict[EntityRef, None]] = {}
    for one in judged:
        for outcome, part in one.parts:
            if part:
                refs.setdefault(outcome, {})[one.intent.intent.ref] = None
    for outcome, found in refs.items():
        log.info("judged", outcome=outcome.value, **some_of(found))
