"""Reviews as they are stored."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from b24syncd.domain.entities import EntityRef, EntityType

from .times import from_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class ReviewState(StrEnum):
    """How a review stands; part of the outside."""

    OPEN = "open"
    DISMISSED = "dismissed"  # by a person; another value of the same entry opens it again
    CLOSED = "closed"  # by itself: planning asks for it no longer
    ACCEPTED = "accepted"  # a person decided, and it was written


@dataclass(frozen=True, slots=True)
class StoredReview:
    """A review as it is stored, decided `by` a person of the console; `reason` is text: older releases may differ.

    `countries` are those of the numbers that it suggests, parted by commas; `?` where nobody has looked yet.
    """

    id: int
    ref: EntityRef
    job: str
    point_id: int
    value: str
    reason: str
    suggestion: str | None
    state: ReviewState
    opened_at: datetime
    changed_at: datetime
    by: str = ""
    countries: str = ""


def from_record(row: Mapping[str, Any]) -> StoredReview:
    """Return the review of a row."""
    return StoredReview(
        id=row["id"],
        ref=EntityRef(EntityType(row["entity_type"]), row["entity_id"]),
        job=row["job"],
        point_id=row["point_id"],
        value=row["value"],
        reason=row["reason"],
        suggestion=row["suggestion"],
        state=ReviewState(row["state"]),
        opened_at=from_text(row["opened_at"]),
        changed_at=from_text(row["changed_at"]),
        by=row["decided_by"],
        countries=row["countries"],
    )
