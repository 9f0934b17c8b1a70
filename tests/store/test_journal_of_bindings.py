from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.activities import Bound
from b24syncd.domain.bindings import Binding
from b24syncd.domain.corrections import AddBinding, Correction, MoveBinding, RemoveBinding, SetTaskLinks
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.store import history, journal, runs
from b24syncd.store.journal import Intent, Outcome
from b24syncd.store.runs import RunKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import sqlite_utils

    from b24syncd.store.database import Database
    from b24syncd.store.history import JournalEntry

CALL = EntityRef(EntityType.ACTIVITY, 9)
LEAD, OTHER_LEAD, COMPANY, SMART = Binding(1, 1), Binding(1, 2), Binding(4, 5), Binding(128, 6)

MOVE = MoveBinding(CALL, "bindings", LEAD, OTHER_LEAD)
ADD = AddBinding(CALL, "bindings", COMPANY)
REMOVE = RemoveBinding(CALL, "bindings", LEAD)
SET = SetTaskLinks(CALL, "bindings", 77, ("L_1", "C_3"), ("CO_5", "C_3"))


async def insert(database: Database, now: datetime, *corrections: Correction) -> Intent:
    intent = Intent(CALL, Bound((LEAD, SMART), ("L_1",)), corrections)

    def write(db: sqlite_utils.Database) -> None:
        run_id = runs.start_run(db, runs.NewRun(kind=RunKind.BACKFILL, jobs=["bindings"], fingerprint="f", now=now))
        journal.insert_intents(db, journal.Batch(run_id, "b1"), [intent], now=now)

    await database.write(write)
    return intent


async def entries(database: Database) -> list[JournalEntry]:
    return await database.read(lambda db: list(history.iterate(db)))


async def outcomes(database: Database) -> list[tuple[Correction, Outcome]]:
    return [(entry.correction, entry.outcome) for entry in await entries(database)]


async def test_an_open_intent_comes_back_whole(database: Database, now: datetime) -> None:
    intent = await insert(database, now, MOVE, ADD, REMOVE, SET)
    (opened,) = await database.read(journal.open_intents)
    assert opened.intent == intent


async def test_what_an_entry_shows_of_each_kind(database: Database, now: datetime) -> None:
    await insert(database, now, MOVE, ADD, REMOVE, SET)
    assert [(entry.point_id, entry.before, entry.after) for entry in await entries(database)] == [
        (None, "lead:1", "lead:2"),
        (None, None, "company:5"),
        (None, "lead:1", None),
        (77, "lead:1, contact:3", "company:5, contact:3"),
    ]


async def test_only_what_is_seen_is_settled_though_bindings_share_their_id(database: Database, now: datetime) -> None:
    to_smart = MoveBinding(CALL, "bindings", OTHER_LEAD, SMART)
    remove_other = RemoveBinding(CALL, "bindings", OTHER_LEAD)
    await insert(database, now, MOVE, to_smart, ADD, REMOVE, remove_other, SET)
    seen: Sequence[Correction] = (to_smart, remove_other, SET)
    await database.write(lambda db: journal.settle_some(db, "b1", seen, Outcome.UNVERIFIED, now=now))
    assert await outcomes(database) == [
        (MOVE, Outcome.INTENT),
        (to_smart, Outcome.UNVERIFIED),
        (ADD, Outcome.INTENT),
        (REMOVE, Outcome.INTENT),
        (remove_other, Outcome.UNVERIFIED),
        (SET, Outcome.UNVERIFIED),
    ]


async def test_what_was_met_is_noted_where_it_belongs(database: Database, now: datetime) -> None:
    add_smart = AddBinding(CALL, "bindings", SMART)
    met = SetTaskLinks(CALL, "bindings", 77, ("L_1", "C_3", "D_9"), SET.after)
    await insert(database, now, ADD, add_smart, SET)

    def note(db: sqlite_utils.Database) -> None:
        journal.note_met(db, [("b1", add_smart, None), ("b1", SET, met)], now=now)
        journal.settle(db, "b1", CALL, Outcome.DONE, now=now)

    await database.write(note)
    assert await outcomes(database) == [(ADD, Outcome.DONE), (add_smart, Outcome.OVERTAKEN), (met, Outcome.DONE)]


async def test_what_one_became_is_not_taken_for_another(database: Database, now: datetime) -> None:
    await insert(database, now, MOVE, ADD)
    added = AddBinding(CALL, "bindings", COMPANY)
    await database.write(lambda db: journal.note_met(db, [("b1", MOVE, added), ("b1", ADD, None)], now=now))
    assert await outcomes(database) == [(added, Outcome.INTENT), (ADD, Outcome.OVERTAKEN)]
