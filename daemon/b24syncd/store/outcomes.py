"""How corrections end, counted from a moment on, without reading the whole journal."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlite_utils

_LAST = "SELECT coalesce(max(id), 0) FROM journal"
_OPEN = "SELECT id FROM journal WHERE outcome = 'intent'"
_OPEN_COUNT = "SELECT count(*) FROM journal WHERE outcome = 'intent'"
_SELECT = "SELECT job, outcome, count(*) FROM journal WHERE outcome != 'intent'"
_GROUPED = "GROUP BY +job, outcome"
"""By no index: there is one by job, which would have to be read as a whole."""

_NEWER = f"{_SELECT} AND id > ? {_GROUPED}"
_AMONG = "id IN (SELECT value FROM json_each(?))"
_WITH_IDS = f"{_SELECT} AND {_AMONG} {_GROUPED}"


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """How many corrections ended how, by job and outcome; those after `last_id` and the `open_ids` are not in it."""

    last_id: int
    open_ids: frozenset[int]
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict)


def count_from_now_on(db: sqlite_utils.Database) -> OutcomeCounts:
    """Begin to count."""
    return OutcomeCounts(_last(db), _open(db))


def count_on(db: sqlite_utils.Database, before: OutcomeCounts) -> OutcomeCounts:
    """Return the counts by now."""
    still_open = _open(db)
    counts = Counter(before.counts)
    settled = json.dumps(sorted(before.open_ids - still_open))
    for found in (db.execute(_WITH_IDS, (settled,)), db.execute(_NEWER, (before.last_id,))):
        for job, outcome, number in found:
            counts[job, outcome] += number
    return OutcomeCounts(_last(db), still_open, counts)


def open_count(db: sqlite_utils.Database) -> int:
    """Return how many corrections wait for their outcome."""
    (number,) = db.execute(_OPEN_COUNT).fetchone()
    return int(number)


def _last(db: sqlite_utils.Database) -> int:
    (number,) = db.execute(_LAST).fetchone()
    return int(number)


def _open(db: sqlite_utils.Database) -> frozenset[int]:
    return frozenset(number for (number,) in db.execute(_OPEN))
