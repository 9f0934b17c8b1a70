"""Handing over: while a daemon holds the state, it carries out commands; here they wait and show its progress."""

from __future__ import annotations

import asyncio
import io
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from aiohttp import (
    ClientConnectionError,
    ClientConnectorError,
    ClientPayloadError,
    ClientResponseError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    UnixConnector,
)

from b24syncd.engine.how_far import HANDED_OVER, QUEUED, HowFar
from b24syncd.engine.lifecycle import stop_on_signals
from b24syncd.errors import Detached, ExitCode, HandedOverFailed, RetryLater, UsageInvalid
from b24syncd.local_socket import short
from b24syncd.store.lock import holder_of, socket_of
from b24syncd.task_group import Tasks

from .control_messages import (
    COMMANDS_PATH,
    LONGEST,
    OTHER_RELEASE,
    TOLD,
    Failed,
    Finished,
    Progressed,
    sealed,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from aiohttp import ClientResponse, StreamReader
    from pydantic import TypeAdapter

    from b24syncd.settings import Settings

    from .control_messages import Told
    from .requests import Request
    from .runs import Show

Result = TypeVar("Result")

_NO_LIMIT = ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None)
"""A walk takes a day, and what was asked before it has to end first."""

_GONE = "the service ended before the command did; the same command goes on from here"


@dataclass(slots=True)
class _Told:
    """What the daemon told last of how far it is."""

    latest: HowFar

    def now(self) -> HowFar:
        """Return it."""
        return self.latest


async def hand_over(
    settings: Settings, request: Request[Result], result: TypeAdapter[Result], show: Show
) -> Result | None:
    """Have the request carried out by the daemon that holds the state, and return its result; None where there is none.

    Raises `HandedOverFailed` with the daemon's words where it fails, `Detached` where a signal comes: the daemon goes
    on with it.
    """
    path = socket_of(settings.state.path)
    if path is None:
        return None
    body = sealed(settings, request)
    if len(body) > LONGEST:
        message = f"this is more than the service takes at once ({LONGEST >> 20} MB); hand it over in parts"
        raise UsageInvalid(message)
    with ExitStack() as stack:
        try:
            address = stack.enter_context(short(path))
        except OSError:
            return None
        try:
            async with _answer(address, body) as response:
                finished = await _followed(response, show, holder_of(settings.state.path))
        except ClientConnectorError:
            return None  # nobody listens there any more, or may be spoken to
        except (ClientConnectionError, ClientPayloadError):
            raise RetryLater(_GONE) from None
        except ClientResponseError:
            raise HandedOverFailed(OTHER_RELEASE, ExitCode.USAGE) from None
    return result.validate_python(finished.result)


@asynccontextmanager
async def _answer(address: str, body: bytes) -> AsyncIterator[ClientResponse]:
    """Give the answer of who listens at this address."""
    connector = UnixConnector(address, force_close=True)
    async with (
        ClientSession(connector=connector, timeout=_NO_LIMIT, cookie_jar=DummyCookieJar()) as session,
        session.post(f"http://b24syncd{COMMANDS_PATH}", data=io.BytesIO(body)) as response,
    ):
        yield response


async def _followed(response: ClientResponse, show: Show, process: int | None) -> Finished:
    """Show the progress until the command is finished; raise its error where it fails."""
    if response.status != HTTPStatus.OK:
        raise _refusal(await response.read())
    progress, lines = _Told(HowFar(HANDED_OVER)), _Lines(response.content)
    with stop_on_signals() as stop:
        async with show(progress):
            while (line := await _unless(stop, lines.read())) is not None:
                match _parse_line(line):
                    case Progressed(how_far=told):
                        progress.latest = told
                    case Finished() as finished:
                        return finished
                    case Failed(exit_code=code, lines=sentences):
                        raise HandedOverFailed("\n".join(sentences), code)
    then = "begins it when it has done the one before" if progress.latest.phase == QUEUED else "goes on with it"
    message = (
        f"detached; process {process} {then}: `b24syncd status` tells how far it is; stopping the service stops it"
    )
    raise Detached(message)


def _refusal(body: bytes) -> HandedOverFailed:
    try:
        refused = Failed.model_validate_json(body)
    except ValueError:
        return HandedOverFailed(OTHER_RELEASE, ExitCode.USAGE)
    return HandedOverFailed("\n".join(refused.lines), refused.exit_code)


@dataclass(slots=True)
class _Lines:
    """The lines of an answer; aiohttp's own reading of lines ends at 128 KB."""

    content: StreamReader
    _begun: bytearray = field(default_factory=bytearray)

    async def read(self) -> bytes:
        """Return the next line; raise `RetryLater` where the answer ends before it, or it never ends."""
        searched = 0
        while (end := self._begun.find(b"\n", searched)) < 0:
            searched = len(self._begun)
            chunk = await self.content.readany()
            if not chunk or searched > LONGEST:
                raise RetryLater(_GONE)
            self._begun += chunk
        line = bytes(self._begun[:end])
        del self._begun[: end + 1]
        return line


async def _unless(stop: asyncio.Event, reading: Coroutine[object, object, bytes]) -> bytes | None:
    """Return what is read; None once this is to be stopped."""
    async with Tasks() as group:
        line, stopping = group.create_task(reading), group.create_task(stop.wait())
        await asyncio.wait({line, stopping}, return_when=asyncio.FIRST_COMPLETED)
        line.cancel()  # what is done stays done
        stopping.cancel()
    return None if line.cancelled() else line.result()


def _parse_line(line: bytes) -> Told:
    try:
        return TOLD.validate_json(line)
    except ValueError:
        raise HandedOverFailed(OTHER_RELEASE, ExitCode.USAGE) from None
