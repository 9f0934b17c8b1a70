"""Items that were added, in the journal: the intent before it leaves, under what the item carries, and its outcome.

An addition has no state before it, so nothing is kept beside its row, and no lane judges it, but
`engine/additions.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import AddItem

from .journal import Outcome
from .journal_rows import CORRECTION_COLUMNS, from_record, to_row
from .times import to_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    import sqlite_utils

_INSERT = (
    "INSERT INTO journal (outcome, asked_by, run_id, at, sent_at, batch, mends,"  # noqa: S608 # our columns
    f" {CORRECTION_COLUMNS}) VALUES ('intent', (SELECT asked_by FROM runs WHERE id = ?1), ?1, ?, ?, ?, 0,"
    " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_SETTLE = (
    "UPDATE journal SET outcome = ?, detail = ?, settled_at = ?, entity_id = ?"
    " WHERE what = 'item' AND slot = ? AND outcome = 'intent'"
)
_OPEN = "SELECT * FROM journal INDEXED BY journal_open WHERE what = 'item' AND outcome = 'intent' ORDER BY id"
_SAME_MARK = "what = 'item' AND slot = ?"


@dataclass(frozen=True, slots=True)
class Added:
    """An addition as the journal has it; `sent_at` is the portal's clock when it left."""

    run_id: int
    item: AddItem
    outcome: Outcome
    sent_at: float | None
    detail: str | None


def insert(db: sqlite_utils.Database, run_id: int, item: AddItem, *, now: datetime, sent_at: float) -> None:
    """Journal an addition before it leaves; its token is also the id of its batch."""
    db.execute(_INSERT, (run_id, to_text(now), sent_at, item.token, *to_row(item)))


def settle(  # noqa: PLR0913 # the key, the outcome and what it tells, by name
    db: sqlite_utils.Database,
    token: str,
    outcome: Outcome,
    *,
    item_id: int = 0,
    detail: str | None = None,
    now: datetime,
) -> None:
    """Give an open addition its outcome, and the id that the portal gave the item."""
    db.execute(_SETTLE, (outcome.value, detail, to_text(now), item_id, token))


def open_ones(db: sqlite_utils.Database) -> tuple[Added, ...]:
    """Return the additions of which nobody knows yet whether they were made."""
    return tuple(map(_added, db.query(_OPEN)))


def of_token(db: sqlite_utils.Database, token: str) -> Added | None:
    """Return the addition under a token, None for a token that was never used."""
    return next(map(_added, db.table("journal").rows_where(_SAME_MARK, (token,), order_by="id DESC", limit=1)), None)


def _added(row: Mapping[str, Any]) -> Added:
    item = from_record(row)
    assert isinstance(item, AddItem)  # noqa: S101 # as the column says
    return Added(row["run_id"], item, Outcome(row["outcome"]), row["sent_at"], row["detail"])
