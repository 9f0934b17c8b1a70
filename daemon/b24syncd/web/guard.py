"""Who may ask at a TCP door: who knows the token; on the machine itself, who calls the door by its own name.

A page of another host that lets its name lead to 127.0.0.1 makes a browser ask here (DNS rebinding), but with that name
as `Host`.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Middleware

    from b24syncd.settings.http import Http

_HOST: Final = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[^:\[\]]+))(?::[0-9]+)?", re.ASCII)


def guard(http: Http) -> Middleware:
    """Return what lets only those through who may ask, whatever they ask for."""

    @web.middleware
    async def guarded(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if http.is_open and not names_this_machine(request.headers.get("Host", ""), http.host):
            return web.Response(status=HTTPStatus.MISDIRECTED_REQUEST, text="ask for localhost, or for 127.0.0.1\n")
        is_for_all = http.is_open and http.token is None
        if not is_for_all and not bears(request.headers.get("Authorization", ""), http.token):
            headers = {"WWW-Authenticate": 'Bearer realm="b24syncd"'}
            text = "a token is demanded: Authorization: Bearer TOKEN\n"
            return web.Response(status=HTTPStatus.UNAUTHORIZED, text=text, headers=headers)
        return await handler(request)

    return guarded


def names_this_machine(host: str, own: str) -> bool:
    """Tell whether a `Host` header names this machine itself, by an address that no name server gives away."""
    found = _HOST.fullmatch(host.strip())
    if found is None:
        return False
    name = (found["v6"] or found["name"]).lower()
    if name in {"localhost", own}:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def bears(authorization: str, token: str | None) -> bool:
    """Tell whether an `Authorization` header bears the token, in a time that tells nothing of it; none is borne."""
    if token is None:
        return False
    scheme, _, given = authorization.partition(" ")
    is_it = hmac.compare_digest(given.strip().encode("utf-8", "surrogateescape"), token.encode())
    return scheme.lower() == "bearer" and is_it
