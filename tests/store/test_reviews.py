from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import sqlite_utils
from hypothesis import given
from hypothesis import strategies as st
from tests.fresh_state import fill

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.plans import Review
from b24syncd.domain.reasons import Reason
from b24syncd.store import reviews
from b24syncd.store.stored_reviews import ReviewState, StoredReview

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24syncd.store.database import Database

JOBS = ("phones", "emails")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def review(
    ref: EntityRef, point_id: int = 1, value: str = "call Ivan", job: str = "phones", suggestion: str | None = None
) -> Review:
    return Review(ref, job, point_id, value, Reason.NOT_A_PHONE, suggestion)


async def replace(
    database: Database, ref: EntityRef, wanted: Sequence[Review], now: datetime, jobs: Sequence[str] = JOBS
) -> None:
    await database.write(lambda db: reviews.replace_for_item(db, ref, jobs, wanted, now=now))


async def everything(database: Database) -> list[StoredReview]:
    return await database.read(lambda db: list(reviews.each_review(db, all_states=True)))


async def test_a_review_is_opened_and_kept(database: Database, now: datetime, contact: EntityRef) -> None:
    wanted = [review(contact, suggestion="+7"), review(contact, job="emails")]
    await replace(database, contact, wanted, now)
    before = await everything(database)
    assert before[0] == StoredReview(
        id=1,
        ref=contact,
        job="phones",
        point_id=1,
        value="call Ivan",
        reason="not_a_phone",
        suggestion="+7",
        state=ReviewState.OPEN,
        opened_at=now,
        changed_at=now,
    )
    await replace(database, contact, wanted, now + timedelta(hours=1))
    assert await everything(database) == before


async def test_a_review_closes_by_itself_and_opens_again(database: Database, now: datetime, contact: EntityRef) -> None:
    later, last = now + timedelta(hours=1), now + timedelta(hours=2)
    await replace(database, contact, [review(contact)], now)
    await replace(database, contact, [], later)
    (closed,) = await everything(database)
    assert (closed.state, closed.opened_at, closed.changed_at) == (ReviewState.CLOSED, now, later)
    await replace(database, contact, [], last)
    assert await everything(database) == [closed]
    await replace(database, contact, [review(contact)], last)
    (opened,) = await everything(database)
    assert (opened.id, opened.state, opened.opened_at) == (closed.id, ReviewState.OPEN, last)


async def test_another_value_of_an_open_review_is_taken_over(
    database: Database, now: datetime, contact: EntityRef
) -> None:
    later = now + timedelta(hours=1)
    await replace(database, contact, [review(contact)], now)
    await replace(database, contact, [review(contact, value="call Olga", suggestion="+7")], later)
    (changed,) = await everything(database)
    assert (changed.value, changed.suggestion, changed.opened_at, changed.changed_at) == (
        "call Olga",
        "+7",
        now,
        later,
    )


async def test_a_dismissed_review_stays_so_until_its_value_changes(
    database: Database, now: datetime, contact: EntityRef
) -> None:
    await replace(database, contact, [review(contact)], now)
    assert await database.write(lambda db: reviews.dismiss(db, 1, now=now))
    assert not await database.write(lambda db: reviews.dismiss(db, 1, now=now))
    assert not await database.write(lambda db: reviews.dismiss(db, 2, now=now))
    await replace(database, contact, [review(contact, suggestion="another")], now)
    (dismissed,) = await everything(database)
    assert (dismissed.state, dismissed.suggestion) == (ReviewState.DISMISSED, "another")
    await replace(database, contact, [review(contact, value="call Olga")], now)
    (opened,) = await everything(database)
    assert opened.state is ReviewState.OPEN


async def test_a_dismissed_review_closes_when_it_is_no_longer_asked_for(
    database: Database, now: datetime, contact: EntityRef
) -> None:
    await replace(database, contact, [review(contact)], now)
    await database.write(lambda db: reviews.dismiss(db, 1, now=now))
    await replace(database, contact, [], now)
    assert [each.state for each in await everything(database)] == [ReviewState.CLOSED]


