"""The methods `crm.category.{list,get,fields}`.

Sources: php modules/crm/lib/controller/category.php, lib/category/entity/*.php `getData` (what of a category is told),
docs api-reference/crm/universal/category/crm-category-*.md. A list is never paged, and has those that the user may
read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from b24syncd.simulator import php
from b24syncd.simulator.errors import not_found, type_not_supported
from b24syncd.simulator.tables.fields import COMPANY, CONTACT, DEAL, LEAD, SMART_INVOICE

from .binder import Parameter, bound
from .calls import Answer, Call, Method
from .rights import may

if TYPE_CHECKING:
    from b24syncd.simulator.tables.categories import Category
    from b24syncd.simulator.tables.state import PortalState

_CLIENTS = (CONTACT, COMPANY)


def _shown(category: Category) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": category.id,
        "name": category.name,
        "sort": category.sort,
        "entityTypeId": category.entity_type_id,
        "isDefault": "Y" if category.default else "N",
    }
    if category.entity_type_id in _CLIENTS:
        return told | {"isSystem": "N", "code": ""}
    if category.entity_type_id == DEAL and not category.default:
        return told | {"originId": "", "originatorId": ""}
    return told


def _type(call: Call) -> int:
    type_id = php.integer(call.parameters["entityTypeId"])
    if type_id == LEAD:
        name = "Lead"
        raise type_not_supported(name)
    if not call.portal.categories.of(type_id):
        message = "Smart process not found"
        raise not_found(message)
    return type_id


def _readable(portal: PortalState, type_id: int) -> list[Category]:
    return portal.categories.of(type_id) if may(portal, type_id, "read") else []


def _list(call: Call) -> Answer:
    found = _readable(call.portal, _type(call))
    wanted = call.parameters.get("filter") or {}
    if isinstance(wanted, dict) and wanted.get("code") is not None:
        # php: of other conditions nothing is known
        found = [one for one in found if one.entity_type_id in _CLIENTS and wanted["code"] == ""]
    return Answer({"categories": [_shown(one) for one in found]}, len(found) if call.start >= 0 else None)


def _get(call: Call) -> Answer:
    type_id = _type(call)
    wanted = php.integer(call.parameters["id"])
    found = next((one for one in _readable(call.portal, type_id) if one.id == wanted), None)
    if found is None:
        message = "Element not found"
        raise not_found(message)
    return Answer({"category": _shown(found)})


def _fields(call: Call) -> Answer:
    type_id = _type(call)
    types = {"id": "integer", "name": "string", "sort": "integer", "entityTypeId": "integer", "isDefault": "boolean"}
    if type_id == DEAL:
        types |= {"originId": "string", "originatorId": "string"}
    read_only = ("id", "entityTypeId", *(() if type_id >= SMART_INVOICE else ("isDefault",)))
    return Answer({"fields": {name: _described(name, kind, read_only) for name, kind in types.items()}})


def _described(name: str, kind: str, read_only: tuple[str, ...]) -> dict[str, Any]:
    upper = "".join(f"_{letter}" if letter.isupper() else letter for letter in name).upper()
    return {
        "type": kind,
        "isRequired": name == "entityTypeId",
        "isReadOnly": name in read_only,
        "isImmutable": False,
        "isMultiple": False,
        "isDynamic": False,
        "title": upper,
        "upperName": upper,
    }


_TYPE, _ID = Parameter("entityTypeId", "int"), Parameter("id", "int")
METHODS = {
    f"crm.category.{name}": Method(("crm",), bound(handler, *declared))
    for name, handler, declared in (
        ("list", _list, (_TYPE, Parameter("filter", "array", required=False))),
        ("get", _get, (_TYPE, _ID)),
        ("fields", _fields, (_TYPE,)),
    )
}
