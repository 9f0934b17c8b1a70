"""The plainest of clients, for looking at a served portal: one request, one answer, nothing understood or retried."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp

from .http.server import serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from .portal import Portal


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: HTTP status and JSON body."""

    status: int
    body: Any

    @property
    def result(self) -> Any:  # noqa: ANN401 - whatever the method answers
        """The answer's `result`."""
        return self.body["result"]


@dataclass(frozen=True, slots=True)
class Probe:
    """Asks one portal, by its webhook's address and its root."""

    webhook_url: str
    url: str
    session: aiohttp.ClientSession

    async def call(self, method: str, /, **parameters: object) -> Reply:
        """Call a method with JSON parameters."""
        async with self.session.post(f"{self.webhook_url}{method}", json=parameters) as response:
            return Reply(response.status, await response.json())

    async def send(self, method: str, *, query: str = "", body: bytes | None = None, kind: str = "") -> Reply:
        """Send a body as it is, with its content type; without a body it is a GET."""
        verb, headers = ("GET", {}) if body is None else ("POST", {"Content-Type": kind})
        address = f"{self.webhook_url}{method}{query}"
        async with self.session.request(verb, address, data=body, headers=headers) as response:
            return Reply(response.status, await response.json())

    async def batch(self, commands: Mapping[str, str], *, halt: object = 0) -> Any:  # noqa: ANN401 - the five results
        """Run commands in a batch and return its `result`."""
        return (await self.call("batch", halt=halt, cmd=dict(commands))).result

    async def control(self, verb: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - whatever is answered
        """Ask the controls under `/simulator/`."""
        async with self.session.request(verb, f"{self.url}/simulator/{path}", json=body) as response:
            response.raise_for_status()
            return await response.json()


@asynccontextmanager
async def probing(portal: Portal) -> AsyncIterator[Probe]:
    """Serve a portal in this event loop and ask it."""
    async with serve(portal) as server, aiohttp.ClientSession() as session:
        yield Probe(server.webhook_url, server.url, session)
