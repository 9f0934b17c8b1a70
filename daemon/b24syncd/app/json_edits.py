"""How edits, and what became of them, are written in JSON: values as the journal keeps them."""

# No `from __future__ import annotations`: pydantic reads the annotations.
from typing import Annotated, Any

from b24syncd.domain.additions import AddEnding, AddFate, Addition
from b24syncd.domain.edits import AnyEdit, Edit, Ending, Fate, FieldEdit, PointEdit
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.snapshots import PointKind
from b24syncd.store.value_json import decode, encode

from .json_types import written_as

_FieldRow = tuple[str, Any, Any]
_PointRow = tuple[str, int | None, str, str, str]
_EditRow = tuple[str, tuple[_FieldRow, ...], tuple[_PointRow, ...]]
_EndingRow = tuple[_FieldRow | None, _PointRow | None, str, Any, str]


def _field_row(one: FieldEdit) -> _FieldRow:
    return (one.field, encode(one.shown), encode(one.wanted))


def _field(row: _FieldRow) -> FieldEdit:
    name, shown, wanted = row
    return FieldEdit(name, decode(shown), decode(wanted))


def _point_row(one: PointEdit) -> _PointRow:
    return (one.kind.value, one.point_id, one.shown, one.wanted, one.value_type)


def _point(row: _PointRow) -> PointEdit:
    kind, point_id, shown, wanted, value_type = row
    return PointEdit(PointKind(kind), point_id, shown, wanted, value_type)


def _edit_row(one: Edit) -> _EditRow:
    return (str(one.ref), tuple(map(_field_row, one.fields)), tuple(map(_point_row, one.points)))


def _edit(row: _EditRow) -> Edit:
    ref, fields, points = row
    return Edit(EntityRef.parse(ref), tuple(map(_field, fields)), tuple(map(_point, points)))


def _ending_row(one: Ending) -> _EndingRow:
    of_field = _field_row(one.edit) if isinstance(one.edit, FieldEdit) else None
    of_point = _point_row(one.edit) if isinstance(one.edit, PointEdit) else None
    return (of_field, of_point, one.fate.value, encode(one.there), one.detail)


def _ending(row: _EndingRow) -> Ending:
    of_field, of_point, fate, there, detail = row
    edit: AnyEdit
    if of_field is not None:
        edit = _field(of_field)
    elif of_point is not None:
        edit = _point(of_point)
    else:
        message = "an ending of no edit"
        raise ValueError(message)
    return Ending(edit, Fate(fate), decode(there), detail)


_AdditionRow = tuple[str, str, tuple[tuple[str, Any], ...], tuple[_PointRow, ...]]
_AddEndingRow = tuple[str, str | None, str, tuple[tuple[str, str], ...]]


def _addition_row(one: Addition) -> _AdditionRow:
    fields = tuple((name, encode(value)) for name, value in one.fields)
    return (one.type.value, one.token, fields, tuple(map(_point_row, one.points)))


def _addition(row: _AdditionRow) -> Addition:
    kind, token, fields, points = row
    values = tuple((name, decode(value)) for name, value in fields)
    return Addition(EntityType(kind), token, values, tuple(map(_point, points)))


def _add_ending_row(one: AddEnding) -> _AddEndingRow:
    return (one.fate.value, None if one.ref is None else str(one.ref), one.detail, one.faults)


def _add_ending(row: _AddEndingRow) -> AddEnding:
    fate, ref, detail, faults = row
    return AddEnding(AddFate(fate), None if ref is None else EntityRef.parse(ref), detail, faults)


JsonEdit = Annotated[Edit, written_as(_EditRow, Edit, _edit_row, _edit)]
JsonEnding = Annotated[Ending, written_as(_EndingRow, Ending, _ending_row, _ending)]
JsonAddition = Annotated[Addition, written_as(_AdditionRow, Addition, _addition_row, _addition)]
JsonAddEnding = Annotated[AddEnding, written_as(_AddEndingRow, AddEnding, _add_ending_row, _add_ending)]
