"""Check: whether a state is sound, as SQLite sees it and as the tables have to fit each other."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.domain.conditions import ConditionKind
from b24syncd.domain.entities import EntityType
from b24syncd.domain.notices import Channel
from b24syncd.domain.people import Role
from b24syncd.domain.refused import Ground

from .journal import Outcome
from .journal_rows import CORRECTION_COLUMNS, from_row
from .queue import QueueState
from .runs import RunKind, RunState
from .state_json import state_from_json
from .stored_reviews import ReviewState
from .times import from_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from enum import StrEnum

    import sqlite_utils

_MOST_LINES = 100
_SELECT = "SELECT"
_TYPED = ("journal", "intents", "queue", "reviews", "holds", "exclusions")
_TIMES = {
    "runs": ("started_at", "finished_at"),
    "cursors": ("changed_at",),
    "queue": ("due_at",),
    "reviews": ("opened_at", "changed_at"),
    "holds": ("at", "released_at"),
    "journal": ("at", "settled_at"),
    "conditions": ("since", "over_at", "told_at", "told_over_at"),
    "notices": ("tried_at", "sent_at"),
    "people": ("invited_at", "seen_at", "revoked_at"),
    "invitations": ("expires_at", "used_at"),
    "sessions": ("began_at", "seen_at"),
    "exclusions": ("at",),
    "paused_jobs": ("at", "resumed_at"),
    "previews": ("at", "ended_at"),
}
_KNOWN: tuple[tuple[str, str, type[StrEnum]], ...] = (
    ("journal", "outcome", Outcome),
    ("journal", "ground", Ground),
    ("runs", "kind", RunKind),
    ("runs", "state", RunState),
    ("reviews", "state", ReviewState),
    ("queue", "state", QueueState),
    ("conditions", "kind", ConditionKind),
    ("notices", "channel", Channel),
    ("people", "role", Role),
)
_NUMBERS_OF_POSITIONS = {"since", "after_id", "began", "highest_id"}
_OF_ITEM = "entity_type || ':' || entity_id"
_KEYS = {
    "journal": "id",
    "intents": _OF_ITEM,
    "queue": _OF_ITEM,
    "reviews": "id",
    "holds": _OF_ITEM,
    "runs": "id",
    "cursors": "name",
    "meta": "key",
    "conditions": "id",
    "notices": "channel || ' ' || subject",
    "people": "id",
    "invitations": "person_id",
    "sessions": "person_id",
    "exclusions": _OF_ITEM,
    "paused_jobs": "job",
    "previews": "id",
}
_RULES = (
    (
        "journal",
        "open, but what its item held before is not on record",
        """SELECT journal.id FROM journal LEFT JOIN intents USING (batch, entity_type, entity_id)
        WHERE outcome = 'intent' AND what != 'item' AND base IS NULL""",
    ),
    (
        "intents",
        "kept for a correction that is not open",
        """SELECT entity_type || ':' || entity_id FROM intents WHERE NOT EXISTS (
        SELECT 1 FROM journal WHERE journal.batch = intents.batch AND journal.entity_type = intents.entity_type
        AND journal.entity_id = intents.entity_id AND outcome = 'intent')""",
    ),
    (
        "journal",
        "open, but with the time of its outcome, or the other way round",
        "SELECT id FROM journal WHERE (outcome = 'intent') != (settled_at IS NULL)",
    ),
    (
        "runs",
        "ended without a time, or running with one",
        "SELECT id FROM runs WHERE (state = 'running') != (finished_at IS NULL)",
    ),
    (
        "sessions",
        "of nobody who is on record",
        "SELECT person_id FROM sessions WHERE person_id NOT IN (SELECT id FROM people)",
    ),
    (
        "reviews",
        "counted otherwise than they are",
        """SELECT min(id) FROM reviews GROUP BY state, job, reason, countries, entity_type, suggests
        HAVING count(*) != coalesce((SELECT number FROM review_groups WHERE review_groups.state = reviews.state
        AND review_groups.job = reviews.job AND review_groups.reason = reviews.reason
        AND review_groups.countries = reviews.countries AND review_groups.entity_type = reviews.entity_type
        AND review_groups.suggests = reviews.suggests), 0)""",
    ),
    (
        "meta",
        "names no portal, though there are corrections",
        """SELECT 'portal' WHERE EXISTS (SELECT 1 FROM journal)
        AND NOT EXISTS (SELECT 1 FROM meta WHERE key = 'portal')""",
    ),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: in which table, what, in how many rows, and one of them."""

    table: str
    problem: str
    rows: int
    example: str | None


