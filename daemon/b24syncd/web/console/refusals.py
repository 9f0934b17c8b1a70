"""Answers to what cannot be done: a page for people, an object for the scripts of pages."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from aiohttp import web

from .language import gettext as _
from .language import marked
from .rendering import open_page

if TYPE_CHECKING:
    from collections.abc import Mapping

_JSON: Final = "application/json"

_TITLES: Final[Mapping[int, str]] = {
    HTTPStatus.UNAUTHORIZED: marked("Please sign in"),
    HTTPStatus.FORBIDDEN: marked("Not allowed"),
    HTTPStatus.NOT_FOUND: marked("Not found"),
    HTTPStatus.SERVICE_UNAVAILABLE: marked("Not now"),
}


def refused(request: web.Request, status: int, text: str) -> web.Response:
    """Return an answer that says in a sentence why something was not done."""
    if _JSON in request.headers.get("Accept", ""):
        return web.json_response({"error": text}, status=status)
    title = _(_TITLES.get(status, marked("Not done")))
    return open_page(request, "refused.html", {"title": title, "text": text}, status=status)


def starting(request: web.Request) -> web.Response:
    """Return the answer of a console that has no daemon to work with yet."""
    text = _("It has just been started and does not work with the portal yet. Ask again in a moment.")
    return refused(request, HTTPStatus.SERVICE_UNAVAILABLE, text)
