"""Reviews: what a person must decide. One per item, job and contact point; they close when no longer asked for."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.field_reviews import value_of
from b24syncd.domain.job_names import FIELDS

from . import meta
from .accepted import IS_ACCEPTED
from .search_keys import search_key
from .stored_reviews import ReviewState, from_record
from .times import to_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    import sqlite_utils

    from b24syncd.domain.plans import Review

    from .stored_reviews import StoredReview


PageItem = tuple["EntityRef", "Collection[str]", "Sequence[Review]"]
"""An item, the jobs that planned it, and all reviews that they ask for."""

CountriesOf = Callable[[str, "str | None"], "Sequence[str]"]
"""Tells of which countries the numbers are that a job suggests."""

_AND_OPEN = " AND state = 'open'"
_WITH_IDS = "id IN (SELECT value FROM json_each(?))"

# What is done for all items of a page, or has to be one step. One text for any number of ids, so that SQLite's
# statement cache meets it again.
_OF_ITEMS = "SELECT * FROM reviews WHERE entity_type = ? AND entity_id IN (SELECT value FROM json_each(?)) ORDER BY id"
_WRITE = (
    "INSERT INTO reviews (entity_type, entity_id, job, point_id, value, reason, suggestion, state, opened_at,"
    " changed_at, value_key, countries) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (entity_type, entity_id, job, point_id) DO UPDATE SET value = excluded.value,"
    " reason = excluded.reason, suggestion = excluded.suggestion,"
    " opened_at = iif(state != 'open' AND excluded.state = 'open', excluded.opened_at, opened_at),"
    " state = excluded.state, changed_at = excluded.changed_at, value_key = excluded.value_key,"
    " countries = excluded.countries,"
    " decided_by = iif(excluded.state = 'open', '', decided_by)"
)
_UPDATE = "UPDATE reviews SET changed_at = ?, state ="
_END = f"{_UPDATE} iif({IS_ACCEPTED}, 'accepted', 'closed') WHERE id = ?"
_CLOSE_MISSING = (
    "UPDATE reviews SET state = 'closed', changed_at = ?1 WHERE state = 'open' AND changed_at < ?1"
    " AND entity_type = ?2 AND entity_id >= ?3 AND entity_id < ?4"
    " AND entity_id NOT IN (SELECT value FROM json_each(?5))"
    " AND job = coalesce(?6, job) AND point_id = coalesce(?7, point_id)"
)
_CLOSE_ALL_BUT = (
    "UPDATE reviews SET state = 'closed', changed_at = ? WHERE state = 'open' AND job = ? AND point_id != 0"
    " AND point_id NOT IN (SELECT value FROM json_each(?))"
)
_DISMISS = (
    "UPDATE reviews SET state = 'dismissed', changed_at = ?, decided_by = ? WHERE state = 'open'"
    " AND id = (SELECT value FROM json_each(?))"
)
_REOPEN = (
    "UPDATE reviews SET state = 'open', opened_at = ?, changed_at = ?, decided_by = ? WHERE state = 'dismissed'"
    " AND id = (SELECT value FROM json_each(?))"
)
_BY_REASON = (
    "SELECT reason, sum(number) FROM review_groups WHERE state = 'open' AND number > 0 GROUP BY reason"
    " ORDER BY sum(number) DESC, reason"
)
_COUNTS = "SELECT state, sum(number) FROM review_groups GROUP BY state"
_OPEN_OF = "SELECT coalesce(sum(number), 0) FROM review_groups WHERE state = 'open' AND job = ?"
# By states and jobs, for they begin the index.
_UNTOLD = (
    "SELECT id, job, suggestion FROM reviews WHERE (state, job, reason, countries, entity_type, suggests) IN"
    " (SELECT state, job, reason, countries, entity_type, suggests FROM review_groups"
    " WHERE countries = '?' AND number > 0) LIMIT ?"
)
_TELL = "UPDATE reviews SET countries = ? WHERE id = ?"
_Row = dict[str, Any]
_Key = tuple[str, int, str, int]
_CHUNK = 1000
_ASKED = ("value", "reason", "suggestion", "state")
_ENDED = frozenset({ReviewState.CLOSED.value, ReviewState.ACCEPTED.value})


def replace_for_item(
    db: sqlite_utils.Database, ref: EntityRef, jobs: Collection[str], reviews: Sequence[Review], *, now: datetime
) -> None:
    """Make the stored reviews of these jobs and this item those that planning asks for now; see `replace_for_page`."""
    replace_for_page(db, [(ref, jobs, reviews)], now=now)


def no_countries(_job: str, _suggestion: str | None) -> tuple[str, ...]:
    """Tell of no country."""
    return ()


def replace_for_page(
    db: sqlite_utils.Database, page: Iterable[PageItem], *, now: datetime, countries_of: CountriesOf = no_countries
) -> int:
    """Make the stored reviews of every item of a page those that planning asks for now; return how many were opened.

    One query finds what is there. New ones are opened, unchanged ones kept; another value opens a dismissed one again,
    another reason alone does not; what these jobs no longer ask for is closed, or accepted where a person's decision
    was written. Reviews of other jobs stay as they are.
    """
    items = list(page)
    stored = {_key_of(row): row for row in _rows_of(db, [ref for ref, _, _ in items])}
    by_item: dict[tuple[str, int], list[_Row]] = defaultdict(list)
    for row in stored.values():
        by_item[row["entity_type"], row["entity_id"]].append(row)
    opened = 0
    written: list[tuple[str | int | None, ...]] = []
    closed: list[tuple[str, int]] = []
    moment = to_text(now)
    for ref, jobs, reviews in items:
        wanted = {(ref.type.value, ref.id, review.job, review.point_id): review for review in reviews}
        for key, review in wanted.items():
            before = stored.get(key)
            state = _state_after(before, review)
            values = (review.value, review.reason.value, review.suggestion, state.value)
            if before is None or tuple(before[name] for name in _ASKED) != values:
                countries = ",".join(countries_of(review.job, review.suggestion))
                written.append((*key, *values, moment, moment, _key_for(review), countries))
                was_open = before is not None and before["state"] == ReviewState.OPEN.value
                opened += state is ReviewState.OPEN and not was_open
        closed.extend(
            (moment, row["id"])
            for row in by_item.get((ref.type.value, ref.id), ())
            if row["job"] in jobs and row["state"] not in _ENDED and _key_of(row) not in wanted
        )
    if written:
        db.conn.executemany(_WRITE, written)
        meta.count_up(db, meta.REVIEWS_WRITTEN)
    if closed:
        db.conn.executemany(_END, closed)
    return opened


def close_missing(  # noqa: PLR0913 - what is closed, by name
    db: sqlite_utils.Database,
    entity_type: EntityType,
    ids: range,
    present: Iterable[int],
    *,
    at: datetime,
    only: tuple[str | None, int | None] = (None, None),
) -> None:
    """Close the open reviews of items with these ids that were not `present` any more at that time.

    `only` narrows it to a job, and to one point id.
    """
    missing = (entity_type.value, ids.start, ids.stop, json.dumps(list(present)))
    db.execute(_CLOSE_MISSING, (to_text(at), *missing, *only))


def close_all_but(db: sqlite_utils.Database, job: str, point_ids: Iterable[int], *, now: datetime) -> None:
    """Close the open reviews of a job that have other point ids than these; 0 is not of any rule and stays."""
    db.execute(_CLOSE_ALL_BUT, (to_text(now), job, json.dumps(list(point_ids))))


def refs_of_open(db: sqlite_utils.Database, entity_type: EntityType) -> tuple[EntityRef, ...]:
    """Return those of one type that have open reviews."""
    found = ("state = 'open' AND entity_type = ?", (entity_type.value,))
    rows = db.table("reviews").rows_where(*found, order_by="entity_id", select="DISTINCT entity_id")
    return tuple(EntityRef(entity_type, row["entity_id"]) for row in rows)


def reviews_open_for(db: sqlite_utils.Database, refs: Iterable[EntityRef]) -> tuple[StoredReview, ...]:
    """Return the open reviews of these items."""
    return tuple(from_record(row) for row in _rows_of(db, refs) if row["state"] == ReviewState.OPEN.value)


def get_reviews(db: sqlite_utils.Database, ids: Collection[int]) -> tuple[StoredReview, ...]:
    """Return the reviews with these ids, in their order."""
    return tuple(map(from_record, db.table("reviews").rows_where(_WITH_IDS, (json.dumps(list(ids)),), order_by="id")))


def list_reviews(
    db: sqlite_utils.Database, *, all_states: bool, after: int = 0, limit: int
) -> tuple[StoredReview, ...]:
    """Return a page of reviews by id, above the id `after`: open ones, or those in every state."""
    where = f"id > ?{'' if all_states else _AND_OPEN}"
    return tuple(map(from_record, db.table("reviews").rows_where(where, (after,), order_by="id", limit=limit)))


def each_review(db: sqlite_utils.Database, *, all_states: bool) -> Iterator[StoredReview]:
    """Go through the reviews by id, a page in memory at a time; nothing stays open between two pages."""
    after = 0
    while page := list_reviews(db, all_states=all_states, after=after, limit=_CHUNK):
        yield from page
        after = page[-1].id


def open_values_of(db: sqlite_utils.Database, job: str, *, limit: int | None = None) -> Iterator[str]:
    """Go through the values that a job asks about, or some of them."""
    rows = db.table("reviews").rows_where("state = 'open' AND job = ?", (job,), limit=limit)
    return (row["value"] for row in rows)


def open_number_of(db: sqlite_utils.Database, job: str) -> int:
    """Return how many values a job asks about."""
    (number,) = db.execute(_OPEN_OF, (job,)).fetchone()
    return int(number)


def dismiss(db: sqlite_utils.Database, review_id: int, *, now: datetime, by: str = "") -> bool:
    """Let a person's decision stand that this value stays; return whether there was such an open review."""
    return db.execute(_DISMISS, (to_text(now), by, _number(review_id))).rowcount == 1


