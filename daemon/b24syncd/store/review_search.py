"""Finding reviews among very many: by index, a page at a time, in the time that a page takes among few.

Reviews are in groups by all that a list is narrowed by (`review_groups`, counted by triggers). There are few groups,
whatever is asked about: those that are wanted are picked, and the rows of each come by an index in the order of the
list, so that no row is ever looked at in vain.
"""

from __future__ import annotations

import heapq
import json
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from b24syncd.domain.entities import EntityType

from .search_keys import range_of, search_key
from .stored_reviews import ReviewState, from_record
from .times import to_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import sqlite_utils

    from b24syncd.domain.entities import EntityRef

    from .stored_reviews import StoredReview

_GROUPS = "SELECT state, job, reason, countries, entity_type, suggests, number FROM review_groups WHERE number > 0"
_IN_GROUP = "state = ? AND job = ? AND reason = ? AND countries = ? AND entity_type = ? AND suggests = ?"
_KEYS = "SELECT value_key, id FROM reviews"
_IDS = "SELECT '' AS value_key, id FROM reviews"
BY_ID = f"{_IDS} WHERE {_IN_GROUP} AND id > ? ORDER BY id LIMIT ?"
BY_STATE = f"{_IDS} WHERE state = ? AND id > ? ORDER BY id LIMIT ?"
BY_VALUE = (
    f"{_KEYS} WHERE {_IN_GROUP} AND value_key >= ? AND value_key < ?"
    " AND (value_key, id) > (?, ?) ORDER BY value_key, id LIMIT ?"
)
_COUNT = "SELECT count(*) FROM reviews"
NUMBER_BY_VALUE = f"{_COUNT} WHERE {_IN_GROUP} AND value_key >= ? AND value_key < ?"
OF_ITEM = f"{_KEYS} WHERE entity_type = ? AND entity_id = ? ORDER BY id"
WITH_IDS = "SELECT * FROM reviews WHERE id IN (SELECT value FROM json_each(?)) AND opened_at >= ? AND changed_at <= ?"
_LONGEST_PAGE = 1000
_NEVER = "9999"
"""After all times."""


@dataclass(frozen=True, slots=True)
class ReviewGroup:
    """Reviews that have in common all that lists are narrowed by; `suggests` tells whether they suggest something."""

    state: ReviewState
    job: str
    reason: str
    countries: tuple[str, ...]
    entity_type: EntityType
    suggests: bool
    number: int

    @property
    def key(self) -> tuple[str, str, str, str, str, bool]:
        """What its rows are found by."""
        countries = ",".join(self.countries)
        return self.state.value, self.job, self.reason, countries, self.entity_type.value, self.suggests


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFilter:
    """Which reviews are meant; what is not named does not narrow, but open ones only are meant unless states are named.

    `regions` are those of which alone numbers are suggested. `text` is how the value begins, whatever its case, or all
    of it where that is to be `exact`. What is new or changed since it was `seen_at` is not meant.
    """

    states: frozenset[ReviewState] = frozenset({ReviewState.OPEN})
    job: str | None = None
    reasons: frozenset[str] = frozenset()
    types: frozenset[EntityType] = frozenset()
    regions: frozenset[str] = frozenset()
    item: EntityRef | None = None
    text: str = ""
    exact: bool = False
    since: datetime | None = None
    seen_at: datetime | None = None

    def takes(self, group: ReviewGroup) -> bool:
        """Tell whether reviews of a group may be meant."""
        return (
            group.state in self.states
            and self.job in {None, group.job}
            and (not self.reasons or group.reason in self.reasons)
            and (not self.types or group.entity_type in self.types)
            and (not self.regions or (bool(group.countries) and self.regions.issuperset(group.countries)))
        )

    @property
    def takes_all(self) -> bool:
        """Whether nothing but states narrows it."""
        return self == ReviewFilter(states=self.states)

    @property
    def in_time(self) -> tuple[str, str]:
        """Not before when it was opened, and not after when it was changed last."""
        since, seen_at = self.since, self.seen_at
        return "" if since is None else to_text(since), _NEVER if seen_at is None else to_text(seen_at)

    @property
    def keys(self) -> tuple[str, str] | None:
        """Between which keys the values lie; None where that does not narrow."""
        if not self.text:
            return None
        key = search_key(self.text)
        return (key, key + "\0") if self.exact else range_of(self.text)


