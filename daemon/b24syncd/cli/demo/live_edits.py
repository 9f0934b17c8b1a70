"""What people do to items of the demonstration while changes are followed, and what is seen of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .programs import wait_for
from .text import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from b24syncd.domain.entities import EntityRef
    from b24syncd.simulator.people.person import PersonEdit

    from .portal import DemoPortal


@dataclass(frozen=True, slots=True)
class LiveEdit:
    """An edit of a person's, when what becomes of it can be seen, and what there is to see; `told` is what they do."""

    ref: EntityRef
    edit: PersonEdit
    told: str
    is_seen: Callable[[], bool]
    outcome: Callable[[], str]


def follow_edits(portal: DemoPortal, edits: Sequence[LiveEdit]) -> int:
    """Make all edits at once, show what becomes of each, and return how many they are."""
    began = portal.now()
    for one in edits:
        portal.edit(one.edit)
    for one in edits:
        say(f"{one.ref}: {one.told}")
        wait_for(one.is_seen, f"what becomes of {one.ref}")
        say(f"{one.outcome()}, {portal.now() - began:.1f} s later", start="    → ")
    return len(edits)
