"""How far a run has come at one moment, for whoever shows it: here, or at the other end of a socket."""

# No `from __future__ import annotations`: pydantic reads the annotations, as a part of what a daemon tells.
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import floor
from typing import Final, Protocol

HANDED_OVER: Final = "handed over"
QUEUED: Final = "waiting for another command"
"""The phases of a command that was handed over to a daemon and has not begun."""


@dataclass(frozen=True, slots=True)
class HowFar:
    """How far a run has come.

    `share` is the share of the whole that is settled, 1 only at the end of all. `settled` items are done, `read_ahead`
    are read and not done; `rate` is how many were done per second of the last minutes, waiting included. `eta_seconds`
    is None as long as nobody can tell. What a preview counts as corrected would be.
    """

    phase: str
    share: float = 0.0
    eta_seconds: float | None = None
    waiting_for: str | None = None
    waiting_until: datetime | None = None
    rate: float | None = None
    settled: int = 0
    read_ahead: int = 0
    requests: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    is_preview: bool = False

    @property
    def percent(self) -> float:
        """The share in percent, rounded down: what is not done is never told as done."""
        return floor(1000 * self.share) / 10


class Watching(Protocol):
    """What can be asked how far it is."""

    def now(self) -> HowFar:
        """Return how far it is at this moment."""
