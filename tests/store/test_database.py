from __future__ import annotations

import asyncio
import sqlite3
import threading
from typing import TYPE_CHECKING, cast

import pytest

from b24syncd.errors import StateUnusable
from b24syncd.store import cursors, meta
from b24syncd.store.database import Database, open_for_writing
from b24syncd.store.migrations.schema import Schema, migrate, migrations, schema_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    import sqlite_utils


class Undone(Exception):
    pass


def table(db: sqlite_utils.Database, name: str) -> sqlite_utils.db.Table:
    return cast("sqlite_utils.db.Table", db[name])


def names(db: sqlite_utils.Database) -> list[str]:
    return [row["name"] for row in db.query("SELECT name FROM things ORDER BY name")]


@pytest.mark.parametrize(
    "change",
    [
        lambda things: things.insert({"id": 9, "name": "new"}),
        lambda things: things.insert_all([{"id": number, "name": "new"} for number in range(10, 500)], batch_size=7),
        lambda things: things.upsert({"id": 1, "name": "changed"}, pk="id"),
        lambda things: things.upsert_all([{"id": 1, "name": "changed"}, {"id": 9, "name": "new"}], pk="id"),
        lambda things: things.insert({"id": 1, "name": "replaced"}, replace=True),
        lambda things: things.update(1, {"name": "changed"}),
        lambda things: things.delete(1),
        lambda things: things.delete_where("name = ?", ["first"]),
        lambda things: things.db.executescript("DELETE FROM things; CREATE TABLE more (id INTEGER);"),
        lambda things: things.create_index(["name"]),
    ],
    ids=[
        "insert",
        "insert_all",
        "upsert",
        "upsert_all",
        "replace",
        "update",
        "delete",
        "delete_where",
        "executescript",
        "create_index",
    ],
)
async def test_an_exception_undoes_whatever_sqlite_utils_did(
    database: Database, change: Callable[[sqlite_utils.db.Table], object]
) -> None:
    def create(db: sqlite_utils.Database) -> str:
        table(db, "things").insert_all([{"id": 1, "name": "first"}, {"id": 2, "name": "second"}], pk="id")
        return db.schema

    def change_and_fail(db: sqlite_utils.Database) -> None:
        change(table(db, "things"))
        raise Undone

    schema = await database.write(create)
    with pytest.raises(Undone):
        await database.write(change_and_fail)
    assert await database.read(names) == ["first", "second"]
    assert await database.read(lambda db: db.schema) == schema


async def test_a_failing_statement_undoes_those_before_it(database: Database, now: datetime) -> None:
    def write(db: sqlite_utils.Database) -> None:
        cursors.put(db, "backfill/contact", {"id": 1}, now=now)
        db.execute("INSERT INTO journal (run_id) VALUES (1)")

    with pytest.raises(sqlite3.IntegrityError):
        await database.write(write)
    assert await database.read(cursors.all_cursors) == ()


async def test_reads_cannot_write(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await database.read(lambda db: meta.put(db, "key", "value"))
    await database.write(lambda db: meta.put(db, "key", "value"))
    assert await database.read(lambda db: meta.get(db, "key")) == "value"


async def test_one_thread_does_everything_in_the_order_of_the_calls(database: Database) -> None:
    threads = set()

    def append(db: sqlite_utils.Database, number: int) -> None:
        threads.add(threading.get_ident())
        meta.put(db, "order", f"{meta.get(db, 'order') or ''}{number},")

    def read(db: sqlite_utils.Database) -> str | None:
        threads.add(threading.get_ident())
        return meta.get(db, "order")

    calls = [database.write(lambda db, n=n: append(db, n)) for n in range(50)]  # type: ignore[misc]
    seen = await asyncio.gather(*calls[:25], database.read(read), *calls[25:])
    assert seen[25] == "".join(f"{n}," for n in range(25))
    assert await database.read(read) == "".join(f"{n}," for n in range(50))
    assert len(threads) == 1
    assert threads != {threading.get_ident()}


async def test_a_write_that_was_handed_over_survives_the_cancellation_of_its_caller(database: Database) -> None:
    running, go_on = threading.Event(), threading.Event()

    def block(_: sqlite_utils.Database) -> None:
        running.set()
        go_on.wait(300)

    blocking = asyncio.create_task(database.write(block))
    await asyncio.to_thread(running.wait, 300)
    waiting = asyncio.create_task(database.write(lambda db: meta.put(db, "settled", "yes")))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go_on.set()
    await blocking
    assert await database.read(lambda db: meta.get(db, "settled")) == "yes"


async def test_what_was_written_is_there_after_opening_again(path: Path, now: datetime) -> None:
    async with open_for_writing(path) as database:
        await database.write(lambda db: cursors.put(db, "poll/lead", {"at": "x", "id": 7}, now=now))
    async with open_for_writing(path) as database:
        assert await database.read(lambda db: cursors.get(db, "poll/lead")) == {"at": "x", "id": 7}


async def test_the_writer_is_safe_against_a_power_cut(database: Database) -> None:
    pragmas = ("journal_mode", "synchronous", "foreign_keys")
    values = await database.read(lambda db: [db.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas])
    assert values == ["wal", 2, 1]


async def test_migrating_again_changes_nothing(database: Database) -> None:
    before = await database.read(lambda db: (db.schema, migrations().applied(db)))
    await database.write(migrate)
    assert await database.read(lambda db: (db.schema, migrations().applied(db))) == before
    assert await database.read(lambda db: schema_of(db, "it")) is Schema.CURRENT


async def test_all_tables_are_strict(database: Database) -> None:
    def loose(db: sqlite_utils.Database) -> set[str]:
        return {each.name for each in db.tables if not each.strict}

    assert await database.read(loose) == {"_sqlite_migrations", "sqlite_sequence"}


async def test_a_full_disk_is_an_unusable_state(database: Database) -> None:
    def fill(db: sqlite_utils.Database) -> None:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages}")
        meta.put(db, "big", "x" * 1_000_000)

    with pytest.raises(StateUnusable, match="full"):
        await database.write(fill)
    assert await database.read(lambda db: meta.get(db, "big")) is None
