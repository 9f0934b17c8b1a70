"""Corrections as columns of the journal and back, exactly: undo and recovery are built from what comes back.

The columns were named for contact points. A binding is a row of the kind `BINDING` whose `before` is where an activity
is bound no longer and whose `after` is where it is bound now; the links of a task are a row of the kind `TASK_LINKS`
with the task's id in the place of the entry's. A field is a row of the kind `FIELD` with the field's name in the place
of the value type, or of the kind `FIELD_RESTORED` where the value is a person's that was given back. `reads` is a list
in JSON, or nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from b24syncd.domain.activities import Bound
from b24syncd.domain.bindings import Binding
from b24syncd.domain.corrections import (
    AddBinding,
    AddPoint,
    ChangePoint,
    Correction,
    DeletePoint,
    MoveBinding,
    PointCorrection,
    RemoveBinding,
    SetField,
    SetTaskLinks,
)
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.payments import FieldValue
from b24syncd.domain.snapshots import ContactPoint, PointKind

if TYPE_CHECKING:
    from b24syncd.domain.states import State

CORRECTION_COLUMNS = "job, entity_type, entity_id, kind, point_kind, point_id, value_type, before, after, reads"

CorrectionRow = tuple[str, str, int, str, str, int | None, str, str | None, str | None, str | None]

_Columns = tuple[str, str, int, str, str, int | None, str, str | None, str | None]

FIELD = "FIELD"
"""The kind of the rows by which this program gave a field a value of its own."""

RESTORED = "FIELD_RESTORED"
"""The kind of the rows by which it gave a person's value back."""
_BINDING = "BINDING"
_TASK_LINKS = "TASK_LINKS"
_NO_ENTRY = 0
"""A binding has no id, nor has a field; the table asks for one where something was there before."""


def to_row(correction: Correction) -> CorrectionRow:
    """Return the values of `CORRECTION_COLUMNS`."""
    reads = correction.reads if isinstance(correction, PointCorrection) else ()
    return (*_columns(correction), _to_json(reads) if reads else None)


def _columns(correction: Correction) -> _Columns:  # noqa: PLR0911 # one shape for each correction
    ref = correction.ref
    start = (correction.job, ref.type.value, ref.id)
    match correction:
        case ChangePoint(kind=kind, point_id=point_id, value_type=value_type, before=before, after=after):
            return (*start, "change", kind.value, point_id, value_type, before, after)
        case DeletePoint(kind=kind, point_id=point_id, value_type=value_type, before=before):
            return (*start, "delete", kind.value, point_id, value_type, before, None)
        case AddPoint(kind=kind, value_type=value_type, after=after):
            return (*start, "add", kind.value, None, value_type, None, after)
        case MoveBinding(source=source, target=target):
            return (*start, "change", _BINDING, _NO_ENTRY, "", str(source), str(target))
        case RemoveBinding(source=source):
            return (*start, "delete", _BINDING, _NO_ENTRY, "", str(source), None)
        case AddBinding(target=target):
            return (*start, "add", _BINDING, None, "", None, str(target))
        case SetTaskLinks(task_id=task_id, before=links, after=links_after):
            return (*start, "change", _TASK_LINKS, task_id, "", _to_json(links), _to_json(links_after))
        case SetField():
            return (*start, *_field_columns(correction))


def _field_columns(correction: SetField) -> tuple[str, str, int | None, str, str | None, str | None]:
    point_kind = RESTORED if correction.restores else FIELD
    if correction.before is None:
        return ("add", point_kind, None, correction.field, None, correction.after)
    kind = "delete" if correction.after is None else "change"
    return (kind, point_kind, _NO_ENTRY, correction.field, correction.before, correction.after)


def from_row(row: CorrectionRow) -> Correction:  # noqa: PLR0911 # one shape for each correction
    """Return the correction whose `to_row` this is."""
    job, entity_type, entity_id, kind, point_kind, point_id, value_type, before, after, reading = row
    reads = () if reading is None else tuple(map(str, json.loads(reading)))
    ref = EntityRef(EntityType(entity_type), entity_id)
    match point_kind, kind, point_id, before, after:
        case "BINDING", "change", int(), str(), str():
            return MoveBinding(ref, job, Binding.parse(before), Binding.parse(after))
        case "BINDING", "delete", int(), str(), None:
            return RemoveBinding(ref, job, Binding.parse(before))
        case "BINDING", "add", None, None, str():
            return AddBinding(ref, job, Binding.parse(after))
        case "TASK_LINKS", "change", int(), str(), str():
            return SetTaskLinks(ref, job, point_id, tuple(json.loads(before)), tuple(json.loads(after)))
        case "FIELD" | "FIELD_RESTORED", _, _, _, _:
            return SetField(ref, job, value_type, before, after, restores=point_kind == RESTORED)
        case _, "change", int(), str(), str():
            return ChangePoint(ref, job, PointKind(point_kind), point_id, value_type, before, after, reads)
        case _, "delete", int(), str(), None:
            return DeletePoint(ref, job, PointKind(point_kind), point_id, value_type, before, reads)
        case _, "add", None, None, str():
            return AddPoint(ref, job, PointKind(point_kind), value_type, after, reads)
    message = f"the journal holds a row that is no correction: {ref}, kind {kind}"
    raise ValueError(message)


def state_to_json(state: State) -> str:
    """Return a state as text: objects for the bindings of an activity and for a field, a list for contact points."""
    if isinstance(state, FieldValue):
        return _to_json({"field": state.name, "value": state.value})
    if isinstance(state, Bound):
        bindings = [[binding.type_id, binding.id] for binding in state.bindings]
        return _to_json({"bindings": bindings, "task_links": state.task_links})
    return _to_json([[point.id, point.kind.value, point.value, point.value_type] for point in state])


def state_from_json(text: str) -> State:
    """Return the state whose `state_to_json` this is."""
    read = json.loads(text)
    if isinstance(read, dict) and "field" in read:
        return FieldValue(read["field"], read["value"])
    if isinstance(read, dict):
        bindings = tuple(Binding(type_id, item_id) for type_id, item_id in read["bindings"])
        links = cast("list[str] | None", read["task_links"])
        return Bound(bindings, None if links is None else tuple(links))
    return tuple(
        ContactPoint(point_id, PointKind(kind), value, value_type) for point_id, kind, value, value_type in read
    )


def _to_json(values: object) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
