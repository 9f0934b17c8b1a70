"""A job whose right is missing rests, with a warning and a line in the status, while the others go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs
from tests.engine.paying import DAY, date_paid, day_of, deal, pay, shown
from tests.engine.rebinding import rule
from tests.engine.test_old_snapshots import LeapingClock

from b24syncd.cli.backfill import exit_code
from b24syncd.errors import CredentialsRefused, ExitCode
from b24syncd.reports.summary import walk_lines
from b24syncd.reports.wording import ITEMS
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.store import conditions
from b24syncd.store.lock import socket_of
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from tests.engine.paying import MakeWorld
    from tests.engine.world import World

    from b24syncd.domain.conditions import Condition
    from b24syncd.simulator.methods.calls import Call

MESSY, CLEAN = "8 (916) 123-45-67", "+79161234567"


def deny_deals(world: World) -> None:
    """Let the portal refuse whatever is about deals."""

    def is_about_deals(call: Call) -> bool:
        return str(call.parameters.get("entityTypeId")) == "2"

    denied = Fault(kind=Kind.COMMAND_ERROR, match=is_about_deals, times=None, code="ACCESS_DENIED", description="no")
    world.portal.faults.add(denied)


def resting(world: World) -> tuple[Condition, ...]:
    with open_for_reading(world.state) as db:
        return conditions.standing(db)


async def world_without(make_world: MakeWorld, what: str) -> World:
    """Return a portal with a deal that was paid, on which the job for dates may not work."""
    fields = {"custom_fields": (DAY,)} if what == "deals" else {"custom_fields": (), "administrator": False}
    world = await make_world(**fields)
    date_paid(world, others=True)
    if what == "deals":
        deny_deals(world)
    return world


@pytest.mark.parametrize("what", ["deals", "administrator"])
async def test_a_walk_and_its_preview_leave_the_job_out_and_say_so(make_world: MakeWorld, what: str) -> None:
    world = await world_without(make_world, what)
    item = world.add(MESSY)
    pay(world, deal(world))
    preview, plans = await world.preview()
    assert len(plans) == 1
    summary = await world.backfill()
    assert world.phones(item) == [CLEAN]
    for each in (preview, summary):
        assert list(each.resting) == ["payment_dates"]
        assert exit_code(each) is ExitCode.REFUSED
        assert "left out payment_dates, for want of rights: " in "\n".join(walk_lines(each, ITEMS))
    assert preview.resting == summary.resting
    assert [(one.kind.value, one.about) for one in resting(world)] == [("right_missing", "payment_dates")]


async def test_a_preview_of_this_job_alone_ends_as_the_real_run_does(make_world: MakeWorld) -> None:
    world = await world_without(make_world, "administrator")
    date_paid(world)
    for run in (world.preview, world.backfill):
        with pytest.raises(CredentialsRefused, match="it takes an administrator"):
            await run()


async def test_rules_of_items_that_may_not_be_read_rest_as_well(make_world: MakeWorld) -> None:
    world = await make_world()
    world.file = world.folder / "b24syncd.toml"
    world.file.write_text(rule(source="deal"), encoding="utf-8")
    deny_deals(world)
    item = world.add(MESSY)
    summary = await world.backfill()
    assert list(summary.resting) == ["bindings"]
    assert world.phones(item) == [CLEAN]


async def test_the_daemon_warns_once_shows_it_and_begins_the_job_when_it_may_work(make_world: MakeWorld) -> None:
    world = await world_without(make_world, "deals")
    item, one = world.add(CLEAN), deal(world)
    clock = LeapingClock()
    world.clock = clock
    world.configure(changes__overlap_seconds=1000.0)
    with capture_logs() as logs:
        async with world.following() as task:
            await world.rounds(2)
            (rest,) = resting(world)
            assert rest.about == "payment_dates"
            assert "portal refuses items of the type deal" in rest.detail
            assert world.portal.person.edit(world.change(item, "8 (495) 765-43-21"))
            await world.until(lambda: world.phones(item) == ["+74957654321"])
            world.portal.faults.clear()
            payment = pay(world, one)
            clock.ahead += 700.0
            await world.until(lambda: shown(world, one) == day_of(world, payment))
            assert not task.done()
    warned = [line for line in logs if line["log_level"] == "warning" and line["event"] == "feed_refused"]
    assert len(warned) == 1


async def test_a_walk_that_a_daemon_carries_out_neither_ends_nor_begins_what_the_daemon_told(
    make_world: MakeWorld,
) -> None:
    world = await world_without(make_world, "deals")
    world.clock = LeapingClock()
    async with world.following():
        await world.until(lambda: world.state.exists() and socket_of(world.state) is not None)
        await world.rounds(2)
        (before,) = resting(world)
        world.portal.faults.clear()
        assert list((await world.backfill()).resting) == []
        await world.rounds(2)
        assert resting(world) == (before,)
        with open_for_reading(world.state) as db:
            assert db.table("conditions").count == 1
