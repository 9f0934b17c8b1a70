"""What a second command asks for while a daemon follows, and how whoever gave it may go away."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from tests.attack.crashes import Crash, Victim

from b24syncd import app
from b24syncd.domain.holds import HOLDING
from b24syncd.errors import B24SyncError, Detached, ExitCode, SafetyStop
from b24syncd.store.history import Filter
from b24syncd.store.lock import socket_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.attack.scenario import Scenario


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A command that is given `at` so many seconds after the daemon began; `leaves` tells how its process ends early.

    `choice` tells of which of the corrections in the journal it is, or which moves are listed.
    """

    what: Literal["backfill", "undo run", "undo item", "release", "rebind"]
    choice: int
    at: float
    leaves: Crash | None = None


class Caller:
    """The process of a command that is given beside a daemon."""

    def __init__(self, scenario: Scenario, command: HandedOver, name: str) -> None:
        """Know what to ask for; `name` is the process."""
        self._scenario = scenario
        self._command = command
        self._name = name

    async def ask(self, daemon: Victim, crash: Crash | None) -> None:
        """Ask for it at its time, and wait for the end; counted from then, `crash` strikes the daemon."""
        await asyncio.sleep(self._command.at)
        work = self._work()
        if work is None:
            return
        scenario = self._scenario
        daemon.threaten(crash)
        scenario.figures["commands handed over"] += socket_of(scenario.world.state) is not None
        task = scenario.loop.spawn(self._name, work)
        victim = Victim(task, scenario.loop, self._command.leaves, self._name)
        with victim.endangered(scenario.portal):
            try:
                await task
            except asyncio.CancelledError:
                if not victim.struck:
                    raise
            except Detached:
                scenario.figures["commands that went on by themselves"] += 1
            except B24SyncError as error:
                self._note(error)

    def _note(self, error: B24SyncError) -> None:
        assert error.exit_code is not ExitCode.UNEXPECTED, error
        self._scenario.said.append(str(error))
        self._scenario.figures["commands that failed"] += 1

    def _work(self) -> Coroutine[Any, Any, object] | None:
        """Return the command; nothing where there is nothing to undo or to release."""
        world, command = self._scenario.world, self._command
        if command.what == "backfill":
            return _insisting(self._scenario.walk)
        if command.what == "rebind":
            moves = self._scenario.routes.some(command.choice)
            return _insisting(partial(self._scenario.work_through, moves)) if moves else None
        if not self._scenario.has_state:
            return None
        if command.what == "release":
            held = [review.id for review in world.reviews() if review.reason in HOLDING]
            return app.release(world.settings, held, None, clock=world.clock) if held else None
        rows = world.journal()
        if not rows:
            return None
        row = rows[command.choice % len(rows)]
        whole_run = command.what == "undo run"
        which = Filter(run_id=row.run_id if whole_run else None, item=None if whole_run else row.correction.ref)
        return world.undo(which, seconds=1e6)


async def _insisting(command: Callable[..., Coroutine[Any, Any, None]]) -> None:
    """Go on where a safety limit stops a command."""
    try:
        await command()
    except SafetyStop:
        await command(goes_on=True)
