"""Reviews: what a person has to decide, one by one and by groups of the same kind."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.jobs.catalogue import OF_POINTS
from b24syncd.jobs.countries import countries_of

from .report import Report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24syncd.domain.entities import EntityRef
    from b24syncd.store.reviews import ReviewState, StoredReview


@dataclass(frozen=True, slots=True)
class ReviewReport(Report):
    """One review; `point` is the entry that it asks about, None where it is of none."""

    id: int
    job: str
    item: EntityRef
    point: int | None
    value: str
    reason: str
    suggestion: str | None
    state: ReviewState


@dataclass(frozen=True, slots=True)
class ReviewGroup(Report):
    """Reviews of one job with one reason, whose suggestions are of the same countries."""

    job: str
    reason: str
    countries: tuple[str, ...]
    reviews: tuple[ReviewReport, ...]

    @property
    def name(self) -> str:
        """What they have in common, in words."""
        return ", ".join((f"{self.job} {self.reason}", *self.countries))


def review_report(review: StoredReview) -> ReviewReport:
    """Return what is told of a review."""
    return ReviewReport(
        review.id,
        review.job,
        review.ref,
        (review.point_id or None) if review.job in OF_POINTS else None,
        review.value,
        review.reason,
        review.suggestion,
        review.state,
    )


def grouped(found: Iterable[StoredReview]) -> list[ReviewGroup]:
    """Return reviews by what they have in common, the most frequent first."""
    groups: defaultdict[tuple[str, str, tuple[str, ...]], list[ReviewReport]] = defaultdict(list)
    for review in found:
        key = (review.job, review.reason, countries_of(review.job, review.suggestion))
        groups[key].append(review_report(review))
    reports = (ReviewGroup(*key, tuple(group)) for key, group in groups.items())
    return sorted(reports, key=lambda group: (-len(group.reviews), group.name))
