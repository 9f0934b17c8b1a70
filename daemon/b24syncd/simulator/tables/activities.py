"""The activities of the portal with their bindings, found by binding, by owner and by the task they mirror.

Sources: php modules/crm/classes/general/crm_activity.php `Update` (every update sets LAST_UPDATED, also one that
changes nothing), `appendOwnerFromBindings`, `SaveBindings` (a binding is kept once), and
classes/mysql/crm_activity.php `DoSaveBindings` (the whole list is written anew), `trimBindingsArray`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .activity_fields import ACTIVITY, DEFAULTS, FIELDS
from .binding_watch import BindingWatch
from .event_names import ACTIVITY_EVENT
from .fields import COMPANY, CONTACT
from .history import Edit
from .holds import Holds
from .model import Item, Table
from .slugs import slugs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .history import History, Who
    from .slugs import Ref
    from .values import Value

MOST_BINDINGS = 100


@dataclass(frozen=True, slots=True)
class Communication:
    """The phone or address that an activity went to or came from, and whose it is."""

    id: int
    type_id: str
    value: str
    entity: Ref


@dataclass(slots=True)
class Activity(Item):
    """A call, a mail, a to-do, the mirror of a task: its fields, and the items it is bound to, in order."""

    bindings: list[Ref] = field(default_factory=list)
    communications: list[Communication] = field(default_factory=list)

    @property
    def owner(self) -> Ref:
        """The item that the activity says it belongs to."""
        return int(self.values.get("ownerTypeId") or 0), int(self.values.get("ownerId") or 0)

    @property
    def task_id(self) -> int:
        """The task that this activity mirrors, 0 for none."""
        mirrors = self.values.get("providerId") in ("CRM_TASKS_TASK", "TASKS")
        return int(self.values.get("associatedEntityId") or 0) if mirrors else 0


def owner_among(bindings: list[Ref]) -> Ref:
    """Return the last binding that is neither a contact nor a company, else the first; one alone is the owner."""
    return next((ref for ref in reversed(bindings) if ref[0] not in (CONTACT, COMPANY)), bindings[0])


def trimmed(bindings: list[Ref]) -> list[Ref]:
    """Return as many bindings as an activity may have; of more than those, the ones with the lowest ids go."""
    if len(bindings) <= MOST_BINDINGS:
        return bindings
    return sorted(bindings, key=lambda ref: ref[1], reverse=True)[:MOST_BINDINGS]


class Activities:
    """All activities of one portal."""

    def __init__(self, history: History, clock: Callable[[], float]) -> None:
        """Begin without any."""
        self.table = Table(ACTIVITY, fields=FIELDS)
        self.rows: dict[int, Activity] = {}
        self.by_binding: defaultdict[Ref, set[int]] = defaultdict(set)
        self.by_owner: defaultdict[Ref, set[int]] = defaultdict(set)
        self.by_task: dict[int, int] = {}
        self.watch = BindingWatch(history, clock)
        self.holds = Holds()
        self._history = history
        self._clock = clock
        self._last_communication_id = 0

    def create(
        self,
        values: Mapping[str, Value],
        bindings: Iterable[Ref],
        who: Who,
        *,
        communications: Iterable[tuple[str, str, Ref]] = (),
        at: int | None = None,
    ) -> Activity:
        """Add an activity; its owner is its first binding unless the values name another, `at` dates it back."""
        second = int(self._clock()) if at is None else at
        kept = list(dict.fromkeys(bindings))
        owner_type_id, owner_id = kept[0]
        whole = DEFAULTS | {"ownerTypeId": owner_type_id, "ownerId": owner_id} | dict(values)
        activity = Activity(ACTIVITY, self.table.new_id(), second, second, whole, {}, kept)
        self.communicate(activity, communications)
        self.rows[activity.id] = activity
        self.table.insert(activity)
        self._index(activity)
        self._record(activity, who, [], kept)
        self._tell(activity, "Add", who)
        return activity

    def change(self, activity: Activity, values: Mapping[str, Value], who: Who) -> None:
        """Change fields; also a change to the same values touches the activity."""
        for name, value in values.items():
            before = activity.values.get(name)
            if before != value:
                old, new = (None if part is None else str(part) for part in (before, value))
                self._history.record(Edit(self._clock(), who, ACTIVITY, activity.id, name, None, old, new))
                activity.values[name] = value
        self.table.touch(activity, int(self._clock()))
        self._tell(activity, "Update", who)

    def communicate(self, activity: Activity, communications: Iterable[tuple[str, str, Ref]]) -> None:
        """Replace an activity's communications, given as (type, value, whose)."""
        activity.communications.clear()
        for type_id, value, entity in communications:
            self._last_communication_id += 1
            activity.communications.append(Communication(self._last_communication_id, type_id, value, entity))

    def rebind(self, activity: Activity, bindings: Iterable[Ref], who: Who) -> None:
        """Write the whole list of bindings anew; the owner is chosen among them, before too many are dropped."""
        before, after = activity.bindings, list(dict.fromkeys(bindings))
        self._unindex(activity)
        activity.values["ownerTypeId"], activity.values["ownerId"] = owner_among(after)
        activity.bindings = after = trimmed(after)
        self._index(activity)
        self.table.touch(activity, int(self._clock()))
        self._tell(activity, "Update", who)
        if set(before) != set(after):
            self._record(activity, who, before, after)
            self.watch.rebound(activity.id, before, after, who)

    def remove(self, activity: Activity, who: Who) -> None:
        """Delete an activity."""
        self._unindex(activity)
        self._record(activity, who, activity.bindings, [])
        self.watch.removed(activity.id, activity.bindings, who)
        del self.rows[activity.id]
        self.table.remove(activity)
        self._tell(activity, "Delete", who)

    def item_gone(self, ref: Ref, who: Who) -> None:
        """Unbind everything from a deleted item; what was bound to nothing else goes with it."""
        for activity_id in sorted(self.by_binding.get(ref, ())):
            activity = self.rows[activity_id]
            left = [other for other in activity.bindings if other != ref]
            if not left:
                self.remove(activity, who)
                continue
            self._unindex(activity)
            before, activity.bindings = activity.bindings, left
            if activity.owner == ref:
                activity.values["ownerTypeId"], activity.values["ownerId"] = left[0]
            self._index(activity)
            self._record(activity, who, before, left)

    def _index(self, activity: Activity) -> None:
        for ref in activity.bindings:
            self.by_binding[ref].add(activity.id)
        self.by_owner[activity.owner].add(activity.id)
        if task_id := activity.task_id:
            self.by_task[task_id] = activity.id

    def _unindex(self, activity: Activity) -> None:
        for ref in activity.bindings:
            self.by_binding[ref].discard(activity.id)
        self.by_owner[activity.owner].discard(activity.id)
        if self.by_task.get(activity.task_id) == activity.id:
            del self.by_task[activity.task_id]

    def _tell(self, activity: Activity, doing: str, who: Who) -> None:
        self._history.tell(f"{ACTIVITY_EVENT}{doing}", {"ID": activity.id}, who)

    def _record(self, activity: Activity, who: Who, before: list[Ref], after: list[Ref]) -> None:
        edit = Edit(self._clock(), who, ACTIVITY, activity.id, "bindings", None, slugs(before), slugs(after))
        self._history.record(edit)
