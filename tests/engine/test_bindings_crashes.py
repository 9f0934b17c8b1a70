"""Killed at any command or any moment after it, a rebinding goes on and ends as if nobody had killed it."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing, suppress
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.engine.rebinding import (
    CONVERTED,
    WITH_TASKS,
    assert_nothing_twice,
    assert_settled,
    made,
    rule,
    small,
)
from tests.variants import some

from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.judges.items import misplaced
from b24syncd.simulator.seeds.activities import generate_activities

if TYPE_CHECKING:
    from tests.engine.rebinding import MakeWorld
    from tests.engine.world import World

AT_ONCE = 10
COMMANDS = 50
"""So many commands a rebinding of one of each kind takes."""


async def killed(world: World, number: int, steps: int) -> bool:
    """Kill a backfill so many steps of the event loop after a command; return whether it ended before.

    The steps reach what no command marks: the answer read, its outcomes being stored, the cursor moving.
    """
    reached = asyncio.Event()
    task = asyncio.create_task(world.backfill())
    with world.at_command(number, reached.set):
        waiting = asyncio.create_task(reached.wait())
        await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
        for _ in range(steps):
            await asyncio.sleep(0)
        waiting.cancel()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
            return True
    with closing(sqlite3.connect(world.state)) as db:
        db.execute("UPDATE runs SET state = 'running', finished_at = NULL WHERE id = (SELECT max(id) FROM runs)")
        db.commit()
    return False


@pytest.mark.every(3)
@pytest.mark.parametrize("steps", some([0, 20]))
@pytest.mark.parametrize("first", range(1, COMMANDS, AT_ONCE))
async def test_killed_at_every_command(make_world: MakeWorld, first: int, steps: int) -> None:
    async def run(number: int) -> bool:
        found = await small(make_world, leads=1)
        ended = await killed(found.world, number, steps)
        await found.world.backfill()
        found.assert_right()
        assert made(found.world) == made(undisturbed.world)
        assert found.world.reviews() == []  # nothing of this was taken for a person's doing
        await assert_settled(found.world)
        return ended

    undisturbed = await small(make_world, leads=1)
    await undisturbed.world.backfill()
    ended = await asyncio.gather(*(run(number) for number in range(first, first + AT_ONCE)))
    assert not all(ended) or first + AT_ONCE > COMMANDS


@pytest.mark.parametrize("seed", some(range(2)))
async def test_killed_again_and_again_while_answers_are_lost(make_world: MakeWorld, seed: int) -> None:
    async def run(number: int) -> World:
        world = await make_world(**WITH_TASKS)
        generate_activities(world.portal, number, converted=20, activities=4, obstacles=0.05)
        world.rebind_by(rule(where=CONVERTED))
        for kind in (Kind.RESET, Kind.HTML):
            world.portal.faults.add(Fault(kind=kind, when="after", times=None, probability=0.02))
        rng = Random(number)  # noqa: S311 # has to be repeatable
        for _ in range(4):
            await killed(world, rng.randrange(20, 200), rng.randrange(100))
        world.portal.faults.clear()
        await world.backfill()
        return world

    for world in await asyncio.gather(*(run(4 * seed + number) for number in range(4))):
        assert misplaced(world.portal, "company", "converted", tasks=True) == []
        assert_nothing_twice(world)
        await assert_settled(world)
