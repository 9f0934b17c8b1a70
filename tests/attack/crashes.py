"""How a process ends by force, at any step that it takes."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tests.engine.scripting import Watcher

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from tests.simulated_time import SimulatedLoop

    from b24syncd.simulator.calls import Call
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

    def __init__(self, task: asyncio.Task[Any], loop: SimulatedLoop, crash: Crash | None) -> None:
        """Let `crash` strike what runs in `loop`."""
        self.task = task
        self.struck = False
        self._loop = loop
        self._crash = crash

    @contextmanager
    def endangered(self, portal: Portal) -> Iterator[None]:
        """Let the crash lie in wait for as long as the context lasts."""
        watcher = Watcher(self._on_command)
        portal.watchers.append(watcher)
        self._loop.on_job = self._on_job
        try:
            yield
        finally:
            portal.watchers.remove(watcher)
            self._loop.on_job = None

    def _on_command(self, number: int, _: Call) -> None:
        if self._crash is not None and (self._crash.after, self._crash.number) == ("command", number):
            self._count_down(self._crash.steps)

    def _on_job(self, number: int) -> None:
        if self._crash is not None and (self._crash.after, self._crash.number) == ("job", number):
            self._strike()

    def _count_down(self, steps: int) -> None:
        if steps:
            self._loop.call_soon(self._count_down, steps - 1)
        else:
            self._strike()

    def _strike(self) -> None:
        if self._crash is None or self.task.done():
            return
        self.struck = True
        if self._crash.how == "kill":
            self._loop.die()
        if self._crash.how != "stop" or not self._loop.signal(signal.SIGTERM):
            self.task.cancel()
