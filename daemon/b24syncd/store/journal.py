"""The journal: every intent before its effect, and its outcome after. Only `retention.py` deletes rows.

While an intent is open, the state in which the item was before (its contact points, an activity's bindings) is kept
beside it, so that after a crash what is read of the item can be compared with what it was and with what was meant.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from b24syncd.domain.entities import EntityRef
from b24syncd.domain.refused import Ground, Refusal

from .journal_rows import CORRECTION_COLUMNS, from_record, from_row, keys_of, to_row
from .runs import BY_RULES
from .state_json import state_from_json, state_to_json
from .times import from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    import sqlite_utils

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.states import State

    from .journal_rows import CorrectionRow

    _OpenRow = tuple[int, str, int, float | None, str, *CorrectionRow]


class Outcome(StrEnum):
    """What became of an intent; part of the outside."""

    INTENT = "intent"  # open: not yet known
    DONE = "done"  # proved by the answer and its witness
    UNVERIFIED = "unverified"  # a read-back shows it, but what the write met is not known
    REFUSED = "refused"  # the portal refused it for good
    NOT_SENT = "not_sent"  # certainly not executed
    OVERTAKEN = (
        "overtaken"  # somebody else changed it: the item holds neither before nor after, or held the after already
    )
    SUPERSEDED = "superseded"  # another plan took its place


_INSERT_BASE = "INSERT INTO intents (batch, entity_type, entity_id, base) VALUES (?, ?, ?, ?)"
_INSERT = "INSERT INTO journal (outcome, asked_by, run_id, at, sent_at, batch, mends, before_key, after_key"
_VALUES = "'intent', (SELECT asked_by FROM runs WHERE id = ?1), ?1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
_INSERT_CORRECTION = f"{_INSERT}, {CORRECTION_COLUMNS}) VALUES ({_VALUES})"
_MARK_SENT = "UPDATE journal SET sent_at = ? WHERE batch = ? AND outcome = 'intent'"
_CLOSE = "DELETE FROM intents WHERE batch = ? AND entity_type = ? AND entity_id = ?"
_SETTLE = (
    "UPDATE journal SET outcome = ?, detail = ?, ground = ?, settled_at = ?"
    " WHERE batch = ? AND entity_type = ? AND entity_id = ? AND outcome = 'intent'"
)
_SETTLE_ONE = "UPDATE journal SET outcome = ?, detail = ?, settled_at = ? WHERE id = ?"
_FIND_OPEN = (
    "SELECT id FROM journal WHERE batch = ? AND entity_type = ? AND entity_id = ? AND what = ?"
    " AND slot IS ? AND slot_id IS ? AND before IS ? AND after IS ? AND outcome = 'intent'"
)
_SET = "what = ?, slot = ?, slot_id = ?, before = ?, after = ?, restores = ?, reads = ?, before_key = ?, after_key = ?"
_MET = f"UPDATE journal SET {_SET} WHERE id = ?"  # noqa: S608 # columns of ours
_MET_NOTHING = (
    "UPDATE journal SET outcome = 'overtaken', detail = 'somebody had done it before', settled_at = ? WHERE id = ?"
)
_SELECT_OPEN = "SELECT run_id, batch, mends, sent_at, base"
_OPEN = (
    f"{_SELECT_OPEN}, {CORRECTION_COLUMNS} FROM journal JOIN intents USING (batch, entity_type, entity_id)"
    " WHERE outcome = 'intent' ORDER BY +id"  # or the index of the order would lead, through all of the journal
)
_LAST = "SELECT coalesce(max(id), 0) FROM journal"
_MADE_BY_RULES = (
    "SELECT count(*) FROM journal JOIN runs ON runs.id = journal.run_id"
    " WHERE runs.kind IN (SELECT value FROM json_each(?))"
    " AND NOT mends AND outcome IN ('intent', 'done', 'unverified', 'overtaken')"
)
_HAS_MADE = (
    "SELECT 1 FROM journal JOIN runs ON runs.id = journal.run_id WHERE job = ?1"
    " AND outcome IN ('intent', 'done', 'unverified') AND runs.kind IN (SELECT value FROM json_each(?2)) UNION ALL"
    " SELECT 1 FROM runs WHERE kind IN (SELECT value FROM json_each(?2))"
    " AND json_extract(counts, '$.corrections') > 0"
    " AND EXISTS (SELECT 1 FROM json_each(jobs) WHERE value = ?1) LIMIT 1"
)
_SENT_WITH = (
    "run_id IN (SELECT id FROM runs WHERE fingerprint = ?) AND NOT mends"
    " AND id > ? AND outcome IN ('intent', 'done', 'unverified', 'overtaken')"
)
_MEETS_AGAIN = "SELECT 1 FROM runs WHERE id = ? AND kind = 'run'"
_CORRECTED = (
    "SELECT DISTINCT entity_id FROM journal"
    " WHERE entity_type = ? AND entity_id IN (SELECT value FROM json_each(?)) AND run_id = ?"
    " AND NOT mends AND outcome IN ('done', 'unverified')"
)
_JUDGED = (
    "SELECT DISTINCT entity_id FROM journal"
    " WHERE entity_type = ? AND entity_id IN (SELECT value FROM json_each(?)) AND run_id = ?"
    " AND NOT mends AND outcome IN ('not_sent', 'overtaken', 'refused') AND detail IS NULL"
)
_OF_TYPES = "entity_type IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class Intent:
    """What is about to be done with one item: all its corrections, and the state it was in before (`base`)."""

    ref: EntityRef
    base: State
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True)
class OpenIntent:
    """An intent whose outcome is not known; `sent_at` is the portal's clock, `None` if it certainly never left."""

    run_id: int
    batch: str
    mends: bool
    sent_at: float | None
    intent: Intent


