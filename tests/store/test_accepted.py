"""A review counts as accepted where the journal tells that what was decided of it was written since it was opened."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from b24syncd.domain.corrections import ChangePoint, SetField
from b24syncd.domain.plans import Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.snapshots import ItemState, PointKind
from b24syncd.domain.values import Choice, shown
from b24syncd.store import accepted, journal, reviews, runs
from b24syncd.store.journal import Intent, Outcome
from b24syncd.store.runs import RunKind

if TYPE_CHECKING:
    import sqlite_utils

    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.values import Value
    from b24syncd.store.database import Database

NOON = datetime(2025, 1, 15, 12, tzinfo=timezone(timedelta(hours=3)))
RAW, MEANT = "+8 495 123-45-67", "+74951234567"


def ask(db: sqlite_utils.Database, ref: EntityRef, at: datetime, value: str = RAW) -> None:
    reviews.replace_for_item(db, ref, ["phones"], [Review(ref, "phones", 5, value, Reason.NOT_A_PHONE)], now=at)


def write(db: sqlite_utils.Database, ref: EntityRef, at: datetime, kind: RunKind, outcome: Outcome) -> None:
    run_id = runs.start_run(db, runs.NewRun(kind=kind, jobs=["phones"], fingerprint="", now=at))
    made = ChangePoint(ref, "phones", PointKind.PHONE, 5, "WORK", RAW, MEANT)
    journal.insert_intents(
        db, journal.Batch(run_id, f"b{run_id}", sent_at=1.0), [Intent(ref, ItemState(()), (made,))], now=at
    )
    journal.settle(db, f"b{run_id}", ref, outcome, now=at)


def state(db: sqlite_utils.Database) -> str:
    (review,) = reviews.each_review(db, all_states=True)
    return review.state.value


@pytest.mark.parametrize(
    ("kind", "outcome", "value", "ends"),
    [
        (RunKind.REVIEW, Outcome.DONE, RAW, "accepted"),
        (RunKind.REVIEW, Outcome.UNVERIFIED, RAW, "accepted"),
        (RunKind.REVIEW, Outcome.OVERTAKEN, RAW, "closed"),
        (RunKind.REVIEW, Outcome.DONE, "another", "closed"),
        (RunKind.BACKFILL, Outcome.DONE, RAW, "closed"),
    ],
)
async def test_who_closes_a_review_by_the_journal(  # noqa: PLR0913, PLR0917 # the columns of the table
    database: Database, contact: EntityRef, now: datetime, kind: RunKind, outcome: Outcome, value: str, ends: str
) -> None:
    def use(db: sqlite_utils.Database) -> None:
        ask(db, contact, now, value)
        write(db, contact, now, kind, outcome)
        reviews.replace_for_item(db, contact, ["phones"], (), now=now)
        assert state(db) == ends
        reviews.replace_for_item(db, contact, ["phones"], (), now=now + timedelta(1))
        assert state(db) == ends

    await database.write(use)


async def test_what_is_noted_at_once(database: Database, contact: EntityRef, now: datetime) -> None:
    def use(db: sqlite_utils.Database) -> None:
        ask(db, contact, now)
        assert accepted.note(db, [1], now=now) == frozenset()
        write(db, contact, now, RunKind.REVIEW, Outcome.DONE)
        assert accepted.note(db, [2], now=now) == frozenset()
        assert accepted.note(db, [1, 2], now=now) == {1}
        assert accepted.note(db, [1], now=now) == {1}
        assert state(db) == "accepted"

    await database.write(use)


async def test_what_is_asked_for_again_is_open_and_what_was_written_before_tells_nothing(
    database: Database, contact: EntityRef, now: datetime
) -> None:
    def use(db: sqlite_utils.Database) -> None:
        ask(db, contact, now)
        write(db, contact, now, RunKind.REVIEW, Outcome.DONE)
        accepted.note(db, [1], now=now)
        ask(db, contact, now + timedelta(1))
        assert state(db) == "open"
        assert accepted.note(db, [1], now=now) == frozenset()
        reviews.replace_for_item(db, contact, ["phones"], (), now=now + timedelta(2))
        assert state(db) == "closed"

    await database.write(use)


async def test_only_what_was_dismissed_is_reopened(database: Database, contact: EntityRef, now: datetime) -> None:
    def use(db: sqlite_utils.Database) -> None:
        ask(db, contact, now)
        assert not reviews.reopen(db, 1, now=now)
        assert reviews.dismiss(db, 1, now=now)
        assert reviews.reopen(db, 1, now=now)
        assert state(db) == "open"
        reviews.replace_for_item(db, contact, ["phones"], (), now=now)
        assert not reviews.reopen(db, 1, now=now)

    await database.write(use)


@pytest.mark.parametrize(
    "before",
    [None, "Ann  Lee", True, Decimal("12.50"), date(2025, 1, 15), NOON, Choice("NEW"), ("a", Choice("7"), False)],
)
@pytest.mark.parametrize("is_named", [False, True])
async def test_a_field_is_met_as_its_review_shows_it(
    database: Database, contact: EntityRef, now: datetime, before: Value, *, is_named: bool
) -> None:
    value = shown(before) or ""
    point_id, told = (77, f"title: {value}") if is_named else (0, value)
    review = Review(contact, "fields", point_id, told, Reason.ENTERED_BY_HAND)

    def use(db: sqlite_utils.Database) -> None:
        reviews.replace_for_item(db, contact, ["fields"], [review], now=now)
        run_id = runs.start_run(db, runs.NewRun(kind=RunKind.REVIEW, jobs=["fields"], fingerprint="", now=now))
        for number, name in enumerate(("other", "title")):
            assert accepted.note(db, [1], now=now) == frozenset()
            made = SetField(contact, "fields", name, "something else" if name == "other" else before, "x")
            intent = Intent(contact, ItemState(), (made,))
            journal.insert_intents(db, journal.Batch(run_id, f"b{number}", sent_at=1.0), [intent], now=now)
            journal.settle(db, f"b{number}", contact, Outcome.DONE, now=now)
        assert accepted.note(db, [1], now=now) == {1}

    await database.write(use)
