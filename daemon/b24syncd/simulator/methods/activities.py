"""The methods `crm.activity.{list,get,fields,update,add,delete}`.

Sources: docs api-reference/crm/timeline/activities/activity-base/crm-activity-*.md, php
modules/crm/classes/general/restservice.php `CCrmActivityRestProxy` (what is refused, and that an update with
COMMUNICATIONS sets the bindings anew), classes/mysql/crm_activity.php `PrepareBindingsFilterSql` (one row per binding
that fits; a filter that names nothing filters nothing). No answer carries BINDINGS: `crm.activity.binding.list` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from b24syncd.simulator import php
from b24syncd.simulator.errors import NO_CODE, RestError
from b24syncd.simulator.tables.activities import owner_among
from b24syncd.simulator.tables.activity_fields import ACTIVITY, CALL, IMMUTABLE, MEETING, NEVER, PROVIDER, described
from b24syncd.simulator.tables.values import Value, received, shown_classic

from .activity_checks import PROVIDERS, check_kind, check_owner, communications
from .activity_lists import arranged
from .bindings import rebind
from .calls import Answer, Call, Method
from .rights import editable, readable

if TYPE_CHECKING:
    from b24syncd.simulator.tables.activities import Activity
    from b24syncd.simulator.tables.fields import Field
    from b24syncd.simulator.tables.model import Item

_OBJECTS = ("SETTINGS", "PROVIDER_PARAMS")
_DENIED = RestError(NO_CODE, "Access denied.")
_NO_COMMUNICATIONS = RestError(NO_CODE, "The field COMMUNICATIONS is not defined or invalid.")


def _activity(call: Call, missing: str = "Activity is not found.") -> Activity:
    activity_id = php.integer(call.parameter("id"))
    if activity_id <= 0:
        raise RestError(NO_CODE, "ID is not defined or invalid.")
    activity = call.portal.activities.rows.get(activity_id)
    if activity is None or not readable(call.portal, activity.owner):
        raise RestError(NO_CODE, missing)
    return activity


def _shown(call: Call, activity: Activity, fields: list[Field], besides: set[str]) -> dict[str, Any]:
    now = call.portal.now()
    body: dict[str, Any] = {field.classic: shown_classic(field, activity.value(field.name), now) for field in fields}
    body.update({name: [] for name in (*_OBJECTS, "FILES") if name in besides})
    if "IS_INCOMING_CHANNEL" in besides:
        body["IS_INCOMING_CHANNEL"] = "N"
    if "COMMUNICATIONS" in besides:
        body["COMMUNICATIONS"] = [
            {
                "ID": str(one.id),
                "TYPE": one.type_id,
                "VALUE": one.value,
                "ENTITY_ID": str(one.entity[1]),
                "ENTITY_TYPE_ID": str(one.entity[0]),
                "ENTITY_SETTINGS": _settings(call.portal.find(*one.entity)),
            }
            for one in activity.communications
        ]
    return body


def _settings(item: Item | None) -> Any:  # noqa: ANN401 - php: an empty array is an empty list
    if item is None:
        return []
    return {
        "HONORIFIC": item.values.get("honorific") or "",
        "NAME": item.values.get("name") or "",
        "SECOND_NAME": item.values.get("secondName") or "",
        "LAST_NAME": item.values.get("lastName") or "",
    }


def _list(call: Call) -> Answer:
    found = arranged(call, call.array("filter"), call.array("order"))
    sent = call.parameter("select")
    select = {php.string(name).upper() for name in sent.values()} if isinstance(sent, dict) and sent else {"*"}
    everything = "*" in select
    table = call.portal.activities.table
    fields = [field for field in table.fields if everything or field.classic in select or field.name == "id"]
    besides = select | (set(_OBJECTS) if everything else set())
    rows = [_shown(call, activity, fields, besides) for activity in found.rows]
    return Answer(rows, found.total or 0, found.next)


def _get(call: Call) -> Answer:
    # php: `innerGet` finds a result without a row, and so no words for what is gone
    activity = _activity(call, missing="")
    return Answer(_shown(call, activity, list(call.portal.activities.table.fields), set(_OBJECTS)))


def _fields(_call: Call) -> Answer:
    return Answer(described())


def _written(call: Call, fields: php.Array, *, new: bool) -> dict[str, Value]:
    values: dict[str, Value] = {}
    names = call.portal.activities.table.classic_names
    for name, raw in fields.items():
        field = names.get(str(name))
        if field is None or field.read_only or (not new and field.classic in IMMUTABLE):
            continue
        taken, value = received(field, raw, call.portal.zone)
        if taken:
            values[field.name] = value
    values.pop("ownerTypeId", None)
    values.pop("ownerId", None)
    if "completed" in values:
        values["status"] = 2 if values["completed"] == "Y" else 1
    return values


def _fields_parameter(call: Call) -> php.Array:
    fields = call.array("fields")
    call.array("params")  # which nothing here needs
    return {str(name): value for name, value in fields.items()}


def _add(call: Call) -> Answer:
    fields = _fields_parameter(call)
    portal = call.portal
    owner = (php.integer(fields.get("OWNER_TYPE_ID")), php.integer(fields.get("OWNER_ID")))
    if not php.trim(fields.get("SUBJECT")):
        raise RestError(NO_CODE, "The field SUBJECT is not defined or empty.")
    type_id = php.integer(fields.get("TYPE_ID"))
    provider = php.string(fields.get("PROVIDER_ID"))
    if not type_id and "PROVIDER_ID" in fields:
        type_id = fields["TYPE_ID"] = PROVIDER
    check_kind(type_id, provider)
    contacted = communications(fields, owner, type_id)
    if not contacted and type_id != PROVIDER:
        raise _NO_COMMUNICATIONS
    if len(contacted) > 1 and type_id in (CALL, MEETING):
        raise RestError(NO_CODE, "The only one communication is allowed for activity of specified type.")
    bindings = [*([owner] if min(owner) > 0 else []), *(entity for _, _, entity in contacted)]
    if not bindings:
        message = "Could not build binding. Please ensure that owner info and communications are defined correctly."
        raise RestError(NO_CODE, message)
    for ref in bindings:
        check_owner(portal, ref)
    call.activity_errors.clear()
    values = _written(call, fields, new=True)
    if not values.get("responsibleId"):
        item = portal.find(*owner)
        values["responsibleId"] = (item.values.get("assignedById") if item else None) or portal.options.user_id
    provider_type = php.string(fields.get("PROVIDER_TYPE_ID"))
    known = PROVIDERS.get(type_id, (provider, provider_type))
    values |= {"providerId": provider or known[0], "providerTypeId": provider_type or known[1]}
    values |= {"authorId": portal.options.user_id, "editorId": portal.options.user_id}
    values.setdefault("endTime", values.get("startTime"))
    values["deadline"] = values.get("startTime") or NEVER
    values["ownerTypeId"], values["ownerId"] = owner if min(owner) > 0 else owner_among(bindings)
    activity = portal.activities.create(values, bindings, "api", communications=contacted)
    return Answer(activity.id)


def _update(call: Call) -> Answer:
    activity = _activity(call)
    call.activity_errors.clear()
    fields = _fields_parameter(call)
    portal = call.portal
    if (ACTIVITY, activity.id) in portal.frozen or not editable(portal, activity.owner):
        raise _DENIED
    values = _written(call, fields, new=False) | {"editorId": portal.options.user_id}
    values.pop("providerId", None)
    if isinstance(fields.get("COMMUNICATIONS"), dict):
        type_id = int(activity.values.get("typeId") or 0)
        contacted = communications(fields, activity.owner, type_id)
        if not contacted:
            raise _NO_COMMUNICATIONS
        portal.activities.communicate(activity, contacted)
        rebind(portal, activity, [activity.owner, *(entity for _, _, entity in contacted)], "api")
    portal.activities.change(activity, values, "api")
    portal.tasks.follow(activity, "api")
    portal.history.saves += 1
    return Answer(result=True)


def _delete(call: Call) -> Answer:
    activity = _activity(call)
    portal = call.portal
    if (ACTIVITY, activity.id) in portal.frozen or not editable(portal, activity.owner):
        raise _DENIED
    portal.activities.remove(activity, "api")
    portal.tasks.mirror_gone(activity, "api")
    portal.history.saves += 1
    return Answer(result=True)


METHODS = {
    f"crm.activity.{name}": Method(("crm",), handler)
    for name, handler in (
        ("list", _list),
        ("get", _get),
        ("fields", _fields),
        ("update", _update),
        ("add", _add),
        ("delete", _delete),
    )
}
