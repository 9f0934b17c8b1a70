"""The HTTP side: webhook addresses, both layers of errors, and answers that get lost on their way.

Sources: docs local-integrations/local-webhooks.md, limits.md, error-codes.md.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web

from b24syncd.simulator import php
from b24syncd.simulator.errors import RestError, method_not_found, query_limit_exceeded
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.faults import Request as FaultyRequest
from b24syncd.simulator.methods import callers
from b24syncd.simulator.methods.calls import Process
from b24syncd.simulator.tables.offline_events import calling

from . import batch, delivery, requests
from .access_control import AccessControl
from .activity_control import ActivityControl
from .control import Control
from .dispatch import Dispatcher, RequestCut
from .field_control import FieldControl
from .oauth_server import OAuthServer
from .payment_control import PaymentControl

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    from b24syncd.simulator.portal import Portal

_MAX_BODY = 64 * 1024 * 1024


class Server:
    """A portal being served; `webhook_url` opens it, `url` is its root."""

    def __init__(self, portal: Portal, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        """Prepare, without listening yet."""
        self.portal = portal
        self.dispatcher = Dispatcher(portal)
        self.host = host
        self.port = 0
        self._tls = tls
        self._closing = asyncio.Event()
        self._site: web.TCPSite | None = None
        self._returning: asyncio.Task[None] | None = None
        app = web.Application(client_max_size=_MAX_BODY)
        app.router.add_route("*", "/rest/{user}/{secret}/{method:.+}", self._rest)
        app.router.add_route("*", "/rest/{method}", self._rest)
        Control(portal).add_routes(app)
        AccessControl(portal, self.leave).add_routes(app)
        ActivityControl(portal).add_routes(app)
        PaymentControl(portal).add_routes(app)
        FieldControl(portal).add_routes(app)
        OAuthServer(portal, self._closing).add_routes(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)

    @property
    def url(self) -> str:
        """The root of the portal."""
        return f"{'https' if self._tls else 'http'}://{self.host}:{self.port}"

    @property
    def webhook_url(self) -> str:
        """The address under which the webhook's methods are called, with a slash at its end."""
        options = self.portal.options
        return f"{self.url}/rest/{options.user_id}/{options.secret}/"

    @property
    def application_url(self) -> str:
        """Where an application that has no page of its own may send those who authorise it."""
        return f"{self.url}/application/"

    async def start(self, port: int = 0) -> None:
        """Listen; port 0 takes a free one."""
        await self._runner.setup()
        self.port = port
        await self.come_back()

    async def leave(self, *, seconds: float | None = None, kept: asyncio.BaseTransport | None = None) -> None:
        """Refuse every connection and drop those that there are, but `kept`; come back after so many seconds."""
        if self._site is not None:
            await self._site.stop()
            self._site = None
        for connection in self._runner.server.connections if self._runner.server is not None else ():
            if connection.transport not in (None, kept):
                connection.transport.abort()
        if seconds is not None:
            self._returning = asyncio.create_task(self._come_back_after(seconds))

    async def come_back(self) -> None:
        """Listen again, on the same port."""
        self._site = web.TCPSite(self._runner, self.host, self.port, ssl_context=self._tls)
        await self._site.start()
        self.port = self._runner.addresses[0][1]

    async def returned(self) -> None:
        """Wait until the portal has come back from where it went for so many seconds."""
        if self._returning is not None:
            await self._returning

    async def _come_back_after(self, seconds: float) -> None:
        await delivery.pause(seconds, self._closing)
        if not self._closing.is_set():
            await self.come_back()

    async def close(self) -> None:
        """Stop listening and let hanging answers go."""
        self._closing.set()
        await self.returned()
        if self._tls and self._runner.server is not None:
            # a client that is gone would never answer TLS's farewell
            for connection in self._runner.server.connections:
                if connection.transport is not None:
                    connection.transport.abort()
            await asyncio.sleep(0)
        await self._runner.cleanup()

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        if self.portal.access.away is not None:
            return delivery.absent_response(self.portal.access.away)
        method = requests.method_of(request.match_info["method"])
        self.portal.history.requests[method] += 1
        if not self.portal.requests.admit(request.remote or "", self.portal.clock()):
            self.portal.history.limit_errors["QUERY_LIMIT_EXCEEDED"] += 1
            return self._error(query_limit_exceeded())
        body = await request.read()
        sent = requests.parameters(
            request.method, request.rel_url.raw_query_string, body, request.headers.get("Content-Type", "")
        )
        fault = self._fault(method, sent)
        response = None
        if fault is None or fault.when == "after" or fault.kind in (Kind.LATE, Kind.CUT):
            if fault is not None and fault.kind is Kind.LATE:
                await delivery.pause(fault.seconds, self._closing)
            stop_after = fault.commands if fault is not None and fault.kind is Kind.CUT else None
            response = await self._response(request, method, sent, stop_after)
            if fault is None or fault.kind is Kind.LATE:
                return response
        return await delivery.instead(request, fault, response, self._closing)

    def _fault(self, method: str, sent: php.Array) -> Fault | None:
        if not self.portal.faults.waiting:
            return None
        inside = [php.parse_url(command)[0].lower() for _, command in batch.commands(sent)] if method == "batch" else []
        return self.portal.faults.strike(FaultyRequest(method, sent, (method, *inside)))

    async def _response(
        self, request: web.Request, method: str, sent: php.Array, stop_after: int | None
    ) -> web.Response:
        try:
            return delivery.json_response(await self._answer(request, method, sent, stop_after))
        except RestError as error:
            return self._error(error)
        except RequestCut:
            return delivery.html_response(504)

    def _error(self, error: RestError) -> web.Response:
        self.portal.history.command_errors[str(error.code)] += 1
        return delivery.json_response(error.body(), error.status)

    async def _answer(
        self, request: web.Request, method: str, sent: php.Array, stop_after: int | None
    ) -> dict[str, Any]:
        # php: rest.php - first the method must exist, then somebody must ask
        if method != "batch" and method not in self.dispatcher.methods:
            raise method_not_found()
        caller = self._caller(request, sent)
        calling.set((caller.application, caller.connector or ""))
        if method == "batch":
            return await batch.run(self.dispatcher, sent, caller=caller, stop_after=stop_after)
        start = self.portal.clock()
        answer = await self.dispatcher.run(method, sent, process=Process(caller))
        if answer["time"]["finish"] - start > self.portal.options.request_cut_seconds:
            raise RequestCut
        return answer

    def _caller(self, request: web.Request, sent: php.Array) -> callers.Caller:
        named = request.match_info
        if "secret" in named:
            return callers.by_webhook(self.portal, named["user"], named["secret"], sent)
        return callers.by_token(self.portal, request.headers.get("Authorization"), sent)


@asynccontextmanager
async def serve(
    portal: Portal, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Server]:
    """Serve a portal in this event loop for as long as the context lasts."""
    server = Server(portal, host=host, tls=tls)
    await server.start(port)
    try:
        yield server
    finally:
        await server.close()
