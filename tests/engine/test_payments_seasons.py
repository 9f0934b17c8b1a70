"""Dates of payment where the user's clocks are set on other days than the server's: right, and written once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from tests.engine.paying import (
    CODE,
    DAY,
    INSTANT,
    assert_unbroken,
    commands,
    date_paid,
    deal,
    mistakes,
)
from tests.engine.simulated_world import worlds
from tests.simulated_time import simulated

from b24syncd.simulator.tables.fields import DEAL

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.world import World
    from tests.simulated_time import SimulatedTime

    from b24syncd.simulator.tables.fields import CustomField

BOTH = pytest.mark.parametrize("field", [DAY, INSTANT], ids=["day", "instant"])
PLACES = {
    "of the user alone": ("Europe/Moscow", "Europe/Berlin"),
    "of the user alone, with no hour between in summer": ("Europe/Moscow", "Europe/Helsinki"),
    "of the server alone": ("Europe/Berlin", "Asia/Tokyo"),
    "of both, on other days": ("Europe/Berlin", "America/New_York"),
    "of both, against each other": ("Europe/Berlin", "Australia/Sydney"),
    "of nobody": ("Europe/Moscow", "Asia/Dubai"),
    "of the server, where the user lives": ("Europe/Berlin", None),
}
HALF_A_YEAR = 182 * 86400
SPRING, AUTUMN = datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)
WINTER = datetime(2026, 1, 20, 9, tzinfo=UTC)
TIMES = [(12, 0), (23, 20), (23, 59), (0, 0), (0, 40), (2, 30)]


def paid_in_both_seasons(world: World, year: int = 2025) -> None:
    """Add deals that were paid about noon and midnight of the server, in winter and in summer."""
    zone = world.portal.zone
    for month in (1, 3, 7, 10, 12):
        for hour, minute in TIMES:
            at = datetime(year, month, 15, hour, minute, tzinfo=zone)
            world.portal.payments.create(
                (DEAL, deal(world)), 100, "generator", currency="RUB", paid=int(at.timestamp())
            )


def half_a_year_passes(world: World) -> None:
    clock = world.portal.clock
    world.portal.clock = lambda: clock() + HALF_A_YEAR


def wrong(world: World) -> list[object]:
    return [(one["is"], one["must_be"]) for one in mistakes(world, field=CODE)]


def written(world: World) -> int:
    return commands(world).total()


@pytest.mark.every(5)
@BOTH
@pytest.mark.parametrize("api", ["universal", "classic"])
@pytest.mark.parametrize("place", PLACES)
def test_a_walk_in_the_other_season_writes_nothing(place: str, field: CustomField, api: str, tmp_path: Path) -> None:
    server, user = PLACES[place]

    async def run(time: SimulatedTime) -> None:
        async with worlds(tmp_path, time, begin=WINTER.timestamp()) as make:
            world = await make(time_zone=server, user_time_zone=user, custom_fields=(field,))
            paid_in_both_seasons(world)
            date_paid(world, api=api)
            await world.backfill()
            assert wrong(world) == []
            before = written(world)
            for _ in range(3):  # summer, winter, summer
                half_a_year_passes(world)
                await world.backfill()
                assert wrong(world) == []
            assert written(world) == before
            assert_unbroken(world)

    simulated(run)


@pytest.mark.every(5)
@BOTH
@pytest.mark.parametrize("night", [SPRING, AUTUMN], ids=["spring", "autumn"])
@pytest.mark.parametrize("place", ["of the user alone", "of the server alone"])
def test_the_night_in_which_clocks_are_set_writes_nothing(
    place: str, night: datetime, field: CustomField, tmp_path: Path
) -> None:
    server, user = PLACES[place]

    async def run(time: SimulatedTime) -> None:
        async with worlds(tmp_path, time, begin=night.timestamp() - 2 * 3600) as make:
            world = await make(
                time_zone=server, user_time_zone=user, custom_fields=(field,), scopes=("crm", "user_brief", "sale")
            )
            paid_in_both_seasons(world)
            date_paid(world)
            world.configure(changes__interval_seconds=300, changes__sweep_hours=0.5)
            await world.backfill()
            before = written(world)
            async with world.following():
                await time.sleep(5 * 3600)
                assert wrong(world) == []
                assert written(world) == before
                new = deal(world)
                world.portal.payments.create(
                    (DEAL, new), 100, "person", currency="RUB", paid=int(night.timestamp()) - 86400
                )
                await time.sleep(600)
                assert wrong(world) == []
            assert written(world) == before + 1
            assert_unbroken(world)

    simulated(run)


def test_a_user_who_moves_while_the_daemon_runs(tmp_path: Path) -> None:
    async def run(time: SimulatedTime) -> None:
        async with worlds(tmp_path, time, begin=WINTER.timestamp()) as make:
            world = await make(time_zone="Europe/Moscow", user_time_zone="Europe/Berlin", custom_fields=(INSTANT,))
            date_paid(world)
            world.configure(changes__interval_seconds=60)
            deal(world)
            async with world.following():
                for home in ("America/New_York", "Asia/Dubai", "Europe/Berlin"):
                    world.portal.live_in(home)
                    await time.sleep(700)  # the profile is asked for by then
                    paid_in_both_seasons(world)
                    for item in world.portal.table(DEAL):
                        world.portal.table(DEAL).touch(item, int(world.portal.clock()))
                    await time.sleep(600)
                    assert wrong(world) == []
            assert_unbroken(world)

    simulated(run)


def test_the_day_in_a_zone_of_one_s_own(tmp_path: Path) -> None:
    async def run(time: SimulatedTime) -> None:
        async with worlds(tmp_path, time, begin=WINTER.timestamp()) as make:
            world = await make(time_zone="Europe/Moscow", user_time_zone="Europe/Berlin", custom_fields=(DAY,))
            paid_in_both_seasons(world)
            date_paid(world, time_zone='"Asia/Tokyo"')
            await world.backfill()
            for item in world.portal.table(DEAL):
                (payment,) = world.portal.payments.of((DEAL, item.id))
                paid = datetime.fromtimestamp(int(payment.values["datePaid"] or 0), ZoneInfo("Asia/Tokyo"))
                there = datetime.fromtimestamp(int(item.value("ufCrm_1721244707107") or 0), world.portal.zone)
                assert there.date() == paid.date()

    simulated(run)
