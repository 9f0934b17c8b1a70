"""Signs: what answers, and their absence, tell of the portal and of others who ask it from this address."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from b24syncd.clock import Clock


_LONG: Final = 30.0
"""Seconds: few requests take as long at a portal that is well, and none while others are answered."""

_SILENT: Final = f"the portal has not answered a request for more than {_LONG:.0f} s"


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeps the portal from being reached, and the monotonic instant since when."""

    detail: str
    since: float


@dataclass(frozen=True, slots=True)
class Foreign:
    """The operating seconds of a method that others on this address have spent, of what the portal allows."""

    method: str
    seconds: float
    limit: float


class Signs:
    """What was met last; instants are those of the monotonic clock, None where there was none."""

    def __init__(self, clock: Clock, foreign_operating: Callable[[], Foreign | None]) -> None:
        """Begin without any; `foreign_operating` tells of which method others spend most."""
        self._clock = clock
        self.foreign_operating = foreign_operating
        self.answered_at: float | None = None
        self.fault: Fault | None = None
        self.foreign_at: float | None = None
        self.foreign = 0
        """How many requests were refused for others' sake: our own never fill the portal's bucket."""
        self._waiting: dict[object, float] = {}

    def answered(self) -> None:
        """Take in an answer, whatever it says."""
        self.answered_at, self.fault = self._clock.monotonic(), None

    def failed(self, detail: str) -> None:
        """Take in that a request found no portal; it is away since the first of several in a row."""
        since = self._clock.monotonic() if self.fault is None else self.fault.since
        self.fault = Fault(detail, since)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Take in that a request waits for its answer, for as long as the context lasts."""
        request = object()
        self._waiting[request] = self._clock.monotonic()
        try:
            yield
        finally:
            del self._waiting[request]

    @property
    def silence(self) -> Fault | None:
        """What hangs long before it times out: a request that waits while nothing is answered, since it left."""
        since = min(self._waiting.values(), default=None)
        if since is None or self._clock.monotonic() - since <= _LONG:
            return None
        return None if self.answered_at is not None and self.answered_at > since else Fault(_SILENT, since)

    def refused_for_others(self) -> None:
        """Take in that the portal refused a request for there being too many from this address."""
        self.foreign += 1
        self.foreign_at = self._clock.monotonic()
