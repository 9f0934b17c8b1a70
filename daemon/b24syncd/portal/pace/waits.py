"""What requests wait for at the moment, in words, and since when."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from b24syncd.clock import Clock


@dataclass(frozen=True, slots=True)
class Wait:
    """What is waited for, and the monotonic instant since when."""

    what: str
    since: float


class Waits:
    """Everything that is being waited for; the latest is told.

    Every request waits for its turn, if only for a moment, so that `changed_at` is a sign of life.
    """

    def __init__(self, clock: Clock) -> None:
        """Wait for nothing yet."""
        self._clock = clock
        self._waits: list[Wait] = []
        self.changed_at = clock.monotonic()

    @property
    def latest(self) -> Wait | None:
        """What was begun to be waited for last, None when nothing is."""
        return self._waits[-1] if self._waits else None

    @contextmanager
    def on(self, what: str, *, since: float | None = None) -> Iterator[None]:
        """Tell `what` for as long as the block runs; it may be the last of several waits that began earlier."""
        self.changed_at = self._clock.monotonic()
        wait = Wait(what, self.changed_at if since is None else since)
        self._waits.append(wait)
        try:
            yield
        finally:
            self._waits.remove(wait)
            self.changed_at = self._clock.monotonic()
