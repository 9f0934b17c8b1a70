"""A region that is not the one in which people write stops before it spoils a number, and a preview tells it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.engine.deciding import edited
from tests.unit.test_written_regions import GERMAN, RUSSIAN

from b24syncd.errors import SafetyStop
from b24syncd.reports.preview import limits_ahead

if TYPE_CHECKING:
    from tests.engine.world import World


AMERICAN = "(516) 734-8123"
"""What a run with the region US has to write."""


def fill(world: World, *values: str) -> None:
    for value in (AMERICAN, *values):
        world.add(value)


async def ended(world: World) -> str:
    """Let the daemon live until a safety limit ends it, and return what it says."""
    with pytest.raises(SafetyStop) as stopped:
        await world.follow()
    return str(stopped.value)


async def test_nothing_is_written_in_a_wrong_region_until_a_person_says_so(world: World) -> None:
    fill(world, *RUSSIAN)
    world.configure(portal__region="US")
    told = str((await world.backfill()).stopped)
    assert "% are certain in US, 99 % in RU" in told
    assert "portal.region" in told
    assert "--continue" in told
    assert world.portal.history.saves == 0
    assert (await world.backfill(limit=5)).stopped is not None
    assert (await world.backfill(only=["contact:1"])).stopped is not None
    async with asyncio.TaskGroup() as group:
        daemon = group.create_task(ended(world))
        await world.until(lambda: world.portal.history.commands["crm.item.list"] > 20)
        assert world.portal.person.edit(world.change(2, AMERICAN))
    assert "99 % in RU" in daemon.result()
    assert world.portal.history.saves == 0
    assert (await world.backfill(goes_on=True)).stopped is None
    world.configure(jobs__emails__enabled="false")
    assert (await world.backfill()).stopped is None


async def test_what_a_person_decided_does_not_tell_that_the_region_is_right(world: World) -> None:
    world.add("ask Anna")
    world.configure(portal__region="US")
    await world.backfill()
    (review,) = world.reviews()
    assert len((await edited(world, review, AMERICAN)).accepted) == 1
    fill(world, *RUSSIAN)
    assert "99 % in RU" in str((await world.backfill()).stopped)
    assert world.portal.history.saves == 1


async def test_a_preview_tells_it(world: World) -> None:
    fill(world, *RUSSIAN)
    world.configure(portal__region="US")
    summary, _ = await world.preview()
    line, cure = limits_ahead(summary, canary=world.settings.safety.canary, max_changed_share=1.0)
    assert "% are certain in US, 99 % in RU" in line
    assert cure.startswith("set portal.region")
    world.configure(portal__region="RU")
    summary, _ = await world.preview()
    assert list(limits_ahead(summary, canary=world.settings.safety.canary, max_changed_share=1.0)) == []


async def test_the_right_region_is_looked_at_once(world: World) -> None:
    fill(world, *RUSSIAN)
    assert (await world.backfill()).stopped is None
    await world.assert_settled()


async def test_a_state_that_corrected_phones_before_is_not_looked_at(world: World) -> None:
    world.add("8 (495) 123-45-67")
    await world.backfill()
    fill(world, *GERMAN)
    assert (await world.backfill()).stopped is None


async def test_phones_that_come_late_in_a_walk_are_met_before_they_are_written(world: World) -> None:
    for _ in range(5100):
        world.add()
    fill(world, *RUSSIAN)
    world.configure(portal__region="US")
    assert (await world.backfill()).stopped is not None
    assert world.portal.history.saves == 0
