"""A proxy on loopback that makes connections by CONNECT, or says why it does not."""

from __future__ import annotations

import asyncio
import base64
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass
class NearbyProxy:
    """Answers CONNECT with `status`; with 200 it connects, to `port` on this machine whatever host was asked for."""

    port: int
    status: int = 200
    credentials: str = ""
    address: str = ""
    asked: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.asked.append(head.splitlines()[0])
            expected = f"Basic {base64.b64encode(self.credentials.encode()).decode()}"
            status = self.status if not self.credentials or expected in head else 407
            writer.write(f"HTTP/1.1 {status} As told\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
            if status == 200:
                await self._tunnel(reader, writer)
        writer.close()

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self.port)
        async with asyncio.TaskGroup() as group:
            group.create_task(_pass_on(reader, inner_writer))
            group.create_task(_pass_on(inner_reader, writer))


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while received := await reader.read(65536):
            writer.write(received)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def proxying(port: int, *, status: int = 200, credentials: str = "") -> AsyncIterator[NearbyProxy]:
    """Serve a proxy to a port of this machine."""
    proxy = NearbyProxy(port, status, credentials)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    user = f"{credentials}@" if credentials else ""
    proxy.address = f"http://{user}127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
