"""Signs: what answers, and their absence, tell of the portal and of others who ask it from this address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from b24syncd.clock import Clock


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeps the portal from being reached, and the monotonic instant since when."""

    detail: str
    since: float


class Signs:
    """What was met last; instants are those of the monotonic clock, None where there was none."""

    def __init__(self, clock: Clock, foreign_operating: Callable[[], tuple[str, float] | None]) -> None:
        """Begin without any; `foreign_operating` tells of which method others spend most, with their seconds."""
        self._clock = clock
        self.foreign_operating = foreign_operating
        self.answered_at: float | None = None
        self.fault: Fault | None = None
        self.foreign_at: float | None = None
        self.foreign = 0
        """How many requests were refused for others' sake: our own never fill the portal's bucket."""

    def answered(self) -> None:
        """Take in an answer, whatever it says."""
        self.answered_at, self.fault = self._clock.monotonic(), None

    def failed(self, detail: str) -> None:
        """Take in that a request found no portal; it is away since the first of several in a row."""
        since = self._clock.monotonic() if self.fault is None else self.fault.since
        self.fault = Fault(detail, since)

    def refused_for_others(self) -> None:
        """Take in that the portal refused a request for there being too many from this address."""
        self.foreign += 1
        self.foreign_at = self._clock.monotonic()
