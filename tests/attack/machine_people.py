"""What people do in the portal of the state machine."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from tests.attack import field_promises
from tests.attack.attacks import ACTIONS, SEEDS, WITNESSED
from tests.attack.machine_begin import Beginning
from tests.attack.promises import items

from b24syncd.simulator.methods.classic_points import takes_email
from b24syncd.simulator.people.payments import random_payment
from b24syncd.simulator.people.person import Action, PersonEdit, Trigger
from b24syncd.simulator.people.rebinds import random_rebind
from b24syncd.simulator.seeds import mess
from b24syncd.simulator.tables.activity_fields import ACTIVITY
from b24syncd.simulator.tables.fields import CONTACT, DEAL, ENTITY_NAMES, WITH_MULTIFIELDS
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from b24syncd.simulator.tables.model import Item


class People(Beginning):
    """Edits between runs, and in the middle of them."""

    @precondition(lambda self: bool(items(self.scenario.portal)))
    @rule(choice=SEEDS, action=ACTIONS, seed=SEEDS)
    def person(self, choice: int, action: Action | str, seed: int) -> None:
        self.scenario.portal.person.edit(self._edit(choice, action, seed))

    @precondition(lambda self: bool(items(self.scenario.portal)))
    @rule(choice=SEEDS, action=ACTIONS, seed=SEEDS, moment=st.sampled_from(["before", "after"]), command=WITNESSED)
    def person_meanwhile(self, choice: int, action: Action | str, seed: int, moment: str, command: str) -> None:
        edit = self._edit(choice, action, seed)
        self.scenario.portal.person.plan(self._at(command, moment, edit, seed), edit)

    def _at(self, command: str, moment: str, edit: PersonEdit, seed: int) -> Trigger:
        """Return the moment of a command about an item that is edited, or of a list of its type."""
        name = ENTITY_NAMES[edit.entity_type_id] if self._is_classic_for(seed) else "item"
        item_id = None if command == "list" else edit.item_id
        method = f"crm.{name}.{command}"
        return Trigger(method=method, moment=moment, entity_type_id=edit.entity_type_id, item_id=item_id)

    @rule(type_id=st.sampled_from(WITH_MULTIFIELDS), seed=SEEDS)
    def person_makes(self, type_id: int, seed: int) -> None:
        """Make an item."""
        portal, rng = self.scenario.portal, Random(seed)  # noqa: S311 # has to be repeatable
        entries = [("PHONE", mess.some(rng, mess.PHONES)), ("EMAIL", mess.some(rng, mess.EMAILS))]
        portal.meanings.update((entry.value, entry.canonical) for _, entry in entries)
        points = [PointChange(None, kind, "WORK", entry.value) for kind, entry in entries]
        portal.create(type_id, {}, points, "person")
        portal.history.person_edits += 1

    @precondition(lambda self: self.others == "fields")
    @rule(choice=SEEDS, seed=SEEDS, moment=st.sampled_from(["", "before", "after"]), command=WITNESSED)
    def person_writes(self, choice: int, seed: int, moment: str, command: str) -> None:
        """Write into a field that rules are for, now or in the moment of a command about the item."""
        portal, rng = self.scenario.portal, Random(seed)  # noqa: S311 # has to be repeatable
        ids = portal.table(CONTACT).ids
        if not ids:
            return
        name, value = field_promises.typed(rng)
        item_id = ids[choice % len(ids)]
        edit = PersonEdit(action=Action.SET_FIELD, entity_type_id=CONTACT, item_id=item_id, name=name, value=value)
        if moment:
            portal.person.plan(self._at(command, moment, edit, seed), edit)
        else:
            portal.person.edit(edit)

    @precondition(lambda self: self.others in {"bindings", "payments"})
    @rule(choice=SEEDS, seed=SEEDS)
    def person_elsewhere(self, choice: int, seed: int) -> None:
        """Rebind an activity or handle a payment; or delete an activity or a deal."""
        portal, rng = self.scenario.portal, Random(seed)  # noqa: S311 # has to be repeatable
        type_id = ACTIVITY if self.others == "bindings" else DEAL
        ids = sorted(portal.activities.rows) if type_id == ACTIVITY else portal.table(DEAL).ids
        if not ids:
            return
        item_id = ids[choice % len(ids)]
        edit: PersonEdit | None
        if rng.random() < 0.2:
            edit = PersonEdit(action=Action.DELETE_ITEM, entity_type_id=type_id, item_id=item_id)
        elif type_id == ACTIVITY:
            edit = random_rebind(portal, rng, item_id)
        else:
            edit = random_payment(portal, rng, (DEAL, item_id))
        if edit is not None:
            portal.person.edit(edit)

    def _is_classic_for(self, seed: int) -> bool:
        """Tell by which family's command somebody comes in between; with both by either."""
        return self.is_classic or (self.is_both and seed % 2 == 1)

    def _edit(self, choice: int, action: Action | str, seed: int) -> PersonEdit:
        """Return a person's edit of one of the entries, or of an item that has none.

        Where the portal refuses malformed addresses, no person can type one, and nobody could give it back to them.
        """
        edit = self._any_edit(choice, action, seed)
        is_refused = self.is_classic and edit.type_id == "EMAIL" and edit.value and not takes_email(edit.value)
        return replace(edit, value="Someone@Example.COM", canonical=("someone@example.com",)) if is_refused else edit

    def _any_edit(self, choice: int, action: Action | str, seed: int) -> PersonEdit:
        of_all = list(items(self.scenario.portal).values())
        item = of_all[choice % len(of_all)]
        points = [point for point in item.points.values() if point.type_id in {"PHONE", "EMAIL"}]
        rng = Random(seed)  # noqa: S311 # has to be repeatable
        point = rng.choice(points) if points else None
        if point is None or action is Action.ADD:
            type_id = rng.choice(("PHONE", "EMAIL"))
            return self._typed(Action.ADD, item, rng, type_id=type_id)
        if action == "retype":
            return self._retyped(item, rng, point_id=point.id, type_id=point.type_id)
        assert isinstance(action, Action)
        return self._typed(action, item, rng, point_id=point.id, type_id=point.type_id)

    def _typed(self, action: Action, item: Item, rng: Random, **where: Any) -> PersonEdit:  # noqa: ANN401
        entry = mess.some(rng, mess.PHONES if where["type_id"] == "PHONE" else mess.EMAILS)
        if rng.random() < 0.2 and action is Action.CHANGE:
            known = sorted(one.value for one in item.points.values() if one.type_id == where["type_id"])
            meaning = self.scenario.portal.meanings.get(rng.choice(known))
            entry = mess.respelt(meaning[0]) if meaning else entry
        return PersonEdit(
            action=action,
            entity_type_id=item.entity_type_id,
            item_id=item.id,
            value=entry.value,
            canonical=entry.canonical or (),
            **where,
        )

    def _retyped(self, item: Item, rng: Random, **where: Any) -> PersonEdit:  # noqa: ANN401
        """Return what stood there before, typed once more."""
        edits = self.scenario.portal.history.edits_of(item.entity_type_id, item.id)
        texts = sorted({edit.after for edit in edits if edit.name == where["type_id"] and edit.after})
        return PersonEdit(
            action=Action.CHANGE,
            entity_type_id=item.entity_type_id,
            item_id=item.id,
            value=rng.choice(texts),
            **where,
        )
