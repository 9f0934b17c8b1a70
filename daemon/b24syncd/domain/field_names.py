"""What a field is called by this program, whichever methods it is read and written with: as the universal ones do.

Sources: php modules/crm/lib/Service/Converter.php `convertFieldNameFromUpperCaseToCamelCase`, which names custom fields
with digits in a way of their own, and modules/crm/lib/Service/Factory/{Lead,Deal,Contact,Company}.php `getFieldsMap`,
which tells what both kinds of methods call by different words.
"""

from __future__ import annotations

import re

from .entities import EntityType

_EVERYWHERE = {
    "DATE_CREATE": "CREATED_TIME",
    "DATE_MODIFY": "UPDATED_TIME",
    "CREATED_BY_ID": "CREATED_BY",
    "MODIFY_BY_ID": "UPDATED_BY",
    "MOVED_BY_ID": "MOVED_BY",
    "OBSERVER_IDS": "OBSERVERS",
}
_RENAMED = {
    EntityType.LEAD: {**_EVERYWHERE, "STATUS_ID": "STAGE_ID", "STATUS_SEMANTIC_ID": "STAGE_SEMANTIC_ID"},
    EntityType.DEAL: _EVERYWHERE,
    EntityType.CONTACT: _EVERYWHERE,
    EntityType.COMPANY: {**_EVERYWHERE, "COMPANY_TYPE": "TYPE_ID", "CONTACT_ID": "CONTACT_IDS"},
}
_SIMPLE = re.compile(r"[A-Z_]+|UF_CRM_\d{1,4}_(?:[\d_]+|[A-Z_]+)")
_CODE = re.compile(r"[A-Z][A-Z0-9_]*")
_BETWEEN_DIGITS = re.compile(r"(\d)_(\d)")
_KEPT = "~"
"""Stands for an underscore that stays one."""


def universal_name(entity_type: EntityType, classic: str) -> str:
    """Return what the universal methods call a field of the classic ones; every name of another sort is its own.

    So is one with an underscore too many, `UF_CRM_A__B`: whether that is shortened depends on what others are called.
    """
    if entity_type not in _RENAMED or _CODE.fullmatch(classic) is None or "__" in classic or classic.endswith("_"):
        return classic
    name = _RENAMED[entity_type].get(classic, classic)
    if name.startswith("UF_") and _SIMPLE.fullmatch(name) is None:
        return _custom(name)
    first, *rest = _BETWEEN_DIGITS.sub(rf"\1{_KEPT}\2", name).lower().split("_")
    return "".join((first, *(word[:1].upper() + word[1:] for word in rest))).replace(_KEPT, "_")


def classic_name(entity_type: EntityType, upper_name: str) -> str:
    """Return what the classic methods call a field that `crm.item.fields` calls like this in capitals, or they do."""
    return _CLASSIC.get(entity_type, {}).get(upper_name, upper_name)


_CLASSIC = {kind: {common: classic for classic, common in renamed.items()} for kind, renamed in _RENAMED.items()}


def _custom(name: str) -> str:
    for begins, becomes in (("UF_CRM_", "ufCrm_"), ("UF_CRM", "ufCrm"), ("UF_", "uf")):
        if name.startswith(begins):
            return becomes + name.removeprefix(begins)
    return name
