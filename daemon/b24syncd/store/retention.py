"""Retention: the journal is made shorter, a page at a time, by what nothing needs any more, and what hangs on it.

What stays, however old it is: whatever is open, or was settled together with something that is younger; what was done
with activities and the last that was written into a field, as our own or for a person (`past.py`), from which planning
tells a person's doing from our own; and what concerns an item that an undo holds (`holds.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .times import to_text

if TYPE_CHECKING:
    from datetime import datetime

    import sqlite_utils

    from .database import Database

_PAGE = 2000
_MOST_PAGES = 500

_READ = "SELECT max(id), max(at) FROM (SELECT id, at FROM journal WHERE id > ? ORDER BY id LIMIT ?)"
_FORGET = """
DELETE FROM journal AS old
WHERE id > :after AND id <= :last AND outcome != 'intent' AND settled_at < :before
AND EXISTS (SELECT 1 FROM runs WHERE runs.id = old.run_id AND (runs.state != 'running' OR runs.kind = 'run'))
AND NOT EXISTS (
    SELECT 1 FROM journal AS other
    WHERE other.entity_type = old.entity_type AND other.entity_id = old.entity_id AND other.batch = old.batch
    AND (other.settled_at IS NULL OR other.settled_at >= :before)
)
AND NOT (entity_type = 'activity' AND outcome IN ('done', 'unverified'))
AND (
    what != 'field' OR outcome NOT IN ('done', 'unverified', 'overtaken')
    OR EXISTS (
        SELECT 1 FROM journal AS newer
        WHERE newer.entity_type = old.entity_type AND newer.entity_id = old.entity_id AND newer.id > old.id
        AND newer.what = 'field' AND newer.slot = old.slot AND newer.restores <= old.restores
        AND newer.outcome IN ('done', 'unverified')
    )
)
AND NOT EXISTS (
    SELECT 1 FROM holds
    WHERE holds.entity_type = old.entity_type AND holds.entity_id = old.entity_id AND holds.job = old.job
    AND released_at IS NULL
)
"""


_OLD_REVIEWS = "state IN ('closed', 'accepted') AND changed_at < ?"
# The last run of each kind tells how things stand, and an interrupted backfill goes on.
_OLD_RUNS = (
    "state != 'running' AND finished_at < ?"
    " AND id NOT IN (SELECT max(id) FROM runs GROUP BY kind)"
    " AND NOT EXISTS (SELECT 1 FROM journal WHERE journal.run_id = runs.id)"
    " AND NOT EXISTS (SELECT 1 FROM holds WHERE holds.run_id = runs.id)"
)


async def shorten_journal(database: Database, before: datetime) -> int:
    """Forget what was settled before that time and is not needed; return how many rows that were.

    Each page is a transaction of its own, so that nobody waits for long and any moment is one to stop at.
    """
    forgotten, after = 0, 0
    while (page := await database.write(lambda db, first=after: forget_page(db, first, before=before))) is not None:  # type: ignore[misc]
        after, rows = page
        forgotten += rows
    await database.write(lambda db: _forget_the_rest(db, before))
    return forgotten


def _forget_the_rest(db: sqlite_utils.Database, before: datetime) -> None:
    """Forget reviews that closed before that time, and runs that ended before it and of which nothing is left."""
    db.table("reviews").delete_where(_OLD_REVIEWS, (to_text(before),))
    db.table("runs").delete_where(_OLD_RUNS, (to_text(before),))
    _give_back(db)


def forget_page(db: sqlite_utils.Database, after: int, *, before: datetime) -> tuple[int, int] | None:
    """Forget what may be forgotten of the page after this id; return its last id and how many went.

    Nothing is left to be looked at where the journal ends, or becomes younger than `before`.
    """
    limit = to_text(before)
    last, youngest = db.execute(_READ, (after, _PAGE)).fetchone()
    if last is None:
        return None
    rows = db.execute(_FORGET, {"after": after, "last": last, "before": limit}).rowcount
    _give_back(db)
    return None if youngest >= limit and not rows else (last, rows)


def _give_back(db: sqlite_utils.Database) -> None:
    """Make the file shorter by free pages; in a state of an older release nothing is, there they are used again."""
    (free,) = db.execute("PRAGMA freelist_count").fetchone()
    for _ in range(min(free, _MOST_PAGES)):
        db.execute("PRAGMA incremental_vacuum(1)")  # with a greater number, Python's module still takes one step only
