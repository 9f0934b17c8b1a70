from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from b24syncd.domain.bindings import Binding
from b24syncd.domain.corrections import AddBinding, ChangePoint, MoveBinding, SetField
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.holds import Hold
from b24syncd.domain.plans import Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.snapshots import ItemState, PointKind
from b24syncd.store import history, holds, journal, reviews, runs
from b24syncd.store.check import check
from b24syncd.store.journal import Intent, Outcome
from b24syncd.store.past import fields_of, pasts_of
from b24syncd.store.retention import shorten_journal
from b24syncd.store.runs import RunKind, RunState

if TYPE_CHECKING:
    from datetime import datetime

    import sqlite_utils

    from b24syncd.domain.corrections import Correction
    from b24syncd.store.database import Database

DEAL = EntityRef(EntityType.DEAL, 7)
MAIL = EntityRef(EntityType.ACTIVITY, 1)
DAY = timedelta(days=1)


@dataclass
class Told:
    """A journal that is written day by day."""

    database: Database
    now: datetime
    run_id: int = 0
    batches: list[str] = field(default_factory=list)

    async def begin(self, kind: RunKind = RunKind.BACKFILL) -> None:
        self.run_id = await self.database.write(
            lambda db: runs.start_run(db, runs.NewRun(kind=kind, jobs=[], fingerprint="", now=self.now))
        )

    async def end(self) -> None:
        await self.database.write(
            lambda db: runs.finish_run(db, self.run_id, state=RunState.DONE, counts={}, now=self.now)
        )

    async def write(self, *corrections: Correction, outcome: Outcome | None = Outcome.DONE, days_ago: int) -> None:
        at = self.now - days_ago * DAY
        batch = f"b{len(self.batches)}"
        self.batches.append(batch)
        refs = {correction.ref for correction in corrections}

        def write(db: sqlite_utils.Database) -> None:
            intents = [
                Intent(ref, ItemState(()), tuple(each for each in corrections if each.ref == ref)) for ref in refs
            ]
            journal.insert_intents(db, journal.Batch(self.run_id, batch, sent_at=1.0), intents, now=at)
            for ref in refs if outcome is not None else ():
                assert outcome is not None
                journal.settle(db, batch, ref, outcome, now=at)

        await self.database.write(write)

    async def shorten(self, days: int = 30) -> int:
        """Shorten it, and see that the state is as sound as before."""
        forgotten = await shorten_journal(self.database, self.now - days * DAY)
        assert [each for each in await self.database.read(check) if each.table != "meta"] == []
        return forgotten

    async def left(self) -> list[str]:
        entries = await self.database.read(lambda db: list(history.iterate(db)))
        return [entry.batch for entry in entries]


@pytest.fixture
async def told(database: Database, now: datetime) -> Told:
    made = Told(database, now)
    await made.begin()
    return made


def phone(ref: EntityRef) -> ChangePoint:
    return ChangePoint(ref, "phones", PointKind.PHONE, 5, "WORK", "8 916", "+7916")


def date(before: str | None, after: str | None) -> SetField:
    return SetField(DEAL, "payment_dates", "UF_CRM_PAID", before, after)


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.INTENT])
async def test_what_is_old_and_settled_goes(told: Told, contact: EntityRef, outcome: Outcome) -> None:
    await told.write(phone(contact), outcome=outcome, days_ago=31)
    await told.write(phone(contact), outcome=outcome, days_ago=29)
    await told.end()
    assert await told.shorten() == 1
    assert await told.left() == ["b1"]
    assert await told.shorten() == 0


async def test_what_is_open_stays(told: Told, contact: EntityRef) -> None:
    await told.write(phone(contact), outcome=None, days_ago=900)
    await told.end()
    assert await told.shorten() == 0


async def test_what_was_settled_with_something_younger_stays(told: Told, contact: EntityRef, now: datetime) -> None:
    await told.write(phone(contact), phone(contact), outcome=None, days_ago=900)
    await told.end()

    def settle(db: sqlite_utils.Database) -> None:
        db.execute("UPDATE journal SET outcome = 'unverified', settled_at = at WHERE id = 1")
        journal.settle(db, "b0", contact, Outcome.DONE, now=now - DAY)

    await told.database.write(settle)
    assert await told.shorten() == 0


async def test_of_runs_that_are_on_only_the_daemons_is_forgotten(told: Told, contact: EntityRef) -> None:
    await told.write(phone(contact), days_ago=900)
    assert await told.shorten() == 0
    await told.begin(RunKind.RUN)
    await told.write(phone(contact), days_ago=800)
    assert await told.shorten() == 1
    assert await told.left() == ["b0"]


