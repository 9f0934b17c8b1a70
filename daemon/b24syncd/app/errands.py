"""Errands: what other commands ask of the daemon, carried out between its rounds, one after the other.

Following goes on meanwhile: between two pages of an errand the daemon does its round when it is due. So no two writes
are ever under way for one item, and each side learns by `take_over` what the other left open.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from b24syncd.domain.moves import rules_of
from b24syncd.engine.progress import every
from b24syncd.errors import B24SyncError, ExitCode, RetryLater, StateUnusable, Tasks, UsageInvalid, gravest, leaves_of
from b24syncd.observe.logs import get_logger

from .accepting import write_decisions
from .backfill import Narrowed, walk
from .carrying import Conduct
from .deciding import dismiss_in, release_in, reopen_in
from .handing_over import LONGEST_LINE
from .local_socket import listen, may_speak
from .orders import (
    HANDED_OVER,
    QUEUED,
    BackfillOrder,
    DecideOrder,
    DismissOrder,
    Ended,
    Finished,
    Progressed,
    RebindOrder,
    ReleaseOrder,
    ReopenOrder,
    UndoOrder,
    order_in,
)
from .rebind import work_through
from .results import left_open_to_json, left_to_json, summary_to_json
from .undo import take_back

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from b24syncd.engine.progress import Progress, Sending
    from b24syncd.session import Session

    from .orders import Order

_EVERY_SECONDS = 0.3
_LONGEST_GOODBYE = 1.0
_MOST_UNREAD = 1 << 20
"""Bytes that wait for a command which does not read; it is told no more of the progress then."""

log = get_logger()


@dataclass(slots=True)
class _Caller:
    """The command that gave an order; it may have gone since.

    One that `is_queued` stands behind another, one that `is_shown` is told its own progress.
    """

    writer: asyncio.StreamWriter
    is_queued: bool = False
    is_shown: bool = False
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, message: Progressed | Finished | Ended) -> None:
        transport = self.writer.transport
        if isinstance(message, Progressed) and transport.get_write_buffer_size() > _MOST_UNREAD:
            return
        if not self.writer.is_closing():
            self.writer.write(message.model_dump_json().encode() + b"\n")

    def answer(self, message: Finished | Ended) -> None:
        self.tell(message)
        self.answered.set()

    @asynccontextmanager
    async def shown(self, before: int, progress: Progress, client: Sending) -> AsyncIterator[None]:
        """Tell the progress for as long as the context lasts; so many requests were sent `before`."""
        self.is_shown = True
        async with every(_EVERY_SECONDS, lambda: self.tell(_progressed(progress, client, before))):
            yield


def _progressed(progress: Progress, client: Sending, requests_before: int) -> Progressed:
    return Progressed(
        phase=progress.phase,
        counts=progress.tally.as_counts(),
        read_ahead=progress.read_ahead,
        highest_ids=progress.highest_ids,
        reached_ids=progress.reached_ids,
        waiting=client.waiting,
        requests=client.requests_sent - requests_before,
    )


@dataclass(slots=True)
class Errands:
    """The orders that wait. `arrived` is set while there are some; `stop` ends the daemon, and so what it does.

    `heed` is called whenever holds may have changed.
    """

    session: Session
    stop: asyncio.Event
    heed: Callable[[], Awaitable[None]]
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: deque[tuple[Order, _Caller]] = field(default_factory=deque)
    _talks: dict[asyncio.Task[None], _Caller] = field(default_factory=dict)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Take orders for as long as the context lasts."""
        path = self.session.settings.state.socket
        try:
            listener = listen(path)
        except OSError as error:
            log.warning("no_handing_over", socket=str(path), detail=error.strerror)
            yield
            return
        # this does not suspend yet, so that no cancellation comes between the socket and what closes it
        server = await asyncio.start_unix_server(self._take, sock=listener, limit=LONGEST_LINE, start_serving=False)
        try:
            await server.start_serving()
            self.session.database.lock.announce(path)
            yield
        finally:
            with suppress(OSError):
                path.unlink()
            server.close()
            await self._end_talks()

    async def _end_talks(self) -> None:
        """Tell everybody who still waits that nobody goes on with it; the log, too: who gave the order may be gone."""
        for order, _ in self._waiting:
            log.warning("handed_over_not_begun", command=order.command)
        ending = RetryLater("the service ends before the command did; the same command goes on from here")
        for caller in self._talks.values():
            if not caller.answered.is_set():
                caller.answer(_failed(ending))
        if self._talks:
            await asyncio.wait(self._talks, timeout=_LONGEST_GOODBYE)

    async def run(self, between_pages: Callable[[], Awaitable[bool]]) -> None:
        """Carry out what waits."""
        while self._waiting and not self.stop.is_set():
            order, caller = self._waiting.popleft()
            caller.is_queued = False
            log.info("handed_over", command=order.command)
            try:
                caller.answer(Finished(result=await self._carry_out(order, caller, between_pages)))
            except Exception as error:
                caller.answer(_failed(error))
                if not _is_the_commands_own(error):
                    raise
            finally:
                await self.heed()
        if not self._waiting:
            self.arrived.clear()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one order, and hold the line until it is answered or the command goes."""
        caller, talk = _Caller(writer), asyncio.current_task()
        assert talk is not None  # noqa: S101 # asyncio runs this as a task
        self._talks[talk] = caller
        try:
            if may_speak(writer):
                await self._accept(await reader.readline(), caller)
                async with every(_EVERY_SECONDS, lambda: self._tell_what_holds_up(caller)):
                    await _until(caller.answered, reader)
                await writer.drain()
        except (ConnectionError, ValueError):
            log.debug("command_gone")
        finally:
            self._talks.pop(talk, None)
            writer.close()

    async def _accept(self, received: bytes, caller: _Caller) -> None:
        try:
            order = order_in(received, self.session.settings)
            if isinstance(order, DismissOrder | ReleaseOrder | ReopenOrder):
                # nothing of the portal's: there is nothing to wait for
                caller.answer(Finished(result=await self._put_on_record(order)))
                return
        except B24SyncError as error:
            caller.answer(_failed(error))
            return
        caller.is_queued = self.arrived.is_set()
        self._waiting.append((order, caller))
        self.arrived.set()
        self._tell_what_holds_up(caller)

    def _tell_what_holds_up(self, caller: _Caller) -> None:
        """Tell a command that has nothing to show yet what it waits for: another one, or what the daemon waits for."""
        if not caller.is_shown and not caller.answered.is_set():
            phase = QUEUED if caller.is_queued else HANDED_OVER
            caller.tell(Progressed(phase=phase, waiting=self.session.client.waiting))

    async def _put_on_record(self, order: DismissOrder | ReleaseOrder | ReopenOrder) -> dict[str, Any]:
        now = self.session.client.clock.now()
        if isinstance(order, DismissOrder):
            return {"dismissed": await dismiss_in(self.session.database, order.ids, now)}
        if isinstance(order, ReopenOrder):
            return {"reopened": await reopen_in(self.session.database, order.ids, now)}
        released = await release_in(self.session.database, order.ids, order.run, now)
        await self.heed()
        return {"released": released}

    async def _carry_out(
        self, order: Order, caller: _Caller, between_pages: Callable[[], Awaitable[bool]]
    ) -> dict[str, Any]:
        match order:
            case BackfillOrder():
                narrowed = Narrowed.parse(order.jobs, order.only, order.limit)
                conduct = self._conduct(caller, between_pages, goes_on=order.goes_on)
                summary = await walk(self.session, narrowed, conduct)
            case RebindOrder():
                conduct = self._conduct(caller, between_pages, goes_on=order.goes_on)
                summary = await work_through(self.session, rules_of(order.moves, order.name), conduct)
            case UndoOrder():
                undone = await take_back(self.session, order.which, self._conduct(caller, between_pages))
                left = left_to_json(undone.left)
                return {"summary": summary_to_json(undone.summary), "left": left, "holders": undone.holders}
            case DecideOrder():
                decided = await write_decisions(self.session, order.decisions, self._conduct(caller, between_pages))
                left = left_open_to_json(decided.left)
                return {"summary": summary_to_json(decided.summary), "accepted": decided.accepted, "left": left}
            case _:
                message = f"{order.command} is nothing to wait for"
                raise UsageInvalid(message)
        return {"summary": summary_to_json(summary)}

    def _conduct(
        self, caller: _Caller, between_pages: Callable[[], Awaitable[bool]], *, goes_on: bool = False
    ) -> Conduct:
        before = self.session.client.requests_sent
        show = partial(caller.shown, before)
        return Conduct(show, goes_on, lambda: nullcontext(self.stop), between_pages, requests_before=before)


async def _until(answered: asyncio.Event, reader: asyncio.StreamReader) -> None:
    """Wait until there is an answer, or the other end closes."""
    async with Tasks() as group:
        tasks = {group.create_task(answered.wait()), group.create_task(reader.read(1))}
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()


def _failed(error: Exception) -> Ended:
    decisive = gravest(error)
    if not isinstance(decisive, B24SyncError):
        return Ended(exit_code=ExitCode.UNEXPECTED, lines=("unexpected failure of the service; its log tells more",))
    lines = dict.fromkeys(line for leaf in leaves_of(error) for line in str(leaf).splitlines())
    return Ended(exit_code=decisive.exit_code, lines=tuple(lines))


def _is_the_commands_own(error: Exception) -> bool:
    """Tell whether only the command failed: the daemon itself meets what concerns it when it asks the portal next."""
    return all(isinstance(leaf, B24SyncError) and not isinstance(leaf, StateUnusable) for leaf in leaves_of(error))
