"""Edits: what a person changed in a form, and what of it may be written over what stands there now. All pure.

Only what was changed is written. A value that is not what the form showed is newer than the edit: a person is asked,
with both values, and the rest is saved. What only the witness of the write meets comes back by the judge of items.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from .corrections import AddPoint, ChangePoint, DeletePoint, SetField
from .job_names import EDITS
from .snapshots import TYPE_OF_NONE
from .values import same_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .corrections import Correction
    from .entities import EntityRef
    from .snapshots import ContactPoint, PointKind, Snapshot
    from .values import Value

CATEGORY = "categoryId"
STAGE = "stageId"
MANUAL_AMOUNT = "isManualOpportunity"
AMOUNT = "opportunity"

_FIRST = (CATEGORY, MANUAL_AMOUNT)
"""What others depend on: a stage on its pipeline, an amount on whether the portal reckons it."""


@dataclass(frozen=True, slots=True)
class FieldEdit:
    """What is to stand in a field where the form `shown` that; None is nothing."""

    field: str
    shown: Value
    wanted: Value


@dataclass(frozen=True, slots=True)
class PointEdit:
    """What is to become of a phone or an e-mail; without an id it is added, without a wanted value it is deleted."""

    kind: PointKind
    point_id: int | None
    shown: str
    wanted: str
    value_type: str = ""


AnyEdit = FieldEdit | PointEdit


@dataclass(frozen=True, slots=True)
class Edit:
    """What a person changed of one item."""

    ref: EntityRef
    fields: tuple[FieldEdit, ...] = ()
    points: tuple[PointEdit, ...] = ()

    @property
    def all(self) -> tuple[AnyEdit, ...]:
        """All that was changed."""
        return (*self.fields, *self.points)


@dataclass(frozen=True, slots=True)
class Conflict:
    """An edit of what another one changed since the form was shown: `there` is what stands there, None for nothing."""

    edit: AnyEdit
    there: Value


@dataclass(frozen=True, slots=True)
class Editing:
    """What writes an edit, and what a person has to be asked about first."""

    corrections: tuple[Correction, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


class Fate(StrEnum):
    """What became of one change of an edit; part of the outside."""

    SAVED = "saved"
    UNVERIFIED = "unverified"
    """The answer was lost; reading shows that it was saved."""
    UNCHANGED = "unchanged"
    """It stood there already."""
    CONFLICT = "conflict"
    """Somebody changed it since the form was shown; nothing was written."""
    RESTORED = "restored"
    """Somebody changed it in the moment of saving; theirs is newer, and came back."""
    REFUSED = "refused"
    """The portal refused it, or this program, which checks what the portal does not."""
    GONE = "gone"
    """The item, or the entry, is gone."""
    NOT_WRITTEN = "not_written"
    """It was not come to."""
    UNKNOWN = "unknown"
    """The answer was lost, and reading could not tell yet: the next work of this program does."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of one change: what stands `there` now, and what there is to say of it."""

    edit: AnyEdit
    fate: Fate
    there: Value = None
    detail: str = ""


def same_text(one: Value, other: Value) -> bool:
    """Tell whether two values mean the same, however the lines of their texts end: a browser writes ends its own way.

    Of several values each has its own lines.
    """
    return same_value(_one_end(one), _one_end(other))


def _one_end(value: Value) -> Value:
    match value:
        case str():
            return value.replace("\r\n", "\n").replace("\r", "\n")
        case tuple():
            return tuple(
                one.replace("\r\n", "\n").replace("\r", "\n") if isinstance(one, str) else one for one in value
            )
        case _:
            return value


def with_ends_of(there: Value, wanted: Value) -> Value:
    """Return a text whose lines end as those of the text in whose place it comes."""
    if isinstance(there, str) and isinstance(wanted, str) and "\r\n" in there:
        return str(_one_end(wanted)).replace("\n", "\r\n")
    return wanted


