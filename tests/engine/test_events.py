"""Following by the portal's events: what they bring, what is left to polling, what faults and deaths leave behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.engine.conftest import edit

from b24syncd.simulator.person import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.conftest import World

    MakeWorld = Callable[..., Coroutine[None, None, World]]

MESSY, CLEAN = "8 (916) 123-45-67", "+79161234567"
SELDOM = 10_000
"""Seconds between polls, in which nothing that a test sees is found by polling."""


@pytest.fixture
async def told(make_world: MakeWorld) -> World:
    """A portal that tells events, and a daemon that follows by them."""
    world = await make_world(webhook_is_application=True)
    world.configure(changes__source="events", changes__poll_seconds=SELDOM, changes__sweep_hours=0)
    return world


def polls(world: World) -> int:
    return world.portal.history.commands["crm.item.list"]


async def idle(world: World, times: int = 3) -> None:
    """Wait until the daemon has asked for events so many times more, and found none."""
    asked = world.portal.history.commands["event.offline.get"]
    await world.until(lambda: world.portal.history.commands["event.offline.get"] > asked + times)


async def test_a_persons_edit_is_met_by_its_event_without_a_poll(told: World) -> None:
    items = [told.add(CLEAN) for _ in range(3)]
    async with told.following():
        await idle(told)
        listed = polls(told)
        told.portal.person.edit(edit(Action.CHANGE, items[0], value=MESSY))
        await told.until(lambda: told.phones(items[0]) == [CLEAN])
        await idle(told)
        assert polls(told) == listed + 1  # of the item by its id
    assert told.portal.offline_events.records == []
    assert not told.waiting()
