"""The country that the portal notes beside each phone, `VALUE_COUNTRY_CODE`: chosen by a person, or told by the number.

Sources: php modules/crm/classes/general/crm_field_multi.php `Add`, `Update` (a save of an entry that brings no code
drops the one that was there), `fetchCountryCode`, `detectCountryByPhone` (a valid number with a plus has its country;
any other is tried with a plus before it, and has none if that is no number). No method of REST shows the code or takes
one: modules/crm/lib/controller/item.php `getFm`, `getFmValues`, modules/crm/classes/general/restservice.php
`prepareMultiFieldData`, `tryInternalizeMultiFields`. The server's parser follows the metadata of libphonenumber.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import phonenumbers

if TYPE_CHECKING:
    from .model import Point


def country_of(point: Point) -> str:
    """Return the country beside a phone, as ISO 3166-1 or `XX` for “any”; empty where none is noted."""
    if point.type_id != "PHONE":
        return ""
    return point.country or _told_by(point.value)


def _told_by(value: str) -> str:
    text = value.strip()
    try:
        number = phonenumbers.parse(text if text.startswith("+") else f"+{text}")
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.region_code_for_number(number) or ""
