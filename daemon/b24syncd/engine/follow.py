"""Following: polls for changes and corrects them, for as long as the daemon lives."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from b24syncd.errors import OutcomeUnknown, RetryLater
from b24syncd.observe.logs import get_logger
from b24syncd.portal.pace.waits import WaitCause
from b24syncd.task_group import Tasks, first_of

from .pulse import ROUNDS, SWEEP
from .startup import stay_let_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from .apart import Apart
    from .context import WholeRun
    from .pulse import PulseRecorder
    from .rounds import Rounds

LONGEST_PAUSE = 600.0
"""Seconds until a portal that is away is asked again, where rounds are not further apart anyway."""

_ASK_AGAIN_SECONDS = 600.0
_SIGN_SECONDS = 30.0
_LEAST_SECONDS = 0.05
_TURNS = 4

log = get_logger()


class Commands(Protocol):
    """The commands that others ask the daemon for."""

    @property
    def is_busy(self) -> bool:
        """Whether something waits, or is executed."""

    @property
    def apart(self) -> Apart:
        """What keeps rounds away from a command that has the portal to itself."""

    async def run(self, end: asyncio.Event) -> None:
        """Execute what waits, one after the other and beside all else, until the `end`, at which that ends gently."""

    async def run_live(self, end: asyncio.Event) -> None:
        """Execute what people wait for, as it comes and beside all else; at the `end`, what was begun comes to its."""

    async def refresh_guards(self) -> None:
        """Let planners know what was decided meanwhile."""


@dataclass(slots=True)
class Follow:
    """The life of the daemon: one round of polling and queue work per interval, until `stop` is set.

    It runs `commands` beside its rounds, which never wait for them, and sweeps beside both. It ends, to be begun anew,
    once a job that rests for want of rights `may_work`.
    """

    rounds: Rounds
    interval_seconds: float
    stop: asyncio.Event
    pulse: PulseRecorder
    commands: Commands | None = None
    may_work: Callable[[], Awaitable[bool]] | None = None
    _asked_at: float = float("-inf")
    _failures: int = 0
    _went_at: float = float("-inf")
    _has_gone: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Begin without asking whether more may work."""
        self._asked_at = self._run.clock.monotonic()

    async def follow(self) -> None:
        """Work until stopped; an unreachable portal is waited for, refused credentials end it."""
        end = asyncio.Event()
        async with Tasks() as group:
            if self.commands is not None:
                group.create_task(self.commands.run_live(end))
            try:
                with self.pulse.running(ROUNDS):
                    if not self._is_stopping:
                        await self._go_round()  # before any command: it looks whether the portal is what it was
                    if self.commands is not None:
                        group.create_task(self.commands.run(end))
                    group.create_task(self._sweep(end))
                    await self._follow()
            finally:
                end.set()

    async def _follow(self) -> None:
        while not self._is_stopping and not await self._is_to_begin_anew():
            if not self._is_stopping:
                await self._rest(await self._pause())
            if not self._is_stopping:
                await self._go_round()

    async def _sweep(self, end: asyncio.Event) -> None:
        """Sweep on after each round that went well: whatever keeps that waiting, no round waits for it."""
        with self.pulse.running(SWEEP):
            while not end.is_set():
                await first_of([end, self._has_gone], within=_SIGN_SECONDS)
                self._run.client.waits.sign()
                if self._has_gone.is_set() and not end.is_set():
                    self._has_gone.clear()
                    async with self._beside_commands(is_patient=True):
                        await self.rounds.sweep_on()

    async def _is_to_begin_anew(self) -> bool:
        """Ask now and then whether a job that rests may work, while nothing else is asked for."""
        now = self._run.clock.monotonic()
        if self.may_work is None or self._is_busy or now - self._asked_at < _ASK_AGAIN_SECONDS:
            return False
        self._asked_at = now
        return await self.may_work() and not self._is_busy

    @property
    def _is_busy(self) -> bool:
        return self._is_stopping or bool(self._failures) or (self.commands is not None and self.commands.is_busy)

    @asynccontextmanager
    async def _beside_commands(self, *, is_patient: bool = False) -> AsyncIterator[None]:
        """Wait for a command that has the portal to itself, and know what commands decided and left open."""
        if self.commands is None:
            yield
            return
        async with self.commands.apart.beside(is_patient=is_patient):
            await self.commands.refresh_guards()
            yield

    async def _go_round(self) -> None:
        async with self._beside_commands():
            await self.rounds.take_over()
            await self._go()

    async def _go(self) -> None:
        self._went_at = self._run.clock.monotonic()
        safety = self._run.safety
        try:
            if safety.resume():
                self.pulse.waits(ROUNDS, None)
                await self.rounds.go()
                self.pulse.succeeded(ROUNDS)
                self._has_gone.set()
            elif safety.is_paused:
                await self.rounds.settle_open()
                await stay_let_in(self._run.client)  # a pause may last for days
                if self._failures:
                    self.pulse.succeeded(ROUNDS)
            self._failures = 0
        except (RetryLater, OutcomeUnknown) as error:
            self._failures += 1
            self.pulse.met(error)
            self.pulse.failed(ROUNDS, str(error))
            log.warning("round_failed", failures=self._failures, detail=str(error))
            await self.rounds.break_off()
        if safety.is_paused:
            await self.rounds.break_off()
        await self.rounds.store_conditions()

    @property
    def _run(self) -> WholeRun:
        return self.rounds.run

    @property
    def _is_stopping(self) -> bool:
        """Whether somebody said so, or a safety limit that does not only let it pause."""
        return self.stop.is_set() or (self._run.safety.reason is not None and not self._run.safety.is_paused)

    async def _pause(self) -> float:
        if self._failures:
            pause: float = self.interval_seconds * 2 ** min(self._failures, 10)
            return min(pause, max(LONGEST_PAUSE, self.interval_seconds))
        if self._run.safety.is_paused:
            return self.interval_seconds
        due = await self.rounds.seconds_until_due()
        rest = self._went_at + self.interval_seconds - self._run.clock.monotonic()
        # a round passes all that commands do, and the sweep: they are to come some requests further all the same
        took = self._run.clock.monotonic() - self._went_at
        least = max(_LEAST_SECONDS, min(took, max(self.interval_seconds, _TURNS * self._run.client.turn_seconds)))
        return max(rest if due is None else min(rest, due), least)

    async def _rest(self, seconds: float) -> None:
        """Wait, but not longer than until the daemon is stopped."""
        safety = self._run.safety
        if safety.is_paused:
            cause, what = WaitCause.PERSON, f"a person ({safety.reason})"
        else:
            cause, what = WaitCause.PORTAL if self._failures else WaitCause.CHANGES, "changes"
        self.pulse.waits(ROUNDS, what, cause)
        with self.pulse.spending(cause):
            await first_of([self.stop], within=seconds)
