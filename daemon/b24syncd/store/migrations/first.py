"""The migrations of the first releases; one that was released is never changed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite_utils

_FIRST_TABLES = """
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('backfill', 'partial', 'run')),
    jobs TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'interrupted', 'failed')),
    started_at TEXT NOT NULL,
    finished_at TEXT,
    began_server_time REAL,
    counts TEXT NOT NULL
) STRICT;

CREATE TABLE cursors (
    name TEXT PRIMARY KEY,
    position TEXT NOT NULL,
    changed_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    at TEXT NOT NULL,
    sent_at REAL,
    batch TEXT NOT NULL,
    job TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('change', 'add', 'delete')),
    point_kind TEXT NOT NULL,
    point_id INTEGER,
    value_type TEXT NOT NULL,
    before TEXT,
    after TEXT,
    mends INTEGER NOT NULL CHECK (mends IN (0, 1)),
    outcome TEXT NOT NULL,
    detail TEXT,
    settled_at TEXT,
    CHECK ((point_id IS NULL) = (kind = 'add')),
    CHECK ((before IS NULL) = (kind = 'add')),
    CHECK ((after IS NULL) = (kind = 'delete'))
) STRICT;
CREATE INDEX journal_by_item ON journal (entity_type, entity_id);
CREATE INDEX journal_by_run ON journal (run_id);
CREATE INDEX journal_open ON journal (batch, entity_type, entity_id) WHERE outcome = 'intent';

CREATE TABLE intents (
    batch TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    base TEXT NOT NULL,
    PRIMARY KEY (batch, entity_type, entity_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE reviews (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    entity_type TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    job TEXT NOT NULL,
    point_id INTEGER NOT NULL,
    value TEXT NOT NULL,
    reason TEXT NOT NULL,
    suggestion TEXT,
    state TEXT NOT NULL CHECK (state IN ('open', 'dismissed', 'closed')),
    opened_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    UNIQUE (entity_type, entity_id, job, point_id)
) STRICT;
CREATE INDEX reviews_open ON reviews (id) WHERE state = 'open';

CREATE TABLE queue (
    entity_type TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TEXT NOT NULL,
    detail TEXT,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'gave_up')),
    revision INTEGER NOT NULL,
    PRIMARY KEY (entity_type, entity_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX queue_by_state ON queue (state, due_at);
"""


def m001_first_tables(db: sqlite_utils.Database) -> None:
    """Create the tables of the first release."""
    for statement in _FIRST_TABLES.split(";\n"):  # sqlite-utils' `executescript` looks at each letter for an end
        db.execute(statement)


def m002_refusals_by_time(db: sqlite_utils.Database) -> None:
    """Find what was refused lately without reading the whole journal."""
    db.execute("CREATE INDEX journal_refused ON journal (settled_at) WHERE outcome = 'refused'")


_RUNS_AND_HOLDS = """
PRAGMA defer_foreign_keys = ON;
CREATE TEMP TABLE old_runs AS SELECT * FROM runs;
DROP TABLE runs;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('backfill', 'partial', 'run', 'undo')),
    jobs TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'interrupted', 'failed')),
    started_at TEXT NOT NULL,
    finished_at TEXT,
    began_server_time REAL,
    counts TEXT NOT NULL
) STRICT;
INSERT INTO runs SELECT * FROM old_runs;
DROP TABLE old_runs;

CREATE TABLE holds (
    entity_type TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    job TEXT NOT NULL,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    at TEXT NOT NULL,
    released_at TEXT,
    PRIMARY KEY (entity_type, entity_id, job, run_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX holds_by_run ON holds (run_id);
"""


def m003_undo(db: sqlite_utils.Database) -> None:
    """Know runs that undo, and what stays undone."""
    for statement in _RUNS_AND_HOLDS.split(";\n"):  # `executescript` would end the transaction of all migrations
        db.execute(statement)


def m004_reasons_of_holds(db: sqlite_utils.Database) -> None:
    """Know why something is held: undone, or changed back and forth by another program."""
    db.execute("ALTER TABLE holds ADD COLUMN reason TEXT NOT NULL DEFAULT 'undone'")
    db.execute("ALTER TABLE holds ADD COLUMN detail TEXT NOT NULL DEFAULT ''")


def m005_how_texts_were_read(db: sqlite_utils.Database) -> None:
    """Know which canonical values a text said when it was corrected, so that undo does not go by other rules."""
    db.execute("ALTER TABLE journal ADD COLUMN reads TEXT")


_RUNS_OF_LISTS = """
PRAGMA defer_foreign_keys = ON;
CREATE TEMP TABLE old_runs AS SELECT * FROM runs;
DROP TABLE runs;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('backfill', 'partial', 'run', 'undo', 'rebind')),
    jobs TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'interrupted', 'failed')),
    started_at TEXT NOT NULL,
    finished_at TEXT,
    began_server_time REAL,
    counts TEXT NOT NULL
) STRICT;
INSERT INTO runs SELECT * FROM old_runs;
DROP TABLE old_runs
"""


def m006_lists(db: sqlite_utils.Database) -> None:
    """Know runs that work through a list of moves, which is a person's doing."""
    for statement in _RUNS_OF_LISTS.split(";\n"):
        db.execute(statement)


def m007_approvals_of_each_limit(db: sqlite_utils.Database) -> None:
    """Know which safety limits a person approved: until now that was all of them."""
    db.execute(
        'UPDATE meta SET value = \'{"canary": true, "denied": true, "empty": true, "share": true}\''
        " WHERE key LIKE 'approved/%' AND value = 'yes'"
    )


_DECISIONS = """
PRAGMA defer_foreign_keys = ON;
CREATE TEMP TABLE old_runs AS SELECT * FROM runs;
DROP TABLE runs;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('backfill', 'partial', 'run', 'undo', 'rebind', 'review')),
    jobs TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'interrupted', 'failed')),
    started_at TEXT NOT NULL,
    finished_at TEXT,
    began_server_time REAL,
    counts TEXT NOT NULL
) STRICT;
INSERT INTO runs SELECT * FROM old_runs;
DROP TABLE old_runs;
CREATE TEMP TABLE old_reviews AS SELECT * FROM reviews;
DROP TABLE reviews;
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    entity_type TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    job TEXT NOT NULL,
    point_id INTEGER NOT NULL,
    value TEXT NOT NULL,
    reason TEXT NOT NULL,
    suggestion TEXT,
    state TEXT NOT NULL CHECK (state IN ('open', 'dismissed', 'closed', 'accepted')),
    opened_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    UNIQUE (entity_type, entity_id, job, point_id)
) STRICT;
INSERT INTO reviews SELECT * FROM old_reviews;
DROP TABLE old_reviews;
CREATE INDEX reviews_open ON reviews (id) WHERE state = 'open'
"""


def m008_decisions(db: sqlite_utils.Database) -> None:
    """Know runs that write what a person decided of reviews, and reviews that were accepted."""
    for statement in _DECISIONS.split(";\n"):
        db.execute(statement)
