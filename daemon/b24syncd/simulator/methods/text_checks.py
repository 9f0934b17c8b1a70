"""Texts that a custom field does not take: the whole update is refused, and nothing of it saved.

Sources: php modules/main/lib/userfield/types/stringtype.php `checkFields`, whose message the item's save brings along
(modules/crm/classes/general/crm_deal.php `CheckFields`; by the universal methods main/lib/orm/data/datamanager.php
`checkUfFields`, if they check at all); lists and statuses are not looked at (enumtype.php).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.simulator.errors import ZERO, RestError
from b24syncd.simulator.tables.fields import FieldType
from b24syncd.simulator.tables.values import entries_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24syncd.simulator.tables.state import PortalState
    from b24syncd.simulator.tables.values import Value


BX_ERROR = "BX_ERROR"
"""php: main/lib/orm/entityerror.php, the code of an error without one."""
_TOO_LONG = ('Length of "{}" must not exceed {} symbols.', 'Длина поля "{}" должна быть не более {} символов.')
_TOO_SHORT = ('Length of "{}" must be {} or more symbols.', 'Длина поля "{}" должна быть не менее {} символов.')


def refuse_texts(portal: PortalState, entity_type_id: int, values: Mapping[str, Value], code: str = ZERO) -> None:
    """Raise the error of a text that is longer or shorter than its field takes."""
    is_russian = portal.options.language == "ru"
    for field in portal.table(entity_type_id).names.values():
        value = values.get(field.name)
        own = portal.user_fields.find(entity_type_id, field.upper) if field.custom else None
        if own is None or field.type is not FieldType.STRING or not isinstance(value, str):
            continue
        most, least = (int(own.settings.get(name) or 0) for name in ("MAX_LENGTH", "MIN_LENGTH"))
        for text in entries_of(value) if field.multiple else (value,):
            if 0 < most < len(text):
                raise RestError(code, _TOO_LONG[is_russian].format(field.title or field.upper, most))
            if 0 < len(text) < least:
                raise RestError(code, _TOO_SHORT[is_russian].format(field.title or field.upper, least))
