"""What a portal and its authorisation server answer to an application that wants to come in: `/oauth/…`.

Both are served at one address here; an application is told the same server by `server_domain` and `server_endpoint`.
Sources: docs settings/oauth/index.md (the two steps, who cannot be authorised is told so on a page of the portal),
settings/oauth/auto-renewal.md, settings/oauth/error-codes.md; the statuses of errors are those that b24pysdk met
(errors/oauth.py: `wrong_client` comes with 200, `invalid_client`, `invalid_grant` and `invalid_request` with 400,
`NOT_INSTALLED` with 401).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from aiohttp import web

from b24syncd.simulator import php
from b24syncd.simulator.errors import RestError
from b24syncd.simulator.faults import Kind
from b24syncd.simulator.faults import Request as FaultyRequest

from . import delivery, requests

if TYPE_CHECKING:
    import asyncio

    from b24syncd.simulator.portal import Portal
    from b24syncd.simulator.tables.applications import Application, Pair

TOKEN_METHOD = "oauth/token"  # noqa: S105 - what faults call a request for tokens
MEMBER_ID = "a223c6b3710f85df22e9377d6c4f7553"
_GRANTS = {"authorization_code": "code", "refresh_token": "refresh_token"}
_LOCAL = "L"
_WRONG_CLIENT = RestError("wrong_client", "", 200)
_WRONG_SECRET = RestError("invalid_client", "")
_NO_GRANT = RestError("invalid_grant", "")
_UNPAID = RestError("PAYMENT_REQUIRED", "Payment required")
_LANDING = (
    "<!DOCTYPE html>\n<html><head><title>An application</title></head><body><p>Here the application would answer. "
    "Copy the address of this page.</p></body></html>\n"
)


class OAuthServer:
    """The routes of one portal; what is asked while it closes is left without an answer."""

    def __init__(self, portal: Portal, closing: asyncio.Event) -> None:
        """Remember the portal."""
        self._portal = portal
        self._closing = closing

    def add_routes(self, app: web.Application) -> None:
        """Add the routes to the server's application."""
        app.router.add_get("/oauth/authorize/", self._authorize)
        app.router.add_route("*", "/oauth/token/", self._token)
        app.router.add_get("/application/", self._landing)
        app.router.add_post("/simulator/application", self._control)

    async def _authorize(self, request: web.Request) -> web.Response:
        """Send the user, who is always the portal's own and logged in, back to the application."""
        portal, asked = self._portal, request.query
        application = portal.applications.installed.get(asked.get("client_id", ""))
        if application is None:
            return web.Response(status=200, text="<html><body>Application not found</body></html>")
        back = {
            "code": portal.applications.authorize(application.client_id, portal.options.user_id),
            **({"state": asked["state"]} if "state" in asked else {}),
            "domain": request.host,
            "member_id": MEMBER_ID,
            "scope": ",".join(application.scopes),
            "server_domain": request.host,
        }
        joint = "&" if "?" in application.redirect_uri else "?"
        address = f"{application.redirect_uri}{joint}{urlencode(back)}"
        raise web.HTTPFound(address)

    async def _landing(self, _request: web.Request) -> web.Response:
        return web.Response(text=_LANDING, content_type="text/html")

    async def _token(self, request: web.Request) -> web.StreamResponse:
        self._portal.history.requests[TOKEN_METHOD] += 1
        body = await request.read()
        sent = requests.parameters(
            request.method, request.rel_url.raw_query_string, body, request.headers.get("Content-Type", "")
        )
        fault = self._portal.faults.strike(FaultyRequest(TOKEN_METHOD, sent, (TOKEN_METHOD,)))
        if fault is None:
            return self._answer(request, sent)
        if fault.kind is Kind.LATE:
            await delivery.pause(fault.seconds, self._closing)
            return self._answer(request, sent)
        done = self._answer(request, sent) if fault.when == "after" else None
        return await delivery.instead(request, fault, done, self._closing)

    def _answer(self, request: web.Request, sent: php.Array) -> web.Response:
        try:
            body = self._given(request, {name: php.string(value) for name, value in sent.items()})
        except RestError as error:
            told = {name: value for name, value in error.body().items() if value}
            return delivery.json_response(told, error.status)
        return delivery.json_response(body)

    def _given(self, request: web.Request, sent: dict[int | str, str]) -> dict[str, Any]:
        applications = self._portal.applications
        application = applications.installed.get(sent.get("client_id", ""))
        if application is None:
            raise _WRONG_CLIENT
        if sent.get("client_secret") != application.client_secret:
            raise _WRONG_SECRET
        if applications.unpaid:
            raise _UNPAID
        name = _GRANTS.get(sent.get("grant_type", ""))
        if name is None or not sent.get(name):
            raise _missing(name or "grant_type")
        get = applications.spend if name == "code" else applications.refresh
        pair = get(application.client_id, sent[name])
        if pair is None:
            raise _NO_GRANT
        return self._told(request, application, pair, is_new=name == "code")

    def _told(self, request: web.Request, application: Application, pair: Pair, *, is_new: bool) -> dict[str, Any]:
        root, now = f"{request.scheme}://{request.host}", self._portal.clock()
        # what tells of the user and of the end comes with a refresh only (docs: auto-renewal.md)
        more = {} if is_new else {"expires": int(pair.expires), "user_id": pair.user_id}
        return {
            "access_token": pair.access,
            "client_endpoint": f"{root}/rest/",
            "domain": request.host,
            "expires_in": int(pair.expires - now),
            "member_id": MEMBER_ID,
            "refresh_token": pair.refresh,
            "scope": ",".join(application.scopes),
            "server_endpoint": f"{root}/rest/",
            "status": _LOCAL,
            **more,
        }

    async def _control(self, request: web.Request) -> web.Response:
        """Take `{"expired": true}`, all access tokens are too old; `{"revoked": true}`, no refresh token counts.

        `{"installed": false}` takes the applications away, and `{"unpaid": true}` lets nobody have tokens. The answer
        tells all that was ever given.
        """
        body, applications = await request.json(), self._portal.applications
        if body.get("expired"):
            applications.expire()
        if body.get("revoked"):
            applications.revoke()
        if body.get("installed") is False:
            applications.installed.clear()
        applications.unpaid = bool(body.get("unpaid", applications.unpaid))
        told = {
            "installed": [*applications.installed],
            "refreshed": applications.refreshed,
            "given": applications.given,
        }
        return web.json_response(told)


def _missing(name: str) -> RestError:
    code = "invalid_request"
    return RestError(code, f'No "{name}" parameter found')
