"""With which regions more phones would be read, as it was worked out last: to read all that are open takes long."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import meta

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlite_utils

_KEY = "region_hints"
_MARK = "SELECT count(*), coalesce(max(changed_at), '') FROM reviews WHERE job = ?"


@dataclass(frozen=True, slots=True)
class RegionHints:
    """How many values which region would read; not `exact` where some of very many were looked at."""

    would_read: Mapping[str, int]
    exact: bool = True


def mark_of(db: sqlite_utils.Database, job: str, rules: object) -> str:
    """Return what is another one as soon as the reviews of the job are others, or its rules."""
    number, changed_at = db.execute(_MARK, (job,)).fetchone()
    return f"{number} {changed_at} {rules!r}"


def remembered(db: sqlite_utils.Database, mark: str) -> RegionHints | None:
    """Return what was worked out for this mark; None where that was for another one."""
    found = meta.get_document(db, _KEY)
    return RegionHints(found["would_read"], found["exact"]) if found.get("mark") == mark else None


def remember(db: sqlite_utils.Database, mark: str, hints: RegionHints) -> None:
    """Keep what was worked out."""
    found = {"mark": mark, "would_read": dict(hints.would_read), "exact": hints.exact}
    meta.put(db, _KEY, json.dumps(found))
