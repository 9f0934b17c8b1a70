"""What the journal tells of the past: what was done with activities before, and written into fields."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.past import NO_PAST, FieldPast, FieldWrite

from .journal_rows import CORRECTION_COLUMNS, from_row
from .runs import RunKind
from .times import from_text
from .value_json import value_from_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlite_utils

    from b24syncd.domain.past import Past

_OF = "entity_type = ? AND entity_id IN (SELECT value FROM json_each(?))"

# What was only meant, refused, not sent or done by somebody else before is no doing of ours.
_MADE = "outcome IN ('done', 'unverified')"
_SELECT_ACTIVITIES = "SELECT mends, (SELECT runs.kind FROM runs WHERE runs.id = journal.run_id)"
_OF_ACTIVITIES = f"{_SELECT_ACTIVITIES}, {CORRECTION_COLUMNS} FROM journal WHERE {_OF} AND {_MADE} ORDER BY id"

_IS_OURS = (
    "(NOT restores OR EXISTS (SELECT 1 FROM holds WHERE holds.run_id = journal.run_id"
    " AND holds.entity_type = journal.entity_type AND holds.entity_id = journal.entity_id"
    " AND holds.job = journal.job AND released_at IS NOT NULL))"
)
# The columns are of the row that has the greatest id (https://sqlite.org/lang_select.html#bareagg).
_SELECT_FIELDS = "SELECT max(id), entity_id, slot, job, before, after, at, outcome = 'overtaken' AS overtaken"
_OF_FIELDS = (
    f"{_SELECT_FIELDS}, {_IS_OURS} AS ours FROM journal WHERE {_OF} AND what = 'field'"
    " AND outcome IN ('done', 'unverified', 'overtaken') GROUP BY entity_id, slot, ours, overtaken ORDER BY 1"
)


def pasts_of(db: sqlite_utils.Database, refs: Iterable[EntityRef]) -> dict[EntityRef, Past]:
    """Return the pasts of those activities that have one; what a list of moves did is a person's doing."""
    activities = [ref.id for ref in refs if ref.type is EntityType.ACTIVITY]
    pasts: dict[EntityRef, Past] = {}
    for mends, run_kind, *row in db.execute(_OF_ACTIVITIES, (EntityType.ACTIVITY.value, json.dumps(activities))):
        correction = from_row(tuple(row))
        past = pasts.get(correction.ref, NO_PAST)
        if mends:
            pasts[correction.ref] = past.forgetting([correction])
        elif run_kind != RunKind.REBIND:
            pasts[correction.ref] = past.after([correction])
    return pasts


def fields_of(db: sqlite_utils.Database, refs: Iterable[EntityRef]) -> dict[EntityRef, dict[str, FieldPast]]:
    """Return what was done with the fields of these items, by their names; one query for each type.

    A person's value that was only given back is not this program's own, unless an undo did so and that was released.
    What was overtaken may have been written: then what stands there is somebody else's.
    """
    ids: defaultdict[EntityType, list[int]] = defaultdict(list)
    for ref in refs:
        ids[ref.type].append(ref.id)
    pasts: defaultdict[EntityRef, dict[str, FieldPast]] = defaultdict(dict)
    for entity_type, chosen in ids.items():
        rows = db.execute(_OF_FIELDS, (entity_type.value, json.dumps(chosen)))
        for _, entity_id, name, job, before, after, at, overtaken, ours in rows:
            values = value_from_json(before), value_from_json(after)
            write = FieldWrite(job, *values, from_text(at), is_certain=not overtaken)
            of_item = pasts[EntityRef(entity_type, entity_id)]
            past = of_item.get(name, FieldPast())
            of_item[name] = FieldPast(write if ours else past.own, past.last if overtaken else write)
    return dict(pasts)