def check(db: sqlite_utils.Database) -> tuple[Finding, ...]:
    """Return everything that is wrong with a state, nothing for a sound one; reads all of it, and takes its time."""
    db.conn.text_factory = _text_of
    findings: list[Finding] = []
    try:
        for look in (_damage, _orphans, _misfits):
            findings.extend(look(db))
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise
        findings.append(Finding("", f"damaged: {error}; the rest cannot be read", 1, None))
    return tuple(findings)


def check_quickly(db: sqlite_utils.Database) -> tuple[Finding, ...]:
    """Return how a state is damaged, as far as SQLite sees it without comparing the indexes with the tables."""
    try:
        return tuple(_damage(db, "quick_check"))
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise
        return (Finding("", f"damaged: {error}", 1, None),)


def _damage(db: sqlite_utils.Database, pragma: str = "integrity_check") -> Iterator[Finding]:
    for (line,) in db.execute(f"PRAGMA {pragma}({_MOST_LINES})"):
        if line != "ok":
            yield Finding("", f"damaged: {line}", 1, None)


def _orphans(db: sqlite_utils.Database) -> Iterator[Finding]:
    missing = [(table, row_id) for table, row_id, _, _ in db.execute("PRAGMA foreign_key_check").fetchall()]
    for table in sorted({table for table, _ in missing}):
        rows = [row_id for name, row_id in missing if name == table]
        yield Finding(table, "belongs to a run that is not there", len(rows), _text(rows[0]))


def _misfits(db: sqlite_utils.Database) -> Iterator[Finding]:
    for table, problem, query in _RULES:
        rows, example = 0, None
        for (key,) in db.execute(query):
            rows, example = rows + 1, example or _text(key)
        if rows:
            yield Finding(table, problem, rows, example)
    for table in _TYPED:
        yield from _unreadable(db, table, "entity_type", "is of an unknown type", EntityType)
    for table, columns in _TIMES.items():
        for column in columns:
            yield from _unreadable(db, table, column, f"has no readable time as {column}", _require_time)
    for table, column, known in _KNOWN:
        yield from _unreadable(db, table, column, f"has an unknown {column}", known)
    yield from _unreadable(
        db, "journal", CORRECTION_COLUMNS, "is no correction that can be read", lambda *row: from_row(row)
    )
    yield from _unreadable(db, "reviews", "value, suggestion", "has no readable text", lambda *_: None)
    yield from _unreadable(db, "intents", "base", "has no readable state of its item", state_from_json)
    yield from _unreadable(db, "cursors", "position", "is no position that can be gone on from", _require_position)
    yield from _unreadable(db, "runs", "jobs", "has no readable jobs", _require_names)
    yield from _unreadable(db, "runs", "counts", "has no readable counts", _require_object)
    yield from _unreadable(db, "meta", "iif(key = 'limits', value, NULL)", "has no readable limits", _require_object)


def _unreadable(
    db: sqlite_utils.Database, table: str, columns: str, problem: str, read: Callable[..., object]
) -> Iterator[Finding]:
    """Tell in how many rows `read` refuses the columns; an empty one has nothing to be read."""
    rows, example = 0, None
    for key, *values in db.execute(f"{_SELECT} {_KEYS[table]}, {columns} FROM {table}"):
        if values == [None]:
            continue
        try:
            "".join(map(str, values)).encode()
            read(*values)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            rows, example = rows + 1, example or _text(key)
    if rows:
        yield Finding(table, problem, rows, example)


def _require_time(text: str) -> None:
    if from_text(text).tzinfo is None:
        message = "a time without a zone"
        raise ValueError(message)


def _require_position(text: str) -> None:
    """Raise for a position that the feeders could not go on from: of polls, of scans, of sweeps."""
    position = _require_object(text)
    for key in position.keys() & _NUMBERS_OF_POSITIONS:
        float(str(position[key]))
    if not position.keys() & _NUMBERS_OF_POSITIONS:
        message = "a position without a number"
        raise ValueError(message)


def _require_object(text: str) -> dict[str, object]:
    found = json.loads(text)
    if not isinstance(found, dict):
        message = "no object"
        raise TypeError(message)
    return found


def _require_names(text: str) -> None:
    found = json.loads(text)
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        message = "no list of names"
        raise TypeError(message)


def _text_of(stored: bytes) -> str:
    """Return a text of which what is no UTF-8 can be told apart, and does not keep the other rows from being read."""
    return stored.decode(errors="surrogateescape")


def _text(value: object) -> str:
    return str(value).encode(errors="backslashreplace").decode()
