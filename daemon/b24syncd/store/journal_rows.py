"""Corrections as columns of the journal and back, exactly: undo and recovery are built from what comes back.

| `what` | `slot` | `slot_id` | `before`, `after` |
|---|---|---|---|
| `phone`, `email` | the value type of the entry | its id, nothing for one that is added | its value, as text |
| `binding` | | | the item that the activity hung on, and hangs on now, as `company:173` |
| `task_links` | | the id of the task | the lists of its links |
| `field` | the name of the field | | its values, `null` where it is empty |
| `item` | what the item carries to be told again | | nothing, and the values that it was added with, by field |

`before` and `after` are JSON (`value_json.py`), and nothing at all where there was, or is, no such entry or binding.
`restores` tells that the value is a person's, which was given back. `reads` is a list in JSON, or nothing.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from b24syncd.domain.bindings import Binding
from b24syncd.domain.corrections import (
    AddBinding,
    AddItem,
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
from b24syncd.domain.descriptions import describe
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.snapshots import PointKind

from .search_keys import search_key
from .value_json import decode, encode, text_from_json, texts_from_json, to_json, value_from_json, value_to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24syncd.domain.values import Value


class What(StrEnum):
    """What a correction is of."""

    PHONE = "phone"
    EMAIL = "email"
    BINDING = "binding"
    TASK_LINKS = "task_links"
    FIELD = "field"
    ITEM = "item"


CORRECTION_COLUMNS = "job, entity_type, entity_id, what, slot, slot_id, before, after, restores, reads"

_NAMES = CORRECTION_COLUMNS.split(", ")

CorrectionRow = tuple[str, str, int, str, str | None, int | None, str | None, str | None, int, str | None]

_Columns = tuple[str, str | None, int | None, str | None, str | None]

_WHATS = {PointKind.PHONE: What.PHONE, PointKind.EMAIL: What.EMAIL}
_KINDS = {what: kind for kind, what in _WHATS.items()}


def to_row(correction: Correction) -> CorrectionRow:
    """Return the values of `CORRECTION_COLUMNS`."""
    ref = correction.ref
    restores = isinstance(correction, SetField) and correction.restores
    reads = correction.reads if isinstance(correction, PointCorrection) else ()
    written = value_to_json(reads) if reads else None
    return (correction.job, ref.type.value, ref.id, *_columns(correction), int(restores), written)


def keys_of(correction: Correction) -> tuple[str | None, str | None]:
    """Return what the values before and after are found by; nothing where there was, or is, none."""
    told = describe(correction)
    return tuple(None if value is None else search_key(value) for value in (told.before, told.after))  # type: ignore[return-value] # two


def from_record(record: Mapping[str, Any]) -> Correction:
    """Return the correction that a row of the journal tells, given by the names of its columns."""
    return from_row(tuple(record[name] for name in _NAMES))


def _columns(correction: Correction) -> _Columns:  # noqa: PLR0911 # one shape for each correction
    match correction:
        case ChangePoint(kind=kind, point_id=point_id, value_type=value_type, before=before, after=after):
            return (_WHATS[kind], value_type, point_id, value_to_json(before), value_to_json(after))
        case DeletePoint(kind=kind, point_id=point_id, value_type=value_type, before=before):
            return (_WHATS[kind], value_type, point_id, value_to_json(before), None)
        case AddPoint(kind=kind, value_type=value_type, after=after):
            return (_WHATS[kind], value_type, None, None, value_to_json(after))
        case MoveBinding(source=source, target=target):
            return (What.BINDING, None, None, value_to_json(str(source)), value_to_json(str(target)))
        case RemoveBinding(source=source):
            return (What.BINDING, None, None, value_to_json(str(source)), None)
        case AddBinding(target=target):
            return (What.BINDING, None, None, None, value_to_json(str(target)))
        case SetTaskLinks(task_id=task_id, before=links, after=links_after):
            return (What.TASK_LINKS, None, task_id, value_to_json(links), value_to_json(links_after))
        case SetField(field=name, before=value, after=value_after):
            return (What.FIELD, name, None, value_to_json(value), value_to_json(value_after))
        case AddItem(token=token, values=values):
            return (What.ITEM, token, None, None, to_json({name: encode(value) for name, value in values}))


def from_row(row: CorrectionRow) -> Correction:
    """Return the correction whose `to_row` this is; raise `ValueError` for what is none."""
    job, entity_type, entity_id, name, slot, slot_id, before, after, restores, reading = row
    ref = EntityRef(EntityType(entity_type), entity_id)
    match What(name), slot, slot_id, before, after:
        case What.PHONE | What.EMAIL as what, str(), _, _, _:
            reads = () if reading is None else texts_from_json(reading)
            found: Correction | None = _point(ref, job, _Entry(_KINDS[what], slot, slot_id), (before, after), reads)
        case What.BINDING, None, None, _, _:
            found = _binding(ref, job, before, after)
        case What.TASK_LINKS, None, int(), str(), str():
            found = SetTaskLinks(ref, job, slot_id, texts_from_json(before), texts_from_json(after))
        case What.FIELD, str(), None, str(), str():
            values = (value_from_json(before), value_from_json(after))
            found = SetField(ref, job, slot, *values, restores=bool(restores))
        case What.ITEM, str(), None, None, str():
            found = AddItem(ref, job, slot, _values(after))
        case _:
            found = None
    if found is None:
        message = f"the journal holds a row that is no correction: {ref}, {name}"
        raise ValueError(message)
    return found


def _values(text: str) -> tuple[tuple[str, Value], ...]:
    read = json.loads(text)
    if not isinstance(read, dict):
        message = f"no values of an item: {text}"
        raise ValueError(message)  # noqa: TRY004 # every fault of what is stored is one
    return tuple((name, decode(value)) for name, value in read.items())


class _Entry(NamedTuple):
    """The contact point that a row is of; one that is added has no id."""

    kind: PointKind
    value_type: str
    id: int | None


def _point(
    ref: EntityRef, job: str, of: _Entry, values: tuple[str | None, str | None], reads: tuple[str, ...]
) -> PointCorrection | None:
    match (of.id, *values):
        case int() as point_id, str() as before, str() as after:
            texts = (text_from_json(before), text_from_json(after))
            return ChangePoint(ref, job, of.kind, point_id, of.value_type, *texts, reads)
        case int() as point_id, str() as before, None:
            return DeletePoint(ref, job, of.kind, point_id, of.value_type, text_from_json(before), reads)
        case None, None, str() as after:
            return AddPoint(ref, job, of.kind, of.value_type, text_from_json(after), reads)
    return None


def _binding(
    ref: EntityRef, job: str, before: str | None, after: str | None
) -> MoveBinding | AddBinding | RemoveBinding | None:
    source = None if before is None else Binding.parse(text_from_json(before))
    target = None if after is None else Binding.parse(text_from_json(after))
    match source, target:
        case Binding(), Binding():
            return MoveBinding(ref, job, source, target)
        case Binding(), None:
            return RemoveBinding(ref, job, source)
        case None, Binding():
            return AddBinding(ref, job, target)
    return None
