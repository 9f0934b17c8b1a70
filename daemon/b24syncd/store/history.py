"""The journal as it is read: filtered, a page in memory at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.domain.descriptions import describe

from .journal import Outcome
from .journal_rows import CORRECTION_COLUMNS, CorrectionRow, from_row
from .times import from_optional_text, from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import sqlite_utils

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef

_PAGE = 500
_COLUMNS = f"id, run_id, at, sent_at, batch, mends, outcome, detail, settled_at, {CORRECTION_COLUMNS}"
_FROM = "FROM journal WHERE"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One correction, as it was meant, and what became of it."""

    id: int
    run_id: int
    at: datetime
    sent_at: float | None
    batch: str
    mends: bool
    outcome: Outcome
    detail: str | None
    settled_at: datetime | None
    correction: Correction

    @property
    def point_id(self) -> int | None:
        """The entry that was changed or deleted, or the task whose links were set; a binding and a field have no id.

        Neither has an added entry: only the portal knows it.
        """
        return describe(self.correction).id

    @property
    def before(self) -> str | None:
        """The value before, as people read it; nothing for an added entry and an empty field."""
        return describe(self.correction).before

    @property
    def after(self) -> str | None:
        """The value after, as people read it; nothing for a deleted entry and an emptied field."""
        return describe(self.correction).after


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which entries; what is not named does not narrow."""

    item: EntityRef | None = None
    job: str | None = None
    run_id: int | None = None
    outcome: Outcome | None = None
    since: datetime | None = None


def iterate(
    db: sqlite_utils.Database, which: Filter | None = None, *, limit: int | None = None
) -> Iterator[JournalEntry]:
    """Go through the entries, oldest first; with `limit`, only the newest so many.

    A page is read at a time and nothing stays open between two pages, so that a slow reader neither needs memory nor
    keeps the writer from shortening its log.
    """
    condition, values = _where(which or Filter())
    after = 0
    if limit is not None:
        # The id before the newest `limit` entries; all entries where there are not more.
        row = db.execute(
            f"SELECT id {_FROM} {condition} ORDER BY id DESC LIMIT 1 OFFSET ?", (*values, limit)
        ).fetchone()
        after = 0 if row is None else row[0]
    left = limit
    while left is None or left > 0:
        rows = db.execute(
            f"SELECT {_COLUMNS} {_FROM} {condition} AND id > ? ORDER BY id LIMIT ?",
            (*values, after, _PAGE if left is None else min(_PAGE, left)),
        ).fetchall()
        if not rows:
            return
        yield from map(_entry, rows)
        after = rows[-1][0]
        left = None if left is None else left - len(rows)


def open_count(db: sqlite_utils.Database) -> int:
    """Return how many corrections wait for their outcome."""
    (number,) = db.execute("SELECT count(*) FROM journal WHERE outcome = 'intent'").fetchone()
    return int(number)


def _where(which: Filter) -> tuple[str, tuple[str | int, ...]]:
    wanted: list[tuple[str, str | int]] = []
    if which.item is not None:
        wanted += [("entity_type = ?", which.item.type.value), ("entity_id = ?", which.item.id)]
    if which.job is not None:
        wanted.append(("job = ?", which.job))
    if which.run_id is not None:
        wanted.append(("run_id = ?", which.run_id))
    if which.outcome is not None:
        wanted.append(("outcome = ?", which.outcome.value))
    if which.since is not None:
        wanted.append(("at >= ?", to_text(which.since)))
    return " AND ".join(["1", *(condition for condition, _ in wanted)]), tuple(value for _, value in wanted)


def _entry(
    row: tuple[int, int, str, float | None, str, int, str, str | None, str | None, *CorrectionRow],
) -> JournalEntry:
    run_id, at, sent_at, batch, mends, outcome, detail, settled_at = row[1:9]
    return JournalEntry(
        id=row[0],
        run_id=run_id,
        at=from_text(at),
        sent_at=sent_at,
        batch=batch,
        mends=bool(mends),
        outcome=Outcome(outcome),
        detail=detail,
        settled_at=from_optional_text(settled_at),
        correction=from_row(row[9:]),
    )
