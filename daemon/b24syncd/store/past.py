"""What the journal tells of the past of activities."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityType
from b24syncd.domain.past import NO_PAST

from .journal_rows import CORRECTION_COLUMNS, from_row
from .runs import RunKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlite_utils

    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.past import Past

_SELECT = "SELECT mends, (SELECT runs.kind FROM runs WHERE runs.id = journal.run_id)"
_OF = "entity_id IN (SELECT value FROM json_each(?))"
_MADE = "outcome IN ('done', 'unverified')"
"""What was only meant, refused, not sent or done by somebody else before is no doing of ours."""


def pasts_of(db: sqlite_utils.Database, refs: Iterable[EntityRef]) -> dict[EntityRef, Past]:
    """Return the pasts of those activities that have one; what a list of moves did is a person's doing."""
    activities = [ref.id for ref in refs if ref.type is EntityType.ACTIVITY]
    rows = db.execute(
        f"{_SELECT}, {CORRECTION_COLUMNS} FROM journal WHERE entity_type = ? AND {_OF} AND {_MADE} ORDER BY id",
        (EntityType.ACTIVITY.value, json.dumps(activities)),
    )
    pasts: dict[EntityRef, Past] = {}
    for mends, run_kind, *row in rows:
        correction = from_row(tuple(row))
        past = pasts.get(correction.ref, NO_PAST)
        if mends:
            pasts[correction.ref] = past.forgetting([correction])
        elif run_kind != RunKind.REBIND:
            pasts[correction.ref] = past.after([correction])
    return pasts
