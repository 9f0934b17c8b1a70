"""The journal: what was changed from what to what, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from b24syncd.domain.descriptions import describe

from .report import Report

if TYPE_CHECKING:
    from datetime import datetime

    from b24syncd.domain.entities import EntityRef
    from b24syncd.store.history import JournalEntry
    from b24syncd.store.journal import Outcome


@dataclass(frozen=True, slots=True)
class JournalLine(Report):
    """One correction; `point` is the entry that was changed, or the task. Nothing is None."""

    run: int
    at: datetime
    job: str
    item: EntityRef
    point: int | None
    before: str | None
    after: str | None
    outcome: Outcome

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it, with the time to the millisecond: a batch takes less than a second."""
        return {**Report.to_json(self), "at": self.at.isoformat(timespec="milliseconds")}


def journal_line(entry: JournalEntry) -> JournalLine:
    """Return what is told of an entry of the journal."""
    correction = entry.correction
    told = describe(correction)
    return JournalLine(
        entry.run_id, entry.at, correction.job, correction.ref, told.id, told.before, told.after, entry.outcome
    )
