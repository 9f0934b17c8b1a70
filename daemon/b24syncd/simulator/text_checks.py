"""Texts that a custom field does not take: the whole update is refused, and nothing of it saved.

Source: php modules/main/lib/userfield/types/stringtype.php `checkFields`, whose message the item's save brings along
(modules/crm/classes/general/crm_deal.php `CheckFields`); lists and statuses are not looked at (enumtype.php).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import ZERO, RestError
from .fields import FieldType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .state import PortalState
    from .values import Value


def refuse_texts(portal: PortalState, entity_type_id: int, values: Mapping[str, Value]) -> None:
    """Raise the error of a text that is longer or shorter than its field takes."""
    for field in portal.table(entity_type_id).names.values():
        value = values.get(field.name)
        own = portal.user_fields.find(entity_type_id, field.upper) if field.custom else None
        if own is None or field.type is not FieldType.STRING or not isinstance(value, str):
            continue
        most, least = (int(own.settings.get(name) or 0) for name in ("MAX_LENGTH", "MIN_LENGTH"))
        for text in value.split("\n") if field.multiple else (value,):
            if 0 < most < len(text) or 0 < len(text) < least:
                raise RestError(ZERO, f"The field “{field.title}” does not take a text of this length.")
