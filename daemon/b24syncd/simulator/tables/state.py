"""What the portal consists of: tables, limits, webhook, history, and the one way in which items change.

Sources: php modules/crm/lib/controller/item.php (an update that changes nothing is not saved and does not touch
`updatedTime`), docs limits.md, docs local-integrations/local-webhooks.md.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from . import item_births
from .access import Access
from .activities import Activities
from .applications import Applications
from .categories import Categories
from .currencies import currencies
from .event_names import told_of_item
from .fields import CONTACT, DEAL, ENTITY_NAMES, LEAD, SMART_INVOICE, SmartType, fields_of
from .history import Edit, History, Notification, Who
from .limits import OperatingLimit, RequestLimit
from .match_codes import MatchCodes
from .model import Item, Point, PointChange, Table
from .offline_events import OfflineEvents
from .options import CUSTOM_FIELDS, Options
from .payments import Payments
from .people import people_of
from .product_rows import ProductRows
from .statuses import Statuses, stages_name
from .tasks import Tasks
from .user_fields import UserFields
from .user_zone import UserZone
from .values import id_list, listed_ids, walled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .binding_truth import BindingTruth
    from .payment_truth import PaymentTruth
    from .slugs import Ref
    from .truth import Truth
    from .values import Value

__all__ = ["CUSTOM_FIELDS", "Options", "PortalState"]

_Where = tuple[str, int | None]


class PortalState:
    """All that one simulated portal knows. `clock` answers unix seconds."""

    def __init__(self, options: Options | None = None, *, clock: Callable[[], float] = time.time) -> None:
        """Begin with an empty portal."""
        self.options = options or Options()
        self.clock = clock
        self.zone = _zone(self.options.time_zone, self.options.utc_offset_hours)
        self.live_in(self.options.user_time_zone, self.options.user_utc_offset_hours)
        self.requests = RequestLimit(self.options.burst, self.options.per_second)
        self.operating = OperatingLimit(self.options.operating_seconds, self.options.operating_window_seconds)
        self.costs = dict(self.options.costs)
        self.offline_events = OfflineEvents(clock)
        self.history = History(tell=self.offline_events.happened)
        self.smart_types = list(self.options.smart_types)
        smart = (one.entity_type_id for one in self.smart_types)
        self.tables = {
            type_id: Table(type_id, fields_of(type_id)) for type_id in (*ENTITY_NAMES, SMART_INVOICE, *smart)
        }
        self.user_fields = UserFields(self.tables, self.options.language, self.options.custom_fields)
        self.frozen: set[tuple[int, int]] = set()
        """What may be read but not changed: items, activities (type 6), tasks (type 1000)."""
        self.hidden: set[tuple[int, int]] = set()
        """Items that may not even be read."""
        self.vanishing: set[tuple[int, int]] = set()
        """Items that somebody deletes once a list has found their ids, before it reads them."""
        self.access = access_of(self.options)
        self.applications = Applications(clock)
        self.notifications: list[Notification] = []
        self.statuses = Statuses(self.options.pipelines)
        self.categories = Categories(self.options.language)
        for number in range(1, self.options.pipelines + 1):
            self.categories.add(DEAL, f"Pipeline {number}")
        for smart_type in (*(one.entity_type_id for one in self.smart_types), SMART_INVOICE):
            self._add_stages(smart_type)
        self.currencies = currencies(self.options.language)
        self.card_layouts: dict[tuple[str, int], list[Any]] = {}
        """How cards are arranged, by the name of the option and the user, 0 for what is common to all."""
        self.product_rows = ProductRows()
        self.people = people_of(self.options.user_id)
        self.codes = MatchCodes()
        self.activities = Activities(self.history, clock)
        self.tasks = Tasks(self.activities, self.history, clock, lambda: self.frozen)
        self.binding_truth: list[BindingTruth] = []
        self.payments = Payments(self.history, clock, self.zone)
        self.payment_truth: dict[Ref, PaymentTruth] = {}
        self.field_truth: dict[Ref, dict[str, Value]] = {}
        """What is meant by messy fields of items, by their names."""
        self.truth: dict[tuple[int, int], list[Truth]] = {}
        self.meanings: dict[str, tuple[str, ...] | None] = {}
        self._last_point_id = 0

    def begin_points_at(self, number: int) -> None:
        """Give the next contact point the id that follows this number."""
        self._last_point_id = number

    def add_smart_type(self, smart: SmartType) -> None:
        """Make a smart process."""
        self.smart_types.append(smart)
        self.tables[smart.entity_type_id] = Table(smart.entity_type_id, fields_of(smart.entity_type_id))
        self._add_stages(smart.entity_type_id)

    def _add_stages(self, entity_type_id: int) -> None:
        first = self.categories.add_default(entity_type_id)
        entity = stages_name(entity_type_id, first.id)
        self.statuses.add_stages(entity, f"DT{entity_type_id}_{first.id}", first.id, f"{first.name}: stages")

    def add_pipeline(self, name: str, stages: str, sort: int = 500, *, entity_type_id: int = DEAL) -> int:
        """Make another pipeline with stages of its own, as `Statuses.add_stages` takes them; return its id."""
        made = self.categories.add(entity_type_id, name, sort)
        prefix = f"C{made.id}" if entity_type_id == DEAL else f"DT{entity_type_id}_{made.id}"
        self.statuses.add_stages(stages_name(entity_type_id, made.id), prefix, made.id, name, stages)
        return made.id

    def live_in(self, time_zone: str | None, utc_offset_hours: float | None = None) -> None:
        """Give the webhook's user another zone, as their profile may; neither: the server's."""
        own = None
        if time_zone is not None or utc_offset_hours is not None:
            own = _zone(time_zone, utc_offset_hours or 0)
        self.user = UserZone(self.zone, own, lambda: self.now().timestamp())

    def now(self) -> datetime:
        """Return the present as the portal's clock on the wall shows it."""
        return datetime.fromtimestamp(self.clock(), self.zone)

    def told_now(self) -> datetime:
        """Return the present with the offset that times in answers of `crm.item.*` have: the server's, or another."""
        hours = self.options.told_utc_offset_hours
        return self.now() if hours is None else self.now().astimezone(timezone(timedelta(hours=hours)))

    def table(self, entity_type_id: int) -> Table:
        """Return the table of an entity type that exists."""
        return self.tables[entity_type_id]

    def find(self, entity_type_id: int, item_id: int) -> Item | None:
        """Return an item, or nothing."""
        table = self.tables.get(entity_type_id)
        return None if table is None else table.items.get(item_id)

    def create(
        self,
        entity_type_id: int,
        values: dict[str, Value],
        points: Iterable[PointChange],
        who: Who,
        at: int | None = None,
    ) -> Item:
        """Add an item; `at` dates it back. A contact gets a name, unless it is told one, even ""."""
        table = self.tables[entity_type_id]
        second = walled(int(self.clock()) if at is None else at, self.zone)
        known = item_births.moments(table, second) | self._pipeline(table) | values
        item = Item(entity_type_id, table.new_id(), second, second, _with_contacts(table, known))
        if who == "api" or (entity_type_id == CONTACT and not values.keys() & {"name", "lastName"}):
            item.values.update(item_births.named(item, table, self.options.language))
        for change in points:
            self._change_point(item, change, who)
        table.insert(item)
        self.codes.register(item)
        self._tell(item, "Add", who)
        return item

    def _pipeline(self, table: Table) -> dict[str, Value]:
        default = self.categories.default_of(table.entity_type_id)
        return {} if default is None else {"categoryId": default.id}

    def change(self, item: Item, values: Mapping[str, Value], points: Iterable[PointChange], who: Who) -> bool:
        """Change fields and multifields; return whether anything changed, only then is the item saved and touched."""
        changed = False
        for name, value in _with_contacts(self.tables[item.entity_type_id], values).items():
            before = item.values.get(name)
            if before != value:
                item.values[name] = value
                self._record(item, who, (name, None), before, value)
                changed = True
                if name == "stageId" and "movedTime" in self.tables[item.entity_type_id].names:
                    item.values["movedTime"] = walled(int(self.clock()), self.zone)
        for change in points:
            changed |= self._change_point(item, change, who)
        if changed:
            self.codes.register(item)
            self.tables[item.entity_type_id].touch(item, walled(int(self.clock()), self.zone))
            self._tell(item, "Update", who)
        return changed

    def delete(self, item: Item, who: Who) -> None:
        """Delete an item with all its entries and its place among the bindings of activities."""
        for point in item.points.values():
            self._record(item, who, (point.type_id, point.id), point.value, None)
        self.tables[item.entity_type_id].remove(item)
        self.codes.forget(item)
        self.activities.item_gone((item.entity_type_id, item.id), who)
        self.payments.item_gone((item.entity_type_id, item.id))
        self.product_rows.item_gone((item.entity_type_id, item.id))
        self._tell(item, "Delete", who)

    def read(self, found: list[Item]) -> list[Item]:
        """Return what a list shows of items that it found: it reads them once more.

        Php: modules/crm/lib/Service/Factory.php `getItems`.
        """
        for item in [one for one in found if (one.entity_type_id, one.id) in self.vanishing]:
            self.delete(item, "person")
        return [one for one in found if one.id in self.tables[one.entity_type_id].items]

    def _tell(self, item: Item, doing: str, who: Who) -> None:
        for event, fields in told_of_item(item.entity_type_id, item.id, doing):
            self.history.tell(event, fields, who)

    def _change_point(self, item: Item, change: PointChange, who: Who) -> bool:
        point = None if change.point_id is None else item.points.get(change.point_id)
        if change.value == "":
            if point is None:
                return False
            del item.points[point.id]
            self._record(item, who, (point.type_id, point.id), point.value, None)
            return True
        if point is None:
            self._last_point_id += 1
            point = Point(self._last_point_id, change.type_id, change.value_type or "", change.value, change.country)
            item.points[point.id] = point
            self._record(item, who, (point.type_id, point.id), None, point.value)
            return True
        before = (point.value, point.value_type)
        if point.value != change.value:
            self._record(item, who, (point.type_id, point.id), point.value, change.value)
        point.value, point.country = change.value, change.country
        if change.value_type:
            point.value_type = change.value_type
        return before != (point.value, point.value_type)

    def _record(self, item: Item, who: Who, where: _Where, before: Value, after: Value) -> None:
        name, point_id = where
        old, new = (None if value is None else str(value) for value in (before, after))
        self.history.record(Edit(self.clock(), who, item.entity_type_id, item.id, name, point_id, old, new))


def access_of(options: Options) -> Access:
    """Return what a portal with these options begins with."""
    access = Access(options.scopes)
    if options.leads == "refused":
        access.withdraw(LEAD)
    return access


def _zone(name: str | None, utc_offset_hours: float) -> tzinfo:
    return ZoneInfo(name) if name else timezone(timedelta(hours=utc_offset_hours))


def _with_contacts(table: Table, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values with `contactId` and `contactIds` agreeing: the first of the list is the main contact."""
    agreed = dict(values)
    if "contactIds" not in table.names or "contactId" not in table.names:
        return agreed
    if "contactIds" in agreed:
        agreed["contactId"] = next(iter(listed_ids(agreed["contactIds"])), None)
    elif "contactId" in agreed:
        agreed["contactIds"] = id_list([int(agreed["contactId"] or 0)])
    return agreed
