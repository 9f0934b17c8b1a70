"""A scope that is taken from the webhook while work goes on: what needs it is left, and the rest goes on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs
from tests.engine.paying import DAY, SHOP, date_paid, day_of, deal, pay, shown
from tests.engine.rebinding import (
    CONVERTED,
    WITH_TASKS,
    bound,
    call,
    company,
    lead_of,
    reviews,
    rule,
    task,
)
from tests.engine.test_bindings_follow import converting

from b24syncd.errors import CredentialsRefused
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.store import conditions
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from tests.engine.paying import MakeWorld
    from tests.engine.world import World

    from b24syncd.simulator.methods.calls import Call

MESSY, CLEAN = "8 (916) 123-45-67", "+79161234567"


def take(world: World, *left: str) -> None:
    world.portal.access.scopes = left


def is_of_tasks(call: Call) -> bool:
    return call.method.startswith("tasks.")


def resting(world: World) -> list[str]:
    with open_for_reading(world.state) as db:
        return [one.detail for one in conditions.standing(db)]


async def test_a_daemon_without_tasks_goes_on_says_so_once_and_makes_up_for_it(make_world: MakeWorld) -> None:
    world = await make_world(**WITH_TASKS)
    world.file = world.folder / "b24syncd.toml"
    world.file.write_text(rule(where=CONVERTED), encoding="utf-8")
    contact, target = world.add(CLEAN), company(world)
    first, lead = (lead_of(world, target, stage="NEW") for _ in range(2))
    (_, before), (_, mirror) = task(world, first), task(world, lead)
    activity = call(world, lead)
    with capture_logs() as logs:
        async with world.following() as following:
            await world.rounds(1)
            world.portal.person.edit(converting(first))
            await world.until(lambda: bound(world, before) == {target})
            take(world, "crm", "user_brief")
            world.portal.person.edit(converting(lead))
            world.portal.person.edit(world.change(contact, MESSY))
            await world.until(lambda: world.phones(contact) == [CLEAN] and bound(world, activity) == {target})
            await world.rounds(2)
            assert [reason for _, reason in reviews(world)] == ["task_not_readable"]
            assert not following.done()
            assert "'task'" in resting(world)[0]
            take(world, "crm", "user_brief", "task")
            await world.backfill()
            assert bound(world, mirror) == {target}
            world.portal.person.edit(world.change(contact, MESSY))
            await world.until(lambda: not resting(world))
    assert [line["event"] for line in logs if line["log_level"] == "warning"].count("feed_refused") == 1


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
async def test_tasks_that_are_taken_away_in_the_middle_of_a_write(make_world: MakeWorld, nth: int) -> None:
    world = await make_world(**WITH_TASKS)
    target = company(world)
    lead = lead_of(world, target)
    mirrors = [task(world, lead)[1] for _ in range(3)]
    activity = call(world, lead)
    world.rebind_by(rule())
    lost = Fault(kind=Kind.COMMAND_ERROR, match=is_of_tasks, nth=nth, times=None, code="insufficient_scope")
    world.portal.faults.add(lost)
    summary = await world.backfill()
    assert summary.stopped is None
    assert bound(world, activity) == {target}
    assert world.outcomes()["intent"] == 0
    world.portal.faults.clear()
    await world.backfill()
    assert [bound(world, mirror) for mirror in mirrors] == [{target}] * 3
    await world.assert_settled()


async def test_a_walk_and_a_preview_go_on_without_tasks(make_world: MakeWorld) -> None:
    world = await make_world(**WITH_TASKS)
    target = company(world)
    lead = lead_of(world, target)
    task(world, lead)
    activity = call(world, lead)
    world.rebind_by(rule())
    lost = Fault(kind=Kind.COMMAND_ERROR, match="tasks.task.list", times=None, code="insufficient_scope")
    world.portal.faults.add(lost)
    _, plans = await world.preview()
    assert {each.ref.id for plan in plans for each in plan.corrections} == {activity}, plans
    await world.backfill()
    assert bound(world, activity) == {target}


async def test_a_daemon_without_the_shop_goes_on_and_sees_payments_of_deals_that_change(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=(DAY,), **SHOP)
    date_paid(world, others=True)
    contact, one = world.add(CLEAN), deal(world)
    async with world.following() as following:
        await world.rounds(1)
        take(world, "crm", "user_brief")
        await world.until(lambda: resting(world))
        assert "'sale'" in resting(world)[0]
        assert world.portal.person.edit(world.change(contact, MESSY))
        await world.until(lambda: world.phones(contact) == [CLEAN])
        payment = pay(world, one)
        await world.backfill()
        assert shown(world, one) == day_of(world, payment)
        assert not following.done()


@pytest.mark.parametrize("left", [("user_brief",), ()])
async def test_the_loss_of_the_crm_ends_it(make_world: MakeWorld, left: tuple[str, ...]) -> None:
    world = await make_world()
    world.add(CLEAN)
    following = asyncio.create_task(world.follow())
    await world.rounds(1)
    take(world, *left)
    with pytest.raises(CredentialsRefused):
        await following


async def test_the_shop_that_comes_back_is_seen_within_ten_minutes(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=(DAY,), **SHOP)
    world.configure(changes__interval_seconds=60)
    date_paid(world, others=True)
    async with world.following():
        await world.rounds(1)
        take(world, "crm", "user_brief")
        await asyncio.sleep(200)
        assert resting(world)
        take(world, "crm", "user_brief", "sale")
        await asyncio.sleep(600)
        assert not resting(world)
