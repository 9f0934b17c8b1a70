"""People of the console, as they are listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .report import Report

if TYPE_CHECKING:
    from datetime import datetime

    from b24syncd.domain.people import Person, Role


@dataclass(frozen=True, slots=True)
class PersonReport(Report):
    """Somebody who may come in, or may not any more."""

    name: str
    role: Role
    invited_at: datetime
    seen_at: datetime | None
    revoked_at: datetime | None


def person_report(person: Person) -> PersonReport:
    """Return how a person is listed."""
    return PersonReport(person.name, person.role, person.invited_at, person.seen_at, person.revoked_at)
