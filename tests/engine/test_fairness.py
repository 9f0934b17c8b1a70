"""What people change is corrected in time, however long a walk goes on that was handed over to the daemon."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.engine.test_handing_over import MESSY, served

from b24syncd.engine.apart import Apart

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    MakeWorld = Callable[..., Coroutine[None, None, World]]

INTERVAL = 30
WRITTEN, CANONICAL = "8 (916) 234-56-78", "+79162345678"
CLOUD = {"burst": 50, "per_second": 2.0, "operating_seconds": 480, "operating_window_seconds": 600}
COSTS = {"crm.item.update": 1.0, "crm.item.get": 0.01, "crm.item.list": 0.05}


async def corrected_after(world: World, item: int) -> float:
    """Let a person write a phone; return how long it took until it was in its canonical form."""
    began = world.clock.monotonic()
    assert world.portal.person.edit(world.change(item, WRITTEN, canonical=(CANONICAL,)))
    await world.until(lambda: world.phones(item) == [CANONICAL], seconds=1e6)
    return world.clock.monotonic() - began


async def test_an_edit_waits_for_no_page_of_a_walk_that_waits_for_operating_time(make_world: MakeWorld) -> None:
    world = await make_world(request_cut_seconds=60, costs=COSTS, real_time=True, **CLOUD)
    world.configure(**{f"limits__{name}": value for name, value in CLOUD.items()})
    world.configure(limits__request_timeout_seconds=70, limits__request_cut_seconds=60)
    world.configure(changes__interval_seconds=INTERVAL)
    items = [world.add(CANONICAL) for _ in range(4)]
    for _ in range(500):
        world.add(MESSY)
    async with served(world):
        await world.rounds(1)
        walk = asyncio.create_task(world.backfill(seconds=1e6))
        await world.until(lambda: world.portal.operating.maximum.get("crm.item.update", 0) > 420, seconds=1e6)
        waited = [await corrected_after(world, item) for item in items]
        assert not walk.done()
        await walk
    assert max(waited) <= INTERVAL + 5
    world.assert_right()


async def test_rounds_and_a_sweep_that_overlap_leave_a_moment_for_who_waits_to_be_alone() -> None:
    apart, is_due, pieces = Apart(), asyncio.Event(), list[float]()

    async def go_rounds() -> None:
        while len(pieces) < 3:
            async with apart.beside():
                await asyncio.sleep(1)
                is_due.set()
            await asyncio.sleep(1)

    async def sweep() -> None:
        while len(pieces) < 3:
            await is_due.wait()
            is_due.clear()
            async with apart.beside(is_patient=True):
                await asyncio.sleep(1.5)

    async with asyncio.TaskGroup() as group:
        group.create_task(go_rounds())
        group.create_task(sweep())
        await asyncio.sleep(5)
        async with asyncio.timeout(30), apart.alone():
            for _ in range(3):
                await asyncio.sleep(2)
                pieces.append(asyncio.get_running_loop().time())
                await apart.give_way()


async def test_who_waits_for_one_that_is_alone_gives_signs_of_life() -> None:
    signs: list[float] = []
    loop = asyncio.get_running_loop()
    apart = Apart(lambda: signs.append(loop.time()))

    async def beside() -> None:
        async with apart.beside():
            pass

    async with asyncio.TaskGroup() as group, apart.alone():
        group.create_task(beside())
        await asyncio.sleep(100)
    assert max(after - before for before, after in pairwise(signs)) <= 30
    assert len(signs) == 4


async def test_who_is_alone_lets_others_go_on_between_two_pieces() -> None:
    apart, seen = Apart(), list[str]()

    async def beside() -> None:
        async with apart.beside():
            seen.append("beside")
            await asyncio.sleep(1)
            seen.append("beside ends")

    async with asyncio.TaskGroup() as group, apart.alone():
        assert not await apart.give_way()
        group.create_task(beside())
        await asyncio.sleep(1)
        seen.append("a piece")
        assert await apart.give_way()
        seen.append("another piece")
    assert seen == ["a piece", "beside", "beside ends", "another piece"]
