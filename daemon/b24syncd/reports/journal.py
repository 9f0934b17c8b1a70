"""The journal: what was changed from what to what, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from b24syncd.domain.descriptions import Action, describe

from .report import Report

if TYPE_CHECKING:
    from datetime import datetime

    from b24syncd.domain.entities import EntityRef
    from b24syncd.store.history import JournalEntry
    from b24syncd.store.journal import Outcome

    from .portal_words import PortalWords


@dataclass(frozen=True, slots=True)
class JournalLine(Report):
    """One correction; `point` is the entry that was changed, or the task. Nothing is None.

    Of a field it tells the name, and the title where that is remembered. It was asked for `by` a person of the console;
    nobody where the shell did, or rules. By its `id` it can be taken back alone.
    """

    run: int
    at: datetime
    job: str
    item: EntityRef
    point: int | None
    before: str | None
    after: str | None
    outcome: Outcome
    field: str | None
    field_title: str | None
    url: str | None
    by: str
    id: int

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it, with the time to the millisecond: a batch takes less than a second."""
        return {**Report.to_json(self), "at": self.at.isoformat(timespec="milliseconds")}

    @property
    def told_field(self) -> str | None:
        """The field as people know it."""
        return self.field_title or self.field


def journal_line(entry: JournalEntry, words: PortalWords) -> JournalLine:
    """Return what is told of an entry of the journal."""
    correction = entry.correction
    told = describe(correction)
    field = str(told.slot) if told.action is Action.SET_FIELD else None
    return JournalLine(
        run=entry.run_id,
        at=entry.at,
        job=correction.job,
        item=correction.ref,
        point=told.id,
        before=told.before,
        after=told.after,
        outcome=entry.outcome,
        field=field,
        field_title=words.title_of(correction.ref, field),
        url=words.url_of(correction.ref),
        by=entry.by,
        id=entry.id,
    )
