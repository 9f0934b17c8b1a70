"""A list of moves against the portal, before anything is written: the items and the activities that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.activities import ActivitySnapshot
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.rules import ListedItem
from b24syncd.errors import Problem

from .destinations import Targets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from b24syncd.domain.bindings import Binding
    from b24syncd.domain.rules import BindingRule
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.wire.commands import Priority
    from b24syncd.portal.writes import Read

    from .subjects import Activities

_UNSEEN = "correct the line or take it out, or let the user that b24syncd works as read it"


async def check_moves(
    client: PortalClient,
    activities: Activities,
    moves: Mapping[Binding, tuple[BindingRule, ...]],
    *,
    priority: Priority,
) -> tuple[Problem, ...]:
    """Return what is wrong with moves on this portal, by the names of their rules; reads only.

    An activity that is already where it is to go is no fault: a list may be worked through twice.
    """
    listed = [(source, rule, rule.to) for source, rules in moves.items() for rule in rules]
    lines = [(source, rule, to) for source, rule, to in listed if isinstance(to, ListedItem)]
    offers = await Targets(client).checked(
        [(rule, (source, to.target), (), False) for source, rule, to in lines], priority=priority
    )
    named = [EntityRef(EntityType.ACTIVITY, to.activity_id) for _, _, to in lines if to.activity_id is not None]
    read = await activities.read(named, priority=priority)
    problems: list[Problem] = []
    for (source, rule, to), offer in zip(lines, offers, strict=True):
        problems += [
            Problem(rule.name, f"there is no {missing}, or it may not be read", _UNSEEN) for missing in offer.missing
        ]
        if to.activity_id is not None and not offer.missing:
            problems += _activity_problems(rule.name, source, to.target, to.activity_id, read)
    return tuple(problems)


def _activity_problems(name: str, source: Binding, target: Binding, activity_id: int, read: Read) -> Iterator[Problem]:
    snapshot = read.found.get(EntityRef(EntityType.ACTIVITY, activity_id))
    if not isinstance(snapshot, ActivitySnapshot):
        yield Problem(name, f"there is no activity {activity_id}, or it may not be read", _UNSEEN)
    elif source not in snapshot.state.bindings and target not in snapshot.state.bindings:
        there = ", ".join(map(str, snapshot.state.bindings)) or "nothing"
        message = f"activity {activity_id} is not bound to {source} but to {there}"
        yield Problem(name, message, "correct the line or take it out")
