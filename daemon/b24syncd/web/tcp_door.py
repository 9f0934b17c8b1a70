"""The door for those who watch: HTTP on a TCP port, for health and metrics and nothing else."""

from __future__ import annotations

import asyncio
import errno
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from b24syncd.errors import Problem, RetryLater, SettingsInvalid
from b24syncd.observe.logs import get_logger
from b24syncd.settings.webhook import is_loopback

from .guard import guard
from .monitoring.routes import routes
from .serving import LimitedSocket, answering

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.settings.http import Http

    from .monitoring.observing import Monitor

_MOST_CONNECTIONS: Final = 64
_MOST_BYTES: Final = 1024
"""Of a body: what is asked here has none."""

_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Server": "b24syncd"}
_PASSING: Final = {
    errno.EADDRINUSE: "another process uses this port; end that one, or choose another port",
    errno.EADDRNOTAVAIL: "this machine has no such address, or not yet; write one that it has, or 127.0.0.1",
}

log = get_logger()


def application(monitor: Monitor, http: Http, portal: str) -> web.Application:
    """Return everything that can be asked at this door: nothing of it is a command."""
    made = web.Application(middlewares=[guard(http)], client_max_size=_MOST_BYTES)
    made.add_routes(routes(monitor, portal))
    made.on_response_prepare.append(_tell_headers)
    return made


@asynccontextmanager
async def opened(http: Http, portal: str, monitor: Monitor) -> AsyncIterator[tuple[tuple[Any, ...], ...]]:
    """Answer at this address for as long as the context lasts; give the addresses that are listened at.

    Raises `SettingsInvalid` for an address that cannot be right, and `RetryLater` for one that may become free.
    """
    http.require_servable()
    listening = await _listening(http)
    async with answering(application(monitor, http, portal), listening, most_connections=_MOST_CONNECTIONS):
        log.info("listening", listen=http.listen, token=http.token is not None)
        yield tuple(each.getsockname() for each in listening)


async def _listening(http: Http) -> list[LimitedSocket]:
    """Take the port at every address of the host."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(http.host, http.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise _invalid(http, f"no address is known for this host: {error.strerror}", "write an address") from None
    addresses = list(dict.fromkeys((family, address) for family, _, _, _, address in found))
    if http.token is None and not all(is_loopback(str(address[0])) for _, address in addresses):
        cure = "set http.token_file, or listen on 127.0.0.1"
        raise _invalid(http, "this name leads to an address that other machines can reach", cure)
    made: list[LimitedSocket] = []
    try:
        for family, address in addresses:
            made.append(LimitedSocket(family, socket.SOCK_STREAM))
            made[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made[-1].bind(address)
            made[-1].listen()
            made[-1].settimeout(0)
    except OSError as error:
        for each in made:
            each.close()
        if error.errno in _PASSING:
            message = f"nothing can be served at http.listen = {http.listen}: {_PASSING[error.errno]}"
            raise RetryLater(message) from None
        cure = "choose a port from 1024 on" if error.errno == errno.EACCES else "write another address"
        raise _invalid(http, f"it cannot be listened at: {error.strerror}", cure) from None
    return made


def _invalid(http: Http, message: str, cure: str) -> SettingsInvalid:
    return SettingsInvalid((Problem("http.listen", message, cure, f'"{http.listen}"'),))


async def _tell_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)
