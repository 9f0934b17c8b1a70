"""Lists are found by index, whatever they are narrowed by, and tell what looking at every row would."""

from __future__ import annotations

from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlite_utils
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.fresh_state import fill

from b24syncd.domain.corrections import AddPoint, ChangePoint, DeletePoint
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.plans import Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.snapshots import ItemState, PointKind
from b24syncd.store import history, journal, journal_search, previews, review_search, reviews, runs
from b24syncd.store.check import check
from b24syncd.store.history import Filter
from b24syncd.store.journal import Intent
from b24syncd.store.review_search import ReviewFilter
from b24syncd.store.runs import RunKind
from b24syncd.store.search_keys import search_key
from b24syncd.store.stored_reviews import ReviewState

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TYPES = (EntityType.LEAD, EntityType.CONTACT)
VALUES = ("8 (495)", "8 (916) 1", "Ёлка", "ёлка", "ЁЛ", "", "a%_", "\U0010ffff")
COUNTRIES = {"+7": ("RU",), "+49": ("DE",), "+7, +49": ("RU", "DE")}
BEGINNINGS = st.sampled_from(["", "8", "8 (9", "ёл", "Ё", "A%", "z"])
REFS = st.builds(EntityRef, st.sampled_from(TYPES), st.integers(1, 3))


@contextmanager
def state() -> Iterator[sqlite_utils.Database]:
    """Make a state in memory."""
    with closing(sqlite_utils.Database(memory=True)) as db:
        fill(db)
        yield db


ASKED = st.builds(
    Review,
    REFS,
    st.sampled_from(["phones", "emails"]),
    st.integers(1, 2),
    st.sampled_from(VALUES),
    st.sampled_from([Reason.NOT_A_PHONE, Reason.ENTERED_BY_HAND]),
    st.none() | st.sampled_from(list(COUNTRIES)),
)
FILTERS = st.builds(
    ReviewFilter,
    states=st.frozensets(st.sampled_from(ReviewState), min_size=1),
    job=st.none() | st.just("phones"),
    reasons=st.frozensets(st.sampled_from(["not_a_phone", "entered_by_hand"])),
    types=st.frozensets(st.sampled_from(TYPES)),
    regions=st.frozensets(st.sampled_from(["RU", "DE"])),
    item=st.none() | REFS,
    text=BEGINNINGS,
    exact=st.booleans(),
    seen_at=st.sampled_from([None, NOW - timedelta(seconds=1), NOW]),
)


@settings(max_examples=60)
@given(st.lists(ASKED, max_size=25), st.sets(st.integers(1, 12)), FILTERS, st.integers(1, 4))
def test_reviews_are_found_counted_and_paged(
    asked: list[Review], dismissed: set[int], which: ReviewFilter, limit: int
) -> None:
    with state() as db:
        for review in asked:
            page = [(review.ref, (), (review,))]
            reviews.replace_for_page(db, page, now=NOW, countries_of=lambda _, told: COUNTRIES.get(told or "", ()))
        for number in dismissed:
            reviews.dismiss(db, number, now=NOW)
        expected = {
            one.id
            for one in reviews.each_review(db, all_states=True)
            if one.state in which.states
            and which.job in {None, one.job}
            and (not which.reasons or one.reason in which.reasons)
            and (not which.types or one.ref.type in which.types)
            and (not which.regions or (one.countries and which.regions.issuperset(one.countries.split(","))))
            and which.item in {None, one.ref}
            and (which.seen_at is None or one.changed_at <= which.seen_at)
            and (not which.text or _is_so(one.value, which.text, exact=which.exact))
        }
        found: list[int] = []
        after = None
        while True:
            page_found = review_search.page(db, which, after=after, limit=limit)
            found += [one.id for one in page_found.reviews]
            if (after := page_found.goes_on) is None:
                break
        assert len(found) == len(expected)
        assert set(found) == expected
        assert review_search.count(db, which) == len(expected)
        assert check(db) == ()


def _is_so(value: str, text: str, *, exact: bool) -> bool:
    key = search_key(text)
    return search_key(value) == key if exact else search_key(value).startswith(key)


