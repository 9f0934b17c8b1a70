"""Excluding items, and no longer: it changes the state alone, and holds at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.errors import UsageInvalid
from b24syncd.store import exclusions

from .results import Changed

if TYPE_CHECKING:
    from datetime import datetime

    import sqlite_utils

    from b24syncd.store.database import Database

    from .requests import ExcludeRequest, IncludeRequest


async def exclude(database: Database, request: ExcludeRequest, now: datetime) -> Changed:
    """Exclude items, and close what is asked about them; return how many were not excluded before."""
    return Changed(await database.write(lambda db: exclusions.add(db, request.refs, now=now, by=request.by)))


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
