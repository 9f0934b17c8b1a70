"""The methods `crm.activity.binding.{list,add,delete,move}`.

Sources: docs api-reference/crm/timeline/activities/binding/crm-activity-binding-*.md, php
modules/crm/lib/controller/activity/binding.php (the order of the checks; the whole list is read, changed and written
back, so that of two requests at once one undoes the other; errors of `CCrmActivity` are static, and what one update
leaves in them is told of every binding that is looked at later in the same request). A refused activity stands for
one whose rights refuse it.

Nobody looks whether an item is there, only whether it may be changed (php:
modules/crm/lib/Service/UserPermissions/EntityPermissions/Item.php `hasPermissions`): to an administrator that is true
of every item of a type that exists, to others of none that is gone. The documentation's `OWNER_NOT_FOUND`, and an error
for more bindings than there may be, stand behind switches.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from b24syncd.simulator.errors import ZERO, RestError, access_denied, not_found
from b24syncd.simulator.tables.activities import MOST_BINDINGS
from b24syncd.simulator.tables.activity_fields import ACTIVITY

from .binder import number
from .calls import Answer, Call, Method, Unfinished
from .rights import editable, exists, granted, readable

if TYPE_CHECKING:
    from b24syncd.simulator.tables.activities import Activity
    from b24syncd.simulator.tables.history import Who
    from b24syncd.simulator.tables.slugs import Ref
    from b24syncd.simulator.tables.state import PortalState

_NO_OWNER = ("OWNER_NOT_FOUND", "Owner of the element not found")
_ALREADY_BOUND = ("ACTIVITY_IS_ALREADY_BOUND", "Activity is already linked to this entity")
_NOT_BOUND = ("BINDING_NOT_FOUND", "Activity is not linked to this entity")
_LAST = ("LAST_BINDING_CANNOT_BE_DELETED", "Cannot delete the only one activity-to-entity link.")
_OTHER_TYPE = (
    "SOURCE_AND_TARGET_ENTITY_TYPES_ARE_NOT_EQUAL_ERROR",
    "Source and target entity types are not equal",
)
_SAME_ID = ("SOURCE_AND_TARGET_ENTITY_ID_ARE_EQUAL_ERROR", "Source and target entity ID cannot be equal")
_TOO_MANY = (ZERO, f"An activity can have {MOST_BINDINGS} bindings at most")


def rebind(portal: PortalState, activity: Activity, bindings: list[Ref], who: Who) -> None:
    """Write the bindings of an activity; the task that it mirrors follows."""
    portal.activities.rebind(activity, bindings, who)
    portal.tasks.follow(activity, who)


def _activity(call: Call, activity_id: int) -> Activity:
    activity = call.portal.activities.rows.get(activity_id)
    if activity is None:
        message = "Element not found"
        raise not_found(message)
    return activity


def _check_rights(call: Call, activity: Activity, *refs: Ref) -> None:
    portal = call.portal
    if portal.options.checks_owners and not all(exists(portal, ref) for ref in refs):
        raise RestError(*_NO_OWNER)
    allowed = all(granted(portal, ref) and editable(portal, ref) for ref in refs)
    if (ACTIVITY, activity.id) in portal.frozen or not allowed:
        raise access_denied()


def _check_errors(call: Call) -> None:
    """php: `getExistingBindings` takes any error for its own; only the next update or addition clears them."""
    if call.activity_errors:
        raise RestError(ZERO, call.activity_errors[-1])


def _list(call: Call) -> Answer:
    activity = _activity(call, number(call, "activityId"))
    _check_errors(call)
    shown = [ref for ref in activity.bindings if readable(call.portal, ref)]
    return Answer([{"entityTypeId": type_id, "entityId": item_id} for type_id, item_id in shown])


def _one(call: Call) -> tuple[Activity, Ref]:
    """Return what `add` and `delete` are about, after everything that is checked before the bindings are read."""
    activity_id = number(call, "activityId")
    ref = (number(call, "entityTypeId"), number(call, "entityId"))
    activity = _activity(call, activity_id)
    _check_rights(call, activity, ref)
    _check_errors(call)
    return activity, ref


def _add(call: Call) -> Unfinished:
    activity, ref = _one(call)
    return _written(call, activity, _with(call, activity.bindings, ref))


def _delete(call: Call) -> Unfinished:
    activity, ref = _one(call)
    left = _without(activity.bindings, ref)
    if not left:
        raise RestError(*_LAST)
    return _written(call, activity, left)


def _move(call: Call) -> Unfinished:
    activity_id = number(call, "activityId")
    source = (number(call, "sourceEntityTypeId"), number(call, "sourceEntityId"))
    target = (number(call, "targetEntityTypeId"), number(call, "targetEntityId"))
    activity = _activity(call, activity_id)
    _check_rights(call, activity, source, target)
    # php: the ids first, whatever the types
    if source[1] == target[1]:
        raise RestError(*_SAME_ID)
    if source[0] != target[0]:
        raise RestError(*_OTHER_TYPE)
    _check_errors(call)
    return _written(call, activity, _without(_with(call, activity.bindings, target, room=1), source))


def _with(call: Call, bindings: list[Ref], ref: Ref, *, room: int = 0) -> list[Ref]:
    if ref in bindings:
        raise RestError(*_ALREADY_BOUND)
    if len(bindings) >= MOST_BINDINGS + room and not call.portal.options.trims_bindings:
        call.activity_errors.append(_TOO_MANY[1])
        raise RestError(*_TOO_MANY)
    return [*bindings, ref]


def _without(bindings: list[Ref], ref: Ref) -> list[Ref]:
    if ref not in bindings:
        raise RestError(*_NOT_BOUND)
    return [other for other in bindings if other != ref]


def _written(call: Call, activity: Activity, bindings: list[Ref]) -> Unfinished:
    """Return the write; between what it read and itself another request may write."""
    activities = call.portal.activities
    read = list(activity.bindings)
    activities.watch.begins(activity.id)
    return Unfinished(
        partial(activities.holds.wait, activity.id),
        partial(_finish, call, activity, read, bindings),
        partial(activities.watch.ends, activity.id),
    )


def _finish(call: Call, activity: Activity, read: list[Ref], bindings: list[Ref]) -> Answer:
    portal = call.portal
    if activity.id not in portal.activities.rows:
        message = "Element not found"
        raise not_found(message)
    portal.activities.watch.overtaken(activity.id, read, activity.bindings, bindings)
    rebind(portal, activity, bindings, "api")
    portal.history.saves += 1
    return Answer(result=True)


METHODS = {
    f"crm.activity.binding.{name}": Method(("crm",), handler)
    for name, handler in (("list", _list), ("add", _add), ("delete", _delete), ("move", _move))
}
