"""What a person decides of reviews that changes the state alone: dismissed, asked again, or no longer held."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from b24syncd.domain.holds import HOLDING
from b24syncd.errors import UsageInvalid
from b24syncd.store import exclusions, holds, review_search, reviews
from b24syncd.store.stored_reviews import ReviewState

from .results import Changed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import sqlite_utils

    from b24syncd.store.database import Database
    from b24syncd.store.review_search import ReviewFilter

    from .requests import DismissRequest, ImportRequest, ReleaseRequest, ReopenRequest


async def dismiss(database: Database, request: DismissRequest, now: datetime) -> Changed:
    """Dismiss all these reviews, or none and raise `UsageInvalid`."""

    def dismiss_all(db: sqlite_utils.Database) -> Changed:
        ids = (*request.ids, *found_by(db, request.which, ReviewState.OPEN, request.expected))
        return Changed(_dismiss(db, ids, now, request.by))

    return await database.write(dismiss_all)


def found_by(
    db: sqlite_utils.Database, which: ReviewFilter | None, state: ReviewState, expected: int | None
) -> tuple[int, ...]:
    """Return the numbers of the reviews in a state that a filter means; raise `UsageInvalid` if not as many as seen."""
    if which is None:
        return ()
    found = tuple(one.id for one in review_search.each(db, replace(which, states=frozenset({state}))))
    require_seen(len(found), expected, which)
    return found


def require_seen(number: int, expected: int | None, which: ReviewFilter) -> None:
    """Raise `UsageInvalid` where there are not as many as a person has seen.

    Where the filter tells when they were seen it takes none that came later: there may be fewer, but never more.
    """
    if not is_as_seen(number, expected, which):
        message = f"there are {number} by now, not {expected}: look again; nothing was done"
        raise UsageInvalid(message)


def is_as_seen(number: int, expected: int | None, which: ReviewFilter) -> bool:
    """Tell whether so many are those that a person has seen."""
    return expected in {None, number} or (which.seen_at is not None and expected is not None and number < expected)


def carry_out_in_state(db: sqlite_utils.Database, request: ImportRequest, now: datetime) -> None:
    """Do what of a list changes the state alone: all of it, or nothing and raise `UsageInvalid`."""
    _dismiss(db, request.dismissed, now, request.by)
    _reopen(db, request.reopened, now, request.by)
    exclusions.add(db, request.excluded, now=now, by=request.by)


def _dismiss(db: sqlite_utils.Database, ids: Sequence[int], now: datetime, by: str) -> int:
    missing = [review_id for review_id in ids if not reviews.dismiss(db, review_id, now=now, by=by)]
    if missing:
        message = f"no open review has the number {', '.join(map(str, missing))}; nothing was dismissed"
        raise UsageInvalid(message)
    return len(ids)


def _reopen(db: sqlite_utils.Database, ids: Sequence[int], now: datetime, by: str) -> int:
    missing = [review_id for review_id in ids if not reviews.reopen(db, review_id, now=now, by=by)]
    if missing:
        message = f"no dismissed review has the number {', '.join(map(str, missing))}; nothing was reopened"
        raise UsageInvalid(message)
    return len(ids)


async def reopen(database: Database, request: ReopenRequest, now: datetime) -> Changed:
    """Ask again for all these dismissed reviews, or for none and raise `UsageInvalid`."""

    def reopen_all(db: sqlite_utils.Database) -> Changed:
        ids = (*request.ids, *found_by(db, request.which, ReviewState.DISMISSED, request.expected))
        return Changed(_reopen(db, ids, now, request.by))

    return await database.write(reopen_all)


async def release(database: Database, request: ReleaseRequest, now: datetime) -> Changed:
    """Release what these reviews tell of, or what a run holds; all of it, or none and raise `UsageInvalid`."""

    def release_all(db: sqlite_utils.Database) -> Changed:
        if request.run is not None:
            held = holds.held_by(db, request.run)
            if not held:
                message = f"run {request.run} holds nothing"
                raise UsageInvalid(message)
            return Changed(holds.release(db, held, now=now))
        standing = {hold.key for hold in holds.standing(db)}
        found = {
            review.id: (review.ref, review.job)
            for review in reviews.get_reviews(db, request.ids)
            if review.reason in HOLDING and (review.ref, review.job) in standing
        }
        missing = [review_id for review_id in request.ids if review_id not in found]
        if missing:
            message = f"nothing that is held has the number {', '.join(map(str, missing))}; nothing was released"
            raise UsageInvalid(message)
        return Changed(holds.release(db, found.values(), now=now))

    return await database.write(release_all)
