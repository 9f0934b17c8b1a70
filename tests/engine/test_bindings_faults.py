"""Lost answers and failing commands while bindings are written: the portal ends right, nothing is done twice."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.engine.rebinding import (
    ADD,
    CONVERTED,
    DELETE,
    MOVE,
    SET_LINKS,
    WITH_TASKS,
    WITNESS,
    assert_nothing_twice,
    assert_settled,
    rule,
    small,
)
from tests.variants import some

from b24syncd.simulator.activity_generator import generate_activities
from b24syncd.simulator.faults import Fault, FaultScript, Kind
from b24syncd.simulator.judging import misplaced

if TYPE_CHECKING:
    from tests.engine.rebinding import MakeWorld
    from tests.engine.world import World

WINDOW = 2.0
METHODS = (ADD, DELETE, MOVE, SET_LINKS)
READS = (WITNESS, "crm.activity.list", "crm.item.list", "tasks.task.list")


async def run_with(make_world: MakeWorld, *faults: Fault, patience: float = 1.5) -> World:
    found = await small(make_world, operating_window_seconds=WINDOW)
    world = found.world
    world.configure(limits__operating_window_seconds=WINDOW, limits__request_timeout_seconds=patience)
    world.portal.faults.add(*faults)
    summary = await world.backfill()
    assert summary.counts["failed"] == 0, faults
    assert world.portal.history.faults, faults
    world.portal.faults.clear()
    found.assert_right()
    assert_nothing_twice(world)
    assert {review.reason for review in world.reviews()} == set(), faults
    await assert_settled(world)
    return world


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_answer_to_a_write_is_lost(make_world: MakeWorld, method: str, when: str) -> None:
    kinds = (Kind.RESET, Kind.TRUNCATED, Kind.HTML, Kind.ERROR_500)
    faults = [Fault(kind=kind, when=when, match=method, times=2) for kind in kinds]
    # most of their time passes with waiting: all at once
    for world in await asyncio.gather(*(run_with(make_world, fault) for fault in faults)):
        assert (world.outcomes()["unverified"] > 0) == (when == "after")


@pytest.mark.parametrize("method", METHODS)
async def test_the_effect_comes_when_nobody_waits_for_it_any_more(make_world: MakeWorld, method: str) -> None:
    """The server goes on with a request whose client is gone; nothing is judged, or written, before it must be over."""
    late = Fault(kind=Kind.LATE, match=method, seconds=0.4)
    hanging = [Fault(kind=Kind.HANG, match=method, when=when) for when in ("before", "after")]
    worlds = await asyncio.gather(*(run_with(make_world, fault, patience=0.3) for fault in (late, *hanging)))
    for done in (worlds[0], worlds[2]):  # on a slow machine an answer of the other may come too late as well
        assert done.outcomes()["unverified"] > 0


@pytest.mark.parametrize("method", METHODS)
async def test_a_batch_is_cut_in_the_middle(make_world: MakeWorld, method: str) -> None:
    faults = [Fault(kind=Kind.CUT, match=method, commands=commands) for commands in (1, 2, 3, 5, 8)]
    for world in await asyncio.gather(*(run_with(make_world, fault) for fault in faults)):
        assert world.portal.history.faults["cut"] == 1


@pytest.mark.parametrize("method", METHODS)
async def test_single_commands_fail(make_world: MakeWorld, method: str) -> None:
    faults = [
        Fault(kind=Kind.COMMAND_ERROR, match=method, when=when, nth=nth)
        for when in ("before", "after")
        for nth in (1, 2)
    ]
    faults += [Fault(kind=Kind.ERROR_429, match=method), Fault(kind=Kind.ERROR_503, match=method, times=2)]
    await asyncio.gather(*(run_with(make_world, fault) for fault in faults))


@pytest.mark.parametrize("code", ["ERROR_CORE", "BINDING_NOT_FOUND", "ACTIVITY_IS_ALREADY_BOUND"])
async def test_an_error_that_is_final_comes_after_the_effect(make_world: MakeWorld, code: str) -> None:
    """What was done is found by reading, whatever the portal says; without a witness it is `unverified`."""

    def fault(method: str) -> Fault:
        return Fault(kind=Kind.COMMAND_ERROR, match=method, when="after", code=code, description="It is said so.")

    worlds = await asyncio.gather(*(run_with(make_world, fault(method)) for method in METHODS))
    for world in worlds:
        assert world.outcomes()["refused"] == 0


@pytest.mark.parametrize("method", READS)
async def test_reads_fail(make_world: MakeWorld, method: str) -> None:
    faults = [Fault(kind=kind, match=method) for kind in (Kind.RESET, Kind.HTML, Kind.ERROR_503)]
    faults.append(Fault(kind=Kind.COMMAND_ERROR, match=method))
    await asyncio.gather(*(run_with(make_world, fault) for fault in faults))


@pytest.mark.parametrize("seed", some(range(3)))
async def test_every_twentieth_answer_is_lost(make_world: MakeWorld, seed: int) -> None:
    async def run(number: int) -> World:
        world = await make_world(**WITH_TASKS, operating_window_seconds=WINDOW)
        world.configure(limits__operating_window_seconds=WINDOW)
        generate_activities(world.portal, number, converted=30, activities=4, obstacles=0.05)
        world.rebind_by(rule(where=CONVERTED))
        rng = Random(number)  # noqa: S311 # has to be repeatable
        world.portal.faults = FaultScript(world.portal.history.faults, number)
        world.portal.watchers[1] = world.portal.faults
        kinds = [(kind, when) for kind in (Kind.RESET, Kind.TRUNCATED, Kind.HTML) for when in ("before", "after")]
        world.portal.faults.add(
            *(Fault(kind=kind, when=when, times=None, probability=0.05 / 7) for kind, when in kinds),
            Fault(kind=Kind.CUT, times=None, probability=0.05 / 7, commands=rng.randrange(1, 12)),
            Fault(kind=Kind.COMMAND_ERROR, times=None, probability=0.01, when=rng.choice(("before", "after"))),
        )
        await world.backfill()
        world.portal.faults.clear()
        return world

    for world in await asyncio.gather(*(run(4 * seed + number) for number in range(4))):
        assert world.portal.history.faults
        assert misplaced(world.portal, "company", "converted", tasks=True) == []
        assert_nothing_twice(world)
        await assert_settled(world)
