"""A world in simulated time: hours of a daemon's life pass in moments."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from tests.engine.world import World

from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from pathlib import Path

    from tests.simulated_time import SimulatedTime

    MakeWorld = Callable[..., Coroutine[None, None, World]]


@asynccontextmanager
async def worlds(folder: Path, time: SimulatedTime, begin: float | None = None) -> AsyncIterator[MakeWorld]:
    """Yield what makes worlds by that time; a portal's clock says `begin` at the simulation's beginning."""
    late_by = 0.0 if begin is None else begin - time.of_portal()
    async with AsyncExitStack() as stack:

        async def make(**options: Any) -> World:  # noqa: ANN401 # the portal's
            portal = Portal(
                Options(**{"burst": 1e4, "per_second": 5e3, **options}), clock=lambda: time.of_portal() + late_by
            )
            world = World(portal, await stack.enter_async_context(serve(portal)), folder, clock=time)
            world.longest_backfill = 1e6
            world.configure(limits__request_timeout_seconds=40, limits__request_cut_seconds=60)
            return world

        yield make
