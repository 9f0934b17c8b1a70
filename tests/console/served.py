"""A console that is served: a simulated portal, a daemon that follows it, and people who are let in. In true time."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
from tests.engine.world import World

from b24syncd.app.requests import InviteRequest, RevokeRequest
from b24syncd.clock import SystemClock
from b24syncd.domain.people import Role
from b24syncd.settings.http import Http
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.web import tcp_door, unix_door
from b24syncd.web.console.people import csrf_of
from b24syncd.web.console.site import Site
from b24syncd.web.monitoring.observing import Monitor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from b24syncd.app.follow import Daemon

HTTP = Http("127.0.0.1:0", "127.0.0.1", 0, has_console=True)
PORTAL = "acme"


class MovableClock(SystemClock):
    """The system's clock, which a test may set forward."""

    ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Answer:
    """What the console answered."""

    status: int
    text: str
    headers: Mapping[str, str]


@dataclass
class Caller:
    """Somebody who asks the console without a browser, with the session of `key` if there is one."""

    url: str
    client: aiohttp.ClientSession
    cookie: str
    key: str = ""

    @property
    def csrf(self) -> str:
        return csrf_of(self.key)

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask("GET", path, **headers)

    async def post(self, path: str, form: Mapping[str, str] | None = None, **headers: str) -> Answer:
        """Send a form as a page of the console does, with its origin and the session's token."""
        sent = {"csrf": self.csrf, **(form or {})}
        return await self.ask("POST", path, data=sent, **({"Origin": self.url} | headers))

    async def ask(self, method: str, path: str, *, data: object = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items() if value}
        if self.key:
            named["Cookie"] = f"{self.cookie}={self.key}"
        async with self.client.request(
            method, self.url + path, headers=named, data=data, allow_redirects=False
        ) as answer:
            return Answer(answer.status, await answer.text(), answer.headers)


@dataclass
class Served:
    """The console, the world behind it, and ways to come in."""

    world: World
    site: Site
    url: str
    clock: MovableClock
    client: aiohttp.ClientSession
    stack: AsyncExitStack = field(repr=False)
    lives: asyncio.Event

    @property
    def daemon(self) -> Daemon:
        assert self.site.console is not None
        return self.site.console.daemon

    async def begin(self) -> None:
        """Let the daemon follow, until the end of the test."""
        await self.stack.enter_async_context(self.world.following())
        async with asyncio.timeout(60):
            await self.lives.wait()

    async def invitation(self, name: str = "Anna", role: Role = Role.OPERATE) -> str:
        """Invite somebody; return the link."""
        asked = await self.daemon.commands.submit(InviteRequest(name=name, role=role))
        return f"{self.url}/join#{_result(asked.outcome)['key']}"

    async def revoke(self, name: str = "Anna") -> None:
        await self.daemon.commands.submit(RevokeRequest(name=name))

    async def signed_in(self, role: Role = Role.OPERATE, name: str = "Anna") -> Caller:
        """Return somebody who is in."""
        link = await self.invitation(name, role)
        console = self.site.console
        assert console is not None
        key = await console.people.let_in(link.partition("#")[2])
        assert key is not None
        return Caller(self.url, self.client, self.site.cookie, key)

    @property
    def stranger(self) -> Caller:
        """Somebody whom nobody let in."""
        return Caller(self.url, self.client, self.site.cookie)


def _result(outcome: Any) -> Any:  # noqa: ANN401 # as it is told
    return outcome.result


@asynccontextmanager
async def served(folder: Path, http: Http = HTTP, **options: object) -> AsyncIterator[Served]:
    """Serve a portal and open the door of a console; the daemon follows once the test says so."""
    scaled = {"request_cut_seconds": 0.5, "cuts_starts": False}
    portal = Portal(Options(**{"burst": 10_000, "per_second": 5000.0} | scaled | options))  # type: ignore[arg-type] # the options vary
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serve(portal))
        clock = MovableClock()
        world = World(portal, server, folder, clock=clock)
        site, monitor = Site(http, PORTAL), Monitor()
        (address, *_) = await stack.enter_async_context(tcp_door.opened(http, PORTAL, monitor, site))
        client = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))

        @asynccontextmanager
        async def serving(daemon: Daemon) -> AsyncIterator[None]:
            async with unix_door.serving(daemon), monitor.serving(daemon), site.serving(daemon):
                lives.set()
                yield

        world.serving, lives = serving, asyncio.Event()
        yield Served(world, site, f"{http.door.scheme}://127.0.0.1:{address[1]}", clock, client, stack, lives)
