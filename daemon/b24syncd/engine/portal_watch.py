"""What the portal had before and has no more: types that list nothing, fields that vanished or changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.store import portal_facts

from .safety import Limit
from .tally import Count

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlite_utils

    from b24syncd.domain.entities import EntityType

    from .context import RunContext, WholeRun

_EVERY_SECONDS = 10.0


async def compare_types(run: WholeRun, highest: Mapping[EntityType, int]) -> None:
    """Stop the run where a type that had items lists none; remember the highest ids otherwise.

    A whole type that lists nothing is an accident until a person says no.
    """
    now = {entity_type.value: highest_id for entity_type, highest_id in highest.items()}

    def compare(db: sqlite_utils.Database) -> list[str]:
        before = portal_facts.types(db)
        empty = [name for name, highest_id in now.items() if not highest_id and before.get(name)]
        if empty and not run.safety.passes(Limit.EMPTY):
            return empty
        portal_facts.remember_types(db, now)
        return []

    empty = await run.database.write(compare)
    if empty:
        told = f"the portal lists no {', '.join(empty)} any more, though it had some"
        told += "; look at the portal and at the rights of the user that b24syncd works as, or go on with --continue"
        run.safety.stop(Limit.EMPTY, told)


@dataclass(slots=True)
class RequirementWatch:
    """Stops a walk whose field vanished or changed its type: what is written into such a one is dropped silently."""

    run: RunContext
    _looked_at: float = float("-inf")
    _failed: int = 0

    async def look(self) -> None:
        """Look again where it is some time ago, or something failed since."""
        needs = [one for one in self.run.kind.requirements if one.stops_walks]
        now, failed = self.run.clock.monotonic(), self.run.tally[Count.FAILED]
        if not needs or (now - self._looked_at < _EVERY_SECONDS and failed == self._failed):
            return
        self._looked_at, self._failed = now, failed
        for one in needs:
            problems = await one.check()
            if problems:
                told = "; ".join(map(str, problems))
                self.run.safety.stop(Limit.FIELD, f"a field that {one.name} relies on: {told}")
