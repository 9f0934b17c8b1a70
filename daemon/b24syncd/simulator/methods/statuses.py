"""The methods `crm.status.*`.

Sources: docs api-reference/crm/status/crm-status-*.md, php modules/crm/classes/general/restservice.php
`CCrmStatusRestProxy` (a list is never paged, and takes no array for some fields; administrators alone write) and
crm_status.php `GetList` (filters by equality alone; an order that is unknown is by id, downwards).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from b24syncd.simulator import php
from b24syncd.simulator.errors import NO_CODE, RestError
from b24syncd.simulator.tables.fields import DEAL, LEAD

from .calls import Answer, Call, Method

if TYPE_CHECKING:
    from b24syncd.simulator.tables.state import PortalState
    from b24syncd.simulator.tables.statuses import Status

_ONLY_TEXT = ("ENTITY_ID", "STATUS_ID", "SORT", "SEMANTICS")
_COLUMNS = ("ID", "ENTITY_ID", "STATUS_ID", "NAME", "SORT", "SYSTEM", "CATEGORY_ID", "SEMANTICS")
_NUMBERS = ("ID", "SORT", "CATEGORY_ID")
_STAGES = {"STATUS": LEAD, "DEAL_STAGE": DEAL}
_WITH_EXTRA = ("STATUS", "QUOTE_STATUS", "DEAL_STAGE")
_DENIED = RestError(NO_CODE, "Access denied.")
_TYPES = {"ID": "integer", "SORT": "integer", "SYSTEM": "char", "CATEGORY_ID": "integer", "SEMANTICS": "char"}
_FIELDS = (*_COLUMNS[:5], "NAME_INIT", *_COLUMNS[5:7], "COLOR", "SEMANTICS", "EXTRA")
_MEANINGS = {"P": "process", "S": "success", "F": "failure"}


def _shown(row: Status) -> dict[str, Any]:
    told: dict[str, Any] = {
        "ID": str(row.id),
        "ENTITY_ID": row.entity_id,
        "STATUS_ID": row.status_id,
        "NAME": row.name,
        "NAME_INIT": row.name_init,
        "SORT": str(row.sort),
        "SYSTEM": "Y" if row.system else "N",
        "CATEGORY_ID": str(row.category_id),
        "COLOR": row.color,
        "SEMANTICS": row.semantics,
    }
    if row.entity_id.startswith(_WITH_EXTRA):
        told["EXTRA"] = {"SEMANTICS": _MEANINGS[row.semantics], "COLOR": row.color or ""}
    return told


def _fields(_call: Call) -> Answer:
    required, immutable = ("ENTITY_ID", "STATUS_ID", "NAME"), ("ENTITY_ID", "STATUS_ID", "CATEGORY_ID", "SEMANTICS")
    return Answer(
        {
            name: {
                "type": "crm_status_extra" if name == "EXTRA" else _TYPES.get(name, "string"),
                "isRequired": name in required,
                "isReadOnly": name in ("ID", "NAME_INIT", "SYSTEM"),
                "isImmutable": name in immutable,
                "isMultiple": False,
                "isDynamic": False,
                "title": name.replace("_", " ").capitalize(),
            }
            for name in _FIELDS
        }
    )


def _list(call: Call) -> Answer:
    # php: `internalizeFilterFields` knows names as they are written alone
    conditions = {str(name): value for name, value in call.array("filter").items()}
    for name in _ONLY_TEXT:
        if isinstance(conditions.get(name), dict):
            raise RestError(NO_CODE, f"Filter by {name} must be a string")
    wanted = {name: php.string(value) for name, value in conditions.items() if name in _COLUMNS}
    rows = [_shown(row) for row in call.portal.statuses.rows.values()]
    rows = [row for row in rows if all(not value or _equal(row, name, value) for name, value in wanted.items())]
    order = {str(name).upper(): how for name, how in call.array("order").items()} or {"SORT": "asc"}
    sorting = [(name, php.string(how).upper() != "ASC") for name, how in order.items() if name in _COLUMNS]
    for name, descending in reversed(sorting or [("ID", True)]):
        rows.sort(key=lambda row, name=name: _rank(row, name), reverse=descending)  # type: ignore[misc] # its default
    return Answer(rows, len(rows))


def _equal(row: dict[str, Any], name: str, value: str) -> bool:
    told = row[name].lower()
    return value.lower() in told if name == "NAME" else told == value.lower()


def _rank(row: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - a number or text
    return int(row[name]) if name in _NUMBERS else row[name].lower()


def _named(call: Call, missing: str) -> Status:
    status_id = php.integer(call.parameter("id"))
    if status_id <= 0:
        raise RestError(NO_CODE, "ID is not defined or invalid.")
    row = call.portal.statuses.rows.get(status_id)
    if row is None:
        raise RestError(NO_CODE, missing)
    return row


def _get(call: Call) -> Answer:
    return Answer(_shown(_named(call, "CRM Status is not found.")))


def _administrator(portal: PortalState) -> None:
    if not portal.options.administrator:
        raise _DENIED


def _written(call: Call) -> dict[str, Any]:
    fields = call.array("fields")
    call.array("params")  # which nothing here needs
    # php: `internalizeFields` knows names as they are written alone
    return {str(name): value for name, value in fields.items()}


def _add(call: Call) -> Answer:
    fields = _written(call)
    _administrator(call.portal)
    entity, code = (php.string(fields.get(name)) for name in ("ENTITY_ID", "STATUS_ID"))
    missing = [name for name, value in (("ENTITY_ID", entity), ("STATUS_ID", code)) if not value]
    if missing:
        raise RestError(NO_CODE, "\n".join(f"The field {name} is required." for name in missing))
    statuses = call.portal.statuses
    if entity not in statuses.names:
        raise RestError(NO_CODE, "Specified entity type is not supported.")
    if not php.trim(fields.get("NAME")):
        raise RestError(NO_CODE, "The field NAME is required.")
    if any(one.status_id == code for one in statuses.of(entity)):
        raise RestError(NO_CODE, f"A status with the code {code} exists already.")
    row = statuses.add(
        entity,
        code,
        php.trim(fields["NAME"]),
        sort=max(php.integer(fields.get("SORT")), 0) or 10,
        semantics=php.string(fields.get("SEMANTICS")) or "P",
        color=_color(fields),
    )
    return Answer(row.id)


def _color(fields: dict[str, Any]) -> str | None:
    sent = fields.get("COLOR") or (fields["EXTRA"].get("COLOR") if isinstance(fields.get("EXTRA"), dict) else None)
    color = php.string(sent)
    return f"#{color.removeprefix('#')}" if color else None


def _update(call: Call) -> Answer:
    fields = _written(call)
    _administrator(call.portal)
    row = _named(call, "Status is not found.")
    row.name = php.trim(fields.get("NAME")) or row.name
    row.sort = php.integer(fields.get("SORT")) or row.sort
    row.color = _color(fields) or row.color
    return Answer(result=True)


def _delete(call: Call) -> Answer:
    _administrator(call.portal)
    row = _named(call, "Status is not found.")
    parameters = call.parameter("params")
    forced = isinstance(parameters, dict) and parameters.get("FORCED") == "Y"
    if row.system and not forced:
        message = 'CRM System Status can be deleted only if parameter FORCED is specified and equal to "Y".'
        raise RestError(NO_CODE, message)
    table = call.portal.tables.get(_STAGES.get(row.entity_id.partition("_STAGE_")[0], 0))
    if table is not None and any(item.values.get("stageId") == row.status_id for item in table):
        raise RestError(NO_CODE, "There are active items in this status.")
    del call.portal.statuses.rows[row.id]
    return Answer(result=True)


def _entity_types(call: Call) -> Answer:
    return Answer(
        [{"ID": entity, "NAME": name} | _about(entity) for entity, name in call.portal.statuses.names.items()]
    )


def _about(entity: str) -> dict[str, Any]:
    base, _, number = entity.partition("DEAL_STAGE_")
    if entity.startswith("DEAL_STAGE"):
        final = {"START_FIELD": "NEW", "FINAL_SUCCESS_FIELD": "WON", "FINAL_UNSUCCESS_FIELD": "LOSE", "FINAL_SORT": 0}
        return {"SEMANTIC_INFO": final, "ENTITY_TYPE_ID": DEAL, "CATEGORY_ID": int(number or 0)}
    if base == "STATUS":
        final = {"START_FIELD": "NEW", "FINAL_SUCCESS_FIELD": "CONVERTED", "FINAL_UNSUCCESS_FIELD": "JUNK"}
        return {"SEMANTIC_INFO": final | {"FINAL_SORT": 0}, "ENTITY_TYPE_ID": LEAD}
    return {}


def _entity_items(call: Call) -> Answer:
    entity = call.parameter("entityid") or call.parameter("entity_id") or ""
    if not entity:
        raise RestError(NO_CODE, "The parameter entityId is not defined or invalid.")
    if not isinstance(entity, str):
        raise RestError(NO_CODE, "The parameter entityId must be a string.")
    rows = call.portal.statuses.of(entity.upper())
    return Answer([{"NAME": row.name, "SORT": row.sort, "STATUS_ID": row.status_id} for row in rows])


METHODS = {
    f"crm.status.{name}": Method(("crm",), handler)
    for name, handler in (
        ("fields", _fields),
        ("list", _list),
        ("get", _get),
        ("add", _add),
        ("update", _update),
        ("delete", _delete),
        ("entity.types", _entity_types),
        ("entity.items", _entity_items),
    )
}
