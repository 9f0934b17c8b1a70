"""The engine as a whole: app, engine, client and state, against a simulated portal served over loopback."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.engine.scripting import CONTACT, edit
from tests.engine.world import CUT_SECONDS, World

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.server import Server, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

__all__ = ["CONTACT", "World", "edit"]


@pytest.fixture
async def make_world(tmp_path: Path) -> AsyncIterator[Callable[..., object]]:
    """Return a coroutine function that serves a portal with these options; all are closed at the end."""
    served: list[tuple[asyncio.Event, asyncio.Task[None]]] = []

    async def make(**options: object) -> World:
        number = len(served)
        options = {"burst": 10_000, "per_second": 5000.0, "request_cut_seconds": CUT_SECONDS} | options
        portal = Portal(Options(**options))  # type: ignore[arg-type] # the options vary
        ready: asyncio.Future[Server] = asyncio.get_running_loop().create_future()
        close = asyncio.Event()

        async def run() -> None:
            async with serve(portal) as server:
                ready.set_result(server)
                await close.wait()

        served.append((close, asyncio.create_task(run())))
        folder = tmp_path / f"world{number}"
        folder.mkdir()
        return World(portal, await ready, folder)

    yield make
    for close, task in served:
        close.set()
        await task


@pytest.fixture
async def world(make_world: Callable[..., object]) -> World:
    """A portal with the usual options."""
    return await make_world()  # type: ignore[misc, no-any-return] # it makes worlds
