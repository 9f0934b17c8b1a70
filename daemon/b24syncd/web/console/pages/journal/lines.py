"""Corrections as pages list them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.app.undo_ahead import MADE
from b24syncd.domain.descriptions import describe
from b24syncd.reports.journal import journal_line
from b24syncd.reports.portal_words import portal_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlite_utils

    from b24syncd.reports.journal import JournalLine
    from b24syncd.store.history import JournalEntry


@dataclass(frozen=True, slots=True)
class Line:
    """A correction of the journal by its number; `action` is what was done, `detail` why it was not."""

    id: int
    told: JournalLine
    action: str
    detail: str | None
    is_made: bool
    is_restored: bool


def lines_of(db: sqlite_utils.Database, entries: Iterable[JournalEntry]) -> tuple[Line, ...]:
    """Return corrections as they are listed, with the titles of fields."""
    words = portal_words(db)
    return tuple(
        Line(
            entry.id,
            journal_line(entry, words),
            describe(entry.correction).action.value,
            entry.detail,
            entry.outcome in MADE,
            entry.mends,
        )
        for entry in entries
    )
