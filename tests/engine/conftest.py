"""The engine as a whole: app, engine, client and state, against a simulated portal served over loopback.

All of it runs in simulated time: how long a machine takes for anything is seen by neither side.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.engine.scripting import CONTACT, edit
from tests.engine.world import CUT_SECONDS, World
from tests.simulated_time import SimulatedLoop, simulated_loop, time_of_the_loop, told

from b24syncd.simulator.http.server import Server, serve
from b24syncd.simulator.portal import Options, Portal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

__all__ = ["CONTACT", "World", "edit"]


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Let every test here run in a time of its own."""
    return {"simulated": simulated_loop}


@pytest.fixture
async def make_world(tmp_path: Path) -> AsyncIterator[Callable[..., object]]:
    """Return a coroutine function that serves a portal with these options; all are closed at the end."""
    served: list[tuple[asyncio.Event, asyncio.Task[None]]] = []

    async def make(**options: object) -> World:
        number = len(served)
        scaled = {"request_cut_seconds": CUT_SECONDS, "cuts_starts": False}  # a second is long where all is scaled down
        options = {"burst": 10_000, "per_second": 5000.0} | scaled | options
        portal = Portal(Options(**options), clock=time.of_portal)  # type: ignore[arg-type] # the options vary
        ready: asyncio.Future[Server] = asyncio.get_running_loop().create_future()
        close = asyncio.Event()

        async def run() -> None:
            async with serve(portal) as server:
                ready.set_result(server)
                await close.wait()

        served.append((close, asyncio.create_task(run())))
        folder = tmp_path / f"world{number}"
        folder.mkdir()
        return World(portal, await ready, folder, clock=time)

    time = time_of_the_loop()
    with told(time):
        yield make
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SimulatedLoop)
    await loop.programs_ended()
    for close, task in served:
        close.set()
        await task


@pytest.fixture
async def world(make_world: Callable[..., object]) -> World:
    """A portal with the usual options."""
    return await make_world()  # type: ignore[misc, no-any-return] # it makes worlds
