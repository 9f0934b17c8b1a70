"""The daemon where the webhook's user lives in another zone than the server: no change is missed, nowhere and never."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.engine.paying import date_paid, deal, mistakes, pay
from tests.engine.rebinding import WITH_TASKS, bound, company, lead_of, rule
from tests.engine.simulated_world import worlds
from tests.simulated_time import simulated
from tests.variants import IS_LONG

from b24syncd.simulator.tables.fields import CONTACT, DEAL, LEAD
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.world import World
    from tests.simulated_time import SimulatedTime

MESSY, CLEAN = "8 (916) 123-45-67", "+79161234567"
MOSCOW = {"time_zone": "Europe/Moscow"}
ZONES = ["Pacific/Pitcairn", "Asia/Kathmandu", "Pacific/Kiritimati", "Europe/Berlin"]
NIGHTS = {
    "spring of the user": ("Europe/Moscow", "Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    "autumn of the user": ("Europe/Moscow", "Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    "spring of the server": ("Europe/Berlin", "Asia/Tokyo", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    "autumn of the server": ("Europe/Berlin", "America/Phoenix", datetime(2026, 10, 25, 1, tzinfo=UTC)),
}

SIXTHS = 6 if IS_LONG else 3
"""Into so many parts are a little more than two hours of a night divided."""


def followed(world: World) -> None:
    """Let polling alone find what changes, once a minute."""
    world.configure(changes__interval_seconds=60, changes__overlap_seconds=120, changes__sweep_hours=0)


def create_messy(world: World) -> int:
    return world.portal.create(CONTACT, {}, [PointChange(None, "PHONE", "WORK", MESSY)], "person").id


async def assert_seen(world: World, time: SimulatedTime, number: int, pause: float) -> None:
    """Create a contact every now and then; each has to be right before the next one comes."""
    for _ in range(number):
        item = create_messy(world)
        await time.sleep(pause)
        assert world.phones(item) == [CLEAN]


@pytest.mark.every(3)
@pytest.mark.parametrize(("user", "api"), [*((zone, "universal") for zone in ZONES), ("Pacific/Pitcairn", "classic")])
def test_changes_are_followed_from_the_first_to_the_last(user: str, api: str, tmp_path: Path) -> None:
    async def run(time: SimulatedTime) -> None:
        async with worlds(tmp_path, time) as make:
            world = await make(**MOSCOW, user_time_zone=user)
            followed(world)
            world.configure(portal__api=api)
            world.add(CLEAN)
            async with world.following():
                await time.sleep(100)
                await assert_seen(world, time, 4, 200)
            async with world.following():  # after a restart as well
                await time.sleep(100)
                await assert_seen(world, time, 2, 800)
            world.assert_right()

    simulated(run)


def test_the_first_item_of_a_type_is_met(tmp_path: Path) -> None:
    async def run(time: SimulatedTime) -> None:
        async with worlds(tmp_path, time) as make:
            world = await make(**MOSCOW, user_time_zone="Pacific/Kiritimati")
            followed(world)
            async with world.following():
                await time.sleep(200)
                await assert_seen(world, time, 2, 200)

    simulated(run)


@pytest.mark.every(3)
@pytest.mark.parametrize("night", NIGHTS)
def test_no_change_is_missed_while_clocks_are_set(night: str, tmp_path: Path) -> None:
    server, user, at = NIGHTS[night]

    async def run(time: SimulatedTime) -> None:
        async with worlds(tmp_path, time, begin=at.timestamp() - 9 * 3600) as make:
            world = await make(time_zone=server, user_time_zone=user)
            followed(world)
            world.configure(changes__interval_seconds=1800 / SIXTHS)
            world.add(CLEAN)
            items = []
            async with world.following():
                for _ in range(SIXTHS * 5):
                    await time.sleep(7800 / SIXTHS)
                    items.append(create_messy(world))
                await time.sleep(4000)
                create_messy(world)
                await time.sleep(1300)
                assert [item for item in items if world.phones(item) != [CLEAN]] == []

    simulated(run)


def test_a_user_who_moves_while_the_daemon_is_away_hides_nothing(tmp_path: Path) -> None:
    async def run(time: SimulatedTime) -> None:
        async with worlds(tmp_path, time) as make:
            world = await make(**MOSCOW, user_time_zone="Pacific/Kiritimati")
            followed(world)
            world.add(CLEAN)
            async with world.following():
                await time.sleep(100)
                await assert_seen(world, time, 2, 400)
            item = create_messy(world)
            world.portal.live_in("Pacific/Pitcairn")
            await time.sleep(3600)
            async with world.following():
                await time.sleep(300)
                assert world.phones(item) == [CLEAN]

    simulated(run)


@pytest.mark.every(3)
@pytest.mark.parametrize("user", ZONES)
def test_activities_and_times_in_rules(user: str, tmp_path: Path) -> None:
    async def run(time: SimulatedTime) -> None:
        async with worlds(tmp_path, time) as make:
            world = await make(**MOSCOW, **WITH_TASKS, user_time_zone=user)
            followed(world)
            target = company(world)
            old, new = (lead_of(world, target) for _ in range(2))
            second = int(datetime(2026, 2, 1, 0, tzinfo=UTC).timestamp()) - 3 * 3600
            world.portal.table(LEAD).items[old[1]].created = second - 1
            world.portal.table(LEAD).items[new[1]].created = second
            world.rebind_by(rule(where='{ ">=createdTime" = "2026-02-01" }'))
            values: dict[str, Any] = {"typeId": 4, "providerId": "CRM_EMAIL", "direction": 1, "completed": "N"}
            async with world.following():
                for _ in range(3):
                    await time.sleep(200)
                    mails = [world.portal.activities.create(values, [lead], "person").id for lead in (old, new)]
                    await time.sleep(200)
                    assert [bound(world, mail) for mail in mails] == [{old}, {target}]

    simulated(run)


@pytest.mark.every(3)
@pytest.mark.parametrize("sale_offsets", [True, False])
@pytest.mark.parametrize("user", ZONES)
def test_payments_that_touch_no_deal(user: str, tmp_path: Path, *, sale_offsets: bool) -> None:
    async def run(time: SimulatedTime) -> None:
        async with worlds(tmp_path, time) as make:
            world = await make(
                **MOSCOW, user_time_zone=user, sale_offsets=sale_offsets, scopes=("crm", "user_brief", "sale")
            )
            followed(world)
            deals = [deal(world) for _ in range(4)]
            for one in deals:
                pay(world, one, days_ago=40)
            date_paid(world)
            await world.backfill()
            async with world.following():
                for one in deals:
                    await time.sleep(130)
                    world.portal.payments.create((DEAL, one), 1, "person", paid=int(world.portal.clock()))
                    await time.sleep(130)
                    assert mistakes(world) == []

    simulated(run)
