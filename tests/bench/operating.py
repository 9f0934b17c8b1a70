"""The operating time of the cloud, nothing scaled, in simulated time: hours of waiting pass in a minute."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.bench.report import Table
from tests.engine.simulated_world import worlds
from tests.simulated_time import simulation

from b24syncd.portal.pace.spending import Spending

if TYPE_CHECKING:
    from tests.engine.world import World
    from tests.simulated_time import SimulatedTime

LIMIT, WINDOW, SHARE, BACKFILLS = 480.0, 600.0, 0.9, 3
UPDATE = "crm.item.update"
COSTS = {UPDATE: 0.2, "crm.item.get": 0.01, "crm.item.list": 0.1}
WINDOWS = 3.3
FOREIGN, EVERY = 0.1, 7.0
DIES_AFTER = 400.0


def measure() -> Table:
    """Return how long backfills take beside the fewest seconds, and what was refused."""
    table = Table(
        f"Operating limit of {LIMIT:.0f} s in {WINDOW:.0f} s, {COSTS[UPDATE]} s per update, in simulated time",
        ("", "updates", "seconds", "fewest seconds", "ratio", "refused", "requests"),
    )
    table.add("by itself", *_row())
    table.add("updates count twice what they take", *_row(factor=2.0))
    table.add(f"somebody else spends {FOREIGN:.0%} of the time", *_row(foreign=FOREIGN))
    table.add(f"stopped and begun again every {DIES_AFTER:.0f} s", *_row(dies_after=DIES_AFTER))
    return table


def _row(*, factor: float = 1.0, foreign: float = 0.0, dies_after: float = 1e9) -> tuple[object, ...]:
    ours = LIMIT * SHARE - foreign * WINDOW
    cost = COSTS[UPDATE]
    updates = int(WINDOWS * ours / (cost * factor))
    fewest = Spending(0.0, ours, WINDOW, ()).seconds_for(updates * cost * factor, BACKFILLS * factor)

    async def run(time: SimulatedTime, folder: Path) -> tuple[object, ...]:
        async with worlds(folder, time) as make:
            world = await make(costs=COSTS, real_time=True, request_cut_seconds=60, operating_factor=factor)
            for _ in range(updates):
                world.add("8 (916) 234-56-78")
            began = time.elapsed
            others = asyncio.create_task(_spend(world, foreign))
            while await _interrupted(world, dies_after):
                pass
            others.cancel()
            seconds = time.elapsed - began
            history = world.portal.history
            requests = sum(history.requests.values())
            refused = history.limit_errors.get("OPERATION_TIME_LIMIT", 0)
            return updates, f"{seconds:.0f}", f"{fewest:.0f}", f"{seconds / fewest:.3f}", refused, requests

    with TemporaryDirectory() as folder, simulation() as made:
        found: tuple[object, ...] = made.run(run(made.time, Path(folder)))
    return found


async def _interrupted(world: World, after: float) -> bool:
    """Run a backfill, and cut it off after so many seconds; return whether it was."""
    task = asyncio.create_task(world.backfill(seconds=1e9))
    done, _ = await asyncio.wait([task], timeout=after)
    if done:
        task.result()
        return False
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return True


async def _spend(world: World, part: float) -> None:
    """Spend a part of the time with the same webhook, as far as the portal lets."""
    portal = world.portal
    while part:
        await asyncio.sleep(EVERY)
        if not portal.operating.blocked(portal.options.secret, UPDATE, portal.clock()):
            portal.operating.charge(portal.options.secret, UPDATE, part * EVERY, portal.clock())
