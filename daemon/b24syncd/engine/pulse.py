"""The pulse of a daemon: how each of its loops is, for whoever asks. Instants are those of the monotonic clock."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from b24syncd.errors import B24SyncError, class_of
from b24syncd.portal.pace.waits import Wait, WaitCause

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from b24syncd.clock import Clock
    from b24syncd.portal.pace.waits import Waits

ROUNDS: Final = "rounds"
"""The loop that all others but commands and the sweep are a part of."""

COMMANDS: Final = "commands"
"""What others ask for through the daemon's socket."""

UPKEEP: Final = "upkeep"
SWEEP: Final = "sweep"
"""What walks everything again, beside the rounds."""
EVENTS: Final = "events"


def poll_of(feed: str) -> str:
    """Return the name of the loop that polls a feed."""
    return f"poll {feed}"


@dataclass(frozen=True, slots=True)
class LoopState:
    """How one loop is: when it last succeeded, how often it failed since, in a row, why, and what it waits for."""

    last_success: float | None = None
    failures: int = 0
    failing_since: float | None = None
    detail: str | None = None
    wait: Wait | None = None


@dataclass(frozen=True, slots=True)
class Pulse:
    """How all loops are, by their names; `portal` is what requests wait for, `last_sign` the last sign of life.

    `signs` are the last ones of what goes on side by side: rounds, the watch, each command that is executed at once.
    """

    last_sign: float
    loops: Mapping[str, LoopState] = field(default_factory=dict)
    portal: Wait | None = None
    signs: Mapping[str, float] = field(default_factory=dict)

    def loop(self, name: str) -> LoopState:
        """Return how a loop is; one of which nothing is known yet neither succeeded nor failed."""
        return self.loops.get(name, LoopState())

    def succeeded(self, name: str, at: float) -> Pulse:
        """Return the pulse after a loop did its work."""
        return self._with(name, LoopState(at, wait=self.loop(name).wait), at)

    def failed(self, name: str, detail: str, at: float) -> Pulse:
        """Return the pulse after a loop did not do its work."""
        before = self.loop(name)
        since = at if before.failing_since is None else before.failing_since
        return self._with(name, LoopState(before.last_success, before.failures + 1, since, detail, before.wait), at)

    def waits(self, name: str, what: str | None, at: float, cause: WaitCause = WaitCause.CHANGES) -> Pulse:
        """Return the pulse of a loop that waits; what it waits for already it goes on waiting for."""
        before = self.loop(name)
        if what is None:
            wait = None
        elif before.wait is not None and before.wait.what == what:
            wait = before.wait
        else:
            wait = Wait(what, at, cause)
        return self._with(name, replace(before, wait=wait), at)

    def only(self, *names: str) -> Pulse:
        """Return the pulse of these loops alone."""
        return replace(self, loops={name: state for name, state in self.loops.items() if name in names})

    def _with(self, name: str, state: LoopState, at: float) -> Pulse:
        return replace(self, last_sign=max(self.last_sign, at), loops={**self.loops, name: state})

    @property
    def waiting(self) -> Wait | None:
        """What the daemon as a whole waits for: a portal that is away, limits, what its rounds wait for; or nothing."""
        rounds = self.loop(ROUNDS)
        if rounds.failing_since is not None:
            return Wait(f"the portal ({rounds.detail})", rounds.failing_since, WaitCause.PORTAL)
        return self.portal or rounds.wait

    def is_alive(self, at: float, *, within: float) -> bool:
        """Tell whether all that goes on gave a sign of life within so many seconds; waiting has an end as well."""
        latest = max([self.last_sign, *self.signs.values()])
        return at - latest <= within and not self.silent(at, within=within)

    def silent(self, at: float, *, within: float) -> tuple[str, ...]:
        """Return what goes on and gave no sign of life within so many seconds."""
        return tuple(sorted(name for name, sign in self.signs.items() if at - sign > within))


class PulseRecorder:
    """Where loops tell how they are; `errors` counts those that ended a piece of their work, by class."""

    def __init__(self, clock: Clock, waits: Waits) -> None:
        """Begin; `waits` tells what requests wait for."""
        self._clock = clock
        self._waits = waits
        self._pulse = Pulse(clock.monotonic())
        self.errors: Counter[str] = Counter()

    def now(self) -> Pulse:
        """Return the pulse of this moment."""
        pulse, waits = self._pulse, self._waits
        last_sign = max(pulse.last_sign, waits.changed_at)
        return replace(pulse, last_sign=last_sign, portal=waits.foremost, signs=dict(waits.signs))

    def begin_anew(self) -> None:
        """Forget the loops of what was followed until now; its rounds, and commands, go on."""
        self._pulse = self._pulse.only(ROUNDS, COMMANDS)

    def running(self, strand: str) -> AbstractContextManager[None]:
        """Expect signs of life of what goes on in this context, beside all else."""
        return self._waits.running(strand)

    def succeeded(self, name: str) -> None:
        """Take note that a loop did its work."""
        self._waits.sign()
        self._pulse = self._pulse.succeeded(name, self._clock.monotonic())

    def failed(self, name: str, detail: str) -> None:
        """Take note that a loop did not do its work, and why."""
        self._waits.sign()
        self._pulse = self._pulse.failed(name, detail, self._clock.monotonic())

    def waits(self, name: str, what: str | None, cause: WaitCause = WaitCause.CHANGES) -> None:
        """Take note of what a loop waits for from now on, or that it works again."""
        self._waits.sign()
        self._pulse = self._pulse.waits(name, what, self._clock.monotonic(), cause)

    def met(self, error: BaseException) -> None:
        """Count an error that ended a piece of work, where it is caught."""
        self.errors[class_of(error)] += 1

    def spending(self, cause: WaitCause) -> AbstractContextManager[None]:
        """Count the seconds of a context as waited for this cause."""
        return self._waits.spending(cause)

    @contextmanager
    def beat(self, name: str) -> Iterator[None]:
        """Take note of how a loop's work in this context ends."""
        try:
            yield
        except B24SyncError as error:
            self.failed(name, str(error))
            raise
        self.succeeded(name)
