"""What is lost between a list and the second reading of its snapshots, which have grown old: tasks of a group fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs
from tests.engine.paying import CODE, DAY, PAYMENTS, SHOP, TITLE, date_paid, day_of, deal, mistakes, pay, rounds, shown
from tests.engine.test_old_snapshots import LeapingClock
from tests.engine.test_payments_pause import delete, make

from b24syncd.errors import CredentialsRefused
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.tables.fields import DEAL

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.paying import MakeWorld
    from tests.engine.world import World

OPTIONS = {"time_zone": "Europe/Moscow", "custom_fields": (DAY,)} | SHOP


@dataclass
class Losing:
    """Lets something be lost, and the time leap, right after the payments of a page were read."""

    clock: LeapingClock
    lose: Callable[[], object]
    is_armed: bool = True

    def before(self, _: Any) -> None:  # noqa: ANN401 # a command
        return

    def after(self, call: Any) -> None:  # noqa: ANN401 # a command
        if self.is_armed and call.method == PAYMENTS:
            self.is_armed = False
            self.clock.ahead += 10.0
            self.lose()


def losing(world: World, lose: Callable[[], object]) -> None:
    clock = LeapingClock()
    world.clock = clock
    world.configure(changes__overlap_seconds=60.0)  # the leap shifts what is taken for the portal's time
    world.portal.watchers.append(Losing(clock, lose))


def refuse(world: World, code: str, times: int | None) -> None:
    world.portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match="crm.item.list", times=times, code=code))


def is_there(world: World) -> bool:
    return world.portal.user_fields.find(DEAL, CODE) is not None


def warned(logs: list[Any]) -> list[str]:
    return [str(line["event"]) for line in logs if line["log_level"] == "warning"]


async def test_the_daemon_rests_with_this_job_warns_once_and_goes_on_when_the_field_is_back(
    make_world: MakeWorld,
) -> None:
    world = await make_world(**OPTIONS)
    one, contact = deal(world), world.add("+79161234567")
    date_paid(world, others=True)
    await world.backfill()
    payment = pay(world, one)
    losing(world, lambda: delete(world))
    with capture_logs() as logs:
        async with world.following() as task:
            await world.until(lambda: not is_there(world))
            await rounds(world, 4)
            assert not task.done()
            world.portal.person.edit(world.change(contact, "8 (916) 765-43-21"))
            await world.until(lambda: world.phones(contact) == ["+79167654321"])
            make(world)
            await world.until(lambda: shown(world, one) == day_of(world, payment))
    assert warned(logs) == ["feed_refused"]
    assert not world.given_up()
    assert mistakes(world) == []


async def test_a_walk_stops_with_what_to_do_about_it(make_world: MakeWorld) -> None:
    world = await make_world(**OPTIONS)
    for _ in range(120):
        pay(world, deal(world))
    date_paid(world)
    losing(world, lambda: delete(world))
    summary = await world.backfill()
    assert summary.stopped is not None
    assert TITLE in summary.stopped
    assert world.outcomes()["intent"] == 0


@pytest.mark.parametrize("limit", [5, None])
async def test_a_part_of_a_walk_stops_in_the_same_way(make_world: MakeWorld, limit: int | None) -> None:
    world = await make_world(**OPTIONS)
    deals = [deal(world) for _ in range(3)]
    for one in deals:
        pay(world, one)
    date_paid(world)
    losing(world, lambda: delete(world))
    only = [] if limit else [f"deal:{one}" for one in deals]
    summary = await world.backfill(limit=limit, only=only)
    assert summary.stopped is not None
    assert TITLE in summary.stopped


async def test_a_right_that_is_lost_then_ends_a_walk_with_its_own_error(make_world: MakeWorld) -> None:
    world = await make_world(**OPTIONS)
    for _ in range(120):
        pay(world, deal(world))
    date_paid(world)
    losing(world, lambda: refuse(world, "insufficient_scope", None))
    with pytest.raises(CredentialsRefused, match="lacks a permission"):
        await world.backfill()
    world.portal.faults.clear()
    await world.backfill()
    assert mistakes(world) == []


async def test_what_is_refused_for_a_moment_is_made_up_for(make_world: MakeWorld) -> None:
    world = await make_world(**OPTIONS)
    one = deal(world)
    date_paid(world, others=True)
    await world.backfill()
    payment = pay(world, one)
    losing(world, lambda: refuse(world, "SOME_ACCIDENT", 1))
    async with world.following():
        await world.until(lambda: shown(world, one) == day_of(world, payment))
    assert mistakes(world) == []