async def test_other_jobs_and_items_are_left_alone(database: Database, now: datetime, contact: EntityRef) -> None:
    company = EntityRef(EntityType.COMPANY, contact.id)
    await replace(database, contact, [review(contact), review(contact, job="emails")], now)
    await replace(database, company, [review(company)], now)
    await replace(database, contact, [], now, jobs=["emails"])
    states = {(each.ref, each.job): each.state for each in await everything(database)}
    assert states == {
        (contact, "phones"): ReviewState.OPEN,
        (contact, "emails"): ReviewState.CLOSED,
        (company, "phones"): ReviewState.OPEN,
    }


async def test_a_page_of_items_of_several_types(database: Database, now: datetime) -> None:
    refs = [EntityRef(entity_type, number) for entity_type in EntityType for number in range(1, 400)]
    await database.write(lambda db: reviews.replace_for_page(db, [(ref, JOBS, [review(ref)]) for ref in refs], now=now))
    await database.write(
        lambda db: reviews.replace_for_page(
            db, [(ref, JOBS, [review(ref)] if ref.id % 2 else []) for ref in refs], now=now
        )
    )
    opened = await database.read(lambda db: reviews.reviews_open_for(db, refs[:399]))
    assert [each.ref for each in opened] == [ref for ref in refs[:399] if ref.id % 2]
    assert await database.read(reviews.counts) == {
        ReviewState.OPEN: 200 * len(EntityType),
        ReviewState.DISMISSED: 0,
        ReviewState.CLOSED: 199 * len(EntityType),
        ReviewState.ACCEPTED: 0,
    }
    assert len(await everything(database)) == 399 * len(EntityType)
    listed = await database.read(lambda db: list(reviews.each_review(db, all_states=False)))
    assert [each.id for each in listed] == sorted(each.id for each in listed)
    assert len(listed) == 200 * len(EntityType)


async def test_a_page_without_reviews_costs_no_write(database: Database, now: datetime) -> None:
    page = [(EntityRef(EntityType.LEAD, number), JOBS, ()) for number in range(1, 51)]

    def changes(db: sqlite_utils.Database) -> int:
        before = db.conn.total_changes
        statements: list[str] = []
        db.conn.set_trace_callback(statements.append)
        reviews.replace_for_page(db, page, now=now)
        db.conn.set_trace_callback(None)
        assert len(statements) == 1
        return db.conn.total_changes - before

    assert await database.write(changes) == 0


WANTED = st.dictionaries(
    st.tuples(st.sampled_from(JOBS), st.integers(1, 3)), st.sampled_from(["call Ivan", "call Olga"]), max_size=4
)


@given(st.lists(st.tuples(WANTED, st.booleans()), max_size=5))
def test_what_is_stored_follows_what_is_asked_for(
    steps: list[tuple[dict[tuple[str, int], str], bool]],
) -> None:
    ref = EntityRef(EntityType.LEAD, 1)
    expected: dict[tuple[str, int], tuple[str, ReviewState]] = {}
    with sqlite_utils.Database(memory=True) as db:
        fill(db)
        for wanted, dismisses in steps:
            reviews.replace_for_item(
                db, ref, JOBS, [review(ref, point, value, job) for (job, point), value in wanted.items()], now=NOW
            )
            for key, (value, _) in expected.items():
                if key not in wanted:
                    expected[key] = (value, ReviewState.CLOSED)
            for key, value in wanted.items():
                if expected.get(key) != (value, ReviewState.DISMISSED):
                    expected[key] = (value, ReviewState.OPEN)
            stored = list(reviews.each_review(db, all_states=True))
            assert {(each.job, each.point_id): (each.value, each.state) for each in stored} == expected
            if dismisses:
                for each in stored:
                    if reviews.dismiss(db, each.id, now=NOW):
                        expected[each.job, each.point_id] = (each.value, ReviewState.DISMISSED)
