"""How a process ends by force, at any step that it takes."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tests.engine.scripting import Watcher
from tests.simulated_time import FIRST

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from tests.simulated_time import SimulatedLoop

    from b24syncd.simulator.methods.calls import Call
    from b24syncd.simulator.portal import Portal


@dataclass(frozen=True, slots=True)
class Crash:
    """When a run ends by force, and how: killed, cut off, or told to stop.

    The moment is `steps` steps of the event loop after the nth command, or right after the nth job of the database.
    """

    after: Literal["command", "job"]
    number: int
    how: Literal["kill", "cut", "stop"]
    steps: int = 0


class Victim:
    """A process that may be struck by a crash; `task` is what runs in it at the moment."""

    def __init__(self, task: asyncio.Task[Any], loop: SimulatedLoop, crash: Crash | None, process: str = FIRST) -> None:
        """Let `crash` strike what runs in `loop`; only jobs of the first process are counted."""
        self.task = task
        self.struck = False
        self._loop = loop
        self.crash = crash
        self._process = process
        self._watcher = Watcher(self._on_command)

    @contextmanager
    def endangered(self, portal: Portal) -> Iterator[None]:
        """Let the crash lie in wait for as long as the context lasts."""
        portal.watchers.append(self._watcher)
        if self._process == FIRST:
            self._loop.on_job = self._on_job
        try:
            yield
        finally:
            portal.watchers.remove(self._watcher)
            if self._process == FIRST:
                self._loop.on_job = None

    def threaten(self, crash: Crash | None) -> None:
        """Let this crash strike, counted from now on."""
        self.crash = crash
        self._watcher.seen = self._loop.jobs = 0

    def _on_command(self, number: int, _: Call) -> None:
        if self.crash is not None and (self.crash.after, self.crash.number) == ("command", number):
            self._count_down(self.crash.steps)

    def _on_job(self, number: int) -> None:
        if self.crash is not None and (self.crash.after, self.crash.number) == ("job", number):
            self._strike()

    def _count_down(self, steps: int) -> None:
        if steps:
            self._loop.call_soon(self._count_down, steps - 1)
        else:
            self._strike()

    def _strike(self) -> None:
        if self.crash is None or self.task.done():
            return
        self.struck = True
        if self.crash.how == "kill":
            self._loop.die(self._process)
        if self.crash.how != "stop" or not self._loop.signal(signal.SIGTERM, self._process):
            self.task.cancel()
