"""Who is at the console: sessions by the keys in cookies."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from b24syncd.app.invitations import new_key
from b24syncd.domain.people import hash_of
from b24syncd.store import people

if TYPE_CHECKING:
    from b24syncd.clock import Clock
    from b24syncd.domain.people import Visitor
    from b24syncd.store.database import Database

_LONGEST_KEY: Final = 100


@dataclass(frozen=True, slots=True)
class People:
    """Lets in who was invited, and knows who was let in."""

    database: Database
    clock: Clock

    async def visitor(self, key: str) -> Visitor | None:
        """Return who has the session with this key; None where there is none, or none any more."""
        if not key or len(key) > _LONGEST_KEY:
            return None
        hashed, now = hash_of(key), self.clock.now()
        found = await self.database.read(lambda db: people.visitor(db, hashed, now))
        if found is not None and people.is_to_be_noted(found, now):
            await self.database.write(lambda db: people.note_seen(db, found, now))
        return found

    async def again(self, one: Visitor) -> Visitor | None:
        """Return who has this session by now, perhaps with another role; None where it is over."""
        now = self.clock.now()
        return await self.database.read(lambda db: people.visitor(db, one.key_hash, now))

    async def let_in(self, invitation: str) -> str | None:
        """Return the key of a new session for the key of an invitation; None where that lets nobody in."""
        if not invitation or len(invitation) > _LONGEST_KEY:
            return None
        key, now = new_key(), self.clock.now()
        person = await self.database.write(lambda db: people.spend(db, hash_of(invitation), hash_of(key), now))
        return None if person is None else key

    async def let_go(self, key: str) -> None:
        """End a session."""
        await self.database.write(lambda db: people.end_session(db, hash_of(key)))


def csrf_of(key: str) -> str:
    """Return the token that forms of a session send: whoever does not know the session's key does not know it."""
    return hmac.new(key.encode("utf-8", "surrogatepass"), b"csrf", "sha256").hexdigest()
