"""Who is let in to a route: by session, role, origin and token, each looked at before anything is done."""

from __future__ import annotations

import asyncio
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from aiohttp import web

from b24syncd.errors import B24SyncError, ExitCode, HandedOverFailed, RetryLater, StateUnusable, UsageInvalid
from b24syncd.observe.logs import get_logger
from b24syncd.web.console.sentences.telling import told

from .language import gettext as _
from .people import csrf_of
from .refusals import refused, starting
from .routes import Route
from .security import CSRF_FIELD, CSRF_HEADER, is_from_here, is_same
from .visit import Visit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .routes import AnyRoute, OpenRoute
    from .site import Site

_LONGEST_READING: Final = 30.0
"""Seconds in which all that is sent has to be here."""

_MOST_FIELDS: Final = 2000
_FORM: Final = "application/x-www-form-urlencoded"

_STATUSES: Final = {ExitCode.USAGE: HTTPStatus.BAD_REQUEST, ExitCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE}

log = get_logger()


class Denied(Exception):
    """What is not let in: the status, why in a word for the log, and a sentence for the person."""

    def __init__(self, status: HTTPStatus, why: str, text: str) -> None:
        """Keep all three."""
        super().__init__(why)
        self.status = status
        self.why = why
        self.text = text


def guarded(site: Site, routes: Iterable[Route], open_routes: Iterable[OpenRoute]) -> list[web.RouteDef]:
    """Return the routes of the console, each behind what it demands; nothing else is served."""
    every: tuple[AnyRoute, ...] = (*routes, *open_routes)
    return [_served(site, one) for one in every]


def _served(site: Site, one: AnyRoute) -> web.RouteDef:
    answer = partial(_answer, site, one)
    if one.method == "GET":
        return web.get(one.path, answer, allow_head=False)
    return web.route(one.method, one.path, answer)


async def _answer(site: Site, route: AnyRoute, request: web.Request) -> web.StreamResponse:
    """Answer by the route; of what is denied the log has the route as it stands in the table, and nothing sent."""
    try:
        if isinstance(route, Route):
            return await _let_in(site, route, request)
        return await _let_anybody_in(site, route, request)
    except Denied as denied:
        log.warning("console_refused", method=route.method, route=route.path, why=denied.why)
        return refused(request, denied.status, denied.text)


async def _let_anybody_in(site: Site, route: OpenRoute, request: web.Request) -> web.StreamResponse:
    form = _form(request, await _sent(site, route, request)) if route.is_change else {}
    return await route.handler(site, request, form)


async def _let_in(site: Site, route: Route, request: web.Request) -> web.StreamResponse:
    console = site.console
    if console is None:
        return starting(request)
    key = request.cookies.get(site.cookie, "")
    visitor = await console.people.visitor(key)
    if visitor is None:
        text = _("You are not signed in, or not any more. Ask whoever looks after b24syncd for an invitation.")
        raise Denied(HTTPStatus.UNAUTHORIZED, "session", text)
    if not visitor.person.role.allows(route.role):
        text = _("Your role does not allow this. Ask whoever looks after b24syncd for another one.")
        raise Denied(HTTPStatus.FORBIDDEN, "role", text)
    csrf = csrf_of(key)
    if not route.needs_csrf:
        return await route.handler(console, Visit(request, visitor, csrf))
    sent = await _sent(site, route, request)
    form = _form(request, sent)
    given = request.headers.get(CSRF_HEADER) or form.get(CSRF_FIELD, "")
    if not is_same(given, csrf):
        text = _("This page was opened before you signed in. Load it again, then try once more.")
        raise Denied(HTTPStatus.FORBIDDEN, "csrf", text)
    return await route.handler(console, Visit(request, visitor, csrf, form, b"" if form else sent))


async def _sent(site: Site, route: AnyRoute, request: web.Request) -> bytes:
    """Return what was sent; raise `Denied` where it comes from elsewhere, is too much, or does not come."""
    if not is_from_here(request.headers, site.http.door.scheme):
        raise Denied(HTTPStatus.FORBIDDEN, "origin", _("This did not come from a page of the console."))
    try:
        found = await _body(request, route.longest)
    except TimeoutError:
        raise Denied(HTTPStatus.REQUEST_TIMEOUT, "slow", _("This took too long to arrive.")) from None
    if found is None:
        raise Denied(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "size", _("This is more than can be taken at once."))
    return found


async def _body(request: web.Request, most: int) -> bytes | None:
    """Return what is sent; None where that is more than so many bytes, which is not read then."""
    if (request.content_length or 0) > most:
        return None
    found = bytearray()
    async with asyncio.timeout(_LONGEST_READING):
        async for chunk in request.content.iter_any():
            found += chunk
            if len(found) > most:
                return None
    return bytes(found)


def _form(request: web.Request, body: bytes) -> dict[str, str]:
    """Return the fields of a form, of several of one name the last; nothing where something else was sent.

    Raises `Denied` for what cannot be read: a form of nothing would pass for one in which nothing was changed.
    """
    if request.content_type != _FORM:
        return {}
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except UnicodeDecodeError:
        raise Denied(HTTPStatus.BAD_REQUEST, "text", _("This did not come from a page of the console.")) from None
    except ValueError:
        text = _("This is more than can be taken at once.")
        raise Denied(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "size", text) from None
    return dict(pairs)


def of_failure(request: web.Request, error: Exception) -> web.StreamResponse:
    """Return how a failure is told; of an unexpected one only that it was."""
    match error:
        case UsageInvalid():
            return refused(request, HTTPStatus.BAD_REQUEST, told(str(error)))
        case RetryLater() | StateUnusable():
            return refused(request, HTTPStatus.SERVICE_UNAVAILABLE, told(str(error)))
        case HandedOverFailed() if error.exit_code is not ExitCode.UNEXPECTED:
            return refused(request, _STATUSES.get(error.exit_code, HTTPStatus.CONFLICT), told(str(error)))
        case B24SyncError() if not isinstance(error, HandedOverFailed):
            return refused(request, HTTPStatus.CONFLICT, told(str(error)))
        case _:
            log.error("console_failed", route=_canonical(request), exc_info=error)
            text = _("Something unexpected went wrong. The log of the service tells more.")
            return refused(request, HTTPStatus.INTERNAL_SERVER_ERROR, text)


def _canonical(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return "" if resource is None else resource.canonical
