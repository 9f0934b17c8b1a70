"""The queue of commands that others ask the daemon for: executed between its rounds, one after the other.

Following goes on meanwhile: between two pages of a command the daemon does its round when it is due. So no two writes
are ever under way for one item, and each side learns by `take_over` what the other left open.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from b24syncd.engine.how_far import HANDED_OVER, QUEUED, HowFar
from b24syncd.engine.progress import waited_for
from b24syncd.engine.pulse import COMMANDS
from b24syncd.errors import B24SyncError, RetryLater, StateUnusable, gravest, leaves_of
from b24syncd.observe.logs import get_logger
from b24syncd.portal.pace.waits import WaitCause

from .bell import Bell
from .command_table import StateCommand, command_for
from .control_messages import Failed, Finished, Progressed
from .runs import Execution

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from b24syncd.engine.how_far import Watching
    from b24syncd.engine.progress import Sending
    from b24syncd.engine.pulse import PulseRecorder
    from b24syncd.session import Session

    from .command_table import PortalCommand
    from .requests import Request

log = get_logger()


@dataclass(slots=True, eq=False)
class Submitted:
    """A command that was asked for, whoever still waits for it. `outcome` is there once it has `ended`."""

    request: Request[Any]
    client: Sending
    is_queued: bool = False
    outcome: Finished | Failed | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    _progress: Watching | None = None

    def progress(self) -> Progressed:
        """Return how far it is: before it has begun, what it waits for, another command or what the daemon does."""
        if self._progress is not None:
            return Progressed(how_far=self._progress.now())
        what, until = waited_for(self.client)
        phase = QUEUED if self.is_queued else HANDED_OVER
        return Progressed(how_far=HowFar(phase, waiting_for=what, waiting_until=until))

    def execution(self, stop: asyncio.Event, between_pages: Callable[[], Awaitable[bool]]) -> Execution:
        """Return how it is executed in the daemon: its progress is told from now on, `stop` ends it."""
        self.is_queued = False

        @asynccontextmanager
        async def show(progress: Watching) -> AsyncIterator[None]:
            self._progress = progress
            yield

        return Execution(show, lambda: nullcontext(stop), between_pages, self.client.requests_sent)

    def end(self, outcome: Finished | Failed) -> None:
        """Let whoever waits have its outcome."""
        self.outcome = outcome
        self.ended.set()


@dataclass(slots=True)
class CommandQueue:
    """The commands that wait. `arrived` is set while there are some; `stop` ends the daemon, and so what it does.

    `refresh_holds` is called whenever holds may have changed.
    """

    session: Session
    stop: asyncio.Event
    refresh_holds: Callable[[], Awaitable[None]]
    pulse: PulseRecorder
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    changed: Bell = field(default_factory=Bell)
    """Rings whenever a command has ended, for those who show what it changed."""
    _waiting: deque[Submitted] = field(default_factory=deque)
    _open: set[Submitted] = field(default_factory=set)

    async def submit(self, request: Request[Any]) -> Submitted:
        """Take a command, which waits for its turn; one that changes the state alone has ended when this returns."""
        submitted = Submitted(request, self.session.client, is_queued=self.arrived.is_set())
        command = command_for(request)
        if isinstance(command, StateCommand):
            submitted.end(await self._in_state(command, request))
            return submitted
        self._open.add(submitted)
        self._waiting.append(submitted)
        self.arrived.set()
        return submitted

    async def run(self, between_pages: Callable[[], Awaitable[bool]]) -> None:
        """Execute what waits."""
        while self._waiting and not self.stop.is_set():
            submitted = self._waiting.popleft()
            log.info("handed_over", command=submitted.request.command)
            self.pulse.waits(COMMANDS, None)
            command = command_for(submitted.request)
            assert not isinstance(command, StateCommand)  # noqa: S101 # those do not wait
            try:
                self._end(submitted, await self._with_portal(command, submitted, between_pages))
            except Exception as error:
                self.pulse.met(gravest(error))
                self._end(submitted, Failed.of(error))
                if not _is_the_commands_own(error):
                    raise
            finally:
                await self.refresh_holds()
        if not self._waiting:
            self.arrived.clear()
            self.pulse.waits(COMMANDS, "commands", WaitCause.COMMANDS)

    def close(self) -> None:
        """Tell everybody who still waits that nobody goes on with it; the log, too: who asked for it may be gone."""
        for submitted in self._waiting:
            log.warning("handed_over_not_begun", command=submitted.request.command)
        ending = RetryLater("the service ends before the command did; the same command goes on from here")
        for submitted in tuple(self._open):
            self._end(submitted, Failed.of(ending))

    def _end(self, submitted: Submitted, outcome: Finished | Failed) -> None:
        self.pulse.succeeded(COMMANDS)
        self._open.discard(submitted)
        submitted.end(outcome)
        self.changed.ring()

    async def _in_state(self, command: StateCommand[Any, Any], request: Request[Any]) -> Finished | Failed:
        now = self.session.client.clock.now()
        try:
            result = await command.execute(self.session.database, request, now)
            self.changed.ring()
            await self.refresh_holds()
        except Exception as error:  # only the command failed; who asked for it is told
            self.pulse.met(gravest(error))
            if not isinstance(error, B24SyncError):
                log.exception("command_failed", command=request.command)
            return Failed.of(error)
        return _finished(command, result)

    async def _with_portal(
        self, command: PortalCommand[Any, Any], submitted: Submitted, between_pages: Callable[[], Awaitable[bool]]
    ) -> Finished:
        execution = submitted.execution(self.stop, between_pages)
        return _finished(command, await command.execute(self.session, submitted.request, execution))


def _finished(command: PortalCommand[Any, Any] | StateCommand[Any, Any], result: object) -> Finished:
    return Finished(result=command.result.dump_python(result, mode="json"))


def _is_the_commands_own(error: Exception) -> bool:
    """Tell whether only the command failed: the daemon itself meets what concerns it when it asks the portal next."""
    return all(isinstance(leaf, B24SyncError) and not isinstance(leaf, StateUnusable) for leaf in leaves_of(error))
