"""The HTTP side: webhook addresses, both layers of errors, and answers that get lost on their way.

Sources: docs local-integrations/local-webhooks.md, limits.md, error-codes.md.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web

from . import batch, requests
from .dispatch import Dispatcher, RequestCut
from .errors import RestError, invalid_credentials, method_not_found, query_limit_exceeded

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    from . import php
    from .portal import Portal

_MAX_BODY = 64 * 1024 * 1024
_GATEWAY_TIMEOUT = (
    "<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body>\r\n"
    "<center><h1>504 Gateway Time-out</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


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
        app = web.Application(client_max_size=_MAX_BODY)
        app.router.add_route("*", "/rest/{user}/{secret}/{method:.+}", self._rest)
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

    async def start(self, port: int = 0) -> None:
        """Listen; port 0 takes a free one."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, port, ssl_context=self._tls)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Stop listening and let hanging answers go."""
        self._closing.set()
        await self._runner.cleanup()

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        method = requests.method_of(request.match_info["method"])
        self.portal.history.requests[method] += 1
        try:
            if not self.portal.requests.admit(request.remote or "", self.portal.clock()):
                self.portal.history.limit_errors["QUERY_LIMIT_EXCEEDED"] += 1
                raise query_limit_exceeded()
            body = await request.read()
            sent = requests.parameters(request.rel_url.raw_query_string, body, request.headers.get("Content-Type", ""))
            return _json(await self._answer(request, method, sent))
        except RestError as error:
            self.portal.history.command_errors[str(error.code)] += 1
            return _json(error.body(), error.status)
        except RequestCut:
            return web.Response(status=504, text=_GATEWAY_TIMEOUT, content_type="text/html")

    async def _answer(self, request: web.Request, method: str, sent: php.Array) -> dict[str, Any]:
        options = self.portal.options
        if method != "batch" and method not in self.dispatcher.methods:
            raise method_not_found()
        if (request.match_info["user"], request.match_info["secret"]) != (str(options.user_id), options.secret):
            raise invalid_credentials()
        if method == "batch":
            return await batch.run(self.dispatcher, sent)
        answer = await self.dispatcher.run(method, sent)
        if answer["time"]["duration"] > options.request_cut_seconds:
            raise RequestCut
        return answer


def _json(body: dict[str, Any], status: int = 200) -> web.Response:
    return web.Response(
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
        status=status,
        content_type="application/json",
        charset="utf-8",
    )


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
