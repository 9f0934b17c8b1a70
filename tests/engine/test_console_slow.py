"""Who sends slowly, or only holds the line, holds up nothing of the console; time is simulated."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from tests.engine.test_handing_over import served

from b24syncd.app.requests import InviteRequest
from b24syncd.domain.people import Role
from b24syncd.settings.http import Http
from b24syncd.web import tcp_door, unix_door
from b24syncd.web.console.people import csrf_of
from b24syncd.web.console.site import Site
from b24syncd.web.monitoring.observing import Monitor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.engine.world import World

    from b24syncd.app.follow import Daemon

HTTP = Http("127.0.0.1:0", "127.0.0.1", 0, has_console=True)


async def test_what_comes_too_slowly_is_hung_up_on(world: World) -> None:
    world.configure(changes__interval_seconds=30)
    site, monitor = Site(HTTP, "acme"), Monitor()

    @asynccontextmanager
    async def serving(daemon: Daemon) -> AsyncIterator[None]:
        async with unix_door.serving(daemon), site.serving(daemon):
            yield

    world.serving = serving
    async with AsyncExitStack() as stack:
        (address, *_) = await stack.enter_async_context(tcp_door.opened(HTTP, "acme", monitor, site))
        await stack.enter_async_context(served(world))
        console = site.console
        assert console is not None
        asked = await console.commands.submit(InviteRequest(name="Anna", role=Role.OPERATE))
        key = await console.people.let_in(asked.outcome.result["key"])  # type: ignore[union-attr] # it is finished
        assert key is not None
        head = (
            "POST /people/invite HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nContent-Length: 1000\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nX-CSRF-Token: {csrf_of(key)}\r\n"
            f"Cookie: {site.cookie}={key}\r\n\r\nname="
        )
        for begun, answer in ((head, b"HTTP/1.1 408 Request Timeout"), ("GET / HTTP/1.1\r\nHost: ", b"")):
            reader, writer = await asyncio.open_connection(*address[:2])
            writer.write(begun.encode())
            answered = asyncio.create_task(_answer(reader))
            began = world.clock.monotonic()
            while not answered.done():
                assert world.clock.monotonic() - began < 60
                writer.write(b"x")
                await asyncio.wait({answered}, timeout=2.0)
            assert answered.result().partition(b"\r\n")[0] == answer
            writer.close()
        assert site.console is not None
        assert site.console.daemon.is_alive


async def _answer(reader: asyncio.StreamReader) -> bytes:
    """Return what was answered until the line was cut."""
    try:
        return await reader.read()
    except ConnectionError:
        return b""
