"""The types that a daemon may read: one whose right is withdrawn lists nothing, as if nothing changed any more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.domain.conditions import ConditionKind
from b24syncd.errors import Rejected
from b24syncd.feeders import poll
from b24syncd.portal.paging import highest_ids
from b24syncd.portal.wire.commands import Priority
from b24syncd.portal.wire.faults import is_final
from b24syncd.store import cursors

from .conditions import of_type

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    import sqlite_utils

    from b24syncd.domain.entities import EntityType
    from b24syncd.feeders.pages import Feed, Position

    from .conditions import Conditions
    from .context import WholeRun
    from .startup import Readable

_EVERY_SECONDS = 30.0


@dataclass(slots=True)
class TypeWatch:
    """Asks now and then which of the types may be read, and takes note of each other one until it is seen again.

    A list that was read since a type was seen last proves nothing, as the right may have been missing by then. So once
    it is refused, its cursors go back to where they stood then.
    """

    run: WholeRun
    conditions: Conditions
    refused: dict[EntityType, str] = field(default_factory=dict)
    _positions: dict[str, Position] = field(default_factory=dict)
    _looked_at: float = float("-inf")

    async def begin(self, found: Readable, feeds: Iterable[Feed]) -> None:
        """Take in what was found out at the start."""
        self._looked_at = self.run.clock.monotonic()
        await self._settle_cursors(feeds, frozenset(), found.highest_ids)
        self._note(found.refused, ConditionKind.TYPE_REFUSED)
        self._note(found.off, ConditionKind.TYPE_OFF)

    async def look(self, feeds: Sequence[Feed]) -> None:
        """Ask again where it is some time ago; a refusal that no document knows is left to who meets it in polling."""
        now = self.run.clock.monotonic()
        wanted = tuple(dict.fromkeys(feed.entity_type for feed in feeds if feed.scans))
        if not wanted or now - self._looked_at < _EVERY_SECONDS:
            return
        self._looked_at = now
        found = await highest_ids(self.run.client, wanted, priority=Priority.LIVE, vocabulary=self.run.vocabulary)
        before = self.refused.keys() & found.keys()
        for entity_type, answer in found.items():
            self.refused.pop(entity_type, None)
            if isinstance(answer, Rejected) and is_final(answer.code):
                self._note({entity_type: str(answer)}, of_type(answer))
            else:
                self.conditions.pass_by(_where(entity_type))
        seen = {entity_type for entity_type, answer in found.items() if not isinstance(answer, Rejected)}
        await self._settle_cursors(feeds, self.refused.keys() - before, seen)

    async def _settle_cursors(
        self, feeds: Iterable[Feed], lost: Collection[EntityType], seen: Collection[EntityType]
    ) -> None:
        """Set back the cursors of types that are `lost`; remember where those of `seen` ones stand."""
        names = {poll.cursor_name(feed.name): feed.entity_type for feed in feeds}
        back = {name: self._positions[name] for name, of in names.items() if of in lost and name in self._positions}
        now = self.run.clock.now()

        def settle(db: sqlite_utils.Database) -> dict[str, Position]:
            for name, position in back.items():
                cursors.set_back(db, name, position, now=now)
            return {name: found for name in names if (found := cursors.get(db, name)) is not None}

        database = self.run.database
        positions = await (database.write(settle) if back else database.read(settle))
        self._positions |= {name: position for name, position in positions.items() if names[name] in seen}

    def _note(self, refused: Mapping[EntityType, str], kind: ConditionKind) -> None:
        self.refused |= refused
        for entity_type, detail in refused.items():
            self.conditions.meet(_where(entity_type), kind, entity_type.value, detail)


def _where(entity_type: EntityType) -> str:
    return f"type {entity_type.value}"
