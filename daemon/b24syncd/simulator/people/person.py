"""A person who edits in the portal meanwhile: at exact places between two commands, by the clock, or at random."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING

from b24syncd.simulator.methods.items import saved_points
from b24syncd.simulator.methods.smart_types import has_payments
from b24syncd.simulator.seeds import mess
from b24syncd.simulator.tables.activity_fields import ACTIVITY
from b24syncd.simulator.tables.fields import WITH_MULTIFIELDS
from b24syncd.simulator.tables.model import PointChange

from .edits import Action, PersonEdit, Trigger, item_named
from .payments import handled, random_payment, typed
from .rebinds import random_rebind, rebound

if TYPE_CHECKING:
    from b24syncd.simulator.errors import RestError
    from b24syncd.simulator.methods.calls import Call
    from b24syncd.simulator.tables.model import Item
    from b24syncd.simulator.tables.state import PortalState

__all__ = ["Action", "Habit", "Person", "PersonEdit", "Trigger"]


@dataclass(slots=True)
class _Planned:
    trigger: Trigger
    edits: tuple[PersonEdit, ...]
    matched: int = 0
    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """A random person: before a command with `probability` an edit, with `near` of the very item it names."""

    seed: int
    probability: float = 0.05
    near: float = 0.5
    most: int | None = None


@dataclass(slots=True)
class Person:
    """The watcher that carries out scripted edits and random ones."""

    portal: PortalState
    planned: list[_Planned] = field(default_factory=list)
    _habit: Habit | None = None
    _rng: Random = field(default_factory=lambda: Random(0))  # noqa: S311 - has to be repeatable
    _random_edits: int = 0

    def plan(self, trigger: Trigger, *edits: PersonEdit) -> None:
        """Script edits for a moment."""
        self.planned.append(_Planned(trigger, edits))

    def take_habit(self, habit: Habit | None) -> None:
        """Edit at random from now on; `None` stops."""
        self._habit = habit
        self._random_edits = 0
        if habit is not None:
            self._rng = Random(habit.seed)  # noqa: S311 - has to be repeatable

    def clear(self) -> None:
        """Forget every script and habit."""
        self.planned.clear()
        self.take_habit(None)

    def before(self, call: Call) -> RestError | None:
        """Edit before a command takes effect."""
        self._pass(call, "before")
        self._indulge(call)
        return None

    def after(self, call: Call) -> RestError | None:
        """Edit right after a command took effect."""
        self._pass(call, "after")
        return None

    def look_at_clock(self) -> None:
        """Carry out what is due by the clock."""
        now = self.portal.clock()
        for planned in self.planned:
            if not planned.done and planned.trigger.at is not None and planned.trigger.at <= now:
                self._carry_out(planned)

    def edit(self, edit: PersonEdit) -> bool:
        """Make one edit now; return whether there was something to edit."""
        if edit.rebinds or edit.pays:
            done = rebound(self.portal, edit) if edit.rebinds else handled(self.portal, edit)
            self.portal.history.person_edits += done
            return done
        item = self.portal.find(edit.entity_type_id, edit.item_id)
        if item is None:
            return False
        if edit.canonical is not None:
            self.portal.meanings[edit.value] = edit.canonical or None
        changed = True
        match edit.action:
            case Action.DELETE_ITEM:
                self.portal.delete(item, "person")
            case Action.SET_FIELD:
                values = typed(self.portal, self.portal.table(edit.entity_type_id), edit)
                changed = self.portal.change(item, values, (), "person")
            case _:
                change = _point_change(item, edit)
                points = [] if change is None else _chosen(change, saved_points(self.portal, item, [change], {}))
                changed = self.portal.change(item, {}, points, "person")
        if changed and edit.late and edit.action is not Action.DELETE_ITEM:
            self.portal.table(edit.entity_type_id).touch(item, int(self.portal.clock() - edit.late))
        self.portal.history.person_edits += changed
        return changed

    def _pass(self, call: Call, moment: str) -> None:
        self.look_at_clock()
        for planned in self.planned:
            if not planned.done and planned.trigger.fits(call, moment):
                planned.matched += 1
                if planned.matched == planned.trigger.nth:
                    self._carry_out(planned)

    def _carry_out(self, planned: _Planned) -> None:
        planned.done = True
        for edit in planned.edits:
            self.edit(edit)

    def _indulge(self, call: Call) -> None:
        habit = self._habit
        if habit is None or (habit.most is not None and self._random_edits >= habit.most):
            return
        if self._rng.random() >= habit.probability:
            return
        type_id, item_id = item_named(call)
        if type_id == ACTIVITY and item_id is not None and self._rng.random() < habit.near:
            rebind = random_rebind(self.portal, self._rng, item_id)
            self._random_edits += rebind is not None and self.edit(rebind)
            return
        item = self._item_nearby(call, habit)
        if item is not None and self._is_paid(item):
            self._random_edits += self.edit(random_payment(self.portal, self._rng, (item.entity_type_id, item.id)))
        elif item is not None:
            self._random_edits += self.edit(_random_edit(self._rng, item))

    def _is_paid(self, item: Item) -> bool:
        table = self.portal.table(item.entity_type_id)
        return has_payments(self.portal, item.entity_type_id) and not table.has_points

    def _item_nearby(self, call: Call, habit: Habit) -> Item | None:
        type_id, item_id = item_named(call)
        if type_id in self.portal.tables and item_id is not None and self._rng.random() < habit.near:
            return self.portal.find(type_id, item_id)
        table = self.portal.table(self._rng.choice(WITH_MULTIFIELDS))
        return table.items[self._rng.choice(table.ids)] if table.ids else None


def _point_change(item: Item, edit: PersonEdit) -> PointChange | None:
    if edit.action is Action.ADD:
        return PointChange(None, edit.type_id, edit.value_type or "WORK", edit.value, edit.country)
    of_type = [point.id for point in item.points.values() if point.type_id == edit.type_id]
    point_id = edit.point_id if edit.point_id is not None else next(iter(of_type), None)
    if point_id not in item.points:
        return None
    value = "" if edit.action is Action.DELETE else edit.value
    return PointChange(point_id, item.points[point_id].type_id, edit.value_type, value, edit.country)


def _random_edit(rng: Random, item: Item) -> PersonEdit:
    action = rng.choice((Action.CHANGE, Action.CHANGE, Action.ADD, Action.DELETE, Action.SET_FIELD))
    points = [point for point in item.points.values() if point.type_id in ("PHONE", "EMAIL")]
    if action in (Action.CHANGE, Action.DELETE) and not points:
        action = Action.ADD
    point = rng.choice(points) if points and action is not Action.ADD else None
    type_id = point.type_id if point else rng.choice(("PHONE", "EMAIL"))
    entry = mess.some(rng, mess.PHONES if type_id == "PHONE" else mess.EMAILS)
    return PersonEdit(
        action=action,
        entity_type_id=item.entity_type_id,
        item_id=item.id,
        point_id=point.id if point else None,
        type_id=type_id,
        value=entry.value,
        canonical=entry.canonical or (),
    )


def _chosen(change: PointChange, done: list[PointChange]) -> list[PointChange]:
    """Return what a change does with the country that the person chose beside the phone."""
    return [replace(one, country=change.country) for one in done]
