"""What the scripted person does to activities and tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.simulator.methods.bindings import rebind
from b24syncd.simulator.tables.activity_fields import ACTIVITY
from b24syncd.simulator.tables.fields import CONTACT, DEAL
from b24syncd.simulator.tables.slugs import parse, slug

from .edits import Action, PersonEdit

if TYPE_CHECKING:
    from random import Random

    from b24syncd.simulator.tables.state import PortalState


def rebound(portal: PortalState, edit: PersonEdit) -> bool:
    """Do to an activity or a task what a person does in its card; return whether there was something to do.

    The rights of the webhook's user do not matter to them, and the last binding stays.
    """
    refs = [ref for text in edit.value.split(",") if (ref := parse(text)) is not None]
    if edit.action is Action.SET_LINKS:
        task = portal.tasks.rows.get(edit.item_id)
        if task is not None:
            portal.tasks.change(task, {}, refs, "person")
        return task is not None
    activity = portal.activities.rows.get(edit.item_id)
    if activity is None:
        return False
    if edit.action is Action.DELETE_ITEM:
        portal.activities.remove(activity, "person")
        portal.tasks.mirror_gone(activity, "person")
        return True
    kept = [ref for ref in activity.bindings if edit.action is Action.BIND or ref not in refs]
    after = [*kept, *refs] if edit.action is Action.BIND else kept
    if after:
        rebind(portal, activity, after, "person")
        if edit.late:
            portal.activities.table.touch(activity, int(portal.clock() - edit.late))
    return bool(after)


def random_rebind(portal: PortalState, rng: Random, activity_id: int) -> PersonEdit | None:
    """Return a random change of an activity's bindings: one more, or one less."""
    activity = portal.activities.rows.get(activity_id)
    table = portal.table(rng.choice((CONTACT, DEAL)))
    if activity is None:
        return None
    if len(activity.bindings) > 1 and rng.random() < 0.5:  # noqa: PLR2004 - as often this as that
        action, ref = Action.UNBIND, rng.choice(activity.bindings)
    elif table.ids:
        action, ref = Action.BIND, (table.entity_type_id, rng.choice(table.ids))
    else:
        return None
    return PersonEdit(action=action, entity_type_id=ACTIVITY, item_id=activity_id, value=slug(ref))