def changed(edits: Iterable[FieldEdit]) -> tuple[FieldEdit, ...]:
    """Return the edits that change something: what a form sends back as it was shown is none."""
    return tuple(one for one in edits if not same_text(one.shown, one.wanted))


def plan_edit(snapshot: Snapshot, edit: Edit) -> Editing:
    """Return what writes an edit over what was read now; of a field that was not read nothing is written."""
    corrections: list[Correction] = []
    conflicts: list[Conflict] = []
    for one in sorted(edit.fields, key=lambda one: one.field not in _FIRST):
        if one.field not in snapshot.fields:
            continue
        there = snapshot.fields[one.field]
        if same_text(there, one.wanted):
            continue
        if same_text(there, one.shown) or _follows_pipeline(one, edit.fields, snapshot):
            wanted = with_ends_of(there, one.wanted)
            corrections.append(SetField(snapshot.ref, EDITS, one.field, there, wanted, restores=True))
        else:
            conflicts.append(Conflict(one, there))
    if snapshot.points is not None:
        for point in edit.points:
            found = _point(snapshot, point)
            if isinstance(found, Conflict):
                conflicts.append(found)
            elif found is not None:
                corrections.append(found)
    return Editing(tuple(corrections), tuple(conflicts))


def _follows_pipeline(one: FieldEdit, edits: Sequence[FieldEdit], snapshot: Snapshot) -> bool:
    """Tell whether a stage is one that the portal chose, because the item came into another pipeline by this edit.

    php: modules/crm/lib/Field/Stage.php `pickFirstStageIdInCurrentCategory`.
    """
    return one.field == STAGE and any(
        other.field == CATEGORY
        and not same_value(other.shown, other.wanted)
        and same_value(snapshot.fields.get(CATEGORY), other.wanted)
        for other in edits
    )


def _point(snapshot: Snapshot, edit: PointEdit) -> Correction | Conflict | None:
    points = snapshot.points_of(edit.kind)
    if edit.point_id is None:
        return _added(snapshot, edit, points)
    there = next((point for point in points if point.id == edit.point_id), None)
    if there is None:
        return Conflict(edit, None) if edit.wanted else None
    value_type = edit.value_type or there.value_type
    if (there.value, there.value_type) == (edit.wanted, value_type):
        return None
    if there.value != edit.shown:
        return Conflict(edit, there.value)
    start = (snapshot.ref, EDITS, edit.kind, there.id)
    if not edit.wanted:
        return DeletePoint(*start, there.value_type, there.value)
    return ChangePoint(*start, value_type or TYPE_OF_NONE, there.value, edit.wanted)


def _added(snapshot: Snapshot, edit: PointEdit, points: Sequence[ContactPoint]) -> AddPoint | None:
    """Return what adds an entry, unless the item has it: what was added and lost its answer is there already."""
    if not edit.wanted or any(point.value == edit.wanted for point in points):
        return None
    return AddPoint(snapshot.ref, EDITS, edit.kind, edit.value_type or TYPE_OF_NONE, edit.wanted)


def there_now(snapshot: Snapshot | None, edit: AnyEdit) -> Value:
    """Return what stands where an edit is of, None for nothing."""
    if snapshot is None:
        return None
    if isinstance(edit, FieldEdit):
        return snapshot.fields.get(edit.field)
    points = snapshot.points_of(edit.kind)
    if edit.point_id is None:
        return next((point.value for point in points if point.value == edit.wanted), None)
    return next((point.value for point in points if point.id == edit.point_id), None)


def is_there(snapshot: Snapshot, edit: AnyEdit) -> bool:
    """Tell whether an item shows what an edit wants."""
    return same_text(there_now(snapshot, edit), wanted_of(edit))


def wanted_of(edit: AnyEdit) -> Value:
    """Return what is to stand where an edit is of, None for nothing: no, and 0, are something."""
    return edit.wanted if isinstance(edit, FieldEdit) else edit.wanted or None