def reopen(db: sqlite_utils.Database, review_id: int, *, now: datetime, by: str = "") -> bool:
    """Ask again for what a person had dismissed; return whether there was such a review."""
    moment = to_text(now)
    return db.execute(_REOPEN, (moment, moment, by, _number(review_id))).rowcount == 1


def counts(db: sqlite_utils.Database) -> dict[ReviewState, int]:
    """Return how many reviews stand in each state."""
    found = dict.fromkeys(ReviewState, 0)
    for state, number in db.execute(_COUNTS):
        found[ReviewState(state)] = number
    return found


def open_by_reason(db: sqlite_utils.Database) -> dict[str, int]:
    """Return how many open reviews there are of each reason, the most frequent first."""
    return {str(reason): int(number) for reason, number in db.execute(_BY_REASON)}


def tell_countries(db: sqlite_utils.Database, countries_of: CountriesOf) -> int:
    """Tell of which countries the suggestions of some reviews are of which nobody has told it; return of how many."""
    rows = db.execute(_UNTOLD, (_CHUNK,)).fetchall()
    db.conn.executemany(_TELL, [(",".join(countries_of(job, suggestion)), each) for each, job, suggestion in rows])
    return len(rows)


def _number(review_id: int) -> str:
    """Return a number as a list in JSON: a person may write one that is too large for a parameter."""
    return json.dumps([review_id])


def _state_after(before: _Row | None, review: Review) -> ReviewState:
    if before is not None and before["state"] == ReviewState.DISMISSED.value and before["value"] == review.value:
        return ReviewState.DISMISSED
    return ReviewState.OPEN


def _key_for(review: Review) -> str:
    return search_key(value_of(review.value) if review.job == FIELDS else review.value)


def _key_of(row: _Row) -> _Key:
    return row["entity_type"], row["entity_id"], row["job"], row["point_id"]


def _rows_of(db: sqlite_utils.Database, refs: Iterable[EntityRef]) -> list[_Row]:
    ids: dict[str, list[int]] = defaultdict(list)
    for ref in refs:
        ids[ref.type.value].append(ref.id)
    rows: list[_Row] = []
    for entity_type, entity_ids in ids.items():
        found = db.execute(_OF_ITEMS, (entity_type, json.dumps(entity_ids)))
        names = [column[0] for column in found.description]
        rows += (dict(zip(names, row, strict=True)) for row in found)
    return rows
