"""Following: polls for changes and corrects them, for as long as the daemon lives."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from b24syncd.errors import OutcomeUnknown, RetryLater
from b24syncd.observe.logs import get_logger
from b24syncd.portal.pace.waits import WaitCause
from b24syncd.task_group import Tasks

from .pulse import ROUNDS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .context import WholeRun
    from .pulse import PulseRecorder
    from .rounds import Rounds

LONGEST_PAUSE = 600.0
"""Seconds until a portal that is away is asked again, where rounds are not further apart anyway."""

_ASK_AGAIN_SECONDS = 600.0

log = get_logger()


class Commands(Protocol):
    """The commands that others ask the daemon for; `arrived` is set while one waits."""

    @property
    def arrived(self) -> asyncio.Event:
        """Set while something waits."""

    @property
    def is_busy(self) -> bool:
        """Whether something waits, or is executed."""

    async def run(self, between_pages: Callable[[], Awaitable[bool]]) -> None:
        """Execute what waits, and call `between_pages` whenever nothing of it is under way."""

    async def run_live(self, end: asyncio.Event) -> None:
        """Execute what people wait for, as it comes and beside all else; at the `end`, what was begun comes to its."""

    async def refresh_guards(self) -> None:
        """Let planners know what was decided meanwhile."""


@dataclass(slots=True)
class Follow:
    """The life of the daemon: one round of polling and queue work per interval, until `stop` is set.

    Between rounds it runs `commands`, and goes its rounds between their pages; live ones it runs beside both. It ends,
    to be begun anew, once a job that rests for want of rights `may_work`.
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
                await self._follow()
            finally:
                end.set()

    async def _follow(self) -> None:
        with self.pulse.running(ROUNDS):
            while not self._is_stopping:
                await self._go_round()
                if self.commands is not None and not self._is_stopping:
                    await self.commands.run(self._meanwhile)
                    await self.rounds.take_over()
                if await self._is_to_begin_anew():
                    return
                if not self._is_stopping:
                    await self._rest(await self._pause())

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

    async def _meanwhile(self) -> bool:
        """Go a round while a command is executed, if it is due; each of both may have left something open."""
        is_due = self._run.clock.monotonic() - self._went_at >= self.interval_seconds
        if self.commands is None or not is_due or self._is_stopping:
            return False
        await self.commands.refresh_guards()
        await self.rounds.take_over()
        await self._go_round()
        return True

    async def _go_round(self) -> None:
        self._went_at = self._run.clock.monotonic()
        safety = self._run.safety
        try:
            if safety.resume():
                self.pulse.waits(ROUNDS, None)
                await self.rounds.go()
                self.pulse.succeeded(ROUNDS)
            elif safety.is_paused:
                await self.rounds.settle_open()
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
        return self.interval_seconds if due is None else min(self.interval_seconds, max(due, 0.05))

    async def _rest(self, seconds: float) -> None:
        """Wait, but not longer than until the daemon is stopped or asked for something."""
        safety = self._run.safety
        if safety.is_paused:
            cause, what = WaitCause.PERSON, f"a person ({safety.reason})"
        else:
            cause, what = WaitCause.PORTAL if self._failures else WaitCause.CHANGES, "changes"
        self.pulse.waits(ROUNDS, what, cause)
        ends = [self.stop, *([] if self.commands is None else [self.commands.arrived])]
        with self.pulse.spending(cause):
            await self._first_of(ends, seconds)

    async def _first_of(self, ends: list[asyncio.Event], seconds: float) -> None:
        async with Tasks() as group:
            waiting = [group.create_task(event.wait()) for event in ends]
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            for task in waiting:
                task.cancel()
