"""What is owed to a person of several parts of one item: each repair is made, whatever becomes of the others."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from tests.engine.joint import (
    NAME,
    NOTE,
    RIGHT,
    TRIMMED,
    backfill,
    before_the_first_witness,
    contact,
    lane_of,
    note_of,
    ref,
    writes_field,
    writes_points,
)
from tests.engine.test_old_snapshots import LeapingClock
from tests.engine.world import CONTACT

from b24syncd.engine.safety import Limit
from b24syncd.feeders.pages import Page
from b24syncd.portal.wire.commands import Priority
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    from b24syncd.simulator.errors import RestError
    from b24syncd.simulator.faults import Request
    from b24syncd.simulator.methods.calls import Call

    MakeWorld = Callable[..., Coroutine[None, None, World]]

TYPED, NEWER, NEWER_CLEAN = "typed just now", "8 (495) 765-43-21", "+74957654321"


@pytest.fixture(params=["universal", "classic"])
async def world(make_world: MakeWorld, request: pytest.FixtureRequest) -> World:
    """Read and written by either family of methods."""
    world = await make_world(custom_fields=(NOTE,))
    world.configure(portal__api=request.param)
    return world


@dataclass
class AgingAfter:
    """Lets time leap once something has struck, as the portal is asked how an item is now: what it tells is old."""

    clock: LeapingClock
    struck: Callable[[], object] = lambda: True

    def before(self, _: Call) -> RestError | None:
        return None

    def after(self, call: Call) -> RestError | None:
        wanted = call.parameters.get("filter")
        reads_items = isinstance(wanted, dict) and any(str(key).startswith("@") for key in wanted)
        if self.clock.ahead == 0.0 and reads_items and self.struck():
            self.clock.ahead = 10.0
        return None


def types(world: World, item_id: int, *, note: str | None = TYPED) -> None:
    """Let a person change the phone, and perhaps the note."""
    item = world.portal.find(CONTACT, item_id)
    assert item is not None
    (point,) = item.points.values()
    newer = PointChange(point.id, "PHONE", "WORK", NEWER)
    world.portal.change(item, {} if note is None else {NAME: note}, (newer,), "person")


def types_into_both(world: World, item_id: int) -> None:
    """Let a person change the note and the phone, right before they are written."""
    before_the_first_witness(world, lambda: types(world, item_id))


def refuse_the_joint_repair(world: World) -> None:
    def is_joint(call: Call) -> bool:
        return writes_field(call) and writes_points(call)

    world.portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match=is_joint, nth=2, times=None, code="INVALID_ARG_VALUE"))


def _writes(request: Request) -> bool:
    return any(method.endswith(".update") for method in request.methods)


async def test_repairs_of_one_item_that_are_read_again_together_are_all_made(world: World) -> None:
    item = contact(world)
    types_into_both(world, item)
    refuse_the_joint_repair(world)
    world.clock = clock = LeapingClock()
    world.portal.watchers.append(AgingAfter(clock, lambda: world.portal.history.faults["command_error"]))
    await backfill(world)
    assert clock.ahead
    assert (world.phones(item), note_of(world, item)) == ([NEWER_CLEAN], TYPED)
    assert world.outcomes()["intent"] == 0
    assert (world.portal.history.saves, world.portal.history.empty_saves) == (3, 0)


async def test_so_are_those_that_a_dead_process_left(world: World) -> None:
    item = contact(world)
    types_into_both(world, item)
    refuse_the_joint_repair(world)
    world.portal.faults.add(Fault(kind=Kind.HANG, match=_writes, nth=3))
    task = asyncio.create_task(backfill(world))
    await world.until(lambda: world.portal.history.faults["hang"])
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert (world.outcomes()["superseded"], world.outcomes()["intent"]) == (2, 2)
    assert (world.phones(item), note_of(world, item)) == ([RIGHT], TRIMMED)
    world.clock = clock = LeapingClock()
    world.portal.watchers.append(AgingAfter(clock))
    await backfill(world)
    assert clock.ahead
    assert (world.phones(item), note_of(world, item)) == ([NEWER_CLEAN], TYPED)
    assert world.outcomes()["intent"] == 0


async def test_of_what_is_owed_a_field_that_is_gone_holds_back_no_phone(world: World) -> None:
    phone, both = contact(world), contact(world, "8 916 123-45-68")
    async with lane_of(world) as lane:
        page = Page(
            tuple((await lane.kind.subjects.read([ref(phone), ref(both)], priority=Priority.LIVE)).found.values())
        )
        lane.pipeline.announce(page)

        def act() -> None:
            types(world, phone, note=None)
            types(world, both)
            lane.run.safety.stop(Limit.FIELD, "another job's field is gone")

        before_the_first_witness(world, act)
        await lane.pipeline.process(page, priority=Priority.LIVE)
    assert (world.phones(phone), note_of(world, phone)) == ([NEWER_CLEAN], TRIMMED)
    # what is in part of a field waits, as it is in the journal
    assert (world.phones(both), note_of(world, both)) == (["+79161234568"], TRIMMED)
    assert world.outcomes() == {"done": 5, "intent": 2}
    await backfill(world)
    assert (world.phones(both), note_of(world, both)) == ([NEWER_CLEAN], TYPED)
    assert world.outcomes()["intent"] == 0
