"""Which reviews were accepted: the journal tells it, so that no crash between a write and its record hides it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .times import to_text
from .value_json import value_to_json

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    import sqlite_utils

# A value of the journal as reviews have it (`domain/values.shown`): several parted by commas, an empty one as "".
_PARTS = "json_each(iif(json_type(journal.before) = 'array', journal.before, json_array(json(journal.before)))) AS part"
_SHOWN = (
    "coalesce((SELECT group_concat(CASE part.type WHEN 'object' THEN (SELECT value FROM json_each(part.value))"
    " WHEN 'true' THEN 'yes' WHEN 'false' THEN 'no' ELSE part.value END, ', ') FROM"
)
_BEFORE = f"{_SHOWN} {_PARTS}), '')"
# A binding has no id of an entry, nor has a field: where several of an item may be asked about, the value names them.
_BY_REVIEWS = (
    "EXISTS (SELECT 1 FROM journal JOIN runs ON runs.id = journal.run_id WHERE runs.kind = 'review'"
    " AND journal.entity_type = reviews.entity_type AND journal.entity_id = reviews.entity_id"
    " AND journal.job = reviews.job AND journal.at >= reviews.opened_at AND journal.outcome IN ('done', 'unverified')"
)
_WRITTEN = (
    f"{_BY_REVIEWS} AND ((coalesce(journal.slot_id, 0) = reviews.point_id AND {_BEFORE} = reviews.value)"
    f" OR (journal.what = 'field' AND journal.slot || ': ' || {_BEFORE} = reviews.value))"
)
IS_ACCEPTED = f"{_WRITTEN})"
"""A condition: what was decided of this review was written since it was opened."""

_IS_ACCEPTED_BY_RUN = f"{_WRITTEN} AND runs.id = ?)"
_LISTED = "(SELECT value FROM json_each(?))"
_BY = "(SELECT asked_by FROM runs WHERE id = ?)"
_UPDATE = "UPDATE reviews SET state = 'accepted', changed_at = ?, decided_by ="
_ACCEPT = f"{_UPDATE} coalesce({_BY}, '') WHERE state = 'open' AND id IN {_LISTED}"
_NOTE_WRITTEN = (
    "UPDATE reviews SET state = 'dismissed', value = ?6, suggestion = NULL, changed_at = ?2,"
    " decided_by = (SELECT asked_by FROM runs WHERE id = ?4) WHERE id = ?3"
    " AND EXISTS (SELECT 1 FROM journal WHERE journal.run_id = ?4"
    " AND journal.entity_type = reviews.entity_type AND journal.entity_id = reviews.entity_id"
    " AND journal.job = reviews.job AND journal.slot_id = reviews.point_id AND journal.after = ?1"
    " AND journal.before = ?5 AND NOT journal.mends"
    " AND journal.outcome IN ('done', 'unverified'))"
)


def note(
    db: sqlite_utils.Database, ids: Collection[int], *, now: datetime, run_id: int | None = None
) -> frozenset[int]:
    """Close those of these open reviews whose decision was written, by this run or any; return which are accepted."""
    wanted = json.dumps(sorted(ids))
    accepted = IS_ACCEPTED if run_id is None else _IS_ACCEPTED_BY_RUN
    db.execute(f"{_ACCEPT} AND {accepted}", (to_text(now), run_id, wanted, *([] if run_id is None else [run_id])))
    rows = db.table("reviews").rows_where(f"state = 'accepted' AND id IN {_LISTED}", (wanted,))
    return frozenset(row["id"] for row in rows)


def note_as_written(  # noqa: PLR0913 # what was written in the place of what, by name
    db: sqlite_utils.Database, review_id: int, run_id: int, before: str, text: str, *, now: datetime
) -> bool:
    """Dismiss the review of an entry to which this run gave a text to the letter; return whether it did.

    It did not where the write met another text than the one before: that was put back.
    """
    values = (value_to_json(text), to_text(now), review_id, run_id, value_to_json(before), text)
    return db.execute(_NOTE_WRITTEN, values).rowcount == 1
