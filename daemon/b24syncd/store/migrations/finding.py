"""The migration for many people who ask much: columns by which rows are found, what is excluded, what is paused.

One that was released is never changed again, so this knows for itself how the state wrote what it finds.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

from b24syncd.store.search_keys import search_key

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlite_utils

_STATEMENTS = """
ALTER TABLE journal ADD COLUMN before_key TEXT;
ALTER TABLE journal ADD COLUMN after_key TEXT;
UPDATE journal SET before_key = key_of_value(before), after_key = key_of_value(after);
CREATE INDEX journal_by_job ON journal (job);
CREATE INDEX journal_by_person ON journal (asked_by) WHERE asked_by != '';
CREATE INDEX journal_by_before ON journal (before_key) WHERE before_key IS NOT NULL;
CREATE INDEX journal_by_after ON journal (after_key) WHERE after_key IS NOT NULL;

ALTER TABLE reviews ADD COLUMN countries TEXT NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN value_key TEXT NOT NULL DEFAULT '';
ALTER TABLE reviews ADD COLUMN suggests INTEGER AS (suggestion IS NOT NULL) VIRTUAL;
UPDATE reviews SET value_key = key_of_review(job, value),
    countries = iif(job = 'phones' AND suggestion IS NOT NULL, '?', '');
DROP INDEX reviews_open;
CREATE INDEX reviews_by_state ON reviews (state);
CREATE INDEX reviews_by_group ON reviews (state, job, reason, countries, entity_type, suggests);
CREATE INDEX reviews_by_value ON reviews (state, job, reason, countries, entity_type, suggests, value_key);
CREATE TABLE review_groups (
    state TEXT NOT NULL,
    job TEXT NOT NULL,
    reason TEXT NOT NULL,
    countries TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    suggests INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (state, job, reason, countries, entity_type, suggests)
) STRICT, WITHOUT ROWID;
CREATE TABLE exclusions (
    entity_type TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    at TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    PRIMARY KEY (entity_type, entity_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE previews (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    wanted TEXT NOT NULL,
    ended_at TEXT,
    report TEXT
) STRICT;
CREATE TABLE preview_findings (
    preview_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    finding TEXT NOT NULL,
    PRIMARY KEY (preview_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX preview_findings_by_kind ON preview_findings (preview_id, kind, number);
CREATE TABLE paused_jobs (
    job TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    positions TEXT NOT NULL,
    resumed_at TEXT
) STRICT, WITHOUT ROWID;
INSERT INTO review_groups SELECT state, job, reason, countries, entity_type, suggests, count(*)
    FROM reviews GROUP BY 1, 2, 3, 4, 5, 6
"""

_MORE = """INSERT INTO review_groups
    VALUES (new.state, new.job, new.reason, new.countries, new.entity_type, new.suggestion IS NOT NULL, 1)
    ON CONFLICT DO UPDATE SET number = number + 1;"""
_FEWER = """UPDATE review_groups SET number = number - 1 WHERE state = old.state AND job = old.job
    AND reason = old.reason AND countries = old.countries AND entity_type = old.entity_type
    AND suggests = (old.suggestion IS NOT NULL);"""

_TOLD = "state, job, reason, countries, entity_type, suggestion"
_TRIGGERS = (
    f"CREATE TRIGGER reviews_added AFTER INSERT ON reviews BEGIN {_MORE} END",
    f"CREATE TRIGGER reviews_forgotten AFTER DELETE ON reviews BEGIN {_FEWER} END",
    f"CREATE TRIGGER reviews_changed AFTER UPDATE OF {_TOLD} ON reviews BEGIN {_FEWER} {_MORE} END",
)


def m018_finding(db: sqlite_utils.Database) -> None:
    """Find values by their beginning, count reviews by groups as they change, know what is excluded and paused."""
    functions: tuple[tuple[str, int, Callable[..., str | None]], ...] = (
        ("key_of_value", 1, _key_of_value),
        ("key_of_review", 2, _key_of_review),
    )
    for name, arguments, function in functions:
        db.conn.create_function(name, arguments, function, deterministic=True)
    try:
        for statement in (*_STATEMENTS.split(";\n"), *_TRIGGERS):
            db.execute(statement)
    finally:
        for name, arguments, _ in functions:
            db.conn.create_function(name, arguments, None)


def _key_of_value(text: str | None) -> str | None:
    if text is None:
        return None
    with suppress(ValueError):  # what is damaged stays as it is, for the check to tell
        return search_key(_shown(json.loads(text)))
    return ""


def _key_of_review(job: str, value: str) -> str:
    return search_key(value.partition(": ")[2] if job == "fields" else value)


def _shown(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case dict():
            return ", ".join(map(str, value.values()))
        case list():
            return ", ".join(map(_shown, value))
        case _:
            return str(value)