@dataclass(frozen=True, slots=True)
class Batch:
    """What the intents of one batch have in common; its id is no other batch's, `sent_at` the portal's clock."""

    run_id: int
    id: str
    mends: bool = False
    sent_at: float | None = None


def insert_intents(db: sqlite_utils.Database, batch: Batch, intents: Iterable[Intent], *, now: datetime) -> None:
    """Journal the intents of one batch before it leaves."""
    start = (batch.run_id, to_text(now), batch.sent_at, batch.id, int(batch.mends))
    bases: list[tuple[str, str, int, str]] = []
    rows: list[tuple[object, ...]] = []
    for intent in intents:
        bases.append((batch.id, intent.ref.type.value, intent.ref.id, state_to_json(intent.base)))
        rows.extend((*start, *keys_of(correction), *to_row(correction)) for correction in intent.corrections)
    db.conn.executemany(_INSERT_BASE, bases)
    db.conn.executemany(_INSERT_CORRECTION, rows)


def mark_sent(db: sqlite_utils.Database, batch: str, *, sent_at: float) -> None:
    """Note the portal's time at which a batch leaves; its intents are judged only `request_cut_seconds` after it."""
    db.execute(_MARK_SENT, (sent_at, batch))


ItemOutcome = tuple[str, "EntityRef", Outcome, Refusal | str | None]
"""A batch, an item of it, what became of its open corrections, and the detail, or the refusal."""


MetOtherwise = tuple[str, "Correction", "Correction | None"]
"""A batch, a correction that met something else than planned, and what it did; `None`: nothing at all."""


def note_met(db: sqlite_utils.Database, met: Iterable[MetOtherwise], *, now: datetime) -> None:
    """Put into open rows what their corrections really did: undoing them has to bring *that* back."""
    # found before any is changed: one may become what another was
    found = [(row_id, done) for batch, planned, done in met for row_id in _open_rows(db, batch, planned)]
    for row_id, done in found:
        if done is None:
            db.execute(_MET_NOTHING, (to_text(now), row_id))
        else:
            _, _, _, *columns = to_row(done)
            db.execute(_MET, (*columns, *keys_of(done), row_id))


def settle_some(  # noqa: PLR0913 - the key, the outcome and its detail, by name
    db: sqlite_utils.Database,
    batch: str,
    corrections: Iterable[Correction],
    outcome: Outcome,
    *,
    detail: str | None = None,
    now: datetime,
) -> None:
    """Give these open corrections an outcome of their own, whatever becomes of the others of their item."""
    for correction in corrections:
        for row_id in _open_rows(db, batch, correction):
            db.execute(_SETTLE_ONE, (outcome.value, detail, to_text(now), row_id))


def _open_rows(db: sqlite_utils.Database, batch: str, correction: Correction) -> list[int]:
    _, *key, _, _ = to_row(correction)
    return [row_id for (row_id,) in db.execute(_FIND_OPEN, (batch, *key)).fetchall()]


def settle(  # noqa: PLR0913 - the key, the outcome and its detail, by name
    db: sqlite_utils.Database,
    batch: str,
    ref: EntityRef,
    outcome: Outcome,
    *,
    detail: str | None = None,
    now: datetime,
) -> int:
    """Give the open corrections of one item in one batch their outcome; return how many were open."""
    return settle_all(db, [(batch, ref, outcome, detail)], now=now)


