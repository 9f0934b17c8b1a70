"""Lists that are too much for the server: long requests fail, in whatever way, and shorter ones do not."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from tests.engine.paying import PAYMENTS, date_paid, deal, mistakes, pay
from tests.engine.rebinding import CONVERTED, WITH_TASKS, bound, call, company, lead_of, rule
from tests.engine.simulated_world import worlds
from tests.simulated_time import simulated

from b24syncd.errors import ExitCode, RetryLater
from b24syncd.simulator.faults import Fault, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from tests.engine.simulated_world import MakeWorld
    from tests.engine.world import World
    from tests.simulated_time import SimulatedTime

MESSY, CLEAN = "8 (916) 123-45-67", "+79161234567"
WAYS = [Kind.ERROR_500, Kind.MEMORY, Kind.RESET, Kind.HTML, Kind.HANG]
MANY = 420
"""Items of which a backfill chains more pages than the server manages."""


def strike(world: World, kind: Kind, *methods: str, more_than: int) -> None:
    """Let requests fail for good that have more commands of a method than the server manages."""
    world.portal.faults.add(
        *(Fault(kind=kind, match=method, more_than=more_than, times=None, seconds=100.0) for method in methods)
    )


async def of_points(make: MakeWorld, kind: Kind, more_than: int, api: str) -> World:
    """Backfill phones of many contacts."""
    world = await make()
    world.configure(portal__api=api)
    for _ in range(MANY):
        world.add(CLEAN)
    last = world.add(MESSY)
    strike(world, kind, "crm.item.list", "crm.contact.list", more_than=more_than)
    await world.backfill()
    assert world.phones(last) == [CLEAN]
    return world


async def of_payments(make: MakeWorld, kind: Kind, more_than: int) -> World:
    """Backfill the dates of payments of many deals."""
    world = await make()
    for _ in range(80):
        pay(world, deal(world))
    date_paid(world)
    strike(world, kind, "crm.item.list", PAYMENTS, more_than=more_than)
    await world.backfill()
    assert mistakes(world) == []
    return world


CASES: dict[str, Callable[[MakeWorld, Kind, int], Coroutine[None, None, World]]] = {
    "items": partial(of_points, api="universal"),
    "classic": partial(of_points, api="classic"),
    "payments": of_payments,
}


@pytest.mark.parametrize(
    ("case", "kind", "more_than"),
    [
        *(("items", kind, 3) for kind in WAYS),
        ("items", Kind.MEMORY, 1),
        ("classic", Kind.MEMORY, 1),
        ("payments", Kind.MEMORY, 3),
    ],
)
def test_long_requests_are_halved_until_they_pass(case: str, kind: Kind, more_than: int, tmp_path: Path) -> None:
    async def run(time: SimulatedTime) -> None:
        async with worlds(tmp_path, time) as make:
            world = await CASES[case](make, kind, more_than)
            # two lists, each from fifty down to one, and now and then one more is tried
            assert 0 < world.portal.history.faults[kind.value] <= 30

    simulated(run)


def test_sources_and_activities_are_halved_as_well(tmp_path: Path) -> None:
    async def run(time: SimulatedTime) -> None:
        async with worlds(tmp_path, time) as make:
            world = await make(**WITH_TASKS)
            target = company(world)
            moved = [call(world, lead_of(world, target)) for _ in range(120)]
            world.rebind_by(rule(where=CONVERTED))
            strike(world, Kind.MEMORY, "crm.item.list", "crm.activity.list", more_than=1)
            await world.backfill()
            assert all(bound(world, activity) == {target} for activity in moved)
            assert 0 < world.portal.history.faults["memory"] <= 30

    simulated(run)


@pytest.mark.parametrize("kind", [Kind.ERROR_500, Kind.MEMORY])
def test_a_single_page_that_fails_is_told_and_ends_as_unavailable(kind: Kind, tmp_path: Path) -> None:
    async def run(time: SimulatedTime) -> None:
        async with worlds(tmp_path, time) as make:
            world = await make()
            for _ in range(MANY):
                world.add(CLEAN)
            world.portal.faults.add(Fault(kind=kind, match="crm.item.list", nth=3, times=None))
            with pytest.raises(RetryLater, match=r"crm\.item\.list fails even by itself") as told:
                await world.backfill()
            assert told.value.exit_code is ExitCode.UNAVAILABLE
            world.portal.faults.clear()
            await world.backfill()  # it goes on where it stopped
            world.assert_right()

    simulated(run)
