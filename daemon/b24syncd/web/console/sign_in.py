"""Coming in by an invitation, going out, the language, and the files that pages refer to: what anybody may ask for."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from b24syncd.domain.people import SESSION_LASTS
from b24syncd.observe.logs import get_logger

from .language import LANGUAGES
from .language import gettext as _
from .refusals import refused, starting
from .rendering import open_page, see_other, static_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from .site import Site

LANGUAGE_COOKIE: Final = "b24syncd-language"
_A_YEAR: Final = 365 * 24 * 3600

log = get_logger()


async def join(_site: Site, request: web.Request, _form: Mapping[str, str]) -> web.StreamResponse:
    """Show the page of an invitation, whose key is in the fragment of the address, which browsers do not send."""
    return open_page(request, "join.html")


async def come_in(site: Site, request: web.Request, form: Mapping[str, str]) -> web.StreamResponse:
    """Begin a session for the key of an invitation."""
    if site.console is None:
        return starting(request)
    people = site.console.people
    session = await people.let_in(form.get("key", ""))
    if session is None:
        log.warning("invitation_refused")
        text = _("This invitation was used already, or is older than 15 minutes. Ask for another one.")
        return refused(request, HTTPStatus.FORBIDDEN, text)
    former = request.cookies.get(site.cookie, "")
    if former:
        await people.let_go(former)
    log.info("invitation_taken")
    answer = see_other("/")
    answer.set_cookie(
        site.cookie,
        session,
        max_age=int(SESSION_LASTS.total_seconds()),
        path="/",
        secure=site.http.door.is_encrypted,
        httponly=True,
        samesite="Lax",
    )
    return answer


async def go_out(site: Site, request: web.Request, _form: Mapping[str, str]) -> web.StreamResponse:
    """End the session."""
    key = request.cookies.get(site.cookie, "")
    if site.console is not None and key:
        await site.console.people.let_go(key)
    answer = see_other("/join")
    answer.del_cookie(site.cookie, path="/", secure=site.http.door.is_encrypted, httponly=True, samesite="Lax")
    return answer


async def choose_language(site: Site, _request: web.Request, form: Mapping[str, str]) -> web.StreamResponse:
    """Take note of a language, and go back to where it was chosen."""
    language, back = form.get("language", ""), form.get("back", "/")
    answer = see_other(back if _is_path(back) else "/")
    if language in LANGUAGES:
        answer.set_cookie(
            LANGUAGE_COOKIE,
            language,
            max_age=_A_YEAR,
            path="/",
            secure=site.http.door.is_encrypted,
            httponly=True,
            samesite="Lax",
        )
    return answer


def _is_path(text: str) -> bool:
    """Tell whether this leads to a page of the console itself, however browsers read it."""
    return text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()


async def static(_site: Site, request: web.Request, _form: Mapping[str, str]) -> web.StreamResponse:
    """Answer with a file of the console."""
    found = static_file(request.match_info["version"], request.match_info["name"])
    return found if found is not None else refused(request, HTTPStatus.NOT_FOUND, _("There is no such page."))
