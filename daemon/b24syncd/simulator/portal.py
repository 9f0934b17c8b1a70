"""The simulated portal as a whole: what it knows, the faults that lie in wait, the person who edits meanwhile."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .faults import FaultScript
from .people.person import Person
from .tables.state import Options, PortalState

if TYPE_CHECKING:
    from collections.abc import Callable

    from .methods.calls import Watcher

__all__ = ["Options", "Portal"]


class Portal(PortalState):
    """A portal with its `faults` and its `person`; `watchers` see every command pass, in their order."""

    def __init__(self, options: Options | None = None, *, clock: Callable[[], float] = time.time) -> None:
        """Begin with an empty portal where nobody does anything."""
        super().__init__(options, clock=clock)
        self.faults = FaultScript(self.history.faults)
        self.person = Person(self)
        self.watchers: list[Watcher] = [self.person, self.faults]
