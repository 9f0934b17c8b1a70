"""The queue of commands that others ask the daemon for: executed beside its rounds, one after the other.

Following goes on meanwhile: no round waits for a command that goes on for a week, and no two writes are ever under way
for one item (`engine/writing/in_flight.py`). Only what would be corrected again while it is taken back has the portal
to itself, page by page (`engine/apart.py`).

A live command, which a person waits for, is executed at once, beside a round or a command that goes on for hours: it
claims the items that it works with, so that what else goes on leaves them alone.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from b24syncd.engine.apart import Apart
from b24syncd.engine.pulse import COMMANDS
from b24syncd.errors import B24SyncError, StateUnusable, UsageInvalid, gravest, leaves_of
from b24syncd.observe.logs import get_logger
from b24syncd.portal.pace.waits import WaitCause
from b24syncd.reports.summary import Summary
from b24syncd.task_group import Tasks, first_of

from .bell import Bell
from .command_table import PortalCommand, StateCommand, command_for
from .control_messages import Failed, Finished
from .requests import PauseRequest, ResumeRequest
from .results import Undone
from .submitted import Submitted, cut, have_other_rules, jobs_of, unapproving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from b24syncd.engine.pulse import PulseRecorder
    from b24syncd.session import Session

    from .requests import Request

_MOST_LIVE = 8
"""Live commands that are executed at once; the request limit lets no more of them get anywhere."""

_SIGN_SECONDS = 30.0
_REMEMBERED = 20
"""Commands that have ended and are still told of."""

log = get_logger()


@dataclass(slots=True)
class CommandQueue:
    """The commands that wait. `arrived` is set while there are some; `stop` ends the daemon, and so what it does.

    Rounds stay `apart` from what has the portal to itself.
    """

    session: Session
    stop: asyncio.Event
    pulse: PulseRecorder
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    apart: Apart = field(default_factory=Apart)
    changed: Bell = field(default_factory=Bell)
    """Rings whenever a command has ended, for those who show what it changed."""
    _waiting: deque[Submitted] = field(default_factory=deque)
    _live: asyncio.Queue[Submitted] = field(default_factory=asyncio.Queue)
    _open: dict[Submitted, None] = field(default_factory=dict)
    _ended: deque[Submitted] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    _stops: dict[Submitted, asyncio.Event] = field(default_factory=dict)
    _paused: list[tuple[str, Request[Any]]] = field(default_factory=list)
    _put_off: set[Submitted] = field(default_factory=set)
    _is_turning: bool = False

    @property
    def open(self) -> tuple[Submitted, ...]:
        """The commands that wait or are executed, in the order in which they were asked for."""
        return tuple(self._open)

    @property
    def ended(self) -> tuple[Submitted, ...]:
        """The commands with the portal that ended last, the latest first."""
        return tuple(reversed(self._ended))

    def is_stopping(self, submitted: Submitted) -> bool:
        """Tell whether a command ends as soon as what it has under way is settled."""
        return submitted in self._stops and self._stops[submitted].is_set()

    def interrupt(self, number: int) -> bool:
        """End a command gently, as Ctrl-C does; one that waits is not begun. Return whether there was such a one."""
        found = next((one for one in self._open if one.number == number), None)
        if found is None:
            return False
        if found in self._stops:
            self._put_off.discard(found)  # or it would begin anew
            self._stops[found].set()
        elif found in self._waiting:
            self._waiting.remove(found)
            self._end(found, Failed.of(UsageInvalid("it was taken back before it had begun")))
        return True

    async def submit(self, request: Request[Any]) -> Submitted:
        """Take a command, which waits for its turn; one that changes the state alone has ended when this returns."""
        command = command_for(request)
        is_live = isinstance(command, PortalCommand) and command.is_live
        is_queued = self.arrived.is_set() and not is_live
        submitted = Submitted(request, self.session.client, is_live=is_live, is_queued=is_queued)
        if isinstance(command, StateCommand):
            submitted.end(await self._in_state(command, request))
            if isinstance(submitted.outcome, Finished):
                await self._heed(request)
            return submitted
        self._open[submitted] = None
        if is_live:
            self._live.put_nowait(submitted)
        else:
            self._waiting.append(submitted)
            self.arrived.set()
        return submitted

    async def run(self, end: asyncio.Event) -> None:
        """Execute commands one after the other, until the `end`, at which the one that was begun ends gently."""
        with self.pulse.running(COMMANDS):
            while not end.is_set():
                while self._waiting and not (end.is_set() or self.stop.is_set() or self._is_turning):
                    await self._execute(self._waiting.popleft(), end)
                if not self._waiting:
                    self.arrived.clear()
                    self.pulse.waits(COMMANDS, "commands", WaitCause.COMMANDS)
                ends = [end] if self._waiting else [end, self.arrived]  # what is not begun now waits for the end
                while not any(event.is_set() for event in ends):
                    await first_of(ends, within=_SIGN_SECONDS)
                    self.session.client.waits.sign()

    async def run_live(self, end: asyncio.Event) -> None:
        """Execute live commands as they come, beside all else; at the `end`, those that were begun go on to theirs."""
        free = asyncio.Semaphore(_MOST_LIVE)

        async def execute(submitted: Submitted) -> None:
            try:
                with self.pulse.running(f"{submitted.request.command} {submitted.number}"):
                    await self._execute(submitted)
            finally:
                free.release()

        async with Tasks() as group:
            ending = group.create_task(end.wait())
            while not end.is_set():
                await free.acquire()
                coming = group.create_task(self._live.get())
                await asyncio.wait({coming, ending}, return_when=asyncio.FIRST_COMPLETED)
                if coming.done():
                    group.create_task(execute(coming.result()))
                coming.cancel()

    async def refresh_guards(self) -> None:
        """Let all that plans know what was decided meanwhile."""
        await self.session.refresh_guards()

    @property
    def is_busy(self) -> bool:
        """Whether a command waits, or is executed."""
        return bool(self._open)

    def turn(self) -> None:
        """Begin nothing more under the settings of before; what goes on for long is put off gently, to begin again."""
        self._is_turning = True
        for submitted, stop in self._stops.items():
            if not (submitted.is_live or stop.is_set()):
                self._put_off.add(submitted)
                stop.set()

    def hurry(self) -> None:
        """Let what people wait for end gently as well: other settings waited for it long enough."""
        for submitted in self._stops.keys() - self._put_off:
            self._stops[submitted].set()

    def go_on(self, session: Session) -> None:
        """Execute commands in this session from now on, those first that were put off."""
        if have_other_rules(self.session.settings, session.settings):
            for submitted in self._waiting:
                submitted.begin_anew()
        self.session, self._is_turning = session, False
        self._put_off.clear()

    def close(self) -> None:
        """Tell everybody who still waits that nobody goes on with it; the log, too: who asked for it may be gone."""
        for submitted in self._waiting:
            log.warning("handed_over_not_begun", command=submitted.request.command)
        for submitted in tuple(self._open):
            self._end(submitted, cut("the service ends before the command did", submitted))

    async def _execute(self, submitted: Submitted, *ends: asyncio.Event) -> None:
        log.info("handed_over", command=submitted.request.command)
        self.pulse.waits(COMMANDS, None)
        command = command_for(submitted.request)
        assert isinstance(command, PortalCommand)  # noqa: S101 # others do not wait
        try:
            outcome, is_interrupted = await self._with_portal(command, submitted, ends)
            if is_interrupted and submitted in self._put_off:
                self._put_back(submitted)
            else:
                self._end(submitted, outcome)
        except asyncio.CancelledError:
            if self._is_turning and not self.stop.is_set():
                self._cut_short(submitted)
            raise
        except Exception as error:
            self.pulse.met(gravest(error))
            self._end(submitted, Failed.of(error))
            if not _is_the_commands_own(error):
                raise
        finally:
            await self.session.refresh_guards()

    def _end(self, submitted: Submitted, outcome: Finished | Failed) -> None:
        self.pulse.succeeded(COMMANDS)
        self._open.pop(submitted, None)
        self._ended.append(submitted)
        submitted.end(outcome)
        self.changed.ring()
        if not self._open:
            self.pulse.waits(COMMANDS, "commands", WaitCause.COMMANDS)

    def _put_back(self, submitted: Submitted) -> None:
        """Let a command that was put off wait for its turn, before all others."""
        submitted.begin_anew()
        self._waiting.appendleft(submitted)
        self.arrived.set()

    def _cut_short(self, submitted: Submitted) -> None:
        """Take note that a command did not end in the time that other settings could wait."""
        if submitted not in self._put_off:
            self._end(submitted, cut("the service took over other settings before this ended", submitted))
        else:
            self._put_back(submitted)

    async def _in_state(self, command: StateCommand[Any, Any], request: Request[Any]) -> Finished | Failed:
        now = self.session.client.clock.now()
        try:
            result = await command.execute(self.session.database, request, now)
            self.changed.ring()
            await self.session.refresh_guards()
        except Exception as error:  # only the command failed; who asked for it is told
            self.pulse.met(gravest(error))
            if not isinstance(error, B24SyncError):
                log.exception("command_failed", command=request.command)
            return Failed.of(error)
        return Finished(result=command.result.dump_python(result, mode="json"))

    async def _with_portal(
        self, command: PortalCommand[Any, Any], submitted: Submitted, ends: Iterable[asyncio.Event]
    ) -> tuple[Finished, bool]:
        """Return what a command came to, and whether it was interrupted before its end."""
        async with AsyncExitStack() as stack:
            stop = await stack.enter_async_context(self._stoppable(submitted, ends))
            if command.is_alone:
                await stack.enter_async_context(self.apart.alone())
            execution = submitted.execution(stop, self.apart.give_way if command.is_alone else None)
            result = await command.execute(self.session, submitted.request, execution)
        summary = result.summary if isinstance(result, Undone) else result
        finished = Finished(result=command.result.dump_python(result, mode="json"))
        return finished, isinstance(summary, Summary) and summary.interrupted

    @asynccontextmanager
    async def _stoppable(self, submitted: Submitted, ends: Iterable[asyncio.Event]) -> AsyncIterator[asyncio.Event]:
        """Give what stops a command: the end of the daemon or one of these does, and whoever pauses a job of it."""
        own = self._stops[submitted] = asyncio.Event()

        async def stop_at_end() -> None:
            await first_of([self.stop, *ends])
            own.set()

        async with Tasks() as group:
            watching = group.create_task(stop_at_end())
            try:
                yield own
            finally:
                watching.cancel()
                del self._stops[submitted]

    async def _heed(self, request: Request[Any]) -> None:
        """Interrupt the commands of a job that is paused; let those go on whose job is resumed."""
        if isinstance(request, PauseRequest):
            for submitted, stop in self._stops.items():
                if request.job in jobs_of(submitted.request, self.session.settings):
                    self._put_off.discard(submitted)  # or it would begin anew, and once more when it is resumed
                    self._paused.append((request.job, unapproving(submitted.request)))
                    stop.set()
        elif isinstance(request, ResumeRequest):
            going_on = [paused for job, paused in self._paused if job == request.job]
            self._paused = [(job, paused) for job, paused in self._paused if job != request.job]
            for paused in going_on:
                await self.submit(paused)


def _is_the_commands_own(error: Exception) -> bool:
    """Tell whether only the command failed: the daemon itself meets what concerns it when it asks the portal next."""
    return all(isinstance(leaf, B24SyncError) and not isinstance(leaf, StateUnusable) for leaf in leaves_of(error))
