"""Corrections as columns of the journal and back, exactly: undo and recovery are built from what comes back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import AddPoint, ChangePoint, Correction, DeletePoint
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.snapshots import ContactPoint, PointKind

if TYPE_CHECKING:
    from collections.abc import Iterable

CORRECTION_COLUMNS = "job, entity_type, entity_id, kind, point_kind, point_id, value_type, before, after"

CorrectionRow = tuple[str, str, int, str, str, int | None, str, str | None, str | None]


def to_row(correction: Correction) -> CorrectionRow:
    """Return the values of `CORRECTION_COLUMNS`."""
    ref = correction.ref
    start = (correction.job, ref.type.value, ref.id)
    kind, value_type = correction.kind.value, correction.value_type
    match correction:
        case ChangePoint():
            return (*start, "change", kind, correction.point_id, value_type, correction.before, correction.after)
        case DeletePoint():
            return (*start, "delete", kind, correction.point_id, value_type, correction.before, None)
        case AddPoint():
            return (*start, "add", kind, None, value_type, None, correction.after)


def from_row(row: CorrectionRow) -> Correction:
    """Return the correction whose `to_row` this is."""
    job, entity_type, entity_id, kind, point_kind_name, point_id, value_type, before, after = row
    ref = EntityRef(EntityType(entity_type), entity_id)
    point_kind = PointKind(point_kind_name)
    match kind, point_id, before, after:
        case "change", int(), str(), str():
            return ChangePoint(ref, job, point_kind, point_id, value_type, before, after)
        case "delete", int(), str(), None:
            return DeletePoint(ref, job, point_kind, point_id, value_type, before)
        case "add", None, None, str():
            return AddPoint(ref, job, point_kind, value_type, after)
    message = f"the journal holds a row that is no correction: {ref}, kind {kind}"
    raise ValueError(message)


def points_to_json(points: Iterable[ContactPoint]) -> str:
    """Return contact points as text."""
    rows = [[point.id, point.kind.value, point.value, point.value_type] for point in points]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def points_from_json(text: str) -> tuple[ContactPoint, ...]:
    """Return the contact points whose `points_to_json` this is."""
    return tuple(
        ContactPoint(point_id, PointKind(kind), value, value_type)
        for point_id, kind, value, value_type in json.loads(text)
    )
