"""The migrations that gave the journal typed values and columns that say what they mean.

One that was released is never changed again, so these know for themselves how the state wrote what they found and make.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite_utils

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_DAY_LENGTH = len("2025-01-15")

# One statement copies the journal: no row of it is ever in memory for longer than it takes to copy.
_TYPED_JOURNAL = """
CREATE TABLE new_journal (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    at TEXT NOT NULL,
    sent_at REAL,
    batch TEXT NOT NULL,
    job TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    what TEXT NOT NULL,
    slot TEXT,
    slot_id INTEGER,
    before TEXT,
    after TEXT,
    restores INTEGER NOT NULL CHECK (restores IN (0, 1)),
    reads TEXT,
    mends INTEGER NOT NULL CHECK (mends IN (0, 1)),
    outcome TEXT NOT NULL,
    detail TEXT,
    settled_at TEXT,
    CHECK (before IS NOT NULL OR after IS NOT NULL)
) STRICT;
INSERT INTO new_journal
SELECT id, run_id, at, sent_at, batch, job, entity_type, entity_id,
    CASE point_kind WHEN 'FIELD_RESTORED' THEN 'field' ELSE lower(point_kind) END,
    CASE WHEN point_kind IN ('BINDING', 'TASK_LINKS') THEN NULL ELSE value_type END,
    CASE WHEN point_kind IN ('BINDING', 'FIELD', 'FIELD_RESTORED') THEN NULL ELSE point_id END,
    CASE point_kind WHEN 'TASK_LINKS' THEN before WHEN 'FIELD' THEN of_field(before)
        WHEN 'FIELD_RESTORED' THEN of_field(before) ELSE of_text(before) END,
    CASE point_kind WHEN 'TASK_LINKS' THEN after WHEN 'FIELD' THEN of_field(after)
        WHEN 'FIELD_RESTORED' THEN of_field(after) ELSE of_text(after) END,
    point_kind = 'FIELD_RESTORED', reads, mends, outcome, detail, settled_at
