"""The console as a part of an application: its routes, and what is done for each request of a browser."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from aiohttp import web

from .admission import guarded, of_failure
from .language import LANGUAGE, preferred
from .language import gettext as _
from .refusals import refused
from .rendering import set_up
from .security import HEADERS, is_called
from .sign_in import LANGUAGE_COOKIE
from .table import OPEN, TABLE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Middleware

    from .site import Site

_HTTPS: Final = "https"


def add_console(app: web.Application, site: Site) -> None:
    """Serve the console in this application."""
    set_up(app, site.portal)
    app.add_routes(guarded(site, TABLE, OPEN))


def receiving(site: Site) -> Middleware:
    """Return what looks at every request for the console, and makes a page of whatever goes wrong."""

    @web.middleware
    async def received(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        LANGUAGE.set(preferred(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("Accept-Language", "")))
        answer = _stray(request, site) or await _answered(request, handler)
        if not answer.prepared:
            for name, value in HEADERS.items():
                answer.headers.setdefault(name, value)
        return answer

    return received


def _stray(request: web.Request, site: Site) -> web.StreamResponse | None:
    """Answer what did not come by the way on which the console is to be reached."""
    if not is_called(request.headers.get("Host", ""), site.http):
        return refused(request, HTTPStatus.MISDIRECTED_REQUEST, _("The console has another address."))
    door = site.http.door
    if door.proxies:
        peer = request.transport.get_extra_info("peername") if request.transport is not None else None
        if not peer or not door.is_proxy(str(peer[0])):
            return refused(request, HTTPStatus.FORBIDDEN, _("The console is reached through its proxy only."))
        if request.headers.get("X-Forwarded-Proto", _HTTPS) != _HTTPS:
            return refused(request, HTTPStatus.FORBIDDEN, _("The console is reached by https only."))
    return None


async def _answered(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPNotFound:
        return refused(request, HTTPStatus.NOT_FOUND, _("There is no such page."))
    except web.HTTPMethodNotAllowed:
        return refused(request, HTTPStatus.METHOD_NOT_ALLOWED, _("There is no such page."))
    except Exception as error:  # noqa: BLE001 # the top of what a browser is told
        return of_failure(request, error)
