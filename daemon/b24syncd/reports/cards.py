"""A card: all that ever happened to one item, and what is asked about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.store import exclusions, holds, journal_search, queue, review_search
from b24syncd.store.history import Filter
from b24syncd.store.review_search import ReviewFilter
from b24syncd.store.stored_reviews import ReviewState

from .exclusions import ExclusionReport
from .journal import JournalLine, journal_line
from .report import Report
from .reviews import ReviewReport, review_report

if TYPE_CHECKING:
    from datetime import datetime

    import sqlite_utils

    from b24syncd.domain.entities import EntityRef
    from b24syncd.store.journal_search import Place

    from .portal_words import PortalWords


@dataclass(frozen=True, slots=True)
class HoldReport(Report):
    """What keeps a job off an item: for which reason, and since which run."""

    job: str
    reason: str
    run: int
    detail: str


@dataclass(frozen=True, slots=True)
class WaitingReport(Report):
    """That an item is to be looked at again, or was given up: why, and when."""

    reason: str
    detail: str | None
    state: str
    due_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class CardReport(Report):
    """An item: its reviews in every state, a page of its corrections, newest first, and what keeps jobs off it.

    `goes_on` is the place from which the corrections go on; None where these are all.
    """

    item: EntityRef
    url: str | None
    reviews: tuple[ReviewReport, ...]
    corrections: tuple[JournalLine, ...]
    goes_on: Place | None
    holds: tuple[HoldReport, ...]
    excluded: ExclusionReport | None
    waiting: WaitingReport | None


def card_report(
    db: sqlite_utils.Database, item: EntityRef, words: PortalWords, *, after: Place | None = None, limit: int = 50
) -> CardReport:
    """Return what the state knows of an item."""
    asked = review_search.each(db, ReviewFilter(item=item, states=frozenset(ReviewState)))
    page = journal_search.page(db, Filter(item=item), after=after, limit=limit)
    held = (hold for hold in holds.standing(db) if hold.ref == item)
    excluded = next((one for one in exclusions.all_of(db) if one.ref == item), None)
    entry = queue.entry_of(db, item)
    return CardReport(
        item,
        words.url_of(item),
        tuple(review_report(review, words) for review in asked),
        tuple(journal_line(one, words) for one in page.entries),
        page.goes_on,
        tuple(HoldReport(hold.job, hold.reason.value, hold.run_id, hold.detail) for hold in held),
        None if excluded is None else ExclusionReport(item, excluded.at, excluded.by, words.url_of(item)),
        None
        if entry is None
        else WaitingReport(entry.reason, entry.detail, entry.state.value, entry.due_at, entry.attempts),
    )
