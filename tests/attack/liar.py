"""What stands between the client and the portal and changes answers."""

from __future__ import annotations

from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.attack.mutations import Mutated

    Twist = Callable[[str, bytes], Mutated | None]

_MOST = 2**26


@dataclass
class Liar:
    """A proxy: `twist` tells what becomes of the answer to a method, None that it stays as it is."""

    target: str
    twist: Twist | None = None
    url: str = ""
    kinds: Counter[str] = field(default_factory=Counter)
    methods: Counter[str] = field(default_factory=Counter)
    answers: int = 0

    async def answer(self, request: web.Request, session: aiohttp.ClientSession) -> web.StreamResponse:
        """Hand a request on, and what came back to the client."""
        method = request.match_info["tail"].rpartition("/")[2]
        content = await request.read()
        headers = {"Content-Type": request.headers.get("Content-Type", "")}
        async with session.post(self.target + request.match_info["tail"], data=content, headers=headers) as response:
            body, status = await response.read(), response.status
        self.answers += 1
        mutated = self.twist(method, body) if self.twist is not None else None
        if mutated is None:
            return web.Response(body=body, status=status, headers={"Content-Type": "application/json"})
        self.kinds[mutated.kind] += 1
        self.methods[method] += 1
        if mutated.is_raw:
            assert request.transport is not None
            request.transport.write(mutated.body)
            request.transport.close()
            return web.Response()
        headers = {"Content-Type": mutated.content_type}
        if mutated.encoding is not None:
            headers["Content-Encoding"] = mutated.encoding
        return web.Response(body=mutated.body, status=mutated.status, headers=headers)


@asynccontextmanager
async def lying(target: str) -> AsyncIterator[Liar]:
    """Stand in front of a portal whose root is `target`."""
    liar = Liar(target)
    async with aiohttp.ClientSession() as session:

        async def handle(request: web.Request) -> web.StreamResponse:
            return await liar.answer(request, session)

        app = web.Application(client_max_size=_MOST)
        app.router.add_route("*", "/{tail:.+}", handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        liar.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        try:
            yield liar
        finally:
            await runner.cleanup()
