"""Whether an edit may be written at all: what the portal would refuse, and what it would take without a word.

REST does not see to required custom fields, drops what it does not know, and takes any text for a status (php:
modules/crm/lib/controller/item.php `updateAction`, `disableCheckRequiredUserFields`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.controls import Control
from b24syncd.domain.entities import EntityType
from b24syncd.domain.values import Choice

from .points import LONGEST_VALUE, VALUE_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24syncd.domain.edits import AnyEdit, Edit, FieldEdit, PointEdit
    from b24syncd.domain.values import Value

    from .fields import CardField
    from .references import References

_POINTS = "fm"
"""The field that tells that items of a type have phones and e-mails; older portals do not tell it."""

_WITH_POINTS = frozenset({EntityType.LEAD, EntityType.CONTACT, EntityType.COMPANY})

_LISTED = (Control.LIST, Control.CATEGORY, Control.CURRENCY)


def have_points(entity_type: EntityType, fields: Mapping[str, CardField]) -> bool:
    """Tell whether items of a type have phones and e-mails."""
    return _POINTS in fields or entity_type in _WITH_POINTS


async def faults_of(
    references: References, edit: Edit, fields: Mapping[str, CardField], *, creates: bool = False
) -> dict[AnyEdit, str]:
    """Return why some of the changes cannot be written; nothing for an edit that is good."""
    found: dict[AnyEdit, str] = {}
    for one in edit.fields:
        why = await _fault(references, one, fields, edit.ref.type, creates=creates)
        if why:
            found[one] = why
    for point in edit.points:
        if why := fault_of_point(point, has_points=have_points(edit.ref.type, fields)):
            found[point] = why
    return found


def missing(fields: Mapping[str, CardField], values: Mapping[str, Value]) -> dict[str, str]:
    """Return what a new item lacks: required fields without a value, by name, each with why."""
    lacking = [one for one in fields.values() if one.is_required and one.why_not(creates=True) is None]
    return {one.name: "it is required" for one in lacking if values.get(one.name) is None}


async def _fault(
    references: References, edit: FieldEdit, fields: Mapping[str, CardField], entity_type: EntityType, *, creates: bool
) -> str:
    field = fields.get(edit.field)
    if field is None:
        return f"items of the type {entity_type.value} have no field {edit.field}"
    if (why := field.why_not(creates=creates)) is not None:
        return why
    if edit.wanted is None:
        return field.why_not_empty() or ""
    if isinstance(edit.wanted, tuple) != field.is_multiple:
        return "it holds several values" if field.is_multiple else "it holds one value"
    if field.control in _LISTED:
        offered = {key for key, _ in await references.options(field, entity_type, None)}
        values = edit.wanted if isinstance(edit.wanted, tuple) else (edit.wanted,)
        unknown = [one.id for one in values if isinstance(one, Choice) and one.id not in offered]
        if unknown and offered:
            return f"the list has no value {unknown[0]!r}"
    return ""


def fault_of_point(edit: PointEdit, *, has_points: bool) -> str:
    """Return why a phone or an e-mail cannot be written; nothing for one that can."""
    if not has_points:
        return "items of this type have no phones and e-mails"
    if edit.value_type and edit.value_type not in VALUE_TYPES[edit.kind]:
        return f"write one of {', '.join(VALUE_TYPES[edit.kind])} as its type"
    if len(edit.wanted) > LONGEST_VALUE:
        return f"it has {len(edit.wanted)} characters; the portal takes {LONGEST_VALUE}"
    return ""
