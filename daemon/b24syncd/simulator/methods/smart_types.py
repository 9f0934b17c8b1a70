"""Smart processes, and the methods `crm.type.*`.

Sources: docs api-reference/crm/universal/user-defined-object-types/crm-type-*.md; php
modules/crm/lib/service/factory.php (`isLinkWithProductsEnabled` false: the items have no payments),
modules/crm/lib/Model/Dynamic/TypeTable.php `getFieldsInfo` (what is filtered by) and
modules/crm/lib/controller/type.php (lists and writes are for administrators of the CRM; filters and orders are checked
like those of items). Smart invoices are items of type 31 and are not listed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from b24syncd.simulator import php
from b24syncd.simulator.errors import ZERO, RestError, access_denied, missing_parameter, unmatched_parameter
from b24syncd.simulator.tables.fields import DEAL, LEAD, SMART_INVOICE, SMART_PROCESSES, SmartType, snake
from b24syncd.simulator.tables.values import iso

from .calls import Answer, Call, Method
from .filter_rules import check_filter, check_order, split
from .listing import cut

if TYPE_CHECKING:
    from b24syncd.simulator.tables.state import PortalState

_TYPES = {
    "title": "string",
    "code": "string",
    "createdTime": "datetime",
    "updatedTime": "datetime",
    "createdBy": "user",
}
_NOT_FOUND = RestError(ZERO, "SPA not found")
_NAMES = (
    *("id", "title", "code", "createdBy", "entityTypeId", "customSectionId", "isCategoriesEnabled", "isStagesEnabled"),
    *("isBeginCloseDatesEnabled", "isClientEnabled", "isUseInUserfieldEnabled", "isLinkWithProductsEnabled"),
    *("isMycompanyEnabled", "isDocumentsEnabled", "isSourceEnabled", "isObserversEnabled", "isRecurringEnabled"),
    *("isRecyclebinEnabled", "isAutomationEnabled", "isBizProcEnabled", "isSetOpenPermissions", "createdTime"),
    *("updatedTime", "updatedBy"),
)
FILTERED = {snake(name): name for name in _NAMES}
"""What a list of types may be filtered and ordered by, by upper-case name."""
_WITH_PRODUCTS = (LEAD, DEAL, SMART_INVOICE)
_ON = ("isCategoriesEnabled", "isStagesEnabled", "isBeginCloseDatesEnabled", "isClientEnabled")
_OFF = (
    *("isUseInUserfieldEnabled", "isMycompanyEnabled", "isDocumentsEnabled", "isSourceEnabled", "isObserversEnabled"),
    *("isRecyclebinEnabled", "isAutomationEnabled", "isBizProcEnabled", "isSetOpenPermissions", "isCountersEnabled"),
    "isRecurringEnabled",
)


def has_payments(portal: PortalState, entity_type_id: int) -> bool:
    """Return whether items of a type can be linked with products, and so with orders and payments."""
    smart = (one.entity_type_id for one in portal.smart_types if one.payments)
    return entity_type_id in _WITH_PRODUCTS or entity_type_id in smart


def _administrator(call: Call) -> None:
    if not call.portal.options.administrator:
        raise access_denied()


def _array(call: Call, name: str) -> php.Array:
    sent = call.parameters.get(name)
    if sent is None:
        return {}
    if not isinstance(sent, dict):
        raise unmatched_parameter(name, php.string(sent), "array")
    return sent


def _fields(call: Call) -> Answer:
    _administrator(call)
    return Answer({"fields": {name: _described(name) for name in FILTERED.values()}})


def _described(name: str) -> dict[str, Any]:
    kind = "boolean" if name.startswith("is") else _TYPES.get(name, "integer")
    return {
        "type": kind,
        "isRequired": name in ("title", "entityTypeId"),
        "isReadOnly": name in ("id", "createdBy", "updatedBy"),
        "isImmutable": name in ("entityTypeId", "customSectionId"),
        "isMultiple": False,
        "isDynamic": False,
        "title": name,
        "upperName": snake(name),
    }


def _list(call: Call) -> Answer:
    _administrator(call)
    conditions: php.Array = {_upper(name): value for name, value in _array(call, "filter").items()}
    check_filter(conditions, FILTERED)
    order: php.Array = {_upper(name): php.string(how).upper() for name, how in _array(call, "order").items()}
    check_order(order, FILTERED)
    types = [_shown(call.portal, smart) for smart in call.portal.smart_types]
    types = [one for one in types if _passes(one, conditions)]
    for name, how in reversed(order.items() or [("ID", "ASC")]):
        types.sort(key=lambda one, field=FILTERED[str(name)]: _rank(one[field]), reverse=how == "DESC")  # type: ignore[misc] # its default
    rows, total, following = cut(types, call.start)
    return Answer({"types": list(rows)}, total, following)


def _upper(name: object) -> str:
    return str(name) if str(name) in FILTERED else snake(str(name))


def _rank(value: object) -> tuple[bool, int, str]:
    return value is not None, value if isinstance(value, int) else 0, php.string(value).lower()


def _passes(told: dict[str, Any], conditions: php.Array) -> bool:
    return all(_fits(told, *split(str(key)), wanted) for key, wanted in conditions.items())


def _fits(told: dict[str, Any], prefix: str, name: str, wanted: object) -> bool:
    if name not in FILTERED:
        return True  # `logic`, and groups, which nobody needs here
    value, sent = told[FILTERED[name]], php.string(wanted).lower()
    if prefix in (">", ">=", "<", "<="):
        known, limit = php.integer(value), php.integer(wanted)
        return {">": known > limit, ">=": known >= limit, "<": known < limit, "<=": known <= limit}[prefix]
    if "%" in prefix:
        return (sent.strip("%") in php.string(value).lower()) is not prefix.startswith("!")
    several = {php.string(one).lower() for one in (wanted.values() if isinstance(wanted, dict) else (wanted,))}
    return (php.string(value).lower() in several) is not prefix.startswith("!")


def _named(call: Call) -> SmartType:
    if "id" not in call.parameters:
        name = "id"
        raise missing_parameter(name)
    wanted = php.integer(call.parameters["id"])
    found = next((one for one in call.portal.smart_types if one.id == wanted), None)
    if found is None:
        raise _NOT_FOUND
    return found


def _get(call: Call) -> Answer:
    return Answer({"type": _shown(call.portal, _named(call))})


def _get_by_type(call: Call) -> Answer:
    if "entityTypeId" not in call.parameters:
        name = "entityTypeId"
        raise missing_parameter(name)
    wanted = php.integer(call.parameters["entityTypeId"])
    found = next((one for one in call.portal.smart_types if one.entity_type_id == wanted), None)
    if found is None:
        raise _NOT_FOUND
    return Answer({"type": _shown(call.portal, found)})


def _written(call: Call) -> php.Array:
    fields = call.parameters.get("fields")
    if not isinstance(fields, dict):
        name = "fields"
        raise missing_parameter(name)
    return fields


def _add(call: Call) -> Answer:
    fields = _written(call)
    _administrator(call)
    known = call.portal.smart_types
    # php: TypeTable - an even number from 128 on, unless a free one is named
    following = max((one.entity_type_id for one in known), default=SMART_PROCESSES - 2) // 2 * 2 + 2
    type_id = php.integer(fields.get("entityTypeId")) or following
    title = php.trim(fields.get("title"))
    if not title:
        raise RestError(ZERO, "Required field 'Title' is not filled in.")
    payments = fields.get("isLinkWithProductsEnabled") == "Y"
    smart = SmartType(type_id, max((one.id for one in known), default=0) + 1, title, payments=payments)
    call.portal.add_smart_type(smart)
    return Answer({"type": _shown(call.portal, smart)})


def _update(call: Call) -> Answer:
    smart, fields = _named(call), _written(call)
    _administrator(call)
    title = php.trim(fields.get("title"))
    changed = replace(smart, title=title or smart.title)
    call.portal.smart_types[call.portal.smart_types.index(smart)] = changed
    return Answer({"type": _shown(call.portal, changed)})


def _delete(call: Call) -> Answer:
    smart = _named(call)
    _administrator(call)
    if call.portal.tables[smart.entity_type_id].items:
        raise RestError(ZERO, "Cannot delete a type that has items")
    call.portal.smart_types.remove(smart)
    del call.portal.tables[smart.entity_type_id]
    call.portal.categories.forget(smart.entity_type_id)
    return Answer([])


def _shown(portal: PortalState, smart: SmartType) -> dict[str, Any]:
    payments = "Y" if smart.payments else "N"
    created = iso(0, portal.zone)
    return {
        "id": smart.id,
        "title": smart.title,
        "code": "",
        "createdBy": 1,
        "entityTypeId": smart.entity_type_id,
        "customSectionId": None,
        **dict.fromkeys(_ON, "Y"),
        **dict.fromkeys(_OFF, "N"),
        "isLinkWithProductsEnabled": payments,
        "isPaymentsEnabled": payments,
        "createdTime": created,
        "updatedTime": created,
        "updatedBy": 1,
    }


METHODS = {
    f"crm.type.{name}": Method(("crm",), handler)
    for name, handler in (
        ("fields", _fields),
        ("list", _list),
        ("get", _get),
        ("getbyentitytypeid", _get_by_type),
        ("add", _add),
        ("update", _update),
        ("delete", _delete),
    )
}
