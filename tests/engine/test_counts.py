"""What a walk counts: interrupted at any moments, by a signal or by force, it counts what an undisturbed one does."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.attack.crashes import Crash, Victim
from tests.engine.rebinding import small
from tests.simulated_time import SimulatedLoop

from b24syncd.simulator.faults import Fault, Kind
from b24syncd.store import runs
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    MakeWorld = Callable[..., Coroutine[None, None, World]]

COUNTED = ("read", "corrected", "corrections", "reviews")


async def items(make_world: MakeWorld) -> World:
    world = await make_world()
    world.fill(11, contacts=150, companies=20, leads=20)
    return world


async def activities(make_world: MakeWorld) -> World:
    return (await small(make_world, leads=4)).world


async def backfill_hit_by(crash: Crash, world: World) -> bool:
    """Run a backfill that a crash strikes; return whether it came to its end before, as the state tells it."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SimulatedLoop)
    loop.live()
    task = asyncio.create_task(world.backfill())
    victim = Victim(task, loop, crash)
    with victim.endangered(world.portal), suppress(asyncio.CancelledError):
        await task
    loop.live()
    with open_for_reading(world.state) as db:
        return any(run.state is runs.RunState.DONE for run in runs.latest_runs(db, limit=1))


def counted(world: World) -> dict[str, int]:
    """Return what the last run has counted, as the state tells it."""
    with open_for_reading(world.state) as db:
        (run,) = runs.latest_runs(db, limit=1)
    return {name: run.counts[name] for name in COUNTED}


@pytest.mark.every(5)
@pytest.mark.parametrize("how", ["kill", "cut", "stop"])
@pytest.mark.parametrize("begun", [items, activities])
async def test_interrupted_it_counts_what_an_undisturbed_one_counts(
    make_world: MakeWorld, begun: Callable[[MakeWorld], Coroutine[None, None, World]], how: str
) -> None:
    undisturbed = await begun(make_world)
    whole = await undisturbed.backfill()
    assert counted(undisturbed) == {name: whole.counts[name] for name in COUNTED}
    assert min(counted(undisturbed)["read"], counted(undisturbed)["corrected"]) > 0
    rng = Random(f"{how} {begun.__name__}")  # noqa: S311 # has to be repeatable
    struck = 0
    for _ in range(2):
        world = await begun(make_world)
        for _ in range(3):
            after = rng.choice(("command", "job"))
            crash = Crash(after, rng.randrange(4, 60), how, rng.randrange(30))  # type: ignore[arg-type] # drawn
            if await backfill_hit_by(crash, world):
                break
            struck += 1
        else:
            summary = await world.backfill()
            assert not summary.interrupted
            assert {name: summary.counts[name] for name in COUNTED} == counted(world)
        assert counted(world) == counted(undisturbed)
    assert struck > 2


@pytest.mark.parametrize("lost", [1, 2])
async def test_an_item_is_read_once_however_often_its_answer_is_lost(make_world: MakeWorld, lost: int) -> None:
    world = await make_world()
    world.add("+74951234567")
    world.add("8 (495) 123-45-67")
    world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.update", times=lost))
    assert not (await world.backfill()).interrupted
    assert counted(world) == {"read": 2, "corrected": 1, "corrections": 1, "reviews": 0}