FROM journal ORDER BY id;
DROP TABLE journal;
ALTER TABLE new_journal RENAME TO journal;
CREATE INDEX journal_by_item ON journal (entity_type, entity_id);
CREATE INDEX journal_by_run ON journal (run_id);
CREATE INDEX journal_open ON journal (batch, entity_type, entity_id) WHERE outcome = 'intent';
CREATE INDEX journal_refused ON journal (settled_at) WHERE outcome = 'refused';
CREATE INDEX journal_of_fields ON journal (entity_type, entity_id, slot) WHERE what = 'field';
UPDATE intents SET base = of_item(base) WHERE base NOT LIKE '{"bindings"%'
"""


def m009_typed_journal(db: sqlite_utils.Database) -> None:
    """Keep values as JSON with their types, and let columns say what a correction is of."""
    functions = {"of_text": _of_text, "of_field": _of_field, "of_item": _of_item}
    for name, function in functions.items():
        db.conn.create_function(name, 1, function, deterministic=True)
    try:
        for statement in _TYPED_JOURNAL.split(";\n"):  # `executescript` would end the transaction of all migrations
            db.execute(statement)
    finally:
        for name in functions:
            db.conn.create_function(name, 1, None)


_KINDS_AND_STATES = """
CREATE TEMP TABLE old_numbers AS SELECT name, seq FROM sqlite_sequence;
CREATE TABLE new_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    jobs TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    began_server_time REAL,
    counts TEXT NOT NULL
) STRICT;
INSERT INTO new_runs SELECT * FROM runs;
DROP TABLE runs;
ALTER TABLE new_runs RENAME TO runs;
CREATE TABLE new_reviews (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    entity_type TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    job TEXT NOT NULL,
    point_id INTEGER NOT NULL,
    value TEXT NOT NULL,
    reason TEXT NOT NULL,
    suggestion TEXT,
    state TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    UNIQUE (entity_type, entity_id, job, point_id)
) STRICT;
INSERT INTO new_reviews SELECT * FROM reviews;
DROP TABLE reviews;
ALTER TABLE new_reviews RENAME TO reviews;
CREATE INDEX reviews_open ON reviews (id) WHERE state = 'open';
CREATE TABLE new_queue (
    entity_type TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TEXT NOT NULL,
    detail TEXT,
    state TEXT NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (entity_type, entity_id)
) STRICT, WITHOUT ROWID;
INSERT INTO new_queue SELECT * FROM queue;
DROP TABLE queue;
ALTER TABLE new_queue RENAME TO queue;
CREATE INDEX queue_by_state ON queue (state, due_at);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence (name, seq) SELECT name, seq FROM old_numbers;
DROP TABLE old_numbers
"""


def m010_kinds_and_states(db: sqlite_utils.Database) -> None:
    """Let a release know more kinds of runs, and more states, without making their tables anew."""
    for statement in _KINDS_AND_STATES.split(";\n"):
        db.execute(statement)


# As the release before told of refusals: a code and a colon before the portal's words, none before its own.
_GROUNDS = """
ALTER TABLE journal ADD COLUMN ground TEXT;
UPDATE journal SET ground = CASE
    WHEN instr(detail, '; the portal saves nothing of an item with a malformed phone or e-mail: ') THEN 'malformed'
    WHEN upper(substr(detail, 1, instr(detail, ': ') - 1)) IN (
        'ACCESS_DENIED', 'OWNER_NOT_FOUND', 'NOT_FOUND', 'ERROR_NOT_FOUND', 'ENTITY_TYPE_NOT_SUPPORTED',
        'ACTIVITY_IS_ALREADY_BOUND', 'BINDING_NOT_FOUND', 'LAST_BINDING_CANNOT_BE_DELETED',
        'SOURCE_AND_TARGET_ENTITY_TYPES_ARE_NOT_EQUAL_ERROR', 'SOURCE_AND_TARGET_ENTITY_ID_ARE_EQUAL_ERROR',
        'INVALID_ARG_VALUE', 'ERROR_METHOD_NOT_FOUND', 'ERROR_BATCH_METHOD_NOT_ALLOWED', 'NO_AUTH_FOUND',
        'INVALID_CREDENTIALS', 'INSUFFICIENT_SCOPE', 'USER_ACCESS_ERROR', 'EXPIRED_TOKEN', 'INVALID_TOKEN',
        'AUTHORIZATION_ERROR', 'WRONG_AUTH_TYPE', 'INVALID_GRANT', 'INVALID_CLIENT', 'ALLOWED_ONLY_INTRANET_USER'
    ) OR upper(substr(detail, 1, 15)) = 'CRM_FIELD_ERROR' THEN 'stated'
    ELSE 'unstated' END
WHERE outcome = 'refused' AND instr(detail, ': ');
UPDATE meta SET value = json_set(value, '$.most_changed', CAST(substr(json_extract(value, '$.reason'), 28) AS REAL))
WHERE substr(key, 1, 12) = 'safety_stop/' AND json_extract(value, '$.reason') LIKE 'safety.max_changed_share = %'
"""


def m011_grounds_of_refusals(db: sqlite_utils.Database) -> None:
    """Let a column say why something was refused, and a stop by which share; until then their sentences told it."""
    for statement in _GROUNDS.split(";\n"):
        db.execute(statement)


def _of_text(text: str | None) -> str | None:
    return None if text is None else _JSON.encode(text)


def _of_field(text: str | None) -> str:
    """Return the value of a field, which was a day, an instant with an offset, or nothing."""
    return _JSON.encode(_field_value(text))


def _field_value(text: str | None) -> object:
    try:
        if text is None:
            return None
        if len(text) == _DAY_LENGTH:
            return {"date": date.fromisoformat(text).isoformat()}
        moment = datetime.fromisoformat(text)
        return {"time": moment.isoformat()} if moment.tzinfo is not None else text
    except ValueError:
        return text


def _of_item(base: str) -> str:
    """Return the state of an item by its parts: it was a list of contact points, or one field.

    What is damaged stays as it is, for the check to tell.
    """
    try:
        read = json.loads(base)
        if isinstance(read, list):
            return _JSON.encode({"points": read, "fields": {}})
        return _JSON.encode({"points": None, "fields": {read["field"]: _field_value(read["value"])}})
    except (ValueError, TypeError, KeyError):
        return base
