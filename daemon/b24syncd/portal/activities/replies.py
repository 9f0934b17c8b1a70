"""From the portal's JSON to typed values: activities and their bindings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from b24syncd.domain.activities import Activity
from b24syncd.domain.bindings import Binding
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.portal.wire.replies import FIRST_YEAR, LAST_YEAR, UnexpectedReply, id_from, whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping

ACTIVITY_FIELDS = (
    "ID",
    "TYPE_ID",
    "PROVIDER_ID",
    "ASSOCIATED_ENTITY_ID",
    "DIRECTION",
    "COMPLETED",
    "CREATED",
    "LAST_UPDATED",
)
"""What is selected of an activity (docs: crm/timeline/activities/activity-base/crm-activity-fields.md)."""

_MIRROR, _OLD_MIRROR = "CRM_TASKS_TASK", 3
"""What mirrors a task, whose id is in `ASSOCIATED_ENTITY_ID`: activities of this provider (php:
modules/crm/lib/activity/provider/tasks/task.php), and of this type on older portals (provider/task.php). Comments of
tasks have a provider of their own and are no mirrors."""

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """What a list shows of an activity: all but its bindings, which are in no answer of `crm.activity.*`."""

    ref: EntityRef
    updated_at: datetime
    activity: Activity


def parse_activities(result: object, _read_at: float = 0.0) -> tuple[ActivityRow, ...]:
    """Parse the result of `crm.activity.list`, a list.

    A filter by bindings answers a row for each binding that fits: of neighbours with the same id one is kept.
    """
    if not isinstance(result, list):
        message = "the answer to crm.activity.list is no list"
        raise UnexpectedReply(message)
    rows: list[ActivityRow] = []
    for entry in result:
        row = _parse_activity(entry)
        if not rows or rows[-1].ref != row.ref:
            rows.append(row)
    return tuple(rows)


def _parse_activity(row: Any) -> ActivityRow:  # noqa: ANN401 # JSON as it came
    try:
        ref = EntityRef(EntityType.ACTIVITY, id_from(row["ID"]))
        provider = str(row.get("PROVIDER_ID") or "")
        type_id = _number(row, "TYPE_ID")
        is_mirror = provider == _MIRROR or type_id == _OLD_MIRROR
        activity = Activity(
            provider=provider,
            type_id=type_id,
            direction=_number(row, "DIRECTION"),
            completed=row.get("COMPLETED") == "Y",
            created_at=_moment(row, "CREATED"),
            task_id=(_number(row, "ASSOCIATED_ENTITY_ID") or None) if is_mirror else None,
        )
        return ActivityRow(ref, _moment(row, "LAST_UPDATED"), activity)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        message = "an activity came without a usable id, type or time"
        raise UnexpectedReply(message) from error


def _number(row: Mapping[str, Any], name: str) -> int:
    return whole_number(row.get(name) or 0)


def _moment(row: Mapping[str, Any], name: str) -> datetime:
    text = row.get(name)
    if not text:
        return _NEVER
    moment = datetime.fromisoformat(text)
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        message = "a time that is none of a calendar"
        raise ValueError(message)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_bindings(result: object) -> tuple[Binding, ...]:
    """Parse the result of `crm.activity.binding.list`, in ascending order.

    It leaves out what this user may not read (php: modules/crm/lib/controller/activity/binding.php `listAction`).
    """
    if not isinstance(result, list):
        message = "the answer to crm.activity.binding.list is no list"
        raise UnexpectedReply(message)
    try:
        return tuple(sorted({Binding(id_from(row["entityTypeId"]), id_from(row["entityId"])) for row in result}))
    except (KeyError, TypeError, ValueError) as error:
        message = "a binding came without a usable type or id"
        raise UnexpectedReply(message) from error
