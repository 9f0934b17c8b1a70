"""Flips: corrections that were made again and again, because somebody keeps changing the value back."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .journal_rows import What, to_row
from .times import from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    import sqlite_utils

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef

_WHATS = json.dumps([What.PHONE, What.EMAIL, What.FIELD])
"""Bindings are not among them: a rebinding that was taken back once is a person's to decide already."""

# What was corrected before a person released it does not count: that person asked for another try.
_REPEATED = (
    "SELECT job, entity_id, what, iif(what = 'field', slot, NULL) AS field, before, after, count(*), min(at)"
    " FROM journal"
    " WHERE entity_type = ?1 AND entity_id IN (SELECT value FROM json_each(?2)) AND at >= ?3 AND NOT mends"
    " AND NOT restores AND outcome IN ('done', 'unverified') AND what IN (SELECT value FROM json_each(?4))"
    " AND at > coalesce((SELECT max(released_at) FROM holds WHERE holds.entity_type = journal.entity_type"
    " AND holds.entity_id = journal.entity_id AND holds.job = journal.job), '')"
    " GROUP BY job, entity_id, what, field, before, after HAVING count(*) >= ?5"
)


@dataclass(frozen=True, slots=True)
class Flip:
    """A correction that was made so often already, for the first time at `since`."""

    correction: Correction
    times: int
    since: datetime


def flips_among(
    db: sqlite_utils.Database,
    planned: Mapping[EntityRef, Iterable[Correction]],
    *,
    times: int,
    since: datetime,
) -> dict[EntityRef, Flip]:
    """Return which items are planned what was done with them at least `times` times since then, whatever the entry."""
    by_type: defaultdict[str, list[int]] = defaultdict(list)
    for ref in planned:
        by_type[ref.type.value].append(ref.id)
    found: dict[tuple[object, ...], tuple[int, datetime]] = {}
    for name, ids in by_type.items():
        for *key, number, first in db.execute(_REPEATED, (name, json.dumps(ids), to_text(since), _WHATS, times)):
            found[name, *key] = number, from_text(first)
    flips: dict[EntityRef, Flip] = {}
    for ref, corrections in planned.items():
        for correction in corrections:
            job, name, entity_id, what, slot, _, before, after, restores, _ = to_row(correction)
            if restores:
                continue  # a person's value is given back, whatever was made of it before
            field = slot if what == What.FIELD else None
            if (flip := found.get((name, job, entity_id, what, field, before, after))) is not None:
                flips.setdefault(ref, Flip(correction, *flip))
    return flips