class Place(NamedTuple):
    """A place in the order of a list: of the last review of a page."""

    key: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Some reviews, and the place from which the list goes on; None where it ends."""

    reviews: tuple[StoredReview, ...]
    goes_on: Place | None


def groups(db: sqlite_utils.Database, which: ReviewFilter) -> tuple[ReviewGroup, ...]:
    """Return the groups of reviews that may be meant, with how many reviews each has, the largest first."""
    found = (_group(row) for row in db.execute(_GROUPS))
    return tuple(sorted(filter(which.takes, found), key=lambda group: (-group.number, group.key)))


def count(db: sqlite_utils.Database, which: ReviewFilter) -> int:
    """Return how many reviews are meant."""
    if which.item is not None or which.since is not None or which.seen_at is not None:
        return sum(1 for _ in each(db, which))
    return sum(counted.number for counted in counted_groups(db, which))


def counted_groups(db: sqlite_utils.Database, which: ReviewFilter) -> Iterator[ReviewGroup]:
    """Yield the groups with how many reviews of each are meant, by all but the item and the time."""
    for group in groups(db, which):
        number = group.number
        if which.keys is not None:
            (number,) = db.execute(NUMBER_BY_VALUE, (*group.key, *which.keys)).fetchone()
        if number:
            yield replace(group, number=number)


def page(db: sqlite_utils.Database, which: ReviewFilter, *, after: Place | None = None, limit: int) -> ReviewPage:
    """Return the reviews that come after a place: by id, or by value where a beginning is asked for."""
    limit = min(limit, _LONGEST_PAGE)
    places = list(islice(_places(db, which, after or Place(), limit + 1), limit + 1))
    goes_on = places[limit - 1] if len(places) > limit else None
    return ReviewPage(_reviews(db, places[:limit], which.in_time), goes_on)


def each(db: sqlite_utils.Database, which: ReviewFilter, *, limit: int | None = None) -> Iterator[StoredReview]:
    """Go through the reviews, a page in memory at a time; nothing stays open between two pages."""

    def found() -> Iterator[StoredReview]:
        after: Place | None = Place()
        while after is not None:
            one = page(db, which, after=after, limit=_LONGEST_PAGE)
            yield from one.reviews
            after = one.goes_on

    return islice(found(), limit)


def _places(db: sqlite_utils.Database, which: ReviewFilter, after: Place, limit: int) -> Iterator[Place]:
    if which.item is not None:
        return _of_item(db, which, which.item, after)
    if which.takes_all:
        of_states = [db.execute(BY_STATE, (state.value, after.id, limit)) for state in which.states]
        return heapq.merge(*(map(Place._make, rows) for rows in of_states))
    wanted = [group for group in groups(db, which) if group.number]
    if (keys := which.keys) is None:
        found = [db.execute(BY_ID, (*group.key, after.id, limit)) for group in wanted]
    else:
        found = [db.execute(BY_VALUE, (*group.key, *keys, after.key, after.id, limit)) for group in wanted]
    return heapq.merge(*(map(Place._make, rows) for rows in found))


def _of_item(db: sqlite_utils.Database, which: ReviewFilter, item: EntityRef, after: Place) -> Iterator[Place]:
    rows = db.execute(OF_ITEM, (item.type.value, item.id)).fetchall()
    keys = which.keys
    of_item = {review.id: review for review in _reviews(db, [Place(*row) for row in rows])}
    for key, number in rows:
        review = of_item[number]
        told = (review.state.value, review.job, review.reason, review.countries, item.type.value)
        group = _group((*told, review.suggestion is not None, 1))
        if number > after.id and which.takes(group) and (keys is None or keys[0] <= key < keys[1]):
            yield Place("", number)


def _reviews(
    db: sqlite_utils.Database, places: list[Place], in_time: tuple[str, str] = ("", _NEVER)
) -> tuple[StoredReview, ...]:
    ids = [place.id for place in places]
    rows = db.execute(WITH_IDS, (json.dumps(ids), *in_time))
    names = [column[0] for column in rows.description]
    found = {row["id"]: from_record(row) for row in (dict(zip(names, values, strict=True)) for values in rows)}
    return tuple(found[each] for each in ids if each in found)


def _group(row: tuple[str, str, str, str, str, int, int]) -> ReviewGroup:
    state, job, reason, countries, entity_type, suggests, number = row
    of = tuple(countries.split(",")) if countries else ()
    return ReviewGroup(ReviewState(state), job, reason, of, EntityType(entity_type), bool(suggests), number)
