"""A job that a person pauses rests at once and over restarts; let go on, it misses nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.engine.test_handing_over import CANONICAL, MESSY, served, states

from b24syncd import app
from b24syncd.cli.backfill import exit_code
from b24syncd.errors import ExitCode, UsageInvalid
from b24syncd.reports.summary import walk_lines
from b24syncd.reports.wording import ITEMS
from b24syncd.store import conditions
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from tests.engine.world import World

EMAIL, RIGHT = "WHO@EXAMPLE.COM", "who@example.com"


def paused(world: World) -> list[str]:
    with open_for_reading(world.state) as db:
        return [one.about for one in conditions.standing(db) if one.kind.value == "job_paused"]


def emails(world: World, item: int) -> list[str]:
    points = world.portal.table(3).items[item].points.values()
    return [point.value for point in points if point.type_id == "EMAIL"]


async def test_a_paused_job_rests_over_restarts_and_misses_nothing(world: World) -> None:
    item = world.add(CANONICAL, emails=[RIGHT])
    async with served(world):
        await world.rounds(1)
        await app.pause(world.settings, "phones")
        assert paused(world) == ["phones"]
        assert world.portal.person.edit(world.change(item, MESSY, canonical=(CANONICAL,)))
        await world.rounds(3)
        assert world.phones(item) == [MESSY]
    async with served(world):
        await world.rounds(2)
        assert world.phones(item) == [MESSY]
        await app.resume(world.settings, "phones")
        assert paused(world) == []
        await world.until(lambda: world.phones(item) == [CANONICAL])


async def test_a_backfill_is_interrupted_and_goes_on_with_the_job(world: World) -> None:
    world.configure(limits__per_second=40.0, limits__burst=10)
    items = [world.add(MESSY, emails=[EMAIL]) for _ in range(300)]
    async with served(world):
        backfill = asyncio.create_task(world.backfill())
        await world.until(lambda: world.portal.history.saves > 5)
        await app.pause(world.settings, "phones")
        assert (await backfill).interrupted
        left = [item for item in items if world.phones(item) == [MESSY]]
        assert left
        await world.rounds(2)
        assert [world.phones(item) for item in left] == [[MESSY]] * len(left)
        await app.resume(world.settings, "phones")
        await world.until(lambda: states(world)[-1] == ("backfill", "done"))
    assert {tuple(world.phones(item)) for item in items} == {(CANONICAL,)}
    assert {tuple(emails(world, item)) for item in items} == {(RIGHT,)}
    assert len(states(world)) == 2
    world.assert_right()


async def test_a_backfill_leaves_out_what_is_paused(world: World) -> None:
    item = world.add(MESSY, emails=[EMAIL])
    await world.backfill(only=["contact:999"])
    await app.pause(world.settings, "phones")
    with pytest.raises(UsageInvalid, match="paused already"):
        await app.pause(world.settings, "phones")
    with pytest.raises(UsageInvalid, match="phones is paused"):
        await world.backfill("phones")
    summary = await world.backfill()
    assert (summary.paused, summary.resting, exit_code(summary)) == (
        {"phones": "paused by the shell"},
        {},
        ExitCode.DONE,
    )
    told = "left out phones, paused by the shell; `b24syncd job resume phones` lets it go on"
    assert told in walk_lines(summary, ITEMS)
    assert (world.phones(item), emails(world, item)) == ([MESSY], [RIGHT])
    assert len((await world.preview())[1][0].corrections) == 1  # what would be done if it went on
    await app.resume(world.settings, "phones")
    with pytest.raises(UsageInvalid, match="is not paused"):
        await app.resume(world.settings, "phones")
    await world.backfill()
    assert world.phones(item) == [CANONICAL]
