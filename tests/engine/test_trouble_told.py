"""Each trouble stands within a minute in what `status` tells, with its cure, and a person is told of it.

So do `/readyz` and `/metrics`, at the door of a daemon.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.engine.paying import DAY, SHOP, date_paid, deal
from tests.engine.telling import events, heard, shown, tell
from tests.engine.test_tcp_door import Door, opened
from tests.simulated_time import time_of_the_loop
from tests.unit.test_written_regions import RUSSIAN

from b24syncd.app.health import health_within
from b24syncd.domain.conditions import ConditionKind
from b24syncd.errors import CredentialsRefused
from b24syncd.reports.health import Verdict, health_of, recorded_in
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from tests.engine.world import World

    from b24syncd.reports.health import ConditionReport, Health

    MakeWorld = Callable[..., Coroutine[None, None, World]]

MESSY, CLEAN = "8 (916) 123-45-67", "+79161234567"
MINUTE = 60.0
_LOOKS = 60


def health(world: World) -> Health:
    with open_for_reading(world.state) as db:
        return health_of(recorded_in(db), time_of_the_loop().now(), is_held=True)


def standing(world: World, kind: ConditionKind) -> ConditionReport | None:
    return next((one for one in health(world).conditions if one.kind is kind), None)


async def comes(condition: Callable[[], object], *, within: float = MINUTE) -> None:
    """Let time pass until something is so, which has to be within so many seconds."""
    for _ in range(_LOOKS):
        if condition():
            return
        await asyncio.sleep(within / _LOOKS)
    assert condition()


@asynccontextmanager
async def watched(world: World) -> AsyncIterator[Door]:
    """Let a daemon follow, and be asked at a door for those who watch."""
    async with opened(world) as door, world.following():
        await world.rounds(1)
        yield door


async def is_told(
    world: World,
    kind: ConditionKind,
    *,
    door: Door | None = None,
    shows_within: float = MINUTE,
    within: float = MINUTE,
) -> None:
    """Hold that a condition stands within a minute, with a cure, and is told; at a `door` too, where there is one."""
    began = time_of_the_loop().now()
    await comes(lambda: standing(world, kind), within=shows_within)
    found = standing(world, kind)
    assert found is not None
    assert found.cure
    assert health(world).verdict is not Verdict.WELL
    if door is not None:
        await is_seen(door, found)
    await comes(lambda: [one for one in events(world) if one[:2] == ("began", kind)], within=within)
    assert time_of_the_loop().now() - began <= timedelta(seconds=within + shows_within)
    [told] = [one for one in heard(world) if one["kind"] == kind]
    assert found.cure in told["text"]
    assert told["detail"] in told["text"]


async def is_seen(door: Door, found: ConditionReport) -> None:
    """Hold that it is a reason not to be ready, with its cure, and a number of its kind."""
    status, text = await door.ask("/readyz")
    assert status == 503
    assert found.cure in text
    assert (await door.numbers())[f'b24syncd_conditions{{kind="{found.kind}",portal="acme"}}'] == 1


async def begun(make_world: MakeWorld, **options: object) -> World:
    """Return a portal that was walked, with a contact that is right; its daemon looks every ten seconds."""
    world = await make_world(scopes=("crm", "user_brief", "im", "sale"), **options)
    world.add(CLEAN)
    world.configure(changes__interval_seconds=10)
    tell(world, on="stops,access,portal,limits")
    return world


async def test_a_portal_that_is_gone_stands_at_once_and_is_told_after_an_hour(make_world: MakeWorld) -> None:
    world = await begun(make_world)
    async with watched(world) as door:
        await world.server.leave()
        await is_told(world, ConditionKind.PORTAL_AWAY, door=door, within=3600 + MINUTE)
        assert health(world).verdict is Verdict.TROUBLE
        assert shown(world) == []
        await world.server.come_back()
        await comes(lambda: shown(world), within=700)
    assert shown(world) == ["b24syncd acme: over: portal away"]
    assert [event for event, _, _ in events(world)] == ["began", "over"]


async def test_a_portal_that_takes_requests_and_never_answers_shows_before_they_time_out(make_world: MakeWorld) -> None:
    world = await begun(make_world)
    async with watched(world) as door:
        world.portal.faults.add(Fault(kind=Kind.HANG, times=None))
        hung = time_of_the_loop().now()
        await comes(lambda: health(world).verdict is Verdict.TROUBLE, within=MINUTE + 20)
        found = standing(world, ConditionKind.PORTAL_AWAY)
        assert found is not None
        assert found.since - hung < timedelta(seconds=15)
        await is_seen(door, found)
        world.portal.faults.clear()
        await comes(lambda: health(world).verdict is Verdict.WELL, within=700)


async def test_a_webhook_that_was_revoked_is_told_before_the_process_ends(make_world: MakeWorld) -> None:
    world = await begun(make_world)
    async with opened(world) as door:
        following = asyncio.create_task(world.follow(3600))
        await world.rounds(1)
        assert await door.ask("/readyz") == (200, "ready\n")
        world.portal.access.revoked = True
        with pytest.raises(CredentialsRefused):
            await following
        assert (await door.ask("/readyz"))[0] == 503
    await is_told(world, ConditionKind.CREDENTIALS_REFUSED)
    assert shown(world) == []
    world.portal.access.revoked = False
    async with world.following():
        await comes(lambda: len(heard(world)) == 2 and shown(world))
    assert shown(world) == ["b24syncd acme: over: credentials refused"]


async def test_a_scope_that_one_job_lacks_is_told(make_world: MakeWorld) -> None:
    world = await begun(make_world, custom_fields=(DAY,), **{k: v for k, v in SHOP.items() if k != "scopes"})
    date_paid(world, others=True)
    deal(world)
    async with watched(world) as door:
        world.portal.access.scopes = ("crm", "user_brief", "im")
        await is_told(world, ConditionKind.RIGHT_MISSING, door=door)
    assert shown(world) == ["b24syncd acme: right missing (payment_dates)"]


async def test_a_region_that_is_wrong_is_told(make_world: MakeWorld) -> None:
    world = await begun(make_world)
    for value in RUSSIAN:
        world.add(value)
    world.configure(portal__region="US")
    assert (await world.backfill()).stopped is not None
    await is_told(world, ConditionKind.WRONG_REGION)
    found = standing(world, ConditionKind.WRONG_REGION)
    assert found is not None
    async with opened(world) as door, world.following():
        await comes(lambda: door.daemon)
        await is_seen(door, found)
    assert shown(world) == ["b24syncd acme: wrong region (US)"]


async def test_a_safety_stop_is_told(make_world: MakeWorld) -> None:
    world = await begun(make_world)
    for _ in range(3):
        world.add(MESSY)
    world.configure(safety__canary=1)
    assert (await world.backfill()).stopped is not None
    await is_told(world, ConditionKind.SAFETY_STOP)
    assert shown(world) == ["b24syncd acme: safety stop (backfill/canary)"]
    found = standing(world, ConditionKind.SAFETY_STOP)
    assert found is not None
    async with watched(world) as door:
        await is_seen(door, found)
    assert (await world.backfill(goes_on=True)).stopped is None
    assert [event for event, _, _ in events(world)] == ["began", "over"]


async def test_another_program_that_uses_up_the_operating_time_is_told(make_world: MakeWorld) -> None:
    world = await begun(make_world)
    async with watched(world) as door:
        portal = world.portal
        portal.operating.charge(portal.options.secret, "crm.item.list", 300.0, portal.clock())
        await is_told(world, ConditionKind.OPERATING_LIMIT, door=door)


async def test_another_program_on_this_address_is_told(make_world: MakeWorld) -> None:
    world = await begun(make_world)
    async with watched(world) as door:
        world.portal.faults.add(Fault(kind=Kind.ERROR_503, times=3))
        await is_told(world, ConditionKind.FOREIGN_REQUESTS, door=door)


async def test_a_queue_that_grows_is_told(make_world: MakeWorld) -> None:
    world = await begun(make_world)
    items = [world.add(CLEAN) for _ in range(200)]
    world.configure(limits__request_cut_seconds=600)
    world.portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match="crm.item.update", times=None))
    async with watched(world) as door:

        async def edit() -> None:
            for item in items:
                world.portal.person.edit(world.change(item, MESSY))
                await asyncio.sleep(0.5)

        task = asyncio.create_task(edit())
        await is_told(world, ConditionKind.QUEUE_GROWING, door=door, shows_within=3 * MINUTE, within=4 * MINUTE)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_type_whose_items_may_not_be_read_any_more_is_told(make_world: MakeWorld) -> None:
    world = await begun(make_world)
    world.fill(3, leads=10)
    await world.backfill()
    async with watched(world) as door:
        world.portal.access.withdraw(1)
        await is_told(world, ConditionKind.TYPE_REFUSED, door=door)
        world.portal.access.give_back(1)
        await comes(lambda: len(heard(world)) == 2)


async def test_items_of_a_type_that_may_not_be_changed_any_more_are_told(make_world: MakeWorld) -> None:
    world = await begun(make_world)
    world.fill(3, leads=60)
    world.portal.access.withdraw(1, "update")
    assert (await world.backfill()).stopped is not None
    await is_told(world, ConditionKind.SAFETY_STOP)


async def test_a_full_disk_is_seen_though_nothing_can_be_put_on_record(make_world: MakeWorld) -> None:
    world = await begun(make_world)
    async with watched(world) as door:
        assert door.daemon is not None
        door.daemon.conditions.meet("disk", ConditionKind.DISK_FULL, "", "database or disk is full")
        assert standing(world, ConditionKind.DISK_FULL) is None
        (found,) = (await health_within(door.daemon)).conditions
        await is_seen(door, found)
