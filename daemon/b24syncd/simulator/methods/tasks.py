"""The methods `tasks.task.{list,get,update,add}` of the scope `task`.

Sources: docs api-reference/tasks/tasks-task-*.md and fields.md (upper-case names in, camelCase out; `ufCrmTask` only
when it is selected), php modules/tasks/lib/rest/controllers/task.php (a task that is not there is an empty answer to
`get`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from b24syncd.simulator import php
from b24syncd.simulator.errors import BINDER, CORE, ZERO, RestError, unmatched_parameter
from b24syncd.simulator.tables.fields import MOMENTS, Field, camel
from b24syncd.simulator.tables.slugs import slug
from b24syncd.simulator.tables.tasks import COMPLETED, TASK, links_in
from b24syncd.simulator.tables.values import Value, iso, received

from .calls import Answer, Call, Method
from .filters import Filter
from .listing import page

if TYPE_CHECKING:
    from b24syncd.simulator.tables.model import Item
    from b24syncd.simulator.tables.slugs import Ref
    from b24syncd.simulator.tables.tasks import Task

_LINKS = "UF_CRM_TASK"
_STATUSES = range(1, 8)
_SORTABLE = {
    *("ID", "TITLE", "DATE_START", "CREATED_DATE", "CHANGED_DATE", "CLOSED_DATE", "ACTIVITY_DATE", "START_DATE_PLAN"),
    *("END_DATE_PLAN", "DEADLINE", "REAL_STATUS", "STATUS_COMPLETE", "PRIORITY", "MARK", "GROUP_ID", "TIME_ESTIMATE"),
    *("TIME_SPENT_IN_LOGS", "CREATED_BY_LAST_NAME", "RESPONSIBLE_LAST_NAME", "ALLOW_CHANGE_DEADLINE"),
    *("ALLOW_TIME_TRACKING", "MATCH_WORK_TIME", "FAVORITE", "SORTING", "IS_PINNED", "IS_PINNED_IN_GROUP"),
}
_NO_TASK = RestError(BINDER, "CTaskItem All parameters in the constructor must have real class type (internal error)")
_WRONG_ID = RestError(ZERO, "wrong task id")
_NOT_ALLOWED = RestError(ZERO, "Action on the task is not allowed (internal error)")
_NO_FIELDS = RestError(BINDER, "Could not find value for parameter {fields} (internal error)")


def _array(call: Call, name: str) -> php.Array:
    value = call.parameter(name)
    return value if isinstance(value, dict) else {}


def _task(call: Call) -> Task | None:
    sent = call.parameter("taskid")
    if sent is None:
        raise _NO_TASK
    if php.integer(sent) <= 0:
        raise _WRONG_ID
    return call.portal.tasks.rows.get(php.integer(sent))


def _select(call: Call) -> set[str]:
    select = call.parameter("select")
    if select is not None and not isinstance(select, dict):
        wrong = unmatched_parameter("select", php.string(select), "array")
        raise RestError(BINDER, f"{wrong.description} (internal error)")
    return {php.string(name).upper() for name in (select or {}).values()}


def _shown(call: Call, task: Task, select: set[str]) -> dict[str, Any]:
    everything = not select or "*" in select
    body: dict[str, Any] = {}
    for field in call.portal.tasks.table.fields:
        if everything or field.classic in select or field.name == "id":
            body[camel(field.classic)] = _value(call, field, task.value(field.name))
    if _LINKS in select:
        # php: a field of several values that is empty is false
        body["ufCrmTask"] = [slug(ref) for ref in task.links] or False
    body["group"] = []
    for whose, name in (("createdBy", "creator"), ("responsibleId", "responsible")):
        if whose in body:
            body[name] = _user(body[whose])
    return body


def _value(call: Call, field: Field, value: Value) -> str | None:
    if value is None:
        return "N" if field.type == "char" else None
    return iso(int(value), call.portal.zone) if field.type in MOMENTS else php.string(value)


def _user(user_id: str) -> dict[str, str]:
    link = f"/company/personal/user/{user_id}/"
    icon = "/bitrix/images/tasks/default_avatar.png"
    return {"id": user_id, "name": "Anna Orlova", "link": link, "icon": icon, "workPosition": ""}


def _list(call: Call) -> Answer:
    table = call.portal.tasks.table
    names = table.classic_names | {"REAL_STATUS": table.classic_names["STATUS"]}
    order = _array(call, "order")
    if {str(name).upper() for name in order} - _SORTABLE:
        raise RestError(ZERO, "Invalid sorting key (internal error)")
    linked, conditions = _linked(_array(call, "filter"))
    wanted = Filter(conditions, lambda _, name: names.get(name.upper()), call.portal.zone, call.portal.user.of_object)
    if linked is not None:
        wanted.tests.append(lambda item: not linked.isdisjoint(_links(call, item)))
    sorting = [
        (names[str(name).upper()], php.string(direction).upper() == "DESC")
        for name, direction in order.items()
        if str(name).upper() in names
    ]
    found = page(table, wanted, sorting or [(names["ID"], True)], call.start)
    select = _select(call)
    rows = [_shown(call, call.portal.tasks.rows[item.id], select) for item in found.items]
    for row in rows:
        if "status" in row:
            row["subStatus"] = row["status"]
    return Answer({"tasks": rows}, found.total, found.next)


def _linked(conditions: php.Array) -> tuple[set[Ref] | None, php.Array]:
    """Return the items that a filter wants linked, any one of them, and the rest of the filter."""
    rest: php.Array = {}
    linked: set[Ref] | None = None
    for name, value in conditions.items():
        if str(name).upper().lstrip("=@") == _LINKS:
            linked = set(links_in(_texts(value)))
        else:
            rest[name] = value
    return linked, rest


def _links(call: Call, item: Item) -> list[Ref]:
    return call.portal.tasks.rows[item.id].links


def _texts(value: object) -> list[str]:
    return [php.string(one) for one in (value.values() if isinstance(value, dict) else (value,))]


def _get(call: Call) -> Answer:
    select = _select(call)
    task = _task(call)
    return Answer([] if task is None else {"task": _whole(call, task, select)})


def _whole(call: Call, task: Task, select: set[str]) -> dict[str, Any]:
    edit = (TASK, task.id) not in call.portal.frozen
    return {**_shown(call, task, select), "favorite": "N", "action": {"edit": edit, "remove": edit}}


def _fields_parameter(call: Call) -> php.Array:
    fields = call.parameter("fields")
    if not isinstance(fields, dict) or not fields:
        raise _NO_FIELDS
    return {str(name).upper(): value for name, value in fields.items()}


def _written(call: Call, fields: php.Array) -> tuple[dict[str, Value], list[Ref] | None]:
    values: dict[str, Value] = {}
    names = call.portal.tasks.table.classic_names
    for name, raw in fields.items():
        field = names.get(str(name))
        if field is None or field.read_only:
            continue
        taken, value = received(field, raw, call.portal.zone)
        if taken:
            values[field.name] = value
    if "status" in values:
        if values["status"] not in _STATUSES:
            raise RestError(CORE, "Invalid status<br>")
        done = values["status"] == COMPLETED
        values["closedDate"] = int(call.portal.clock()) if done else None
        values["closedBy"] = call.caller.user_id if done else 0
    links = None
    if _LINKS in fields:
        sent = fields[_LINKS]
        links = links_in(_texts(sent)) if php.truthy(sent) else []
    return values, links


def _add(call: Call) -> Answer:
    values, links = _written(call, _fields_parameter(call))
    if not values.get("title"):
        raise RestError(CORE, "Task title is not specified<br>")
    if not values.get("responsibleId"):
        raise RestError(CORE, "Responsible person not specified<br>")
    user = call.caller.user_id
    whole = {"createdBy": user, "changedBy": user} | values
    task = call.portal.tasks.create(whole, links or (), "api")
    return Answer({"task": _whole(call, task, set())})


def _update(call: Call) -> Answer:
    task = _task(call)
    fields = _fields_parameter(call)
    if task is None or (TASK, task.id) in call.portal.frozen:
        raise _NOT_ALLOWED
    values, links = _written(call, fields)
    call.portal.tasks.change(task, values | {"changedBy": call.caller.user_id}, links, "api")
    call.portal.history.saves += 1
    return Answer({"task": _whole(call, task, set())})


METHODS = {
    f"tasks.task.{name}": Method(("task",), handler)
    for name, handler in (("list", _list), ("get", _get), ("update", _update), ("add", _add))
}
