"""The types that a daemon may read: one whose right is withdrawn lists nothing, as if nothing changed any more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.domain.conditions import ConditionKind
from b24syncd.errors import Rejected
from b24syncd.portal.paging import highest_ids
from b24syncd.portal.wire.commands import Priority
from b24syncd.portal.wire.faults import is_final

from .conditions import of_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from b24syncd.domain.entities import EntityType

    from .conditions import Conditions
    from .context import WholeRun
    from .startup import Readable

_EVERY_SECONDS = 30.0
"""Less than a poll reads again of what it has passed, so that nothing is lost of what changed meanwhile."""


@dataclass(slots=True)
class TypeWatch:
    """Asks now and then which of the types may be read, and takes note of each other one until it is seen again."""

    run: WholeRun
    conditions: Conditions
    refused: dict[EntityType, str] = field(default_factory=dict)
    _looked_at: float = float("-inf")

    def begin(self, found: Readable) -> None:
        """Take in what was found out at the start."""
        self._looked_at = self.run.clock.monotonic()
        self._note(found.refused, ConditionKind.TYPE_REFUSED)
        self._note(found.off, ConditionKind.TYPE_OFF)

    async def look(self, types: Iterable[EntityType]) -> None:
        """Ask again where it is some time ago; a refusal that no document knows is left to who meets it in polling."""
        now = self.run.clock.monotonic()
        wanted = tuple(dict.fromkeys(types))
        if not wanted or now - self._looked_at < _EVERY_SECONDS:
            return
        self._looked_at = now
        found = await highest_ids(self.run.client, wanted, priority=Priority.LIVE, vocabulary=self.run.vocabulary)
        self.refused = {}
        for entity_type, answer in found.items():
            if isinstance(answer, Rejected) and is_final(answer.code):
                self._note({entity_type: str(answer)}, of_type(answer))
            else:
                self.conditions.pass_by(_where(entity_type))

    def _note(self, refused: Mapping[EntityType, str], kind: ConditionKind) -> None:
        self.refused |= refused
        for entity_type, detail in refused.items():
            self.conditions.meet(_where(entity_type), kind, entity_type.value, detail)


def _where(entity_type: EntityType) -> str:
    return f"type {entity_type.value}"
