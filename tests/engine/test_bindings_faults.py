"""Lost answers and failing commands while bindings are written: the portal ends right, nothing is done twice."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

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
from tests.engine.world import World
from tests.simulated_time import simulated
from tests.variants import some

from b24syncd.simulator.faults import Fault, FaultScript, Kind
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.judges.items import misplaced
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.seeds.activities import generate_activities

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.rebinding import MakeWorld, Small
    from tests.simulated_time import SimulatedTime

WINDOW = 2.0
METHODS = (ADD, DELETE, MOVE, SET_LINKS)
READS = (WITNESS, "crm.activity.list", "crm.item.list", "tasks.task.list")


async def run_with(make_world: MakeWorld, *faults: Fault) -> World:
    found = await small(make_world, operating_window_seconds=WINDOW)
    found.world.configure(limits__operating_window_seconds=WINDOW, limits__request_timeout_seconds=1.5)
    return await struck(found, *faults)


async def struck(found: Small, *faults: Fault) -> World:
    """Let faults strike one backfill; hold that the portal ends right in spite of them."""
    world = found.world
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


@pytest.mark.every(3)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_answer_to_a_write_is_lost(make_world: MakeWorld, method: str, when: str) -> None:
    kinds = (Kind.RESET, Kind.TRUNCATED, Kind.HTML, Kind.ERROR_500)
    faults = [Fault(kind=kind, when=when, match=method, times=2) for kind in kinds]
    # most of their time passes with waiting: all at once
    for world in await asyncio.gather(*(run_with(make_world, fault) for fault in faults)):
        assert (world.outcomes()["unverified"] > 0) == (when == "after")


@pytest.mark.parametrize("method", METHODS)
def test_the_effect_comes_when_nobody_waits_for_it_any_more(method: str, tmp_path: Path) -> None:
    """The server goes on with a request whose client is gone; nothing is judged, or written, before it must be over."""
    late = Fault(kind=Kind.LATE, match=method, seconds=50.0)
    hanging = [Fault(kind=Kind.HANG, match=method, when=when) for when in ("before", "after")]

    async def is_unverified(fault: Fault, folder: Path, time: SimulatedTime) -> bool:
        async with AsyncExitStack() as stack:

            async def make(**options: Any) -> World:  # noqa: ANN401 # the portal's
                portal = Portal(Options(burst=1e4, per_second=5e3, **options), clock=time.of_portal)
                server = await stack.enter_async_context(serve(portal))
                return World(portal, server, folder, clock=time, longest_backfill=1e4)

            found = await small(make)
            found.world.configure(limits__request_timeout_seconds=40, limits__request_cut_seconds=60)
            return (await struck(found, fault)).outcomes()["unverified"] > 0

    folders = [tmp_path / name for name in ("late", "before", "after")]
    for folder in folders:
        folder.mkdir()
    found = [
        simulated(partial(is_unverified, fault, folder))
        for fault, folder in zip((late, *hanging), folders, strict=True)
    ]
    assert found == [True, False, True]


@pytest.mark.every(3)
@pytest.mark.parametrize("method", METHODS)
async def test_a_batch_is_cut_in_the_middle(make_world: MakeWorld, method: str) -> None:
    faults = [Fault(kind=Kind.CUT, match=method, commands=commands) for commands in (1, 2, 3, 5, 8)]
    for world in await asyncio.gather(*(run_with(make_world, fault) for fault in faults)):
        assert world.portal.history.faults["cut"] == 1


@pytest.mark.every(3)
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
