"""The tasks of the portal, and the activities that mirror them in the CRM.

A mirror follows the list `UF_CRM_TASK` of its task. Sources: php modules/crm/lib/activity/provider/tasks/task.php
(mirrors of today: `updateAssociatedEntity` writes bindings that were changed at the mirror back into the task, as far
as its rights reach) and provider/task.php (mirrors of old: nothing goes back, and every update of the task sets the
bindings anew); php modules/tasks/lib/integration/crm/timelinemanager.php (what an update of a task tells the CRM).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .activity_fields import NEVER, PROVIDER, fields_in
from .activity_fields import TASK as OLD_MIRROR
from .history import Edit
from .model import Item, Table
from .slugs import parse, slug

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .activities import Activities, Activity
    from .history import History, Who
    from .slugs import Ref
    from .values import Value

TASK = 1000
"""Marks tasks among the references of this simulation; to the CRM they are no type of their own."""

PENDING, COMPLETED, DECLINED = 2, 5, 7
_NAMES = {"CREATED_DATE": "createdTime", "CHANGED_DATE": "updatedTime"}
FIELDS = fields_in(
    """
ID integer!, PARENT_ID integer, TITLE string, DESCRIPTION text, MARK string, PRIORITY integer, STAGE_ID integer,
GROUP_ID integer, CREATED_BY user, CREATED_DATE datetime!, RESPONSIBLE_ID user, CHANGED_BY user!,
CHANGED_DATE datetime!, CLOSED_BY user!, CLOSED_DATE datetime!, DATE_START datetime, DEADLINE datetime,
START_DATE_PLAN datetime, END_DATE_PLAN datetime, XML_ID string, ALLOW_CHANGE_DEADLINE char, TASK_CONTROL char,
DESCRIPTION_IN_BBCODE char, STATUS integer
""",
    _NAMES,
)


@dataclass(slots=True)
class Task(Item):
    """A task: its fields, and the items it is linked with, in order."""

    links: list[Ref] = field(default_factory=list)


class Tasks:
    """All tasks of one portal. `frozen` tells which ones refuse to be written."""

    def __init__(
        self, activities: Activities, history: History, clock: Callable[[], float], frozen: Callable[[], set[Ref]]
    ) -> None:
        """Begin without any."""
        self.table = Table(TASK, fields=FIELDS)
        self.rows: dict[int, Task] = {}
        self._activities = activities
        self._history = history
        self._clock = clock
        self._frozen = frozen

    def create(
        self,
        values: Mapping[str, Value],
        links: Iterable[Ref],
        who: Who,
        *,
        at: int | None = None,
        old_mirror: bool = False,
    ) -> Task:
        """Add a task, and its mirror if it is linked with anything."""
        second = int(self._clock()) if at is None else at
        whole: dict[str, Value] = {"status": PENDING, "priority": 1, "groupId": 0, "description": "", **values}
        task = Task(TASK, self.table.new_id(), second, second, whole, {}, list(dict.fromkeys(links)))
        self.rows[task.id] = task
        self.table.insert(task)
        if task.links:
            self._mirror(task, who, old=old_mirror)
        return task

    def change(self, task: Task, values: Mapping[str, Value], links: Iterable[Ref] | None, who: Who) -> None:
        """Change a task; its mirror comes, follows and goes with the links."""
        before = dict(task.values), list(task.links)
        task.values.update(values)
        if links is not None:
            self._link(task, links, who)
        if before != (task.values, task.links):
            self.table.touch(task, int(self._clock()))
        mirror = self.mirror_of(task)
        if mirror is None:
            if task.links and task.links != before[1]:
                self._mirror(task, who)
            return
        if not task.links:
            self._activities.remove(mirror, who)
            return
        self._activities.change(mirror, _mirrored(task), who)
        old = mirror.values.get("providerId") == "TASKS"
        if old or set(task.links) != set(before[1]):
            self._activities.rebind(mirror, sorted(task.links) if old else task.links, who)

    def remove(self, task: Task, who: Who) -> None:
        """Delete a task with its mirror."""
        mirror = self.mirror_of(task)
        if mirror is not None:
            self._activities.remove(mirror, who)
        del self.rows[task.id]
        self.table.remove(task)

    def mirror_of(self, task: Task) -> Activity | None:
        """Return the activity that mirrors a task."""
        activity_id = self._activities.by_task.get(task.id)
        return None if activity_id is None else self._activities.rows[activity_id]

    def follow(self, mirror: Activity, who: Who) -> None:
        """Write back into the task what was changed at its mirror."""
        task = self.rows.get(mirror.task_id)
        if task is None or (TASK, task.id) in self._frozen():
            return
        completed = mirror.values.get("completed") == "Y"
        if completed is not (task.values["status"] in (COMPLETED, DECLINED)):
            task.values["status"] = COMPLETED if completed else PENDING
        task.values["title"] = mirror.values.get("subject")
        if mirror.values.get("providerId") != "TASKS" and set(mirror.bindings) != set(task.links):
            self._link(task, mirror.bindings, who)
        self.table.touch(task, int(self._clock()))

    def mirror_gone(self, mirror: Activity, who: Who) -> None:
        """Unlink the task of a mirror that was deleted (php: `processMovingToRecycleBin`)."""
        task = self.rows.get(mirror.task_id)
        if task is not None:
            self._link(task, (), who)

    def _link(self, task: Task, links: Iterable[Ref], who: Who) -> None:
        before, task.links = task.links, list(dict.fromkeys(links))
        old, new = (",".join(slug(ref) for ref in refs) for refs in (before, task.links))
        if old != new:
            self._history.record(Edit(self._clock(), who, TASK, task.id, "UF_CRM_TASK", None, old, new))

    def _mirror(self, task: Task, who: Who, *, old: bool = False) -> None:
        provider, provider_type = ("TASKS", "TASK") if old else ("CRM_TASKS_TASK", "TASKS_TASK")
        values = _mirrored(task) | {
            "typeId": OLD_MIRROR if old else PROVIDER,
            "providerId": provider,
            "providerTypeId": provider_type,
            "associatedEntityId": task.id,
            "authorId": task.values.get("createdBy"),
        }
        # php: leads and deals come first, to become the owner of an old mirror
        links = sorted(task.links) if old else task.links
        self._activities.create(values, links, who, at=task.created)


def links_in(slugs: Iterable[str]) -> list[Ref]:
    """Return the items that `UF_CRM_TASK` names; what it cannot hold is dropped without an error."""
    return [ref for text in slugs if (ref := parse(text)) is not None]


def _mirrored(task: Task) -> dict[str, Value]:
    done = task.values.get("status") in (COMPLETED, DECLINED)
    return {
        "subject": task.values.get("title"),
        "description": task.values.get("description"),
        "responsibleId": task.values.get("responsibleId"),
        "startTime": task.values.get("startDatePlan"),
        "endTime": task.values.get("endDatePlan"),
        "deadline": task.values.get("deadline") or NEVER,
        "completed": "Y" if done else "N",
        "status": 2 if done else 1,
    }
