"""Lists of moves for the activities of a portal, and what the watch over their bindings has to know of them."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tests.engine.rebinding import listed

from b24syncd.domain.moves import SOURCES, Move

if TYPE_CHECKING:
    from b24syncd.simulator.portal import Portal
    from b24syncd.simulator.tables.slugs import Ref


class Routes:
    """Where activities may go: along rules and lists, and back when these are undone."""

    def __init__(self, portal: Portal) -> None:
        """Let the portal's watch expect nothing yet."""
        self._portal = portal
        self._joined: dict[Ref, set[Ref]] = {}

    def join(self, source: Ref, target: Ref) -> None:
        """Let activities go from one item to the other, and back, also over several steps at once."""
        joined = self._joined.get(source, {source}) | self._joined.get(target, {target})
        for ref in joined:
            self._joined[ref] = joined
            self._portal.activities.watch.expect(ref, *(joined - {ref}))

    def some(self, seed: int) -> tuple[Move, ...]:
        """Return a list for some of the activities: for one of an item, or for all of them."""
        portal, rng = self._portal, Random(seed)  # noqa: S311 # has to be repeatable
        everywhere = [(type_id, item_id) for type_id in SOURCES for item_id in portal.table(type_id).ids]
        chosen: dict[tuple[Ref, Ref], int | None] = {}
        rows = sorted(portal.activities.rows)
        for activity_id in rng.sample(rows, min(len(rows), rng.randint(1, 3))):
            source = rng.choice(portal.activities.rows[activity_id].bindings)
            target = rng.choice(everywhere)
            if source != target and source[0] in SOURCES:
                chosen[source, target] = rng.choice((None, activity_id))
        for source, target in chosen:
            self.join(source, target)
        moves = zip(listed(*chosen), chosen.values(), strict=True)
        return tuple(Move(move.line, move.source, move.target, activity_id) for move, activity_id in moves)
