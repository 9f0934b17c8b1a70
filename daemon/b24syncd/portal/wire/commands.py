"""What is asked of the portal, and what became of it: plain values that every part above the client shares."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

from b24syncd.errors import Rejected

from .phpquery import Reference

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Answered",
    "Command",
    "Deferred",
    "Outcome",
    "Priority",
    "Reference",
    "Refused",
    "Timing",
    "Unknown",
]


class Priority(IntEnum):
    """Whose turn it is when a limit lets only some requests through; lower goes first."""

    LIVE = 0
    BACKFILL = 1


@dataclass(frozen=True, slots=True)
class Command:
    """One call of a REST method; `params` holds only what JSON can say."""

    method: str
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Timing:
    """The `time` object of an answer: the server's unix times, and the method's operating time summed so far.

    `utc_offset` is that of the clock on the server's wall, in seconds; None where it is not told. It may have begun
    `slack` seconds later than was told, and have lasted as much shorter.
    """

    started_at: float
    finished_at: float
    duration: float
    operating: float | None = None
    operating_reset_at: float | None = None
    utc_offset: float | None = None
    slack: float = 0.0

    def not_before(self, instant: float | None) -> Timing:
        """Return the same where it is known that it had not begun before an instant."""
        if not self.slack or instant is None or instant <= self.started_at:
            return self
        latest = min(self.started_at + self.slack, self.finished_at)
        started_at = min(instant, latest)
        return replace(self, started_at=started_at, duration=self.finished_at - started_at, slack=latest - started_at)

    def begun_at(self, instant: float) -> Timing:
        """Return the same where it is known that it had begun at an instant, if it can have."""
        return replace(self.not_before(instant), slack=0.0)


@dataclass(frozen=True, slots=True)
class Answered:
    """The command was executed; `result` is as the portal sent it."""

    result: object
    timing: Timing | None = None
    total: int | None = None
    next: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The portal refused this command for good and did nothing."""

    code: str
    description: str

    @property
    def rejected(self) -> Rejected:
        """The refusal as an error that can be raised."""
        return Rejected(self.code, self.description)


@dataclass(frozen=True, slots=True)
class Deferred:
    """The command was certainly not executed; it may be sent again after `delay` seconds."""

    delay: float


@dataclass(frozen=True, slots=True)
class Unknown:
    """The command may or may not have been executed: read before anything is written again."""

    reason: str


Outcome = Answered | Refused | Deferred | Unknown
