"""How the portal's card of an item is arranged: `crm.item.details.configuration.*`, and `crm.deal.…` and its kin.

Sources: php modules/crm/classes/general/restservice.php `CCrmEntityEditorRestProxy`, `CCrmItemRestProxy`,
modules/crm/lib/entity/entityeditorconfig.php (what was never arranged is null, there is no default), entityeditor
optionbuilder.php (which arrangement is meant), docs
api-reference/crm/universal/item-details-configuration/crm-item-details-configuration-*.md.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from b24syncd.simulator import php
from b24syncd.simulator.errors import NO_CODE, RestError
from b24syncd.simulator.tables.fields import DEAL, ENTITY_NAMES, LEAD, may_be_smart

from .calls import Answer, Call, Method

if TYPE_CHECKING:
    from collections.abc import Callable

COMMON = "C"
_RETURNING = "2"
_DENIED = RestError(NO_CODE, "Access denied.")
_EVERYBODY = 0


def _type(entity_type_id: int | None, call: Call) -> int:
    if entity_type_id is not None:
        return entity_type_id
    # php: these two spellings, and no other
    sent = call.parameters.get("entityTypeId", call.parameters.get("ENTITY_TYPE_ID", 0))
    type_id = php.integer(sent)
    if type_id not in call.portal.tables and not may_be_smart(type_id):
        raise RestError(NO_CODE, "Parameter 'entityTypeID' is not defined")
    if type_id not in call.portal.tables:
        raise RestError(NO_CODE, f"The entity type 'DYNAMIC_{type_id}' is not supported in current context.")
    return type_id


def _extra(call: Call, *names: str) -> str:
    extras = call.parameter("extras")
    for name, value in extras.items() if isinstance(extras, dict) else ():
        if str(name).lower().replace("_", "") in names:
            return php.string(value)
    return ""


def option_of(entity_type_id: int, category: int = 0, customer: str = "") -> str:
    """Return the name under which an arrangement is kept."""
    if entity_type_id == LEAD:
        return "returning_lead_details" if customer == _RETURNING else "lead_details"
    name = ENTITY_NAMES.get(entity_type_id, f"DYNAMIC_{entity_type_id}")
    return f"{name}_details" + (f"_C{category}" if category > 0 else "")


def _place(type_id: int, call: Call) -> tuple[str, int]:
    """Return which arrangement is meant, and whose; raise where it is not for this user."""
    names = ("dealcategoryid",) if type_id == DEAL else ("categoryid",)
    category = php.integer(_extra(call, *names)) if type_id == DEAL or may_be_smart(type_id) else 0
    option = option_of(type_id, category, _extra(call, "leadcustomertype"))
    if call.parameter("scope") == COMMON:
        return option, _EVERYBODY
    me = call.caller.user_id
    user = php.integer(call.parameter("userid") or call.parameter("user_id")) or me
    if user != me and not call.portal.options.administrator:
        raise _DENIED
    return option, user


def _get(entity_type_id: int | None, call: Call) -> Answer:
    place = _place(_type(entity_type_id, call), call)
    return Answer(call.portal.card_layouts.get(place))


def _set(entity_type_id: int | None, call: Call) -> Answer:
    place = _writable(entity_type_id, call)
    data = call.parameter("data")
    if not isinstance(data, dict):
        raise RestError(NO_CODE, "Parameter 'data' must be array.")
    if not data:
        raise RestError(NO_CODE, "There are no data to write.")
    call.portal.card_layouts[place] = [_section(number, one) for number, one in enumerate(data.values())]
    return Answer(result=True)


def _section(number: int, sent: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever was sent
    given = sent if isinstance(sent, dict) else {}
    for part in ("name", "title"):
        if not php.trim(given.get(part)):
            raise RestError(NO_CODE, f"Section at index {number} does not have {part}.")
    elements = given.get("elements")
    shown = [_element(one) for one in (elements.values() if isinstance(elements, dict) else ())]
    return {"type": "section", "name": given["name"], "title": given["title"], "elements": shown}


def _element(sent: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever was sent
    given = sent if isinstance(sent, dict) else {}
    told: dict[str, Any] = {"name": php.string(given.get("name"))}
    if php.numeric(given.get("optionFlags")):
        told["optionFlags"] = php.string(given["optionFlags"])
    if isinstance(given.get("options"), dict):
        told["options"] = given["options"]
    return told


def _writable(entity_type_id: int | None, call: Call) -> tuple[str, int]:
    place = _place(_type(entity_type_id, call), call)
    if place[1] == _EVERYBODY and not call.portal.options.administrator:
        raise _DENIED
    return place


def _reset(entity_type_id: int | None, call: Call) -> Answer:
    call.portal.card_layouts.pop(_writable(entity_type_id, call), None)
    return Answer(result=True)


_HANDLERS: dict[str, Callable[[int | None, Call], Answer]] = {"get": _get, "set": _set, "reset": _reset}
_FAMILIES: dict[str, int | None] = {"item": None} | {name: type_id for type_id, name in ENTITY_NAMES.items()}
METHODS = {
    f"crm.{family}.details.configuration.{name}": Method(("crm",), partial(handler, type_id))
    for family, type_id in _FAMILIES.items()
    for name, handler in _HANDLERS.items()
}
