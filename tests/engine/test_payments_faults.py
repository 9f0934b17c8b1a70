"""Lost answers and failing commands while dates are written: every field ends right, nothing is done twice."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.engine.paying import (
    ABOUT,
    CLASSIC,
    DAY,
    INSTANT,
    PAYMENTS,
    UNIVERSAL,
    assert_nothing_twice,
    assert_settled,
    date_paid,
    deal,
    mistakes,
    pay,
)

from b24syncd.simulator.faults import Fault, FaultScript, Kind
from b24syncd.simulator.seeds.payments import generate_payments

if TYPE_CHECKING:
    from tests.engine.paying import MakeWorld
    from tests.engine.world import World

    from b24syncd.simulator.methods.calls import Call

WINDOW = 2.0
DEALS = 12
APIS = {"universal": UNIVERSAL, "classic": CLASSIC}
WITNESSES = {"universal": "crm.item.get", "classic": "crm.deal.get"}


async def small(make_world: MakeWorld, api: str = "universal") -> World:
    """Return a portal with deals that were paid, one of them by another date before, and two that were not."""
    world = await make_world(custom_fields=(INSTANT,), operating_window_seconds=WINDOW)
    world.configure(limits__operating_window_seconds=WINDOW, limits__request_timeout_seconds=1.5)
    for number in range(DEALS):
        one = deal(world)
        pay(world, one, days_ago=100 - number)
    deal(world)
    date_paid(world, api=api)
    return world


async def run_with(world: World, *faults: Fault) -> World:
    world.portal.faults.add(*faults)
    summary = await world.backfill()
    assert summary.counts["failed"] == 0, faults
    assert world.portal.history.faults, faults
    world.portal.faults.clear()
    assert mistakes(world) == []
    assert world.outcomes()["refused"] == 0
    assert_nothing_twice(world)
    assert not world.reviews()
    await assert_settled(world)
    return world


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_answer_to_a_write_is_lost(make_world: MakeWorld, api: str, when: str) -> None:
    async def run(kind: Kind) -> World:
        return await run_with(await small(make_world, api), Fault(kind=kind, when=when, match=APIS[api], times=2))

    kinds = (Kind.RESET, Kind.TRUNCATED, Kind.HTML, Kind.ERROR_500)
    for world in await asyncio.gather(*map(run, kinds)):  # most of their time passes with waiting
        assert (world.outcomes()["unverified"] > 0) == (when == "after")


@pytest.mark.parametrize("api", APIS)
async def test_a_batch_is_cut_in_the_middle(make_world: MakeWorld, api: str) -> None:
    async def run(commands: int) -> World:
        fault = Fault(kind=Kind.CUT, match=APIS[api], more_than=1, commands=commands)
        return await run_with(await small(make_world, api), fault)

    for world in await asyncio.gather(*map(run, (1, 2, 3, 4, 6))):
        assert world.portal.history.faults["cut"] == 1


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("code", ["INTERNAL_SERVER_ERROR", "NOT_KNOWN", "ERROR_CORE"])
async def test_a_single_update_fails_after_its_effect(make_world: MakeWorld, api: str, code: str) -> None:
    """What was done is found by reading, whatever the portal says."""
    worlds = []
    for nth in (1, 5):
        fault = Fault(kind=Kind.COMMAND_ERROR, match=APIS[api], when="after", nth=nth, code=code)
        worlds.append(run_with(await small(make_world, api), fault))
    for world in await asyncio.gather(*worlds):
        assert world.outcomes()["unverified"] == 1


@pytest.mark.parametrize("api", APIS)
async def test_single_commands_fail_before_their_effect(make_world: MakeWorld, api: str) -> None:
    async def run(fault: Fault) -> None:
        world = await small(make_world, api)
        world.configure(limits__witness_seconds=0)
        await run_with(world, fault)

    matches = (APIS[api], WITNESSES[api])
    faults = [Fault(kind=Kind.COMMAND_ERROR, match=match, nth=nth) for match in matches for nth in (1, 2, 7)]
    faults += [Fault(kind=Kind.ERROR_429, match=match) for match in matches]
    await asyncio.gather(*map(run, faults))


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("method", [PAYMENTS, ABOUT, "list"])
async def test_reads_fail(make_world: MakeWorld, api: str, method: str) -> None:
    listed = {"universal": "crm.item.list", "classic": "crm.deal.list"}[api]
    match = listed if method == "list" else method
    faults = [Fault(kind=kind, match=match) for kind in (Kind.RESET, Kind.HTML, Kind.ERROR_503)]
    faults.append(Fault(kind=Kind.COMMAND_ERROR, match=match))
    await asyncio.gather(*[run_with(await small(make_world, api), fault) for fault in faults])


def _lists_payments_of_third(call: Call) -> bool:
    return call.method == PAYMENTS and str(call.parameters.get("entityId")) == "3"


async def test_the_payments_of_one_deal_cannot_be_read(make_world: MakeWorld) -> None:
    """Nothing is concluded of it; the next walk makes it good."""
    world = await small(make_world)
    refused = Fault(
        kind=Kind.COMMAND_ERROR, match=_lists_payments_of_third, times=None, code="0", description="Not permitted"
    )
    world.portal.faults.add(refused)
    await world.backfill()
    assert [(found["id"], found["is"]) for found in mistakes(world)] == [(3, None)]
    world.portal.faults.clear()
    await world.backfill()
    assert mistakes(world) == []
    await assert_settled(world)


@pytest.mark.every(3)
@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("field", [DAY, INSTANT], ids=["day", "instant"])
async def test_every_twentieth_answer_is_lost(make_world: MakeWorld, api: str, field: object) -> None:
    async def run(number: int) -> World:
        world = await make_world(custom_fields=(field,), operating_window_seconds=WINDOW, time_zone="America/New_York")
        world.configure(limits__operating_window_seconds=WINDOW)
        generate_payments(world.portal, number, deals=150)
        date_paid(world, api=api)
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

    for world in await asyncio.gather(*map(run, range(3))):
        assert world.portal.history.faults.total() > 1
        assert mistakes(world) == []
        assert_nothing_twice(world)
        await assert_settled(world)
