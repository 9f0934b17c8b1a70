"""The operating time of the cloud, in simulated time: used up to the share, and what people wait for leaves at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.engine.deciding import accept, decisions
from tests.engine.test_handing_over import served

from b24syncd.portal.pace.spending import Spending

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    MakeWorld = Callable[..., Coroutine[None, None, World]]

RAW, MESSY = "+8 (495) 123-45-67", "8 (916) 234-56-78"
OURS = 480 * 0.9
COSTS = {"crm.item.update": 1.0, "crm.item.get": 0.05, "crm.item.list": 0.1}
ITEMS = 540


async def test_a_backfill_uses_its_whole_share_and_what_a_person_waits_for_is_not_held_up(
    make_world: MakeWorld,
) -> None:
    world = await make_world(request_cut_seconds=60, costs=COSTS, real_time=True)
    world.configure(limits__request_timeout_seconds=70, changes__interval_seconds=30)
    for number in range(ITEMS + 5):
        world.add(RAW if number < 5 else MESSY)
    waited: list[float] = []
    async with served(world):
        await world.rounds(1)
        began = world.clock.monotonic()
        backfill = asyncio.create_task(world.backfill(seconds=1e6))
        await world.until(lambda: world.portal.operating.maximum.get("crm.item.update", 0) > 0.99 * OURS, seconds=1e6)
        for decision in decisions(world.reviews()):
            await asyncio.sleep(70)  # the window is full for minutes
            asked = world.clock.monotonic()
            await accept(world, [decision], seconds=1e6)
            waited.append(world.clock.monotonic() - asked)
        assert not backfill.done()
        await backfill
        took = world.clock.monotonic() - began
    assert took <= 1.05 * Spending(0.0, OURS, 600.0, ()).seconds_for(ITEMS * COSTS["crm.item.update"], 3.0)
    assert len(waited) == 5
    assert max(waited) < 5
    assert world.portal.history.limit_errors == {}


async def test_a_portal_that_allows_less_is_met_by_one_refusal_over_all_restarts(make_world: MakeWorld) -> None:
    world = await make_world(costs=COSTS, real_time=True, request_cut_seconds=60, operating_seconds=100)
    world.configure(limits__operating_seconds=120, limits__request_timeout_seconds=70)
    refused: list[int] = []
    for _ in range(3):
        for _ in range(120):
            world.add(MESSY)
        await world.backfill(seconds=1e6)
        refused.append(world.portal.history.limit_errors["OPERATION_TIME_LIMIT"])
        await asyncio.sleep(600)
    assert refused[0] > 0, refused
    assert refused == refused[:1] * 3
