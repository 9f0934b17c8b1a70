"""What a person decides of reviews that changes the state alone: dismissed, asked again, or no longer held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.holds import HOLDING
from b24syncd.errors import UsageInvalid
from b24syncd.store import holds, reviews

from .results import Changed

if TYPE_CHECKING:
    from datetime import datetime

    import sqlite_utils

    from b24syncd.store.database import Database

    from .requests import DismissRequest, ReleaseRequest, ReopenRequest


async def dismiss(database: Database, request: DismissRequest, now: datetime) -> Changed:
    """Dismiss all these reviews, or none and raise `UsageInvalid`."""

    def dismiss_all(db: sqlite_utils.Database) -> Changed:
        missing = [review_id for review_id in request.ids if not reviews.dismiss(db, review_id, now=now, by=request.by)]
        if missing:
            message = f"no open review has the number {', '.join(map(str, missing))}; nothing was dismissed"
            raise UsageInvalid(message)
        return Changed(len(request.ids))

    return await database.write(dismiss_all)


async def reopen(database: Database, request: ReopenRequest, now: datetime) -> Changed:
    """Ask again for all these dismissed reviews, or for none and raise `UsageInvalid`."""

    def reopen_all(db: sqlite_utils.Database) -> Changed:
        missing = [review_id for review_id in request.ids if not reviews.reopen(db, review_id, now=now, by=request.by)]
        if missing:
            message = f"no dismissed review has the number {', '.join(map(str, missing))}; nothing was reopened"
            raise UsageInvalid(message)
        return Changed(len(request.ids))

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
