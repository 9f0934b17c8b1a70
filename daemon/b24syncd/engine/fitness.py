"""Fitness: whether what a kind of subjects needs of the portal is still there, looked at now and then during a walk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .safety import Limit
from .tally import Count

if TYPE_CHECKING:
    from .context import RunContext

_EVERY_SECONDS = 10.0


@dataclass(slots=True)
class Fitness:
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
