"""Conditions on record: what is not as it should be, since when, until when, and which notices of it went out.

A condition that comes back is a new row. While it stands its row is kept over restarts, with the time at which it
began.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from b24syncd.domain.conditions import Changes, Condition, ConditionKind, changes

from .times import from_optional_text, from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime

    import sqlite_utils

_KEPT = timedelta(days=90)
_STANDS = "over_at IS NULL"
_END = "UPDATE conditions SET over_at = ? WHERE kind = ? AND about = ? AND over_at IS NULL"
_TELL = "UPDATE conditions SET detail = ? WHERE kind = ? AND about = ? AND over_at IS NULL"
_OWED = f"(told_at IS NULL AND {_STANDS}) OR (told_at IS NOT NULL AND told_over_at IS NULL AND NOT {_STANDS})"


@dataclass(frozen=True, slots=True)
class OnRecord:
    """A condition as it is stored; `told_at` and `told_over_at` are when a person was told that it began and ended."""

    id: int
    condition: Condition
    over_at: datetime | None = None
    told_at: datetime | None = None
    told_over_at: datetime | None = None
    notice_error: str | None = None


def standing(db: sqlite_utils.Database) -> tuple[Condition, ...]:
    """Return what stands, the oldest first; nothing of kinds that only a newer release knows."""
    return tuple(one.condition for one in _rows(db, _STANDS))


def note(
    db: sqlite_utils.Database, met: Iterable[Condition], *, judged: Callable[[Condition], bool], now: datetime
) -> Changes:
    """Put on record what was met, and that what is not met is over where that was `judged`; return what changed."""
    found = changes(standing(db), met, judged=judged)
    for one in found.over:
        db.execute(_END, (to_text(now), *one.key))
    for one in found.retold:
        db.execute(_TELL, (one.detail, *one.key))
    for one in found.begun:
        db.table("conditions").insert(
            {"kind": one.kind.value, "about": one.about, "since": to_text(one.since), "detail": one.detail}
        )
    if found.begun:
        db.table("conditions").delete_where("over_at < ?", (to_text(now - _KEPT),))
    return found


def owed(db: sqlite_utils.Database) -> tuple[OnRecord, ...]:
    """Return of which a person is not told yet: that it stands, or that one is over that they were told of."""
    return _rows(db, _OWED)


def standing_or_over_since(db: sqlite_utils.Database, moment: datetime) -> tuple[OnRecord, ...]:
    """Return what stands, and what was over at that moment or later."""
    return _rows(db, f"{_STANDS} OR over_at >= ?", to_text(moment))


def last_of(db: sqlite_utils.Database, kinds: Collection[ConditionKind]) -> OnRecord | None:
    """Return the newest condition of these kinds, whether it stands or is over."""
    names = json.dumps(sorted(kinds))
    found = db.table("conditions").rows_where(
        "kind IN (SELECT value FROM json_each(?))", (names,), order_by="id DESC", limit=1
    )
    return next(map(_on_record, found), None)


def note_told(db: sqlite_utils.Database, number: int, now: datetime) -> None:
    """Put on record that a person was told that a condition began."""
    db.table("conditions").update(number, {"told_at": to_text(now), "notice_error": None})


def note_told_over(db: sqlite_utils.Database, number: int, now: datetime) -> None:
    """Put on record that a person was told that a condition is over."""
    db.table("conditions").update(number, {"told_over_at": to_text(now), "notice_error": None})


def note_notice_failed(db: sqlite_utils.Database, number: int, error: str) -> None:
    """Put on record why a person could not be told of a condition."""
    db.table("conditions").update(number, {"notice_error": error})


def _rows(db: sqlite_utils.Database, where: str, *arguments: str) -> tuple[OnRecord, ...]:
    rows = db.table("conditions").rows_where(where, arguments, order_by="since, id")
    return tuple(_on_record(row) for row in rows if row["kind"] in _KNOWN)


_KNOWN = frozenset(kind.value for kind in ConditionKind)


def _on_record(row: Mapping[str, Any]) -> OnRecord:
    return OnRecord(
        row["id"],
        Condition(ConditionKind(row["kind"]), row["about"], from_text(row["since"]), row["detail"]),
        from_optional_text(row["over_at"]),
        from_optional_text(row["told_at"]),
        from_optional_text(row["told_over_at"]),
        row["notice_error"],
    )
