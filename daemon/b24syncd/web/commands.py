"""`POST /v1/commands`: commands for the daemon; the answer is their progress and their end, a line of JSON each."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from aiohttp import web

from b24syncd.app.control_messages import COMMANDS_PATH, Failed, opened
from b24syncd.errors import B24SyncError, UsageInvalid

if TYPE_CHECKING:
    from b24syncd.app.control_messages import Told
    from b24syncd.app.follow import Daemon
    from b24syncd.app.submitted import Submitted

_EVERY_SECONDS: Final = 0.3
_LONGEST_READING: Final = 60.0
"""Seconds in which a request has to be here."""

_JSON: Final = "application/json"
_LINES: Final = "application/x-ndjson"


def routes(daemon: Daemon) -> tuple[web.RouteDef, ...]:
    """Return what commands ask."""
    return (web.post(COMMANDS_PATH, partial(_carry_out, daemon)),)


async def _carry_out(daemon: Daemon, request: web.Request) -> web.StreamResponse:
    """Take a command, and tell how far it is until it has ended; who hangs up only does not hear of it any more."""
    try:
        command = opened(await _body(request), daemon.session.settings)
    except B24SyncError as error:
        return web.Response(status=HTTPStatus.BAD_REQUEST, text=_written(Failed.of(error)), content_type=_JSON)
    response = web.StreamResponse(headers={"Content-Type": _LINES})
    await response.prepare(request)
    submitted = await daemon.commands.submit(command)
    with suppress(ConnectionResetError):
        await _tell(response, submitted)
    return response


async def _body(request: web.Request) -> bytes:
    """Return the request's body; raise `UsageInvalid` for one that is too large, before it is read where it says so."""
    most = request.client_max_size
    too_large = f"this is more than the service takes at once ({most >> 20} MB)"
    if (request.content_length or 0) > most:
        raise UsageInvalid(too_large)
    try:
        async with asyncio.timeout(_LONGEST_READING):
            return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise UsageInvalid(too_large) from None
    except TimeoutError:
        message = f"the request did not come within {_LONGEST_READING:.0f} s"
        raise UsageInvalid(message) from None


async def _tell(response: web.StreamResponse, submitted: Submitted) -> None:
    """Write what is known at the moment, again and again: who does not read holds up nothing but this."""
    while submitted.outcome is None:
        await _write(response, submitted.progress())
        with suppress(TimeoutError):
            async with asyncio.timeout(_EVERY_SECONDS):
                await submitted.ended.wait()
    await _write(response, submitted.progress())
    await _write(response, submitted.outcome)


async def _write(response: web.StreamResponse, told: Told) -> None:
    await response.write(f"{_written(told)}\n".encode())


def _written(told: Told) -> str:
    return told.model_dump_json()
