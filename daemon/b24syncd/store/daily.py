"""Numbers by the hour, for charts: corrections that were made, and reviews as they were opened and as they ended.

Read a stretch of ids at a time, so that nobody waits for the whole of a long journal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .times import to_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import sqlite_utils

STRETCH: Final = 20_000
"""Ids that are read at once."""

LAST: Final = (1 << 63) - 1
"""The highest id that there can be."""

_HOUR: Final = 13
"""Characters of a time as it is stored that tell its hour: `2026-11-29T05`."""

_NEXT = "SELECT id, at FROM journal WHERE id >= ? ORDER BY id LIMIT 1"
_SETTLED = "SELECT coalesce((SELECT min(+id) - 1 FROM journal WHERE outcome = 'intent'), max(id), 0) FROM journal"
_MADE = (
    "SELECT substr(at, 1, ?), count(*) FROM journal WHERE id > ? AND id <= ? AND outcome IN ('done', 'unverified')"
    " GROUP BY 1"
)
_HIGHEST_REVIEW = "SELECT coalesce(max(id), 0) FROM reviews"
_OPENED = "SELECT substr(opened_at, 1, ?), count(*) FROM reviews WHERE id > ? AND id <= ? GROUP BY 1"
_ENDED = (
    "SELECT substr(changed_at, 1, ?), count(*) FROM reviews WHERE id > ? AND id <= ? AND state != 'open' GROUP BY 1"
)


@dataclass(frozen=True, slots=True)
class ReviewHours:
    """How many reviews were opened in which hour, and how many ended."""

    opened: Mapping[str, int]
    ended: Mapping[str, int]


def first_since(db: sqlite_utils.Database, since: datetime) -> int:
    """Return an id of the journal before which all is older: ids and times have the same order."""
    wanted = to_text(since)
    low, high = 0, settled_until(db)
    while low < high:
        middle = (low + high) // 2
        found = db.execute(_NEXT, (middle,)).fetchone()
        if found is None or found[1] >= wanted:
            high = middle
        else:
            low = int(found[0]) + 1
    return max(0, low - 1)


def settled_until(db: sqlite_utils.Database) -> int:
    """Return the id up to which everything has its outcome."""
    return int(db.execute(_SETTLED).fetchone()[0])


def made_by_hour(db: sqlite_utils.Database, after: int, until: int) -> dict[str, int]:
    """Return how many corrections were made in which hour, of those with ids in a stretch."""
    return {str(hour): int(number) for hour, number in db.execute(_MADE, (_HOUR, after, until))}


def highest_review(db: sqlite_utils.Database) -> int:
    """Return the highest id of a review, 0 where there is none."""
    return int(db.execute(_HIGHEST_REVIEW).fetchone()[0])


def reviews_by_hour(db: sqlite_utils.Database, after: int, until: int) -> ReviewHours:
    """Return how many of the reviews with ids in a stretch were opened in which hour, and how many ended."""
    values = (_HOUR, after, until)
    return ReviewHours(dict(db.execute(_OPENED, values).fetchall()), dict(db.execute(_ENDED, values).fetchall()))
