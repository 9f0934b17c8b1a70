"""Reviews: what a person has to decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.domain.field_reviews import field_of
from b24syncd.domain.job_names import FIELDS, JOBS_OF_POINTS
from b24syncd.store.stored_reviews import ReviewState

from .report import Report

if TYPE_CHECKING:
    from datetime import datetime

    from b24syncd.domain.entities import EntityRef
    from b24syncd.store.stored_reviews import StoredReview

    from .portal_words import PortalWords


@dataclass(frozen=True, slots=True)
class ReviewReport(Report):
    """One review; `point` is the entry that it asks about, None where it is of none.

    Of a field it tells the name, with which its `value` begins, and the title where that is remembered. It was decided
    `by` a person of the console; nobody where the shell did, or nobody has.
    """

    id: int
    job: str
    item: EntityRef
    point: int | None
    value: str
    reason: str
    suggestion: str | None
    state: ReviewState
    opened_at: datetime
    field: str | None
    field_title: str | None
    url: str | None
    by: str

    @property
    def told_value(self) -> str:
        """The value as people read it: of a field by its title."""
        if self.field is None or self.field_title is None:
            return self.value
        return f"{self.field_title}{self.value.removeprefix(self.field)}"

    @property
    def told_state(self) -> str | None:
        """The state, where it is not that in which most reviews are that are listed."""
        return None if self.state is ReviewState.OPEN else self.state.value


def review_report(review: StoredReview, words: PortalWords) -> ReviewReport:
    """Return what is told of a review."""
    field = field_of(review.value) if review.job == FIELDS else None
    return ReviewReport(
        id=review.id,
        job=review.job,
        item=review.ref,
        point=(review.point_id or None) if review.job in JOBS_OF_POINTS else None,
        value=review.value,
        reason=review.reason,
        suggestion=review.suggestion,
        state=review.state,
        opened_at=review.opened_at,
        field=field,
        field_title=words.title_of(review.ref, field),
        url=words.url_of(review.ref),
        by=review.by,
    )
