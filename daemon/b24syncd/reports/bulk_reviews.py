"""What a decision about all reviews of a filter would concern: how many, of which groups, and some of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.domain.job_names import BINDINGS
from b24syncd.store import review_search

from .report import Report
from .reviews import ReviewReport, review_report

if TYPE_CHECKING:
    import sqlite_utils

    from b24syncd.domain.entities import EntityType
    from b24syncd.store.review_search import ReviewFilter, ReviewGroup

    from .portal_words import PortalWords


@dataclass(frozen=True, slots=True)
class GroupReport(Report):
    """How many reviews have this in common; `suggests` tells whether they can be accepted."""

    job: str
    reason: str
    countries: tuple[str, ...]
    type: EntityType
    suggests: bool
    number: int


@dataclass(frozen=True, slots=True)
class BulkReport(Report):
    """What is meant by a filter: `number` of reviews, of which so many `suggest` something, by groups, and a sample."""

    number: int
    suggest: int
    groups: tuple[GroupReport, ...]
    sample: tuple[ReviewReport, ...]


def group_report(group: ReviewGroup) -> GroupReport:
    """Return what is told of a group."""
    suggests = group.suggests and group.job != BINDINGS
    return GroupReport(group.job, group.reason, group.countries, group.entity_type, suggests, group.number)


def bulk_report(db: sqlite_utils.Database, which: ReviewFilter, words: PortalWords, *, sample: int = 10) -> BulkReport:
    """Return what a decision about all of these would concern."""
    found = review_search.page(db, which, limit=sample).reviews
    if which.item is not None or which.since is not None or which.seen_at is not None:
        every = list(review_search.each(db, which))
        suggest = sum(one.suggestion is not None and one.job != BINDINGS for one in every)
        return BulkReport(len(every), suggest, (), tuple(review_report(one, words) for one in found))
    groups = tuple(group_report(one) for one in review_search.counted_groups(db, which))
    return BulkReport(
        sum(one.number for one in groups),
        sum(one.number for one in groups if one.suggests),
        groups,
        tuple(review_report(one, words) for one in found),
    )
