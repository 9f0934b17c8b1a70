"""How an answer gets lost, garbled or replaced on its way to the client."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aiohttp import web

from b24syncd.simulator.errors import RestError, query_limit_exceeded
from b24syncd.simulator.faults import Fault, Kind

if TYPE_CHECKING:
    from b24syncd.simulator.tables.access import Away

_GATEWAY = (
    "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n"
    "<center><h1>{status} {reason}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
_ELSEWHERE = "<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>\n"
_MEMORY = (
    "<br />\n<b>Fatal error</b>:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes) in "
    "<b>/home/bitrix/www/bitrix/modules/main/lib/orm/query/result.php</b> on line <b>157</b><br />\n"
)
_REASONS = {200: "OK", 502: "Bad Gateway", 503: "Service Temporarily Unavailable", 504: "Gateway Time-out"}
_ERRORS = {
    Kind.ERROR_500: RestError("INTERNAL_SERVER_ERROR", "Internal server error", 500),
    Kind.ERROR_503: query_limit_exceeded(),
    Kind.OVERLOAD: RestError("OVERLOAD_LIMIT", "REST API is blocked due to overload.", 503),
}


def json_response(body: dict[str, Any], status: int = 200) -> web.Response:
    """Return an answer in JSON."""
    return web.Response(
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
        status=status,
        content_type="application/json",
        charset="utf-8",
    )


def html_response(status: int) -> web.Response:
    """Return the page of a proxy in front of the portal."""
    text = _GATEWAY.format(status=status, reason=_REASONS.get(status, "Error"))
    return web.Response(status=status, text=text, content_type="text/html")


def absent_response(how: Away) -> web.Response:
    """Return what answers in place of a portal that is away."""
    return html_response(502) if how == "502" else web.Response(text=_ELSEWHERE, content_type="text/html")


async def instead(
    request: web.Request, fault: Fault, response: web.Response | None, closing: asyncio.Event
) -> web.StreamResponse:
    """Deliver what the fault makes of an answer (`None`: there is none, nothing took effect)."""
    if error := _ERRORS.get(fault.kind):
        return json_response(error.body(), error.status)
    if fault.kind is Kind.HTML:
        return html_response(fault.status)
    if fault.kind is Kind.MEMORY:
        return web.Response(status=500, text=_MEMORY, content_type="text/html")
    if fault.kind is Kind.TRUNCATED:
        return await _truncated(request, response)
    if fault.kind is Kind.HANG:
        await pause(fault.seconds, closing)
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _truncated(request: web.Request, response: web.Response | None) -> web.StreamResponse:
    body = response.body if response is not None and isinstance(response.body, bytes) else b'{"result":{"item":{"id":1'
    garbled = web.StreamResponse(headers={"Content-Type": "application/json; charset=utf-8"})
    garbled.content_length = len(body)
    await garbled.prepare(request)
    await garbled.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return garbled


async def pause(seconds: float, closing: asyncio.Event) -> None:
    """Wait so long, or until the server is closed."""
    with suppress(TimeoutError):
        await asyncio.wait_for(closing.wait(), seconds)
