"""People of the console: what each may do, and how long an invitation and a session last."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

INVITATION_LASTS: Final = timedelta(minutes=15)
IDLE_LASTS: Final = timedelta(days=7)
"""So long a session stays without being used: a person without a password needs an invitation to come back."""

SESSION_LASTS: Final = timedelta(days=30)
LONGEST_NAME: Final = 60


class Role(StrEnum):
    """What a person may do; each role includes those before it."""

    VIEW = "view"
    DECIDE = "decide"
    EDIT = "edit"
    OPERATE = "operate"

    def allows(self, wanted: Role) -> bool:
        """Tell whether whoever has this role may do what takes the other."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(wanted)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was invited; a revoked one is never let in again."""

    id: int
    name: str
    role: Role
    invited_at: datetime
    seen_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person as a session shows them: `key_hash` names the session."""

    person: Person
    key_hash: str
    began_at: datetime
    seen_at: datetime


def hash_of(key: str) -> str:
    """Return what is kept of a key; keys are random and long, so that no salt is needed."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def is_over(began_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Tell whether a session is over, by its age or because it was not used."""
    return now - began_at >= SESSION_LASTS or now - seen_at >= IDLE_LASTS


def check_name(name: str) -> str:
    """Return the name of a person, without spaces around it; raise `ValueError` where nobody could read it."""
    stripped = " ".join(name.split())
    if not stripped or len(stripped) > LONGEST_NAME or not stripped.isprintable():
        message = f"a name has 1 to {LONGEST_NAME} characters that can be read"
        raise ValueError(message)
    return stripped
