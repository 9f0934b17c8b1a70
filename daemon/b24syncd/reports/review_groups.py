"""Reviews by groups of the same kind, for deciding many at once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .report import Report
from .reviews import ReviewReport, review_report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24syncd.store.stored_reviews import StoredReview

    from .portal_words import PortalWords


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


def grouped(found: Iterable[StoredReview], words: PortalWords) -> list[ReviewGroup]:
    """Return reviews by what they have in common, the most frequent first."""
    from b24syncd.jobs.phones.countries import countries_of  # noqa: PLC0415  # takes long, and is for deciding only

    groups: defaultdict[tuple[str, str, tuple[str, ...]], list[ReviewReport]] = defaultdict(list)
    for review in found:
        key = (review.job, review.reason, countries_of(review.job, review.suggestion))
        groups[key].append(review_report(review, words))
    reports = (ReviewGroup(*key, tuple(group)) for key, group in groups.items())
    return sorted(reports, key=lambda group: (-len(group.reviews), group.name))
