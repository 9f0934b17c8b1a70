"""Processes of the program beside a served portal, in simulated time: run, struck by crashes, started again."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.attack.crashes import Victim
from tests.attack.witnesses import Witnesses, called
from tests.engine.world import World

from b24syncd.errors import B24SyncError, SafetyStop
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from pathlib import Path

    from tests.attack.crashes import Crash
    from tests.simulated_time import Simulation

    Meanwhile = Callable[[], Coroutine[Any, Any, None]]

COSTS = {
    **dict.fromkeys(called("update"), 0.3),
    **dict.fromkeys(called("get"), 0.04),
    **dict.fromkeys(called("list"), 0.1),
    "crm.activity.list": 0.1,
    "crm.activity.binding.list": 0.02,
    "crm.activity.binding.move": 0.05,
    "crm.item.payment.list": 0.05,
}
QUICK = {
    **COSTS,
    **dict.fromkeys(called("update"), 0.01),
    **dict.fromkeys(called("get"), 0.004),
    **dict.fromkeys(called("list"), 0.02),
}
"""Where updates are this cheap, one list is the witness of several."""

RESTART_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Both limits, as the portal has them and the program is told."""

    burst: int = 50
    per_second: float = 2.0
    operating_seconds: float = 480.0
    operating_window_seconds: float = 600.0


class Processes:
    """One portal and the processes of one program; `figures` counts what happened to them."""

    def __init__(self, simulation: Simulation, folder: Path, limits: Limits, **options: Any) -> None:  # noqa: ANN401
        """Serve a portal with these limits and further options."""
        self.simulation = simulation
        self.time, self.loop = simulation.time, simulation.loop
        self.figures: Counter[str] = Counter()
        self.said: list[str] = []
        """When each process began, by the portal's clock."""
        self.stopped = False
        """Whether the last run ended at a safety limit."""
        self.approved = False
        """Whether a person ever let the program go on."""
        self.limits = limits
        bounds = {name: getattr(limits, name) for name in Limits.__slots__}
        options = {"costs": COSTS} | bounds | options
        self.portal = Portal(Options(real_time=True, cuts_starts=False, **options), clock=self.time.of_portal)
        self.witnesses = Witnesses(self.portal)
        self.portal.watchers.append(self.witnesses)
        self.process: Victim
        self._stack = AsyncExitStack()
        server = simulation.run(self._stack.enter_async_context(serve(self.portal)))
        self.world = World(self.portal, server, folder, clock=self.time)
        self.world.configure(limits__request_timeout_seconds=70, limits__request_cut_seconds=60)
        self.world.configure(changes__interval_seconds=30, changes__overlap_seconds=120)
        self.world.configure(**{f"limits__{name}": value for name, value in bounds.items()})

    def close(self) -> None:
        self.simulation.run(self._stack.aclose())

    def run(self, work: Coroutine[Any, Any, object], crash: Crash | None = None) -> bool:
        """Run a command of the program as a process of its own; return whether it came to its own end."""
        return bool(self.simulation.run(self._lived(work, crash)))

    async def _lived(self, work: Coroutine[Any, Any, object], crash: Crash | None) -> bool:
        self.loop.live()
        self.stopped = False
        task = asyncio.create_task(work)
        self.process = Victim(task, self.loop, crash)
        with self.process.endangered(self.portal):
            try:
                await task
            except asyncio.CancelledError:
                if not self.process.struck:
                    raise
            except B24SyncError as error:
                self.note(error)
                return False
        self.figures["runs"] += 1
        if self.process.struck and self.process.crash is not None:
            self.figures[f"runs ended by {self.process.crash.how}"] += 1
        return not self.process.struck

    def note(self, error: B24SyncError) -> None:
        """Note an error that the command line would tell."""
        self.said.append(str(error))
        self.stopped = isinstance(error, SafetyStop)
        self.figures["runs stopped by a safety limit" if self.stopped else "runs that failed"] += 1

    def follow(
        self,
        seconds: float,
        crash: Crash | None = None,
        meanwhile: Iterable[Meanwhile] = (),
        *,
        goes_on: bool = False,
    ) -> bool:
        """Let the daemon work for so long, then stop it; `meanwhile` other things happen."""
        self.approved |= goes_on

        async def live() -> None:
            others = [asyncio.create_task(happen()) for happen in meanwhile]
            try:
                async with asyncio.timeout(seconds):
                    await self.kept_alive(goes_on=goes_on)
            except TimeoutError:
                pass
            finally:
                for other in others:
                    if not other.cancel():
                        other.result()

        return self.run(live(), crash)

    async def kept_alive(self, *, goes_on: bool = False) -> None:
        """Let the daemon follow, and start it again where it ends with an error, as systemd does."""
        has_failed = True
        while has_failed:
            task = self.process.task = asyncio.create_task(self.world.follow(1e9, goes_on=goes_on))
            try:
                await asyncio.shield(task)
                has_failed = False
            except SafetyStop:
                raise  # there it is not started again
            except B24SyncError as error:
                self.note(error)
                await asyncio.sleep(RESTART_SECONDS)
            finally:
                if not task.done():
                    await self._stopped(task)

    async def _stopped(self, task: asyncio.Task[None]) -> None:
        """Tell the daemon to stop."""
        if not self.loop.signal(signal.SIGTERM):
            task.cancel()
        with suppress(asyncio.CancelledError, B24SyncError):
            await task

    def wait(self, seconds: float) -> None:
        """Let time pass in which nobody does anything."""
        self.simulation.run(asyncio.sleep(seconds))
