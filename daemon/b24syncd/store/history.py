"""The journal as it is read: filtered, a page in memory at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from b24syncd.domain.descriptions import describe
from b24syncd.domain.entities import EntityRef, EntityType

from .journal import Outcome
from .journal_rows import from_record
from .search_keys import range_of, search_key
from .times import from_optional_text, from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    import sqlite_utils

    from b24syncd.domain.corrections import Correction

_PAGE = 500
_HAS_TEXT = "(before_key >= ? AND before_key < ? OR after_key >= ? AND after_key < ?)"
_WITH_IDS = "id IN (SELECT value FROM json_each(?))"
# Listed, or the index of the order would lead, and each row be looked at.
_WITH_TEXT = (
    "id IN (SELECT id FROM journal WHERE before_key >= ? AND before_key < ?"
    " UNION SELECT id FROM journal WHERE after_key >= ? AND after_key < ?)"
)
_OPEN_ITEMS = "SELECT DISTINCT entity_type, entity_id FROM intents"


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
    by: str = ""
    """The person of the console who asked for it; nobody where the shell did, or rules."""

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
    """Which entries; what is not named does not narrow.

    `by` is the person of the console who asked for it. `text` is how the value begins that stood there before or
    after, whatever its case, or all of it where that is to be `exact`. `ids` are numbers of entries.
    """

    item: EntityRef | None = None
    job: str | None = None
    run_id: int | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    by: str = ""
    text: str = ""
    exact: bool = False
    ids: tuple[int, ...] = ()

    @property
    def keys(self) -> tuple[str, str]:
        """Between which keys the values lie, the last one excluded."""
        key = search_key(self.text)
        return (key, key + "\0") if self.exact else range_of(self.text)


def iterate(
    db: sqlite_utils.Database, which: Filter | None = None, *, limit: int | None = None
) -> Iterator[JournalEntry]:
    """Go through the entries, oldest first; with `limit`, only the newest so many.

    A page is read at a time and nothing stays open between two pages, so that a slow reader neither needs memory nor
    keeps the writer from shortening its log.
    """
    condition, values = where(which or Filter())
    journal = db.table("journal")
    after = 0
    if limit is not None:
        # The id before the newest `limit` entries; all entries where there are not more.
        older = journal.rows_where(condition, values, order_by="id DESC", select="id", limit=1, offset=limit)
        after = next((row["id"] for row in older), 0)
    left = limit
    while left is None or left > 0:
        some = _PAGE if left is None else min(_PAGE, left)
        rows = list(journal.rows_where(f"{condition} AND id > ?", (*values, after), order_by="id", limit=some))
        if not rows:
            return
        yield from map(_entry, rows)
        after = rows[-1]["id"]
        left = None if left is None else left - len(rows)


def open_items(db: sqlite_utils.Database) -> frozenset[EntityRef]:
    """Return the items that have a correction without an outcome."""
    return frozenset(EntityRef(EntityType(name), entity_id) for name, entity_id in db.execute(_OPEN_ITEMS))


def entries_with(db: sqlite_utils.Database, ids: Sequence[int]) -> tuple[JournalEntry, ...]:
    """Return the entries with these numbers, in this order."""
    rows = db.table("journal").rows_where(_WITH_IDS, (json.dumps(ids),))
    found = {row["id"]: _entry(row) for row in rows}
    return tuple(found[each] for each in ids if each in found)


def where(which: Filter, *, of_row: bool = False) -> tuple[str, tuple[str | int, ...]]:
    """Return the condition in SQL, with its values; as it is asked of one row, or by which rows are found."""
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
    if which.by:
        wanted.append(("asked_by = ? AND asked_by != ''", which.by))
    if which.ids:
        wanted.append((_WITH_IDS, json.dumps(which.ids)))
    values = tuple(value for _, value in wanted)
    if which.text:
        wanted.append((_HAS_TEXT if of_row else _WITH_TEXT, ""))
        values += which.keys * 2
    return " AND ".join(["1", *(condition for condition, _ in wanted)]), values


def _entry(row: Mapping[str, Any]) -> JournalEntry:
    return JournalEntry(
        id=row["id"],
        run_id=row["run_id"],
        at=from_text(row["at"]),
        sent_at=row["sent_at"],
        batch=row["batch"],
        mends=bool(row["mends"]),
        outcome=Outcome(row["outcome"]),
        detail=row["detail"],
        settled_at=from_optional_text(row["settled_at"]),
        correction=from_record(row),
        by=row["asked_by"],
    )
