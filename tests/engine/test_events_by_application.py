"""Following by events as an application whose tokens expire at each request that events and own writes take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.engine.test_events import CLEAN, MESSY, SELDOM, idle, settled, unseen

from b24syncd.simulator.faults import Fault, Kind, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.conftest import World

    MakeWorld = Callable[..., Coroutine[None, None, World]]


async def let_in(make_world: MakeWorld, *, token_seconds: float = 3600.0) -> World:
    world = await make_world()
    await world.by_application(token_seconds=token_seconds)
    world.configure(changes__source="events", changes__poll_seconds=SELDOM, changes__sweep_hours=0)
    return world


def expire_at(world: World, method: str) -> None:
    """Let the tokens be too old for every other request with this method: it has to be sent again with others."""
    seen = 0

    def expires(request: Request) -> bool:
        nonlocal seen
        if method in request.methods:
            seen += 1
            if seen % 2:
                world.portal.applications.expire()
        return False

    world.portal.faults.add(Fault(kind=Kind.RESET, match=expires, times=None))


async def half_a_second(world: World) -> None:
    until = world.clock.monotonic() + 0.5
    await world.until(lambda: world.clock.monotonic() >= until)


@pytest.mark.parametrize(
    "method", ["event.bind", "event.offline.list", "event.offline.get", "event.offline.clear", "crm.item.update"]
)
async def test_no_event_is_lost_or_told_twice_for_a_token_that_expires(make_world: MakeWorld, method: str) -> None:
    world = await let_in(make_world)
    commands, items = world.portal.history.commands, [world.add(CLEAN) for _ in range(3)]
    expire_at(world, method)
    async with world.following():
        await idle(world)
        listed = commands["event.offline.list"]
        for item in items:
            unseen(world, item, MESSY)
            await settled(world, item)
        await idle(world)
        assert commands["event.offline.list"] == listed  # nothing was reserved for nobody
    assert world.portal.applications.refreshed > 0
    assert (commands["event.offline.clear"], world.portal.history.saves) == (3, 3)
    world.assert_right()
    unseen(world, items[0], MESSY)
    assert [record.id for record in world.portal.offline_events.records] == [4]  # own writes were never told


async def test_tokens_that_live_for_a_second_follow_a_person_who_edits_all_the_time(make_world: MakeWorld) -> None:
    world = await let_in(make_world, token_seconds=1.0)
    items = [world.add(CLEAN) for _ in range(12)]
    async with world.following():
        await idle(world)
        for item in items:
            unseen(world, item, MESSY)
            await half_a_second(world)
        await settled(world, *items)
    assert world.portal.applications.refreshed >= 3
    world.assert_right()
