"""The door for those who watch, and for people with a browser: HTTP on a TCP port, for health, metrics, the console."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from b24syncd.errors import Problem, RetryLater, SettingsInvalid
from b24syncd.observe.logs import get_logger
from b24syncd.settings.webhook import is_loopback

from .certificate import Certificate
from .guard import guard
from .monitoring.routes import routes
from .serving import LimitedSocket, answering

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp.typedefs import Handler, Middleware

    from b24syncd.settings.http import Http

    from .console.site import Site
    from .monitoring.observing import Monitor

_MOST_CONNECTIONS: Final = 64
_MOST_OF_CONSOLE: Final = 512
"""A browser has several, and each page that lives keeps one."""

_MOST_BYTES: Final = 1024
"""Of a body: what is asked here has none."""

_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_PASSING: Final = {
    errno.EADDRINUSE: "another process uses this port; end that one, or choose another port",
    errno.EADDRNOTAVAIL: "this machine has no such address, or not yet; write one that it has, or 127.0.0.1",
}

log = get_logger()


def application(monitor: Monitor, http: Http, portal: str, site: Site | None = None) -> web.Application:
    """Return everything that can be asked at this door; without a `site` nothing of it is a command."""
    watching = routes(monitor, portal)
    if site is None:
        made = web.Application(middlewares=[guard(http)], client_max_size=_MOST_BYTES)
        made.add_routes(watching)
    else:
        from .console.application import add_console, receiving  # noqa: PLC0415 # templates and languages take room

        paths = frozenset(route.path for route in watching)
        made = web.Application(middlewares=[_either(paths, guard(http), receiving(site))], client_max_size=_MOST_BYTES)
        made.add_routes(watching)
        add_console(made, site)
    made.on_response_prepare.append(_tell_headers)
    return made


def _either(paths: frozenset[str], watched: Middleware, received: Middleware) -> Middleware:
    """Return what asks those who watch for their token, and leaves all others to the console."""

    @web.middleware
    async def either(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await (watched if request.path in paths else received)(request, handler)

    return either


@asynccontextmanager
async def opened(
    http: Http, portal: str, monitor: Monitor, site: Site | None = None
) -> AsyncIterator[tuple[tuple[Any, ...], ...]]:
    """Answer at this address for as long as the context lasts; give the addresses that are listened at.

    Raises `SettingsInvalid` for an address that cannot be right, and `RetryLater` for one that may become free.
    """
    http.require_servable()
    encryption = _encryption(http)
    listening = await _listening(http)
    most = _MOST_CONNECTIONS if site is None else _MOST_OF_CONSOLE
    made = application(monitor, http, portal, site)
    async with answering(made, listening, most_connections=most, encryption=encryption):
        log.info("listening", listen=http.listen, token=http.token is not None, console=site is not None)
        yield tuple(each.getsockname() for each in listening)


async def _listening(http: Http) -> list[LimitedSocket]:
    """Take the port at every address of the host."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(http.host, http.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise _invalid(http, f"no address is known for this host: {error.strerror}", "write an address") from None
    addresses = list(dict.fromkeys((family, address) for family, _, _, _, address in found))
    is_guarded = http.token is not None or http.door.is_encrypted
    if not is_guarded and not all(is_loopback(str(address[0])) for _, address in addresses):
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


def _encryption(http: Http) -> ssl.SSLContext | None:
    """Return how what is sent is encrypted; None where it is not, or by a proxy."""
    if http.door.certificate is None:
        return None
    try:
        return Certificate(http.door.certificate, http.door.key).context
    except (OSError, ssl.SSLError) as error:
        message = f"the certificate cannot be used: {error.strerror or type(error).__name__}"
        cure = "name the certificate with its chain, and the key that belongs to it, both in PEM and without a password"
        raise SettingsInvalid((Problem("http.tls_certificate", message, cure, str(http.door.certificate)),)) from None


def _invalid(http: Http, message: str, cure: str) -> SettingsInvalid:
    return SettingsInvalid((Problem("http.listen", message, cure, f'"{http.listen}"'),))


async def _tell_headers(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "b24syncd"
