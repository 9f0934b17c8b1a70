"""How a batch of witnessed writes is put together: in groups behind one list each, and in units of their own. Pure."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from b24syncd.portal.pace.governor import MOST_COMMANDS
from b24syncd.portal.pace.group_sizes import ALONE, SMALLEST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Member = tuple[str | None, int]
    """What may be in one group: the kind of an item, None for one that goes by itself; and how long its unit is."""

BEFORE_UPDATES = 1
"""Commands in front of the updates of a group: their list."""


def sizes_of(members: Sequence[Member], most: Mapping[str, int], commands: int = MOST_COMMANDS) -> tuple[int, ...]:
    """Return the sizes of the groups in which the first members leave, in their order, as many as `commands` hold.

    A size of 1 is a unit by itself. A group holds neighbours of one kind, at `most` so many.
    """
    sizes: list[int] = []
    for kind, neighbours in groupby(members, key=lambda member: member[0]):
        left = [length for _, length in neighbours]
        while left:
            size = ALONE if kind is None else min(most.get(kind, ALONE), len(left), commands - BEFORE_UPDATES)
            size = size if size >= SMALLEST else ALONE
            needed = left[0] if size == ALONE else size + BEFORE_UPDATES
            if needed > commands:
                return tuple(sizes)
            sizes.append(size)
            commands -= needed
            del left[:size]
    return tuple(sizes)


def fitting_in(sizes: Sequence[int], members: Sequence[Member], commands: int) -> int:
    """Return how many of the members of these groups the first `commands` of them hold."""
    fitting = 0
    for size in sizes:
        length = members[fitting][1]
        if size == ALONE:
            if length > commands:
                break
            commands -= length
            fitting += 1
        else:
            fitting += max(0, min(size, commands - BEFORE_UPDATES))
            if commands < size + BEFORE_UPDATES:
                break
            commands -= size + BEFORE_UPDATES
    return fitting