async def test_the_last_that_was_written_into_a_field_stays(told: Told) -> None:
    await told.write(date(None, "2026-01-01"), days_ago=900)
    await told.write(date("2026-01-01", "2026-01-02"), days_ago=800)
    await told.write(date("2026-01-02", "2026-01-03"), outcome=Outcome.OVERTAKEN, days_ago=700)
    await told.write(date("2026-01-02", "2026-01-04"), outcome=Outcome.REFUSED, days_ago=600)
    await told.end()
    before = await told.database.read(lambda db: fields_of(db, [DEAL]))
    assert await told.shorten() == 2
    assert await told.left() == ["b1", "b2"]
    assert await told.database.read(lambda db: fields_of(db, [DEAL])) == before


async def test_a_persons_value_that_was_given_back_last_stays(told: Told) -> None:
    typed = replace(date("2026-01-02", "2026-01-09"), restores=True)
    await told.write(date(None, "2026-01-01"), days_ago=900)
    await told.write(replace(date("2026-01-01", "2026-01-08"), restores=True), days_ago=850)
    await told.write(date("2026-01-08", "2026-01-02"), days_ago=800)
    await told.write(typed, days_ago=700)
    await told.end()
    before = await told.database.read(lambda db: fields_of(db, [DEAL]))
    assert await told.shorten() == 2
    assert await told.left() == ["b2", "b3"]
    assert await told.database.read(lambda db: fields_of(db, [DEAL])) == before


async def test_what_was_done_with_activities_stays(told: Told) -> None:
    lead, deal, contact = (Binding(type_id, 1) for type_id in (1, 2, 3))
    await told.write(MoveBinding(MAIL, "bindings", lead, deal), days_ago=900)
    await told.write(AddBinding(MAIL, "bindings", contact), outcome=Outcome.REFUSED, days_ago=900)
    await told.end()
    before = await told.database.read(lambda db: pasts_of(db, [MAIL]))
    assert await told.shorten() == 1
    assert await told.database.read(lambda db: pasts_of(db, [MAIL])) == before


async def test_what_an_undo_holds_stays_until_it_is_released(told: Told, contact: EntityRef, now: datetime) -> None:
    await told.write(phone(contact), days_ago=900)
    await told.write(phone(EntityRef(EntityType.CONTACT, 43)), days_ago=900)
    await told.end()
    await told.database.write(lambda db: holds.hold(db, [Hold(contact, "phones", told.run_id)], now=now))
    assert await told.shorten() == 1
    assert await told.left() == ["b0"]
    await told.database.write(lambda db: holds.release(db, [(contact, "phones")], now=now))
    assert await told.shorten() == 1


async def test_the_file_becomes_smaller(told: Told) -> None:
    for number in range(5):
        refs = [EntityRef(EntityType.CONTACT, number * 1000 + each + 1) for each in range(1000)]
        await told.write(*map(phone, refs), days_ago=900)
    await told.write(phone(EntityRef(EntityType.CONTACT, 1)), days_ago=1)
    await told.end()
    pages = await told.database.read(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
    assert await told.shorten() == 5_000
    after = await told.database.read(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
    assert after < pages / 5


async def test_closed_reviews_and_runs_of_which_nothing_is_left_go_too(
    told: Told, contact: EntityRef, now: datetime
) -> None:
    await told.write(phone(contact), days_ago=900)
    await told.end()
    long_ago = now - timedelta(days=900)

    def fill(db: sqlite_utils.Database) -> None:
        for point_id, at in ((1, long_ago), (2, now), (4, long_ago)):
            review = Review(contact, "phones", point_id, "x", Reason.NOT_A_PHONE)
            reviews.replace_for_page(db, [(contact, (), (review,))], now=at)
        db.execute("UPDATE reviews SET state = iif(point_id = 4, 'accepted', 'closed')")
        kept = Review(contact, "phones", 3, "x", Reason.NOT_A_PHONE)
        reviews.replace_for_page(db, [(contact, (), (kept,))], now=long_ago)
        for _ in range(2):
            run_id = runs.start_run(
                db, runs.NewRun(kind=RunKind.BACKFILL, jobs=["phones"], fingerprint="f", now=long_ago)
            )
            runs.finish_run(db, run_id, state=RunState.DONE, counts={}, now=long_ago)

    await told.database.write(fill)
    before = await told.database.read(lambda db: [run.id for run in runs.latest_runs(db)])
    await told.shorten()
    left = await told.database.read(lambda db: [review.point_id for review in reviews.each_review(db, all_states=True)])
    assert left == [2, 3]
    after = await told.database.read(lambda db: [run.id for run in runs.latest_runs(db)])
    assert max(before) in after
    assert len(after) < len(before)
