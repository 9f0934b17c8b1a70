"""Excluding items, and no longer: it changes the state alone, and holds at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.errors import UsageInvalid
from b24syncd.store import exclusions, reviews
from b24syncd.store.stored_reviews import ReviewState

from .results import Changed
from .review_states import found_by

if TYPE_CHECKING:
    from datetime import datetime

    import sqlite_utils

    from b24syncd.store.database import Database

    from .requests import ExcludeRequest, IncludeRequest


async def exclude(database: Database, request: ExcludeRequest, now: datetime) -> Changed:
    """Exclude items, and close what is asked about them; return how many were not excluded before."""

    def exclude_all(db: sqlite_utils.Database) -> Changed:
        ids = found_by(db, request.which, ReviewState.OPEN, request.expected)
        refs = (*request.refs, *(review.ref for review in reviews.get_reviews(db, ids)))
        return Changed(exclusions.add(db, refs, now=now, by=request.by))

    return await database.write(exclude_all)


async def include(database: Database, request: IncludeRequest, now: datetime) -> Changed:
    """Exclude none of these items any more, or raise `UsageInvalid` where one of them was not excluded."""

    def include_all(db: sqlite_utils.Database) -> Changed:
        missing = set(request.refs).difference(exclusions.remove(db, request.refs, now=now))
        if missing:
            named = ", ".join(sorted(map(str, missing)))
            message = f"the state does not exclude {named}: `b24syncd exclude list` tells what; nothing was changed"
            raise UsageInvalid(message)
        return Changed(len(set(request.refs)))

    return await database.write(include_all)
