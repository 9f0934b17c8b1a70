"""The night in which a portal sets its clock back: an hour of its wall comes twice, and changes are told by it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.engine.world import CONTACT

from b24syncd.simulator.errors import RestError
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    from b24syncd.simulator.methods.calls import Call

    MakeWorld = Callable[..., Coroutine[None, None, World]]

MESSY, CLEAN = "8 (916) 123-45-67", "+79161234567"
SET_BACK = datetime(2026, 10, 25, 1, tzinfo=UTC).timestamp()
"""When clocks in Berlin go from 3 o'clock to 2."""


class RefusesOffsets:
    """Refuses filters by a time with an offset, so that only one of the portal's wall is left."""

    def before(self, call: Call) -> RestError | None:
        conditions = call.parameter("filter")
        values = conditions.items() if isinstance(conditions, dict) else ()
        is_refused = any("T" in str(value) for name, value in values if str(name).startswith(">="))
        return RestError("INVALID_ARG_VALUE", "no date") if is_refused else None

    def after(self, _call: Call) -> RestError | None:
        return None


def let_it_be(world: World, second: float) -> None:
    """Set the portal's clock, which goes on from there."""
    shift = second - time.time()
    world.portal.clock = lambda: time.time() + shift


async def test_what_changes_after_the_clock_was_set_back_is_seen(make_world: MakeWorld) -> None:
    world = await make_world(time_zone="Europe/Berlin")
    world.configure(changes__overlap_seconds=60)
    let_it_be(world, SET_BACK - 600)
    world.add(CLEAN)
    async with world.following():
        await world.rounds(1)
        let_it_be(world, SET_BACK + 1)
        item = world.portal.create(CONTACT, {}, [PointChange(None, "PHONE", "WORK", MESSY)], "person").id
        await world.rounds(1)
        let_it_be(world, SET_BACK + 120)
        await world.rounds(2)
        assert world.phones(item) == [CLEAN]


@pytest.mark.parametrize("sleeps", [True, False], ids=["before it was", "after it was"])
async def test_a_process_that_begins_after_the_clock_was_set_back_sees_it_as_well(
    make_world: MakeWorld, *, sleeps: bool
) -> None:
    world = await make_world(time_zone="Europe/Berlin")
    world.configure(changes__overlap_seconds=60)
    let_it_be(world, SET_BACK - 600)
    world.add(CLEAN)
    async with world.following():
        await world.rounds(1)
        if not sleeps:
            let_it_be(world, SET_BACK + 1)
            await world.rounds(1)
    let_it_be(world, SET_BACK + 10)
    item = world.portal.create(CONTACT, {}, [PointChange(None, "PHONE", "WORK", MESSY)], "person").id
    let_it_be(world, SET_BACK + 1200)
    async with world.following():
        await world.rounds(2)
    assert world.phones(item) == [CLEAN]


async def test_a_portal_that_knows_no_offsets_is_asked_for_an_hour_more(make_world: MakeWorld) -> None:
    world = await make_world(time_zone="Europe/Berlin")
    let_it_be(world, SET_BACK - 86400)
    world.portal.watchers.append(RefusesOffsets())
    world.add(CLEAN)  # the newest item: it was changed in summer time
    async with world.following():
        await world.rounds(1)
        for second in (SET_BACK + 86400, SET_BACK + 86500):
            let_it_be(world, second)
            await world.rounds(1)
        item = world.portal.create(CONTACT, {}, [PointChange(None, "PHONE", "WORK", MESSY)], "person").id
        await world.rounds(3)
        assert world.phones(item) == [CLEAN]
