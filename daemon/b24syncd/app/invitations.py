"""Who is let into the console: invitations, and their end."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from b24syncd.domain.people import INVITATION_LASTS, check_name, hash_of
from b24syncd.errors import UsageInvalid
from b24syncd.store import people

from .results import Invited, Revoked

if TYPE_CHECKING:
    from datetime import datetime

    from b24syncd.store.database import Database

    from .requests import InviteRequest, RevokeRequest


def new_key() -> str:
    """Return a key that nobody guesses."""
    return secrets.token_urlsafe(32)


async def invite(database: Database, request: InviteRequest, now: datetime) -> Invited:
    """Invite a person; raise `UsageInvalid` for a name that is none."""
    try:
        name = check_name(request.name)
    except ValueError as error:
        raise UsageInvalid(str(error)) from None
    key = new_key()
    person = await database.write(lambda db: people.invite(db, name, request.role, hash_of(key), now))
    return Invited(person.name, person.role, now + INVITATION_LASTS, key)


async def revoke(database: Database, request: RevokeRequest, now: datetime) -> Revoked:
    """Let a person in no more; raise `UsageInvalid` where nobody is called that."""
    person = await database.write(lambda db: people.revoke(db, " ".join(request.name.split()), now))
    if person is None:
        message = f"nobody who may come in is called {request.name!r}; `b24syncd console list` names all"
        raise UsageInvalid(message)
    return Revoked(person.name)
