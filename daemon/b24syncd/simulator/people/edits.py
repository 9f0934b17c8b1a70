"""What the scripted person does and when, as a test writes it down."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from b24syncd.simulator import php
from b24syncd.simulator.tables.activity_fields import ACTIVITY
from b24syncd.simulator.tables.fields import ENTITY_NAMES
from b24syncd.simulator.tables.payments import PAYMENT
from b24syncd.simulator.tables.tasks import TASK

if TYPE_CHECKING:
    from b24syncd.simulator.methods.calls import Call


class Action(StrEnum):
    """What the person does."""

    CHANGE = "change"
    ADD = "add"
    DELETE = "delete"
    SET_FIELD = "set_field"
    DELETE_ITEM = "delete_item"
    BIND = "bind"
    """Bind the activity `item_id` to the item named by `value` in short form, `CO_12`."""
    UNBIND = "unbind"
    SET_LINKS = "set_links"
    """Link the task `item_id` with the items named by `value`, `L_4,D_1`."""
    PAY = "pay"
    """Pay the payment `item_id` (of type 1001), or one of the item `item_id`; `value` may be the time of it."""
    UNPAY = "unpay"
    DELETE_PAYMENT = "delete_payment"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonEdit:
    """One edit of one item. `point_id` None means the item's first entry of `type_id`; `name` is a field's.

    `canonical` tells what a new value means (`()`: it must stay as it is; `None`: not told). `late` dates the change
    back by so many seconds, as a transaction does that is committed long after it began. `country` is what the person
    chooses beside a phone.
    """

    action: Action
    entity_type_id: int
    item_id: int
    point_id: int | None = None
    type_id: str = "PHONE"
    value_type: str | None = None
    value: str = ""
    name: str = "comments"
    canonical: tuple[str, ...] | None = None
    late: float = 0.0
    country: str = ""

    @property
    def rebinds(self) -> bool:
        """Whether this is about an activity or a task, not about an item."""
        return self.action in (Action.BIND, Action.UNBIND, Action.SET_LINKS) or self.entity_type_id == ACTIVITY

    @property
    def pays(self) -> bool:
        """Whether this is about a payment."""
        return self.action in (Action.PAY, Action.UNPAY, Action.DELETE_PAYMENT) or self.entity_type_id == PAYMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """When: `moment` (before or after) the `nth` command that fits, or `at` unix seconds of the portal's clock.

    A command fits by `method` (in a batch or alone), by the item it names (`entity_type_id`, `item_id`; only universal
    and classic commands name one, and those of activities, tasks and payments as types 6, 1000 and 1001; a list of
    payments names their item), and by its `position` in its batch (0 is the first); `None` fits always. With
    `or_listed` a list of items by their ids fits as well, if this item is asked for in it.
    """

    method: str | None = None
    moment: str = "before"
    nth: int = 1
    entity_type_id: int | None = None
    item_id: int | None = None
    position: int | None = None
    at: float | None = None
    or_listed: bool = False

    def fits(self, call: Call, moment: str) -> bool:
        """Return whether this command, at this moment, is one of those that count."""
        if self.at is not None or self.moment != moment:
            return False
        if self.or_listed and (self.entity_type_id, self.item_id) in listed(call):
            return True
        if self.method not in (None, call.method):
            return False
        if self.position not in (None, call.position):
            return False
        type_id, item_id = item_named(call)
        return self.entity_type_id in (None, type_id) and self.item_id in (None, item_id)


def listed(call: Call) -> set[tuple[int, int]]:
    """Return entity type and id of the items that a list asks for by their ids."""
    wanted = call.parameter("filter")
    ids = wanted.get("@id", ()) if call.method == "crm.item.list" and isinstance(wanted, dict) else ()
    type_id = php.integer(call.parameter("entitytypeid"))
    return {(type_id, php.integer(one)) for one in (ids.values() if isinstance(ids, dict) else ids)}


_OTHERS = (
    ("crm.activity.binding.", "activityid", ACTIVITY),
    ("crm.activity.", "id", ACTIVITY),
    ("tasks.task.", "taskid", TASK),
)


def item_named(call: Call) -> tuple[int | None, int | None]:
    """Return entity type and id of the item that a command names."""
    sent = call.parameter("id")
    item_id = None if sent is None or isinstance(sent, dict) else php.integer(sent)
    if call.method == "crm.item.payment.list":
        return php.integer(call.parameter("entitytypeid")), php.integer(call.parameter("entityid"))
    if call.method.startswith("crm.item.payment."):
        return PAYMENT, item_id
    if call.method.startswith("crm.item."):
        return php.integer(call.parameter("entitytypeid")), item_id
    for prefix, parameter, type_id in _OTHERS:
        sent = call.parameter(parameter)
        if call.method.startswith(prefix) and sent is not None and not isinstance(sent, dict):
            return type_id, php.integer(sent)
    for type_id, name in ENTITY_NAMES.items():
        if call.method.startswith(f"crm.{name}."):
            return type_id, item_id
    return None, None
