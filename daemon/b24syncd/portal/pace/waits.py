"""What is waited for at the moment, in words and by its cause, since when, and how long in all."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from b24syncd.clock import Clock


_strand: ContextVar[str] = ContextVar("strand", default="")
"""What goes on by itself, beside all else, and is at work here."""


class WaitCause(StrEnum):
    """Why something waits; part of the outside, as metrics tell it."""

    REQUEST_LIMIT = "request_limit"
    """The portal's request limit, and what of it is left to others."""
    OPERATING_TIME = "operating_time"
    """The operating time of a method, or the first answer that tells what one costs."""
    PORTAL = "portal"
    """The portal is away, or answers with faults."""
    LOST_ANSWERS = "lost_answers"
    """What a request did that was not answered is not to be judged before the portal must have cut it."""
    PERSON = "person"
    """A safety limit wants a person to look first."""
    CHANGES = "changes"
    """Nothing is to be done until something changes."""
    COMMANDS = "commands"
    """Nobody asks for anything."""


@dataclass(frozen=True, slots=True)
class Wait:
    """What is waited for, the monotonic instant since when, why, and until when it takes where that is known."""

    what: str
    since: float
    cause: WaitCause
    until: float | None = None


class Waits:
    """Everything that is being waited for; the latest is told.

    Every request waits for its turn, if only for a moment, so that `changed_at` is a sign of life. `signs` has the last
    one of each strand that is `running`.
    """

    def __init__(self, clock: Clock) -> None:
        """Wait for nothing yet."""
        self._clock = clock
        self._waits: list[Wait] = []
        self._spent = dict.fromkeys(WaitCause, 0.0)
        self._number: Counter[WaitCause] = Counter()
        self._began: dict[WaitCause, float] = {}
        self.changed_at = clock.monotonic()
        self.signs: dict[str, float] = {}

    @contextmanager
    def running(self, strand: str) -> Iterator[None]:
        """Expect signs of life of a strand of this name, from this context and the tasks that begin in it."""
        before = _strand.set(strand)
        self.signs[strand] = self._clock.monotonic()
        try:
            yield
        finally:
            _strand.reset(before)
            self.signs.pop(strand, None)

    def sign(self) -> None:
        """Take note of a sign of life of what is at work here."""
        if (strand := _strand.get()) in self.signs:
            self.signs[strand] = self._clock.monotonic()

    def _change(self) -> None:
        self.changed_at = self._clock.monotonic()
        self.sign()

    @property
    def latest(self) -> Wait | None:
        """What was begun to be waited for last, None when nothing is."""
        return self._waits[-1] if self._waits else None

    @property
    def foremost(self) -> Wait | None:
        """What takes longest of all that has a known end; the latest where nothing has, None when nothing is."""
        ending = [wait for wait in self._waits if wait.until is not None]
        return max(ending, key=lambda wait: wait.until or 0.0) if ending else self.latest

    @contextmanager
    def on(
        self, cause: WaitCause, what: str, *, since: float | None = None, seconds: float | None = None
    ) -> Iterator[None]:
        """Tell `what` for as long as the block runs; it may be the last of several waits that began earlier.

        `seconds` is how long it takes at most, where that is known.
        """
        self._change()
        until = None if seconds is None else self.changed_at + seconds
        wait = Wait(what, self.changed_at if since is None else since, cause, until)
        self._waits.append(wait)
        try:
            with self.spending(cause):
                yield
        finally:
            self._waits.remove(wait)
            self._change()

    @contextmanager
    def spending(self, cause: WaitCause) -> Iterator[None]:
        """Count the seconds of the block, and tell nothing of it."""
        self._number[cause] += 1
        self._began.setdefault(cause, self._clock.monotonic())
        try:
            yield
        finally:
            self._number[cause] -= 1
            if not self._number[cause]:
                self._spent[cause] += self._clock.monotonic() - self._began.pop(cause)

    def seconds(self) -> dict[WaitCause, float]:
        """Return for how long each cause was waited for; what several waited for at once counts once."""
        now = self._clock.monotonic()
        return {cause: spent + now - self._began.get(cause, now) for cause, spent in self._spent.items()}
