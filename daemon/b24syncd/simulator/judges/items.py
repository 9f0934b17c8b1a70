"""Whether the portal ended as it should: against the truth, and against what a person wrote meanwhile."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from b24syncd.simulator.tables import binding_truth
from b24syncd.simulator.tables.activity_fields import ACTIVITY
from b24syncd.simulator.tables.slugs import slug
from b24syncd.simulator.tables.truth import expected

if TYPE_CHECKING:
    from b24syncd.simulator.tables.binding_truth import Story
    from b24syncd.simulator.tables.model import Item
    from b24syncd.simulator.tables.state import PortalState


def actual(item: Item) -> Counter[tuple[str, str]]:
    """Return the (type, value) entries an item has."""
    return Counter((point.type_id, point.value) for point in item.points.values())


def mistakes(portal: PortalState, types: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Return what differs between the portal and the truth, over items that no person edited; `types` narrows it."""
    found = []
    for (entity_type_id, item_id), truths in portal.truth.items():
        if any(edit.who == "person" for edit in portal.history.edits_of(entity_type_id, item_id)):
            continue
        item = portal.find(entity_type_id, item_id)
        right, there = expected(truths), Counter() if item is None else actual(item)
        missing, surplus = _listed(right - there, types), _listed(there - right, types)
        if missing or surplus:
            found.append({"entityTypeId": entity_type_id, "id": item_id, "missing": missing, "surplus": surplus})
    return found


def _listed(entries: Counter[tuple[str, str]], types: tuple[str, ...]) -> list[list[str]]:
    return [[type_id, value] for type_id, value in entries.elements() if not types or type_id in types]


def lost_values(portal: PortalState) -> list[dict[str, Any]]:
    """Return the values that a person wrote last into an entry, of known meaning, that are not there any more."""
    lost = []
    for (entity_type_id, item_id), edits in portal.history.edits.items():
        item = portal.find(entity_type_id, item_id)
        by_person = [edit for edit in edits if edit.who == "person" and edit.point_id is not None]
        if item is None or not by_person:
            continue
        there = set(actual(item))
        taken_away = {edit.before for edit in by_person}
        last = {edit.point_id: edit for edit in by_person}
        for edit in last.values():
            if edit.after is None or edit.after not in portal.meanings or (edit.name, edit.after) in there:
                continue
            wanted = portal.meanings[edit.after] or (edit.after,)
            gone = [value for value in wanted if (edit.name, value) not in there and value not in taken_away]
            if gone:
                lost.append({"entityTypeId": entity_type_id, "id": item_id, "wrote": edit.after, "lost": gone})
    return lost


def misplaced(
    portal: PortalState, target: str, story: Story, *, copy: bool = False, tasks: bool = False
) -> list[dict[str, Any]]:
    """Return the activities of a story that are not where they belong, without those that a person rebound."""
    found = []
    for truth in portal.binding_truth:
        edits = portal.history.edits_of(ACTIVITY, truth.activity_id)
        if truth.story != story or any(edit.who == "person" for edit in edits):
            continue
        activity = portal.activities.rows.get(truth.activity_id)
        there = frozenset(activity.bindings) if activity else frozenset()
        right = binding_truth.expected(truth, target, copy=copy, tasks=tasks)
        if there != right:
            is_, must_be = (sorted(slug(ref) for ref in refs) for refs in (there, right))
            found.append({"activity": truth.activity_id, "is": is_, "must_be": must_be})
    return found
