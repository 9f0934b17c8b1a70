"""Previews that a daemon made and keeps, so that a person may browse what they found, and have it done."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .times import from_optional_text, from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    import sqlite_utils

_KEPT: Final = 3
"""So many are kept, the latest."""

_BEGIN = "INSERT INTO previews (at, asked_by, wanted) VALUES (?, ?, ?)"
_END = "UPDATE previews SET ended_at = ?, report = ? WHERE id = ?"
_ADD = "INSERT INTO preview_findings (preview_id, number, kind, finding) VALUES (?, ?, ?, ?)"
_FORGET_FINDINGS = "DELETE FROM preview_findings WHERE preview_id < ?"
_FORGET = "DELETE FROM previews WHERE id < ?"
_SELECT = "SELECT id, at, asked_by, wanted, ended_at, report FROM previews"
OF_ALL: Final = (
    "SELECT number, finding FROM preview_findings WHERE preview_id = ? AND number > ? ORDER BY number LIMIT ?"
)
OF_KIND: Final = (
    "SELECT number, finding FROM preview_findings WHERE preview_id = ? AND kind = ? AND number > ?"
    " ORDER BY number LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class KeptPreview:
    """A preview: what was wanted, by whom, and, once it has ended, what it found in all."""

    id: int
    at: datetime
    by: str
    wanted: Mapping[str, Any]
    ended_at: datetime | None
    report: Mapping[str, Any] | None


def begin(db: sqlite_utils.Database, wanted: Mapping[str, Any], *, now: datetime, by: str) -> int:
    """Begin a preview, forget all but the latest, and return its number."""
    number = int(db.conn.execute(_BEGIN, (to_text(now), by, json.dumps(wanted, ensure_ascii=False))).lastrowid or 0)
    for forget in (_FORGET_FINDINGS, _FORGET):
        db.conn.execute(forget, (number - _KEPT + 1,))
    return number


def add(db: sqlite_utils.Database, preview_id: int, first: int, found: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Keep findings, each with its kind, from the number `first` on."""
    rows = [
        (preview_id, first + place, kind, json.dumps(finding, ensure_ascii=False))
        for place, (kind, finding) in enumerate(found)
    ]
    db.conn.executemany(_ADD, rows)


def end(db: sqlite_utils.Database, preview_id: int, report: Mapping[str, Any], *, now: datetime) -> None:
    """Put on record what a preview found in all."""
    db.conn.execute(_END, (to_text(now), json.dumps(report, ensure_ascii=False), preview_id))


def latest(db: sqlite_utils.Database) -> tuple[KeptPreview, ...]:
    """Return the previews that are kept, the latest first."""
    return tuple(map(_preview, db.execute(f"{_SELECT} ORDER BY id DESC")))


def get(db: sqlite_utils.Database, preview_id: int) -> KeptPreview | None:
    """Return a preview; None for one that is not kept."""
    return next(map(_preview, db.execute(f"{_SELECT} WHERE id = ?", (preview_id,))), None)


def page(
    db: sqlite_utils.Database, preview_id: int, *, kind: str | None = None, after: int = 0, limit: int
) -> tuple[tuple[int, Mapping[str, Any]], ...]:
    """Return findings above a number, each with its own, perhaps only those of a kind."""
    if kind is None:
        rows = db.execute(OF_ALL, (preview_id, after, limit))
    else:
        rows = db.execute(OF_KIND, (preview_id, kind, after, limit))
    return tuple((number, json.loads(finding)) for number, finding in rows)


def _preview(row: Sequence[Any]) -> KeptPreview:
    number, at, by, wanted, ended_at, report = row
    told = None if report is None else json.loads(report)
    return KeptPreview(number, from_text(at), by, json.loads(wanted), from_optional_text(ended_at), told)
