"""Who shares a phone or an e-mail: the portal's search for duplicates.

It answers ids only, at most 20 of a type, so one call is made for each item and kind, always for one type (docs:
api-reference/crm/duplicates/crm-duplicate-find-by-comm.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.snapshots import PointKind
from b24syncd.portal.wire.commands import Command

from .source_rows import ids_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.snapshots import ContactPoint

MOST_FOUND = 20
"""So many hits mean that there may be more."""

_MOST_VALUES = 20
"""Further values of one call are left out without an error."""


def search_for(points: Iterable[ContactPoint], target: EntityType) -> list[Command]:
    """Return the commands that search for items of a type which share any of these contact points."""
    held = tuple(points)
    commands: list[Command] = []
    for kind in PointKind:
        values = list(dict.fromkeys(point.value for point in held if point.kind is kind and point.value.strip()))
        commands.extend(
            Command(
                "crm.duplicate.findbycomm",
                {
                    "entity_type": target.value.upper(),
                    "type": kind.value,
                    "values": values[first : first + _MOST_VALUES],
                },
            )
            for first in range(0, len(values), _MOST_VALUES)
        )
    return commands


def ids_found(result: object, target: EntityType) -> tuple[int, ...]:
    """Return the ids of a search's answer; nothing found is an empty list."""
    return ids_in(result.get(target.value.upper())) if isinstance(result, dict) else ()
