"""People of the console on record, their invitations and sessions; of keys only hashes are kept."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from b24syncd.domain.people import IDLE_LASTS, INVITATION_LASTS, SESSION_LASTS, Person, Role, Visitor, is_over

from .times import from_optional_text, from_text, to_text

if TYPE_CHECKING:
    from datetime import datetime

    import sqlite_utils

_SEEN_EVERY: Final = timedelta(minutes=1)
"""How exactly it is known when a session was used last: not every page is to be a write."""

_BY_NAME = "name = ? AND revoked_at IS NULL"
_INVITE = "INSERT INTO people (name, role, invited_at) VALUES (?, ?, ?)"
_AGAIN = "UPDATE people SET role = ?, invited_at = ? WHERE id = ?"
_OFFER = "INSERT INTO invitations (key_hash, person_id, expires_at) VALUES (?, ?, ?)"
_SPEND = (
    "UPDATE invitations SET used_at = :now WHERE key_hash = :key AND used_at IS NULL AND expires_at > :now"
    " AND person_id IN (SELECT id FROM people WHERE revoked_at IS NULL) RETURNING person_id"
)
_BEGIN = "INSERT INTO sessions (key_hash, person_id, began_at, seen_at) VALUES (?, ?, ?, ?)"
_VISITOR = (
    "SELECT people.*, sessions.key_hash, sessions.began_at, sessions.seen_at AS used_at FROM sessions"
    " JOIN people ON people.id = sessions.person_id WHERE sessions.key_hash = ? AND people.revoked_at IS NULL"
)


def invite(db: sqlite_utils.Database, name: str, role: Role, key_hash: str, now: datetime) -> Person:
    """Put an invitation on record; whoever has this name already gets this role, and keeps their sessions."""
    _forget_old(db, now)
    found = list(db.table("people").rows_where(_BY_NAME, (name,)))
    if found:
        number = int(found[0]["id"])
        db.execute(_AGAIN, (role.value, to_text(now), number))
        db.execute("DELETE FROM invitations WHERE person_id = ? AND used_at IS NULL", (number,))
    else:
        number = int(db.execute(_INVITE, (name, role.value, to_text(now))).lastrowid or 0)
    db.execute(_OFFER, (key_hash, number, to_text(now + INVITATION_LASTS)))
    return _person_of(db, number)


def spend(db: sqlite_utils.Database, invitation: str, session: str, now: datetime) -> Person | None:
    """Begin a session for an invitation, both by the hashes of their keys; None for one that is not, or not any more.

    An invitation lets in once.
    """
    found = db.execute(_SPEND, {"now": to_text(now), "key": invitation}).fetchone()
    if found is None:
        return None
    (number,) = found
    db.execute(_BEGIN, (session, number, to_text(now), to_text(now)))
    db.execute("UPDATE people SET seen_at = ? WHERE id = ?", (to_text(now), number))
    return _person_of(db, int(number))


def visitor(db: sqlite_utils.Database, session: str, now: datetime) -> Visitor | None:
    """Return who has this session, by the hash of its key; None where it is over, or its person was revoked."""
    cursor = db.execute(_VISITOR, (session,))
    row = cursor.fetchone()
    if row is None:
        return None
    named = dict(zip((column[0] for column in cursor.description), row, strict=True))
    began_at, used_at = from_text(named["began_at"]), from_text(named["used_at"])
    return None if is_over(began_at, used_at, now) else Visitor(_person(named), session, began_at, used_at)


def is_to_be_noted(one: Visitor, now: datetime) -> bool:
    """Tell whether it is worth a write that a session is used."""
    return now - one.seen_at >= _SEEN_EVERY


def note_seen(db: sqlite_utils.Database, one: Visitor, now: datetime) -> None:
    """Put on record that a session is used."""
    db.execute("UPDATE sessions SET seen_at = ? WHERE key_hash = ?", (to_text(now), one.key_hash))
    db.execute("UPDATE people SET seen_at = ? WHERE id = ?", (to_text(now), one.person.id))


def end_session(db: sqlite_utils.Database, session: str) -> None:
    """Let a session be over."""
    db.execute("DELETE FROM sessions WHERE key_hash = ?", (session,))


def revoke(db: sqlite_utils.Database, name: str, now: datetime) -> Person | None:
    """Let a person in no more: their sessions and invitations are over; None where nobody is called that."""
    found = list(db.table("people").rows_where(_BY_NAME, (name,)))
    if not found:
        return None
    number = int(found[0]["id"])
    db.execute("UPDATE people SET revoked_at = ? WHERE id = ?", (to_text(now), number))
    db.execute("DELETE FROM sessions WHERE person_id = ?", (number,))
    db.execute("DELETE FROM invitations WHERE person_id = ?", (number,))
    return _person_of(db, number)


def everybody(db: sqlite_utils.Database) -> list[Person]:
    """Return all people, those who may come in first."""
    rows = db.table("people").rows_where(order_by="revoked_at IS NOT NULL, name, id")
    return [_person(row) for row in rows]


def _person_of(db: sqlite_utils.Database, number: int) -> Person:
    [row] = db.table("people").rows_where("id = ?", (number,))
    return _person(row)


def _person(row: dict[str, Any]) -> Person:
    return Person(
        row["id"],
        row["name"],
        Role(row["role"]),
        from_text(row["invited_at"]),
        from_optional_text(row["seen_at"]),
        from_optional_text(row["revoked_at"]),
    )


def _forget_old(db: sqlite_utils.Database, now: datetime) -> None:
    """Forget what is over: keys that open nothing."""
    db.execute("DELETE FROM invitations WHERE expires_at <= ?", (to_text(now),))
    db.execute(
        "DELETE FROM sessions WHERE seen_at <= ? OR began_at <= ?",
        (to_text(now - IDLE_LASTS), to_text(now - SESSION_LASTS)),
    )
