"""Who may come in: invitations let in once and for a short time, sessions end, keys are nowhere."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from b24syncd.domain.people import IDLE_LASTS, INVITATION_LASTS, SESSION_LASTS, Role, hash_of
from b24syncd.store import people
from b24syncd.store.check import check

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from b24syncd.store.database import Database

INVITATION, KEY = "an invitation's key", "a session's key"


@pytest.fixture
async def invited(database: Database, now: datetime) -> Database:
    await database.write(lambda db: people.invite(db, "Anna", Role.DECIDE, hash_of(INVITATION), now))
    return database


async def let_in(database: Database, now: datetime, key: str = KEY) -> bool:
    spent = await database.write(lambda db: people.spend(db, hash_of(INVITATION), hash_of(key), now))
    return spent is not None


async def is_in(database: Database, now: datetime, key: str = KEY) -> bool:
    return await database.read(lambda db: people.visitor(db, hash_of(key), now)) is not None


@pytest.mark.parametrize(
    ("after", "is_let_in"), [(timedelta(), True), (INVITATION_LASTS, False), (INVITATION_LASTS * 0.99, True)]
)
async def test_an_invitation_lets_in_once_within_its_time(
    invited: Database, now: datetime, after: timedelta, *, is_let_in: bool
) -> None:
    assert await let_in(invited, now + after) is is_let_in
    assert not await let_in(invited, now + after, "another key")
    assert await is_in(invited, now + after) is is_let_in
    assert not await is_in(invited, now + after, "another key")


async def test_a_session_ends_by_age_and_by_not_being_used(invited: Database, now: datetime) -> None:
    assert await let_in(invited, now)
    assert not await is_in(invited, now + IDLE_LASTS)
    at = now
    while at - now < SESSION_LASTS:
        seen = await invited.read(lambda db, at=at: people.visitor(db, hash_of(KEY), at))  # type: ignore[misc]
        assert seen is not None
        await invited.write(lambda db, seen=seen, at=at: people.note_seen(db, seen, at))  # type: ignore[misc]
        at += IDLE_LASTS * 0.9
    assert not await is_in(invited, now + SESSION_LASTS)


async def test_a_new_invitation_changes_the_role_and_ends_the_one_before(invited: Database, now: datetime) -> None:
    other = hash_of("a newer invitation")
    await invited.write(lambda db: people.invite(db, "Anna", Role.VIEW, other, now))
    assert not await let_in(invited, now)
    spent = await invited.write(lambda db: people.spend(db, other, hash_of(KEY), now))
    assert spent is not None
    assert spent.role is Role.VIEW
    assert [one.name for one in await invited.read(people.everybody)] == ["Anna"]


async def test_who_is_revoked_is_out_and_may_be_invited_anew(invited: Database, now: datetime) -> None:
    assert await let_in(invited, now)
    assert await invited.write(lambda db: people.revoke(db, "Anna", now)) is not None
    assert not await is_in(invited, now)
    assert await invited.write(lambda db: people.revoke(db, "Anna", now)) is None
    await invited.write(lambda db: people.invite(db, "Anna", Role.VIEW, hash_of("other"), now))
    assert not await is_in(invited, now)
    assert [one.revoked_at for one in await invited.read(people.everybody)] == [None, now]
    assert await invited.read(check) == ()


async def test_who_goes_out_is_out(invited: Database, now: datetime) -> None:
    assert await let_in(invited, now)
    await invited.write(lambda db: people.end_session(db, hash_of(KEY)))
    assert not await is_in(invited, now)


async def test_keys_are_nowhere_in_the_state(invited: Database, now: datetime, path: Path) -> None:
    assert await let_in(invited, now)
    for file in path.parent.iterdir():
        assert INVITATION.encode() not in file.read_bytes()
        assert KEY.encode() not in file.read_bytes()
