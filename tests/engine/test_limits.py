"""Limits that bind: everything arrives, nothing is refused, also when the process starts again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from b24syncd.simulator.judges.items import lost_values
from b24syncd.store import limits
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.conftest import World

    MakeWorld = Callable[..., Coroutine[None, None, World]]

COSTS = {"crm.item.update": 0.02, "crm.item.get": 0.004, "crm.item.list": 0.01}


async def world_with_operating_limit(make_world: MakeWorld, factor: float = 1.0) -> World:
    """Two windows' worth of updates, or more where they count more than they take."""
    world = await make_world(
        operating_seconds=2,
        operating_window_seconds=3,
        request_cut_seconds=60,
        costs=COSTS,
        operating_factor=factor,
        real_time=factor > 1,
    )
    world.configure(limits__operating_seconds=2, limits__operating_window_seconds=3)
    world.fill(3, contacts=150)
    return world


@pytest.mark.parametrize("factor", [1.0, 3.0])
async def test_the_operating_limit_binds(make_world: MakeWorld, factor: float) -> None:
    world = await world_with_operating_limit(make_world, factor)
    world.configure(limits__request_cut_seconds=60)
    await world.backfill(seconds=90)
    assert world.portal.operating.maximum["crm.item.update"] > 1
    await world.assert_settled()


async def test_the_operating_limit_binds_over_restarts(make_world: MakeWorld) -> None:
    world = await world_with_operating_limit(make_world)
    restarts = 0
    while restarts < 5 and not await world.killed(35):
        restarts += 1
    assert restarts == 5
    await world.backfill(seconds=30)
    await world.assert_settled()


async def test_the_operating_limit_binds_while_following(make_world: MakeWorld) -> None:
    world = await world_with_operating_limit(make_world)
    async with world.following():
        await world.rounds(1)
        items = list(world.portal.table(3).items)
        for item in items:
            world.portal.person.edit(world.change(item, "8 (916) 123-45-67", canonical=("+79161234567",)))
        edited = [item for item in items if world.phones(item) and world.phones(item)[0] == "8 (916) 123-45-67"]
        assert len(edited) > 100
        await world.until(lambda: all("+79161234567" in world.phones(item) for item in edited), seconds=30)
    assert lost_values(world.portal) == []
    assert world.portal.history.limit_errors == {}


@pytest.mark.parametrize("how", ["cut_off", "killed"])
async def test_the_request_limit_binds_over_restarts(make_world: MakeWorld, how: str) -> None:
    world = await make_world(burst=8, per_second=20)
    world.configure(limits__burst=8, limits__per_second=20)
    world.fill(3, contacts=100)
    for number in range(8):
        await getattr(world, how)(4 + number % 5)
    await world.backfill(seconds=30)
    assert world.portal.requests.maximum > 2
    await world.assert_settled()


async def test_the_request_limit_binds_over_short_runs(make_world: MakeWorld) -> None:
    world = await make_world(burst=8, per_second=20)
    world.configure(limits__burst=8, limits__per_second=20)
    world.fill(3, contacts=20)
    for number in range(1, 16):
        await world.backfill(only=[f"contact:{number}"])
    await world.backfill()
    world.assert_right()


async def test_what_was_learnt_of_the_limits_is_remembered(make_world: MakeWorld) -> None:
    world = await world_with_operating_limit(make_world)
    world.configure(limits__in_flight=2)  # batches of one simulated moment would tell their sums in no order
    await world.cut_off(150)
    with open_for_reading(world.state) as db:
        learnt = limits.load_limits(db)
    assert learnt["costs"]["crm.item.update"] == pytest.approx(0.02, rel=0.1)  # type: ignore[index] # JSON
    spent, reset_at = learnt["operating"]["crm.item.update"]  # type: ignore[index] # JSON
    assert spent > 0
    assert reset_at > world.portal.clock() - 3
    assert learnt["send_times"]