CORRECTIONS = st.one_of(
    st.builds(
        ChangePoint,
        REFS,
        st.just("phones"),
        st.just(PointKind.PHONE),
        st.integers(1, 9),
        st.just("WORK"),
        st.sampled_from(VALUES),
        st.sampled_from(VALUES),
    ),
    st.builds(AddPoint, REFS, st.just("emails"), st.just(PointKind.EMAIL), st.just("WORK"), st.sampled_from(VALUES)),
    st.builds(
        DeletePoint,
        REFS,
        st.just("phones"),
        st.just(PointKind.PHONE),
        st.integers(1, 9),
        st.just("HOME"),
        st.sampled_from(VALUES),
    ),
)
JOURNAL_FILTERS = st.builds(
    Filter,
    item=st.none() | REFS,
    job=st.none() | st.just("phones"),
    run_id=st.none() | st.integers(1, 2),
    by=st.sampled_from(["", "Olga"]),
    text=BEGINNINGS,
    exact=st.booleans(),
    ids=st.just(()) | st.lists(st.integers(1, 9), min_size=1).map(tuple),
)


@settings(max_examples=60)
@example(
    [(1, ChangePoint(EntityRef(EntityType.LEAD, 1), "phones", PointKind.PHONE, 1, "WORK", "8 (495)", "+7"))],
    Filter(text="8", ids=(1,)),
    1,
)
@given(st.lists(st.tuples(st.integers(1, 2), CORRECTIONS), max_size=25), JOURNAL_FILTERS, st.integers(1, 4))
def test_corrections_are_found_and_paged(made: list[tuple[int, ChangePoint]], which: Filter, limit: int) -> None:
    with state() as db:
        for by in ("", "Olga"):
            runs.start_run(db, runs.NewRun(kind=RunKind.REVIEW, jobs=[], fingerprint="", now=NOW, by=by))
        for number, (run, one) in enumerate(made):
            intents = [Intent(one.ref, ItemState(()), (one,))]
            journal.insert_intents(db, journal.Batch(run, f"b{number}"), intents, now=NOW)
        entries = list(history.iterate(db))
        assert {entry.by for entry in entries} <= {"", "Olga"}
        expected = {
            entry.id
            for entry in entries
            if which.item in {None, entry.correction.ref}
            and which.job in {None, entry.correction.job}
            and which.run_id in {None, entry.run_id}
            and which.by in {"", entry.by}
            and (not which.ids or entry.id in which.ids)
            and (
                not which.text
                or any(
                    value is not None and _is_so(value, which.text, exact=which.exact)
                    for value in (entry.before, entry.after)
                )
            )
        }
        assert {entry.id for entry in history.iterate(db, which)} == expected
        found: list[int] = []
        after = None
        while True:
            page = journal_search.page(db, which, after=after, limit=limit)
            found += [entry.id for entry in page.entries]
            if (after := page.goes_on) is None:
                break
        assert set(found) == expected
        if not which.text or which.exact:
            assert found == sorted(expected, reverse=True)


QUERIES = {
    "reviews by id": review_search.BY_ID,
    "reviews of a state": review_search.BY_STATE,
    "reviews by value": review_search.BY_VALUE,
    "number of reviews by value": review_search.NUMBER_BY_VALUE,
    "reviews of an item": review_search.OF_ITEM,
    "reviews with numbers": review_search.WITH_IDS,
    "findings of a preview": previews.OF_ALL,
    "findings of a kind": previews.OF_KIND,
    **{f"corrections by {name}": query.format("1") for name, query in journal_search.NEWEST.items()},
    **{f"corrections by {name}": query.format("1") for name, query in journal_search.BEGINNING.items()},
}


@pytest.mark.parametrize("name", QUERIES)
def test_no_list_looks_at_all_rows_or_sorts_them(name: str) -> None:
    with state() as db:
        query = QUERIES[name]
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {query}", ("x",) * query.count("?"))]
    tables = [step for step in plan if any(name in step for name in ("reviews", "journal", "preview_findings"))]
    assert tables
    assert all(step.startswith("SEARCH") for step in tables)
    assert name == "reviews of an item" or not any("TEMP B-TREE" in step for step in plan)


def test_suggestions_of_an_older_release_get_their_countries() -> None:
    with state() as db:
        asked = Review(EntityRef(EntityType.LEAD, 1), "phones", 1, "8 495", Reason.NOT_A_PHONE, "+7")
        reviews.replace_for_item(db, asked.ref, (), [asked], now=NOW)
        db.execute("UPDATE reviews SET countries = '?'")
        told = [reviews.tell_countries(db, lambda _, told: COUNTRIES.get(told or "", ())) for _ in range(2)]
        assert told == [1, 0]
        assert [group.countries for group in review_search.groups(db, ReviewFilter())] == [("RU",)]
