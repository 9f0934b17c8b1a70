"""What a person decides of reviews: that a value stays or is asked about, or that a job may correct what is held."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.domain.holds import HOLDING
from b24syncd.errors import UsageInvalid
from b24syncd.store import holds, meta, reviews
from b24syncd.store.database import open_for_writing

from .carrying import unshown
from .handing_over import hand_over
from .orders import DismissOrder, ReleaseOrder, ReopenOrder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    import sqlite_utils

    from b24syncd.clock import Clock
    from b24syncd.settings import Settings
    from b24syncd.store.database import Database


@asynccontextmanager
async def _of_this_portal(settings: Settings) -> AsyncIterator[Database]:
    """Hold the state; raise `StateUnusable` where it is of another portal than the one that is configured."""
    async with open_for_writing(settings.state.path) as database:
        await database.read(lambda db: meta.require_portal(db, settings.portal.webhook.host))
        yield database


async def dismiss(settings: Settings, ids: Sequence[int], *, clock: Clock = SYSTEM_CLOCK) -> int:
    """Dismiss all these reviews, or none and raise `UsageInvalid`; return how many."""
    handed = await hand_over(settings, DismissOrder(ids=tuple(ids)), unshown)
    if handed is not None:
        return int(handed["dismissed"])
    async with _of_this_portal(settings) as database:
        return await dismiss_in(database, ids, clock.now())


async def dismiss_in(database: Database, ids: Sequence[int], now: datetime) -> int:
    """Do the same in a state that is held already."""

    def dismiss_all(db: sqlite_utils.Database) -> int:
        missing = [review_id for review_id in ids if not reviews.dismiss(db, review_id, now=now)]
        if missing:
            message = f"no open review has the number {', '.join(map(str, missing))}; nothing was dismissed"
            raise UsageInvalid(message)
        return len(ids)

    return await database.write(dismiss_all)


async def reopen(settings: Settings, ids: Sequence[int], *, clock: Clock = SYSTEM_CLOCK) -> int:
    """Ask again for all these dismissed reviews, or for none and raise `UsageInvalid`; return how many."""
    handed = await hand_over(settings, ReopenOrder(ids=tuple(ids)), unshown)
    if handed is not None:
        return int(handed["reopened"])
    async with _of_this_portal(settings) as database:
        return await reopen_in(database, ids, clock.now())


async def reopen_in(database: Database, ids: Sequence[int], now: datetime) -> int:
    """Do the same in a state that is held already."""

    def reopen_all(db: sqlite_utils.Database) -> int:
        missing = [review_id for review_id in ids if not reviews.reopen(db, review_id, now=now)]
        if missing:
            message = f"no dismissed review has the number {', '.join(map(str, missing))}; nothing was reopened"
            raise UsageInvalid(message)
        return len(ids)

    return await database.write(reopen_all)


async def release(settings: Settings, ids: Sequence[int], run: int | None, *, clock: Clock = SYSTEM_CLOCK) -> int:
    """Release what these reviews tell of, or what a run holds; all of it, or none and raise `UsageInvalid`."""
    handed = await hand_over(settings, ReleaseOrder(ids=tuple(ids), run=run), unshown)
    if handed is not None:
        return int(handed["released"])
    async with _of_this_portal(settings) as database:
        return await release_in(database, ids, run, clock.now())


async def release_in(database: Database, ids: Sequence[int], run: int | None, now: datetime) -> int:
    """Do the same in a state that is held already."""

    def release_all(db: sqlite_utils.Database) -> int:
        if run is not None:
            held = holds.held_by(db, run)
            if not held:
                message = f"run {run} holds nothing"
                raise UsageInvalid(message)
            return holds.release(db, held, now=now)
        standing = {hold.key for hold in holds.standing(db)}
        found = {
            review.id: (review.ref, review.job)
            for review in reviews.get_reviews(db, ids)
            if review.reason in HOLDING and (review.ref, review.job) in standing
        }
        missing = [review_id for review_id in ids if review_id not in found]
        if missing:
            message = f"nothing that is held has the number {', '.join(map(str, missing))}; nothing was released"
            raise UsageInvalid(message)
        return holds.release(db, found.values(), now=now)

    return await database.write(release_all)
