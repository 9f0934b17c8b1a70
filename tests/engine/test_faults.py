"""Lost answers and failing commands of every kind: the portal ends right, nothing is written twice."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.variants import some

from b24syncd.simulator.faults import Fault, FaultScript, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.conftest import World

    MakeWorld = Callable[..., Coroutine[None, None, World]]

LOST = [
    Fault(kind=kind, when=when, match="crm.item.update", seconds=0.2, times=2)
    for kind in (Kind.RESET, Kind.TRUNCATED, Kind.HTML, Kind.ERROR_500)
    for when in ("before", "after")
]
OTHERS = [
    Fault(kind=Kind.LATE, match="crm.item.update", seconds=0.1),
    Fault(kind=Kind.CUT, match="crm.item.update", commands=1),
    Fault(kind=Kind.CUT, match="crm.item.update", commands=7),
    Fault(kind=Kind.ERROR_503, match="crm.item.update", times=2),
    Fault(kind=Kind.ERROR_429, match="crm.item.update"),
    Fault(kind=Kind.ERROR_429, match="crm.item.get", nth=4),
    Fault(kind=Kind.ERROR_429, match="crm.item.list", nth=4),
    *(
        Fault(kind=Kind.COMMAND_ERROR, match=match, when=when, nth=4)
        for match in ("crm.item.get", "crm.item.update", "crm.item.list")
        for when in ("before", "after")
    ),
]
READS = [
    Fault(kind=kind, match=match)
    for kind in (Kind.RESET, Kind.TRUNCATED, Kind.HTML, Kind.ERROR_500, Kind.ERROR_503)
    for match in ("scope", "crm.item.list")
]
WINDOW = 2.0
AT_ONCE = 7


async def run_with(make_world: MakeWorld, fault: Fault) -> World:
    world = await make_world(operating_window_seconds=WINDOW)
    world.configure(limits__operating_window_seconds=WINDOW, limits__request_timeout_seconds=1.5)
    if fault.match == "crm.item.get":  # the witness of a pair
        world.configure(limits__witness_seconds=0)
    world.fill(2, contacts=60, companies=20)
    world.portal.faults.add(fault)
    summary = await world.backfill()
    assert summary.counts["failed"] == 0, fault
    assert world.portal.history.faults[fault.kind.value] == fault.times, fault
    return world


def took_effect(fault: Fault) -> bool:
    """Tell whether something was written although its answer was lost."""
    return fault.when == "after" or (fault.kind is Kind.CUT and fault.commands > 1)


# Most of their time passes with waiting: several at once.
@pytest.mark.parametrize("first", range(0, len(LOST), AT_ONCE))
async def test_an_answer_to_a_write_is_lost(make_world: MakeWorld, first: int) -> None:
    faults = LOST[first : first + AT_ONCE]
    worlds = await asyncio.gather(*(run_with(make_world, fault) for fault in faults))
    for world, fault in zip(worlds, faults, strict=True):
        outcomes = world.outcomes()
        assert (outcomes["unverified"] > 0) == took_effect(fault), fault
        assert (outcomes["not_sent"] > 0) != took_effect(fault), fault
        await world.assert_settled()


@pytest.mark.parametrize("first", range(0, len(OTHERS), AT_ONCE))
async def test_other_faults_of_writes_and_of_single_commands(make_world: MakeWorld, first: int) -> None:
    faults = OTHERS[first : first + AT_ONCE]
    for world in await asyncio.gather(*(run_with(make_world, fault) for fault in faults)):
        await world.assert_settled()


async def test_faults_of_reads_are_tried_again(make_world: MakeWorld) -> None:
    for world in await asyncio.gather(*(run_with(make_world, fault) for fault in READS)):
        assert set(world.outcomes()) == {"done"}
        await world.assert_settled()


@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_answer_does_not_come(world: World, when: str) -> None:
    world.configure(limits__request_timeout_seconds=1.0)
    world.fill(2, contacts=60)
    world.portal.faults.add(Fault(kind=Kind.HANG, match="crm.item.update", when=when))
    summary = await world.backfill()
    assert (summary.counts["unverified"] > 0) == (when == "after")
    assert summary.counts["read"] == 60  # whoever is looked at again is no further item
    await world.assert_settled()


@pytest.mark.parametrize("seed", some(range(3)))
async def test_every_twentieth_answer_is_lost(make_world: MakeWorld, seed: int) -> None:
    async def run(number: int) -> World:
        world = await make_world(operating_window_seconds=WINDOW)
        world.configure(limits__operating_window_seconds=WINDOW)
        world.fill(number, contacts=100, companies=30, leads=30)
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
        await world.assert_settled()
