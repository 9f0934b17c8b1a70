"""Handing over: while a daemon holds the state, it carries out commands; here they wait and show its progress."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from b24syncd.engine.lifecycle import stop_on_signals
from b24syncd.engine.progress import Progress
from b24syncd.engine.tally import Tally
from b24syncd.errors import Detached, HandedOverFailed, RetryLater, Tasks
from b24syncd.observe.logs import get_logger
from b24syncd.store.lock import holder_of, socket_of

from .local_socket import connect
from .orders import HANDED_OVER, MESSAGES, QUEUED, Ended, Finished, Progressed, letter

if TYPE_CHECKING:
    from b24syncd.settings import Settings

    from .carrying import Show
    from .orders import Order

log = get_logger()

LONGEST_LINE = 1 << 28
"""Bytes; a list of moves, or what an undo left as it is, is one line."""


@dataclass(slots=True)
class _Sending:
    """What the daemon told last of its client."""

    waiting: str | None = None
    requests_sent: int = 0


async def hand_over(settings: Settings, order: Order, show: Show) -> dict[str, Any] | None:
    """Have the order carried out by the daemon that holds the state, and return its result; None where there is none.

    Raises `HandedOverFailed` with the daemon's words where it fails, `Detached` where a signal comes: the daemon goes
    on with it.
    """
    path = socket_of(settings.state.path)
    connected = None if path is None else connect(path)
    if connected is None:
        return None
    reader, writer = await asyncio.open_unix_connection(sock=connected, limit=LONGEST_LINE)
    progress, sending = Progress(Tally(), phase=HANDED_OVER), _Sending()
    try:
        writer.write(letter(settings, order))
        await writer.drain()
        with stop_on_signals() as stop:
            async with show(progress, sending):
                return await _result(reader, stop, progress, sending, holder_of(settings.state.path))
    except ConnectionError:
        raise RetryLater(_GONE) from None
    finally:
        writer.close()


_GONE = "the service ended before the command did; the same command goes on from here"


async def _result(
    reader: asyncio.StreamReader, stop: asyncio.Event, progress: Progress, sending: _Sending, process: int | None
) -> dict[str, Any]:
    while (line := await _next_line(reader, stop)) is not None:
        match _message(line):
            case Progressed() as told:
                _take_in(told, progress, sending)
            case Finished(result=result):
                return result
            case Ended(exit_code=code, lines=lines):
                raise HandedOverFailed("\n".join(lines), code)
    then = "begins it when it has done the one before" if progress.phase == QUEUED else "goes on with it"
    message = (
        f"detached; process {process} {then}: `b24syncd status` tells how far it is; stopping the service stops it"
    )
    raise Detached(message)


async def _next_line(reader: asyncio.StreamReader, stop: asyncio.Event) -> bytes | None:
    """Return the next line, empty where there is none any more; None once this is to be stopped."""
    try:
        async with Tasks() as group:
            line, stopping = group.create_task(reader.readline()), group.create_task(stop.wait())
            await asyncio.wait({line, stopping}, return_when=asyncio.FIRST_COMPLETED)
            line.cancel()  # what is done stays done
            stopping.cancel()
    except ConnectionError:
        log.debug("service_gone")
    return None if line.cancelled() else b"" if line.exception() else line.result()


def _message(line: bytes) -> Progressed | Finished | Ended:
    if not line.endswith(b"\n"):
        raise RetryLater(_GONE)
    return MESSAGES.validate_json(line)


def _take_in(told: Progressed, progress: Progress, sending: _Sending) -> None:
    progress.tally = Tally(told.counts)
    progress.phase, progress.read_ahead = told.phase, told.read_ahead
    progress.highest_ids, progress.reached_ids = dict(told.highest_ids), dict(told.reached_ids)
    sending.waiting, sending.requests_sent = told.waiting, told.requests