def settle_all(db: sqlite_utils.Database, settled: Iterable[ItemOutcome], *, now: datetime) -> int:
    """Give the open corrections of many items their outcomes; return how many were open."""
    moment = to_text(now)
    keys: list[tuple[str, str, int]] = []
    rows: list[tuple[str | int | None, ...]] = []
    for batch, ref, outcome, told in settled:
        key = (batch, ref.type.value, ref.id)
        keys.append(key)
        detail, ground = (told.words, told.ground) if isinstance(told, Refusal) else (told, None)
        rows.append((outcome.value, detail, ground and ground.value, moment, *key))
    db.conn.executemany(_CLOSE, keys)
    return db.conn.executemany(_SETTLE, rows).rowcount


def corrected_in(db: sqlite_utils.Database, run_id: int, refs: Collection[EntityRef]) -> frozenset[EntityRef] | None:
    """Return those of these items that a run corrected before; None for a daemon's run, which meets items again."""
    if db.execute(_MEETS_AGAIN, (run_id,)).fetchall():
        return None
    return _found(db, _CORRECTED, run_id, refs)


def judged_in(db: sqlite_utils.Database, run_id: int, refs: Collection[EntityRef]) -> frozenset[EntityRef]:
    """Return those of these items of which a run lost an answer, and judged before that nothing of it shows.

    What was told by an answer has a detail.
    """
    return _found(db, _JUDGED, run_id, refs)


def _found(db: sqlite_utils.Database, query: str, run_id: int, refs: Collection[EntityRef]) -> frozenset[EntityRef]:
    ids: dict[EntityType, list[int]] = {}
    for ref in refs:
        ids.setdefault(ref.type, []).append(ref.id)
    found = {
        kind: db.execute(query, (kind.value, json.dumps(of_kind), run_id)).fetchall() for kind, of_kind in ids.items()
    }
    return frozenset(EntityRef(kind, entity_id) for kind, rows in found.items() for (entity_id,) in rows)


def open_intents(db: sqlite_utils.Database) -> tuple[OpenIntent, ...]:
    """Return every intent without an outcome, in the order in which they were journalled."""
    rows: list[_OpenRow] = db.execute(_OPEN).fetchall()
    by_item: dict[tuple[str, EntityRef], list[_OpenRow]] = {}
    for row in rows:
        ref = from_row(row[5:]).ref
        by_item.setdefault((row[1], ref), []).append(row)
    return tuple(_open_intent(ref, rows) for (_, ref), rows in by_item.items())


def last_id(db: sqlite_utils.Database) -> int:
    """Return the id of the last correction, 0 for none."""
    return int(db.execute(_LAST).fetchone()[0])


def count_sent(db: sqlite_utils.Database, fingerprint: str, *, after: int) -> int:
    """Return how many corrections above an id were made, or may have been, by runs with these rules.

    What was owed to people does not count.
    """
    return db.table("journal").count_where(_SENT_WITH, (fingerprint, after))


def count_made(db: sqlite_utils.Database) -> int:
    """Return how many corrections are on record that programs made by rules, or may have made.

    What was owed to people is none of them.
    """
    return int(db.execute(_MADE_BY_RULES, (BY_RULES,)).fetchone()[0])


def has_made(db: sqlite_utils.Database, job: str) -> bool:
    """Tell whether its rules made, or may have made, any correction of a job; also one that is forgotten since."""
    return db.execute(_HAS_MADE, (job, BY_RULES)).fetchone() is not None


def refused_since(
    db: sqlite_utils.Database, since: datetime, types: Collection[EntityType]
) -> tuple[tuple[Correction, Refusal, datetime], ...]:
    """Return what the portal refused of these types from a time on: corrections, how, and when."""
    values = (to_text(since), json.dumps([entity_type.value for entity_type in types]))
    where = f"outcome = 'refused' AND settled_at >= ? AND {_OF_TYPES}"
    rows = db.table("journal").rows_where(where, values, order_by="settled_at, id")
    return tuple((from_record(row), _refusal(row), from_text(row["settled_at"])) for row in rows)


def _refusal(row: Mapping[str, Any]) -> Refusal:
    return Refusal(row["detail"] or "", None if row["ground"] is None else Ground(row["ground"]))


def _open_intent(ref: EntityRef, rows: list[_OpenRow]) -> OpenIntent:
    run_id, batch, mends, sent_at, base = rows[0][:5]
    corrections = tuple(from_row(row[5:]) for row in rows)
    return OpenIntent(run_id, batch, bool(mends), sent_at, Intent(ref, state_from_json(base), corrections))
