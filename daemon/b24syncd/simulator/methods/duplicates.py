"""The method `crm.duplicate.findbycomm`.

Sources: docs api-reference/crm/duplicates/crm-duplicate-find-by-comm.md, php
modules/crm/classes/general/restservice.php `CCrmDuplicateRestProxy`. Its traps: at most 20 hits per value, all types
together in the order lead, contact, company; only the first 20 values; an unknown `entity_type` searches everywhere;
and one value among several that finds 20 says nothing about the others.
"""

from __future__ import annotations

from b24syncd.simulator import php
from b24syncd.simulator.errors import NO_CODE, RestError
from b24syncd.simulator.tables.fields import COMPANY, CONTACT, DEAL, ENTITY_NAMES, LEAD
from b24syncd.simulator.tables.match_codes import TYPES, phone_code

from .calls import Answer, Call, Method
from .rights import may

MOST = 20
_TYPE_IDS = {name.upper(): type_id for type_id, name in ENTITY_NAMES.items()}


def _find(call: Call) -> Answer:
    if not any(may(call.portal, type_id, "read") for type_id in (LEAD, CONTACT, COMPANY)):
        # php: nothing else of the rights is looked at, so that it tells of items that may not be read
        raise RestError(NO_CODE, "Access denied.")
    type_id = php.string(call.parameter("type")).upper()
    if type_id not in TYPES:
        wrong = f"'{type_id}' is not supported in current context" if type_id else "is not defined"
        raise RestError(NO_CODE, f"Communication type {wrong}.")
    values = call.parameter("values")
    if not isinstance(values, dict) or not values:
        raise RestError(NO_CODE, "Communication values is not defined.")
    entity_type_id = _TYPE_IDS.get(php.string(call.parameter("entity_type") or call.parameter("entitytype")).upper())
    if entity_type_id == DEAL:
        raise RestError(NO_CODE, "Deal is not supported in current context.")
    found: dict[str, list[int]] = {}
    for value in _distinct(type_id, values)[:MOST]:
        for hit_type, hit_id in call.portal.codes.find(type_id, value, entity_type_id, MOST):
            if hit_type not in (LEAD, CONTACT, COMPANY) or (hit_type == LEAD and call.portal.options.leads == "off"):
                continue
            ids = found.setdefault(ENTITY_NAMES[hit_type].upper(), [])
            if hit_id not in ids:
                ids.append(hit_id)
    # php: an empty array is an empty list
    return Answer(found or [])


def _distinct(type_id: str, values: php.Array) -> list[str]:
    kept: dict[str, str] = {}
    for value in values.values():
        if isinstance(value, str) and value:
            kept.setdefault(phone_code(value) if type_id == "PHONE" else value, value)
    return list(kept.values())


METHODS = {"crm.duplicate.findbycomm": Method(("crm",), _find)}
