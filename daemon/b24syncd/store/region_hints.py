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
_GROUPS = (
    "SELECT state, reason, countries, entity_type, suggests, number FROM review_groups"
    " WHERE job = ? AND number > 0 ORDER BY 1, 2, 3, 4, 5"
)


@dataclass(frozen=True, slots=True)
class RegionHints:
    """How many values which region would read; not `exact` where some of very many were looked at."""

    would_read: Mapping[str, int]
    exact: bool = True


def mark_of(db: sqlite_utils.Database, job: str, rules: object) -> str:
    """Return what is another one as soon as the reviews of the job are others, or its rules; few rows tell it."""
    groups = db.execute(_GROUPS, (job,)).fetchall()
    return f"{meta.get(db, meta.REVIEWS_WRITTEN)} {groups}{_by(rules)}"


def remembered(db: sqlite_utils.Database, mark: str) -> RegionHints | None:
    """Return what was worked out for this mark; None where that was for another one."""
    found = meta.get_document(db, _KEY)
    return RegionHints(found["would_read"], found["exact"]) if found.get("mark") == mark else None


def last_by(db: sqlite_utils.Database, rules: object) -> RegionHints | None:
    """Return what was worked out last by these rules, perhaps for other reviews."""
    found = meta.get_document(db, _KEY)
    is_by = str(found.get("mark")).endswith(_by(rules))
    return RegionHints(found["would_read"], exact=False) if found and is_by else None


def _by(rules: object) -> str:
    return f" {rules!r}"


def remember(db: sqlite_utils.Database, mark: str, hints: RegionHints) -> None:
    """Keep what was worked out."""
    found = {"mark": mark, "would_read": dict(hints.would_read), "exact": hints.exact}
    meta.put(db, _KEY, json.dumps(found))
