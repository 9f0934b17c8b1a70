"""The pair of tokens in the state, while another one is asked for."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING

import pytest

from b24syncd.portal.wire.tokens import TokenPair
from b24syncd.tokens import StoredPairs, Vault, keep

if TYPE_CHECKING:
    from b24syncd.store.database import Database

VAULT = Vault("acme.bitrix24.ru", "local.1", "a key of thirty-two characters or more")
FIRST, NEXT, OF_LOGIN = TokenPair("a1", "r1"), TokenPair("a2", "r2"), TokenPair("a3", "r3")


async def kept_in(database: Database) -> StoredPairs:
    await database.write(lambda db: keep(db, VAULT.close(FIRST)))
    return StoredPairs(database, VAULT, asyncio.Lock())


async def test_the_next_pair_takes_the_place_of_the_one_before(database: Database) -> None:
    pairs = await kept_in(database)
    async with pairs.renewing(FIRST) as (kept, keep_next):
        assert kept == FIRST
        await keep_next(NEXT)
    assert await pairs.load() == NEXT


async def test_what_a_login_keeps_meanwhile_stays(database: Database) -> None:
    pairs = await kept_in(database)
    async with pairs.renewing(FIRST) as (_, keep_next):
        await database.write(lambda db: keep(db, VAULT.close(OF_LOGIN)))
        await keep_next(NEXT)
    assert await pairs.load() == OF_LOGIN


async def test_no_pair_is_asked_for_where_none_can_be_kept(database: Database) -> None:
    pairs = await kept_in(database)
    full = "CREATE TRIGGER full BEFORE UPDATE ON meta BEGIN SELECT RAISE(ABORT, 'no room'); END"
    await database.write(lambda db: db.conn.execute(full))
    asked = False
    with pytest.raises(sqlite3.IntegrityError, match="no room"):
        async with pairs.renewing(FIRST):
            asked = True
    assert not asked
    async with pairs.renewing(OF_LOGIN) as (kept, _):  # another one is there, and only taken up
        assert kept == FIRST
