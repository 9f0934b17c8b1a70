"""Items at which the portal fails whenever it is asked: the others go on, the run ends, and the item is listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.http import batch

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.conftest import World

    from b24syncd.simulator.faults import Request
    from b24syncd.simulator.methods.calls import Call

BROKEN = "8 (916) 123-45-67"


def call_of(method: str, item_id: int) -> Callable[[Call], bool]:
    return lambda call: call.method == method and str(call.parameter("id")) == str(item_id)


def request_with(item_id: int) -> Callable[[Request], bool]:
    """Match requests that update this item, alone or among others."""

    def matches(request: Request) -> bool:
        commands = [command for _, command in batch.commands(request.parameters)]
        if request.method == "crm.item.update":
            return str(request.parameters.get("id")) == str(item_id)
        return any("item.update" in command and f"&id={item_id}&" in command for command in commands)

    return matches


async def assert_listed(world: World, broken: int) -> None:
    summary = await world.backfill()
    assert [str(entry.ref) for entry in summary.failed] == [f"contact:{broken}"]
    assert summary.counts["failed"] == 1
    assert world.phones(broken) == [BROKEN]
    assert world.waiting() == 0
    world.assert_right()


@pytest.mark.parametrize("method", ["crm.item.get", "crm.item.update"])
async def test_a_command_that_always_fails(world: World, method: str) -> None:
    broken = world.add(BROKEN)
    world.fill(1, contacts=60)
    fault = Fault(kind=Kind.COMMAND_ERROR, times=None, match=call_of(method, broken))
    world.portal.faults.add(fault)
    await assert_listed(world, broken)
    assert world.portal.history.faults["command_error"] == 5


async def test_a_command_that_fails_now_and_then(world: World) -> None:
    world.fill(1, contacts=60)
    for method in ("crm.item.get", "crm.item.update", "crm.item.list"):
        world.portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match=method, nth=3, times=2))
    summary = await world.backfill()
    assert summary.counts["failed"] == 0
    await world.assert_settled()


async def test_an_update_that_takes_its_whole_batch_with_it(world: World) -> None:
    broken = world.add(BROKEN)
    world.fill(1, contacts=60)
    world.portal.faults.add(Fault(kind=Kind.ERROR_500, times=None, match=request_with(broken)))
    await assert_listed(world, broken)


async def test_it_is_tried_afresh_once_the_item_changes(world: World) -> None:
    broken = world.add(BROKEN)
    fault = Fault(kind=Kind.COMMAND_ERROR, times=5, match=call_of("crm.item.update", broken))
    world.portal.faults.add(fault)
    await world.backfill()
    assert [str(entry.ref) for entry in world.given_up()] == [f"contact:{broken}"]
    async with world.following():
        await world.rounds()
        assert world.phones(broken) == [BROKEN]
        world.portal.person.edit(world.change(broken, "8 (916) 123-45-00", canonical=("+79161234500",)))
        await world.until(lambda: world.phones(broken) == ["+79161234500"])
        await world.until(lambda: not world.given_up())
    world.assert_right()


async def test_an_item_that_may_not_be_changed_is_listed_and_not_tried_for_ever(world: World) -> None:
    frozen, other = world.add(BROKEN), world.add("8 (916) 123-45-68")
    world.portal.frozen.add((3, frozen))
    summary = await world.backfill()
    assert [(str(entry.ref), "ACCESS_DENIED" in str(entry.detail)) for entry in summary.failed] == [
        (f"contact:{frozen}", True)
    ]
    assert world.phones(other) == ["+79161234568"]
    updates = world.portal.history.commands["crm.item.update"]
    async with world.following():
        await world.rounds()
        world.portal.person.edit(world.change(frozen, "8 (916) 123-45-00"))
        await world.until(lambda: world.portal.history.commands["crm.item.update"] > updates)
        await world.rounds(4)
    assert world.portal.history.commands["crm.item.update"] == updates + 1
    world.portal.frozen.clear()
    summary = await world.backfill()
    assert summary.counts["failed"] == 0
    assert world.phones(frozen) == ["+79161234500"]
    assert world.given_up() == []
    await world.assert_settled()


async def test_what_is_refused_is_told_in_one_line(world: World) -> None:
    broken = [world.add(BROKEN) for _ in range(12)]
    others = [world.add(BROKEN) for _ in range(60)]
    world.portal.frozen |= {(3, item) for item in broken}
    with capture_logs() as logged:
        assert (await world.backfill()).counts["failed"] == 12
    (refused,) = [one for one in logged if one["event"] == "refused"]
    assert (refused["items"], refused["detail"]) == (12, "ACCESS_DENIED: Access denied")
    assert refused["refs"] == [f"contact:{item}" for item in sorted(broken)[:3]]
    written = [one for one in logged if one["event"] == "corrected"]
    assert sum(one["items"] for one in written) == len(others)
    assert max(len(one["refs"]) for one in written) == 3
