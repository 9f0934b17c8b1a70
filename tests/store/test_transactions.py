"""Whatever writes into the state is a part of its caller's transaction: a failure after it leaves nothing of it."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.store.test_migration import fill

from b24syncd.domain.conditions import Condition, ConditionKind
from b24syncd.domain.corrections import ChangePoint
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.holds import Hold
from b24syncd.domain.plans import Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.snapshots import ItemState, PointKind
from b24syncd.store import (
    accepted,
    approvals,
    conditions,
    cursors,
    holds,
    journal,
    limits,
    meta,
    portal_facts,
    queue,
    retention,
    reviews,
    runs,
)
from b24syncd.store.database import open_for_writing
from b24syncd.store.journal import Intent, Outcome
from b24syncd.store.runs import RunKind, RunState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import sqlite_utils

NOW = datetime(2027, 1, 1, tzinfo=UTC)
CONTACT = EntityRef(EntityType.CONTACT, 1)
OPEN, BATCH = EntityRef(EntityType.CONTACT, 15), "48a6685df95e4c8a91d249294921d41e"
CHANGE = ChangePoint(CONTACT, "phones", PointKind.PHONE, 1, "WORK", "8", "+7")
OPENED = ChangePoint(OPEN, "phones", PointKind.PHONE, 34, "WORK", "8 (916) 111-30-00", "+79161113000")
AWAY = Condition(ConditionKind.PORTAL_AWAY, "", NOW, "timeout")
ASKED = Review(CONTACT, "phones", 7, "x", Reason.NOT_A_PHONE)

TEXTS = 'тел. 8 (916) 200-40-01 "x"', '8 (916) 123-45-67 ask for "Anna"'


def hold(db: sqlite_utils.Database) -> None:
    holds.hold(db, [Hold(CONTACT, "emails", 1)], now=NOW)


def announce(db: sqlite_utils.Database) -> None:
    queue.add(db, [OPEN], "announced", due_at=NOW)


def hold_what_is_not_made(db: sqlite_utils.Database) -> None:
    hold(db)
    holds.drop_unused(db, now=NOW)


WRITES: dict[str, Callable[[sqlite_utils.Database], object]] = {
    "accepted.note": lambda db: (db.table("reviews").update(12, {"state": "open"}), accepted.note(db, [12], now=NOW)),
    "accepted.note_as_written": lambda db: accepted.note_as_written(db, 3, 9, *TEXTS, now=NOW),
    "approvals.approve": lambda db: approvals.approve(db, "f", ["canary"]),
    "approvals.note_canary": lambda db: approvals.note_canary(db, "f", 1, 2),
    "approvals.note_end": lambda db: approvals.note_end(db, "f", 1, approvals.Stop(1, "x")),
    "approvals.note_firsts": lambda db: approvals.note_firsts(db, approvals.Firsts(1)),
    "cursors.delete": lambda db: cursors.delete(db, "poll/"),
    "cursors.put": lambda db: cursors.put(db, "poll/contact", {"since": 2.0}, now=NOW),
    "holds.drop_unused": hold_what_is_not_made,
    "holds.hold": hold,
    "holds.release": lambda db: holds.release(db, [(CONTACT, "phones")], now=NOW),
    "holds.take_back": lambda db: holds.take_back(db, {(EntityRef(EntityType.CONTACT, 2), "phones"): 12}, now=NOW),
    "journal.insert_intents": lambda db: journal.insert_intents(
        db, journal.Batch(1, "new"), [Intent(CONTACT, ItemState(()), (CHANGE,))], now=NOW
    ),
    "journal.mark_sent": lambda db: journal.mark_sent(db, BATCH, sent_at=5.0),
    "journal.note_met": lambda db: journal.note_met(db, [(BATCH, OPENED, None)], now=NOW),
    "journal.settle": lambda db: journal.settle(db, BATCH, OPEN, Outcome.DONE, now=NOW),
    "journal.settle_some": lambda db: journal.settle_some(db, BATCH, [OPENED], Outcome.UNVERIFIED, now=NOW),
    "limits.save_limits": lambda db: limits.save_limits(db, {"costs": {}}),
    "meta.bind_portal": lambda db: meta.rename_portal(db, "portal.example", "other.example"),
    "conditions.note": lambda db: conditions.note(db, [AWAY], judged=lambda _: True, now=NOW),
    "portal_facts.note_region": lambda db: portal_facts.note_region(db, "RU"),
    "portal_facts.remember_fields": lambda db: portal_facts.remember_fields(db, {"deal/x": "y"}),
    "portal_facts.remember_types": lambda db: portal_facts.remember_types(db, {"lead": 9999}),
    "queue.add": announce,
    "queue.done": lambda db: queue.done(db, OPEN, revision=1),
    "queue.give_up": lambda db: queue.give_up(db, OPEN, "refused", "x", now=NOW),
    "queue.postpone": lambda db: queue.postpone(db, OPEN, "failed", now=NOW, backoff=lambda _: timedelta(1)),
    "retention.forget_page": lambda db: retention.forget_page(db, 0, before=NOW),
    "reviews.close_all_but": lambda db: reviews.close_all_but(db, "phones", [1], now=NOW),
    "reviews.close_missing": lambda db: reviews.close_missing(db, EntityType.CONTACT, range(99), [], at=NOW),
    "reviews.dismiss": lambda db: reviews.dismiss(db, 4, now=NOW),
    "reviews.reopen": lambda db: reviews.reopen(db, 2, now=NOW),
    "reviews.replace_for_item": lambda db: reviews.replace_for_item(db, CONTACT, ["phones"], [ASKED], now=NOW),
    "runs.finish_run": lambda db: runs.finish_run(db, 18, state=RunState.DONE, counts={}, now=NOW),
    "runs.interrupt_crashed": lambda db: runs.interrupt_crashed(db, now=NOW),
    "runs.resume_run": lambda db: runs.resume_run(db, 1),
    "runs.add_counts": lambda db: runs.add_counts(db, 18, {"read": 77}),
    "runs.start_run": lambda db: runs.start_run(db, runs.NewRun(kind=RunKind.RUN, jobs=[], fingerprint="f", now=NOW)),
}


class Undone(Exception):
    pass


@pytest.mark.parametrize("name", WRITES)
async def test_a_failure_later_leaves_nothing_of_it(path: Path, name: str) -> None:
    async with open_for_writing(fill(path)) as database:
        before = await database.read(lambda db: list(db.iterdump()))

        def write(db: sqlite_utils.Database) -> list[str]:
            WRITES[name](db)
            assert db.conn.in_transaction
            return list(db.iterdump())

        def write_and_fail(db: sqlite_utils.Database) -> None:
            assert write(db) != before  # it would have written something
            raise Undone

        with pytest.raises(Undone):
            await database.write(write_and_fail)
        assert await database.read(lambda db: list(db.iterdump())) == before
        assert await database.write(write) != before
        assert await database.read(lambda db: list(db.iterdump())) != before


async def test_what_breaks_a_rule_is_an_error_and_never_left_out_in_silence(path: Path) -> None:
    async with open_for_writing(path) as database:
        with pytest.raises(sqlite3.IntegrityError):
            await database.write(lambda db: db.table("meta").upsert({"key": "x", "value": None}, pk="key"))


async def test_what_cannot_be_written_once_can_be_later(path: Path) -> None:
    async with open_for_writing(path) as database:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await database.read(lambda db: cursors.put(db, "x", {"since": 1}, now=NOW))
        await database.write(lambda db: cursors.put(db, "x", {"since": 2}, now=NOW))
        assert await database.read(lambda db: cursors.get(db, "x")) == {"since": 2}
