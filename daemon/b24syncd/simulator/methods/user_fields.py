"""The methods `crm.{lead,deal,contact,company}.userfield.{list,get,add,update,delete}`.

Sources: docs api-reference/crm/deals/user-defined-fields/crm-deal-userfield-*.md, php
modules/rest/lib/userfieldproxy.php (order of the checks, names, labels), php of the class CUserTypeEntity `GetList`.
Reading is open to everybody who sees deals, the rest to administrators.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from b24syncd.simulator import php
from b24syncd.simulator.errors import CORE, MISSING, NO_CODE, RestError
from b24syncd.simulator.tables.fields import ENTITY_NAMES
from b24syncd.simulator.tables.user_field_settings import settings_of
from b24syncd.simulator.tables.user_fields import LABELS, Unacceptable, UserField, every_language

from .calls import Answer, Call, Method

if TYPE_CHECKING:
    from collections.abc import Callable

_PREFIX = "UF_CRM_"
_FILTERS = {
    *("ID", "FIELD_NAME", "USER_TYPE_ID", "XML_ID", "SORT", "MULTIPLE", "MANDATORY"),
    *("SHOW_FILTER", "SHOW_IN_LIST", "EDIT_IN_LIST", "IS_SEARCHABLE"),
}
_ORDERS = ("ID", "ENTITY_ID", "FIELD_NAME", "USER_TYPE_ID", "XML_ID", "SORT")
_NUMBERS = ("ID", "SORT")
_DENIED = RestError(NO_CODE, "Access denied.")
_NO_ID = RestError(NO_CODE, "ID is not defined or invalid.")


def _administrator(call: Call) -> None:
    if not call.portal.options.administrator:
        raise _DENIED


def _named(entity_type_id: int, call: Call, *, write: bool) -> UserField:
    field_id = php.integer(call.parameter("id"))
    if field_id <= 0:
        raise _NO_ID
    if write:
        _administrator(call)
    own = call.portal.user_fields.rows.get(field_id)
    if own is None:
        raise RestError(MISSING, f"The entity with ID '{field_id}' is not found.")
    if own.entity_type_id != entity_type_id:
        raise _DENIED
    return own


def _shown(own: UserField) -> dict[str, Any]:
    row = own.row
    return {
        "ID": str(own.id),
        "ENTITY_ID": f"CRM_{ENTITY_NAMES[own.entity_type_id].upper()}",
        "FIELD_NAME": own.code,
        "USER_TYPE_ID": own.type,
        **row,
        "SETTINGS": own.settings or [],
    }


def _list(entity_type_id: int, call: Call) -> Answer:
    order, conditions = call.array("order"), call.array("filter")
    wanted = {str(name).upper(): php.string(value) for name, value in conditions.items() if php.truthy(value)}
    rows = []
    for own in call.portal.user_fields.of(entity_type_id):
        row = _shown(own)
        if all(php.string(row[name]).lower() == wanted[name].lower() for name in _FILTERS & set(wanted)):
            rows.append(row | _in_language(own, wanted.get("LANG")))
    sorting = [(str(name).upper(), php.string(how).upper() != "ASC") for name, how in order.items()]
    for name, descending in reversed(
        [pair for pair in sorting if pair[0] in _ORDERS] or [("SORT", False), ("ID", False)]
    ):
        rows.sort(key=_rank(name), reverse=descending)
    return Answer(rows, len(rows))


def _rank(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda row: int(row[name]) if name in _NUMBERS else php.string(row[name]).lower()


def _in_language(own: UserField, language: str | None) -> dict[str, str | None]:
    return {} if language is None else {kind: own.labels[kind].get(language) for kind in LABELS}


def _get(entity_type_id: int, call: Call) -> Answer:
    own = _named(entity_type_id, call, write=False)
    return Answer(_shown(own) | {kind: dict(own.labels[kind]) for kind in LABELS})


def code_of(name: str) -> str:
    """Return the code of a field that is to be made: in upper case, with the prefix of the CRM."""
    code = name.upper()
    return code if code.startswith(_PREFIX) else _PREFIX + code.removeprefix("UF_")


def _add(entity_type_id: int, call: Call) -> Answer:
    sent = call.parameter("fields")
    fields = sent if isinstance(sent, dict) else call.parameters  # php: restservice.php takes them without a frame, too
    _administrator(call)
    kind, name = (php.trim(fields.get(part)) for part in ("USER_TYPE_ID", "FIELD_NAME"))
    missing = [part for part, value in (("USER_TYPE_ID", kind), ("FIELD_NAME", name)) if not value]
    if missing:
        raise RestError(NO_CODE, "\n".join(f"The '{part}' field is not found." for part in missing))
    code = code_of(name)
    default = php.trim(fields.get("LABEL")) or code
    labels = {part: every_language(fields.get(part), default) for part in LABELS}
    row = _row(fields) | {
        "MULTIPLE": "Y" if php.string(fields.get("MULTIPLE")).upper() == "Y" and kind != "boolean" else "N"
    }
    try:
        settings = fields.get("SETTINGS")
        return Answer(call.portal.user_fields.add(entity_type_id, code, kind, row, labels, settings).id)
    except Unacceptable as error:
        raise RestError(CORE, str(error)) from error


def _row(fields: php.Array) -> dict[str, str | None]:
    """Return the parts of a row that are sent and may change; names count as they are written."""
    row: dict[str, str | None] = {}
    for name in ("MANDATORY", "SHOW_FILTER", "IS_SEARCHABLE", "SHOW_IN_LIST", "EDIT_IN_LIST"):
        if name in fields:
            sent = php.string(fields[name]).upper()
            yes = sent != "N" if name in ("SHOW_IN_LIST", "EDIT_IN_LIST") else sent == "Y"
            row[name] = ("E" if name == "SHOW_FILTER" else "Y") if yes else "N"
    if php.integer(fields.get("SORT")) > 0:
        row["SORT"] = str(php.integer(fields["SORT"]))
    if "XML_ID" in fields:
        row["XML_ID"] = php.string(fields["XML_ID"])
    return row


def _update(entity_type_id: int, call: Call) -> Answer:
    fields = call.array("fields")
    own = _named(entity_type_id, call, write=True)
    # php: a label that is sent replaces all languages, and those it leaves out become empty
    labels = {part: every_language(fields[part], "") for part in LABELS if fields.get(part) is not None}
    call.portal.user_fields.update(own, _row(fields), labels)
    if isinstance(fields.get("SETTINGS"), dict):
        own.settings = settings_of(own.type, own.settings | fields["SETTINGS"])
    return Answer(result=True)


def _delete(entity_type_id: int, call: Call) -> Answer:
    call.portal.user_fields.delete(_named(entity_type_id, call, write=True))
    return Answer(result=True)


METHODS = {
    f"crm.{entity}.userfield.{name}": Method(("crm",), partial(handler, type_id))
    for type_id, entity in ENTITY_NAMES.items()
    for name, handler in (("list", _list), ("get", _get), ("add", _add), ("update", _update), ("delete", _delete))
}
