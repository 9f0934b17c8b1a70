"""The channels of notices: a user of the portal, and a command of the administrator's.

Both raise `NoticeFailed` with one sentence without secrets; what a command prints is never kept, for it may hold what
it was given to log in.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from b24syncd.domain.notice_texts import text_of, to_json
from b24syncd.domain.notices import Channel
from b24syncd.errors import B24SyncError
from b24syncd.portal.wire.commands import Answered, Command, Priority, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from b24syncd.domain.notices import Notice
    from b24syncd.portal.client import PortalClient

_METHOD = "im.notify.personal.add"
_OURS = "B24SYNCD_"
_LONGEST_TURN_SECONDS = 60.0
_LONGEST_ANSWER_SECONDS = 15.0
"""So long, no longer, a notice on its way may hold up others, where only one request may be under way."""

_DEATH_SECONDS = 1.0
"""So long something that was killed takes at most to be gone; what cannot be killed is left to itself."""


class NoticeFailed(B24SyncError):
    """A notice did not reach its person, or may not have."""


class Sends(Protocol):
    """A channel that can send."""

    @property
    def channel(self) -> Channel:
        """Which one it is."""
        ...

    async def send(self, notice: Notice) -> None:
        """Send one notice within a bounded time, or raise `NoticeFailed`."""
        ...


@dataclass(frozen=True, slots=True)
class Teller:
    """What all notices have in common: the portal that they are about, and whose clock tells their times."""

    portal: str
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True)
class UserChannel:
    """Notifications of the portal for one of its users (`im.notify.personal.add`, scope `im`).

    They wait behind all other requests, inside the limits, and are tried once: whether the portal takes a notice is
    nothing to anybody else. A tag would let the portal replace a notification that it
    has already, but counts only for an application, not for a webhook: what was said is known from the state alone.
    """

    client: PortalClient
    user: int
    teller: Teller
    channel: Channel = Channel.USER

    async def send(self, notice: Notice) -> None:
        """Send one notice; a lost answer counts as a failure, so that it may arrive twice and never not at all."""
        text = text_of(notice, self.teller.portal, self.teller.zone)
        command = Command(_METHOD, {"USER_ID": self.user, "MESSAGE": text})
        loop = asyncio.get_running_loop()
        reason = f"the limits let no request leave within {_LONGEST_TURN_SECONDS:.0f} s"
        try:
            async with asyncio.timeout(_LONGEST_TURN_SECONDS) as limit:

                async def leave() -> None:
                    nonlocal reason
                    reason = f"the portal did not answer within {_LONGEST_ANSWER_SECONDS:.0f} s"
                    limit.reschedule(loop.time() + _LONGEST_ANSWER_SECONDS)

                outcome = await self.client.write_once(command, priority=Priority.BACKFILL, before_send=leave)
        except TimeoutError:
            raise NoticeFailed(reason) from None
        except B24SyncError as error:
            raise NoticeFailed(str(error)) from None
        if isinstance(outcome, Answered) and outcome.result:
            return
        raise NoticeFailed(self._reason(outcome))

    def _reason(self, outcome: object) -> str:
        if isinstance(outcome, Answered):
            return f"the portal has no active user {self.user}"
        if isinstance(outcome, Refused) and outcome.code.lower() == "insufficient_scope":
            called = self.client.credentials.called
            return f"the {called} has no permission 'im'; grant it in the portal under Developer resources"
        if isinstance(outcome, Refused):
            return f"the portal refused {_METHOD}: {outcome.rejected}"
        return "the portal did not take it for the moment"


@dataclass(frozen=True, slots=True)
class CommandChannel:
    """A command that gets a notice as one JSON object on its standard input; it is run without a shell.

    Nothing of our environment that may hold a secret is handed on, and nothing that it prints is taken.
    """

    command: tuple[str, ...]
    seconds: float
    teller: Teller
    environ: Mapping[str, str]
    channel: Channel = Channel.COMMAND

    async def send(self, notice: Notice) -> None:
        """Run the command; it has to end with 0 in time. Whoever does not wait for that leaves nothing of it behind."""
        told = json.dumps(to_json(notice, self.teller.portal, self.teller.zone), ensure_ascii=False) + "\n"
        try:
            async with asyncio.timeout(self.seconds):
                code = await self._run(told.encode())
        except TimeoutError:
            message = f"{self.command[0]} did not end within {self.seconds:g} s"
            raise NoticeFailed(message) from None
        if code:
            ended = f"code {code}" if code > 0 else f"signal {-code}"
            message = f"{self.command[0]} ended with {ended}"
            raise NoticeFailed(message)

    async def _run(self, told: bytes) -> int:
        # a pipe of our own: asyncio gives a socket on some versions, which no shell can open as /dev/stdin
        reading, writing = os.pipe()
        with os.fdopen(writing, "wb", buffering=0) as pipe:
            try:
                program, ended = await self._begin(reading)
            finally:
                os.close(reading)
            try:
                feed, _ = await asyncio.get_running_loop().connect_write_pipe(asyncio.BaseProtocol, pipe)
                feed.write(told)
                feed.close()  # once all of it is written, or nobody reads it any more
                await ended.wait()
                return program.get_returncode() or 0
            finally:
                await _let_go(program, ended)

    async def _begin(self, reading: int) -> tuple[asyncio.SubprocessTransport, asyncio.Event]:
        environ = {name: value for name, value in self.environ.items() if not name.startswith(_OURS)}
        try:
            program, protocol = await asyncio.get_running_loop().subprocess_exec(
                _Ending,
                *self.command,
                stdin=reading,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env=environ,
                cwd="/",
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "its name is not usable"
            message = f"{self.command[0]} cannot be run: {reason}"
            raise NoticeFailed(message) from None
        return program, protocol.ended


class _Ending(asyncio.SubprocessProtocol):
    def __init__(self) -> None:
        self.ended = asyncio.Event()

    def process_exited(self) -> None:
        self.ended.set()


async def _let_go(program: asyncio.SubprocessTransport, ended: asyncio.Event) -> None:
    """Kill a program that runs still, with all that it started, as far as it is ours to kill; not waiting for long."""
    try:
        if program.get_returncode() is None:
            with suppress(OSError):  # it is gone, or has become another user
                os.killpg(program.get_pid(), signal.SIGKILL)
            with suppress(TimeoutError):
                async with asyncio.timeout(_DEATH_SECONDS):
                    await ended.wait()
    finally:
        with suppress(OSError):
            program.close()
