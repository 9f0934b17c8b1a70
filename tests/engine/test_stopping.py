"""Stopped at any moment, a backfill goes on where it was and ends as if nobody had stopped it."""

from __future__ import annotations

import asyncio
import signal
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.variants import IS_LONG

from b24syncd.errors import StateLocked
from b24syncd.simulator.tables.fields import CONTACT

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.conftest import World

    MakeWorld = Callable[..., Coroutine[None, None, World]]

MESSY, CLEAN = "8 (916) 123-45-67", "+79161234567"


@pytest.mark.every(3)
@pytest.mark.parametrize("how", ["cut_off", "killed"])
@pytest.mark.parametrize("seed", range(2))
async def test_stopped_at_random_moments(make_world: MakeWorld, how: str, seed: int) -> None:
    async def run(number: int) -> World:
        world = await make_world()
        world.fill(number, contacts=100, companies=20, leads=20)
        rng = Random(number)  # noqa: S311 # has to be repeatable
        for _ in range(3):
            await getattr(world, how)(rng.randrange(2, 100))
        summary = await world.backfill()
        assert not summary.interrupted
        return world

    for world in await asyncio.gather(*(run(4 * seed + number) for number in range(4 if IS_LONG else 2))):
        assert world.waiting() == 0
        await world.assert_settled()


async def test_stopped_before_every_single_command(world: World) -> None:
    items = [world.add(f"8 (916) 123-{number:02d}-00, 8 (495) 765-{number:02d}-00") for number in range(40)]
    stops = 0
    for number in range(1, 40):
        stops += not await world.cut_off(number)
    assert stops > 8
    await world.backfill()
    for number, item in enumerate(items):
        assert world.phones(item) == [f"+7916123{number:02d}00", f"+7495765{number:02d}00"]
    await world.assert_settled()


@pytest.mark.parametrize("number", [4, 12, 60])
async def test_a_signal_lets_what_is_under_way_finish(world: World, number: int) -> None:
    world.configure(limits__in_flight=2)  # else all of it is under way soon
    world.fill(5, contacts=200)
    with world.at_command(number, lambda: world.send(signal.SIGTERM)):
        summary = await world.backfill()
    assert summary.interrupted
    assert world.outcomes()["intent"] == 0
    saves = world.portal.history.saves
    summary = await world.backfill()
    assert not summary.interrupted
    assert set(world.outcomes()) <= {"done", "not_sent"}
    assert world.portal.history.saves > saves
    await world.assert_settled()


async def test_a_resumed_backfill_goes_on_under_its_number(world: World) -> None:
    items = [world.add(MESSY) for _ in range(700)]
    await world.cut_off(200)
    corrected = sum(world.phones(item) == [CLEAN] for item in items)
    assert 0 < corrected < 700
    summary = await world.backfill()
    assert summary.run_id == 1
    assert summary.counts["corrected"] == 700  # counted over both parts
    assert summary.counts["read"] == 700  # what changed meanwhile is looked at again, and is no further item
    await world.assert_settled()


async def test_what_is_read_ahead_and_right_moves_no_cursor_over_what_is_still_to_be_written(world: World) -> None:
    items = [world.add(MESSY) for _ in range(400)]  # as many as one step of the walk
    for _ in range(60):
        world.add(CLEAN)
    assert not await world.killed(100)
    assert 0 < sum(world.phones(item) == [CLEAN] for item in items) < 400
    await world.backfill()
    assert {tuple(world.phones(item)) for item in items} == {(CLEAN,)}
    await world.assert_settled()


@pytest.mark.every(3)
@pytest.mark.parametrize("how", ["cut_off", "killed"])
async def test_a_resumed_backfill_covers_what_changed_below_its_cursor(world: World, how: str) -> None:
    items = [world.add(MESSY) for _ in range(700)]
    assert not await getattr(world, how)(500)
    assert world.phones(items[0]) == [CLEAN]
    world.portal.person.edit(world.change(items[0], "8 (495) 765-43-21", canonical=("+74957654321",)))
    await world.backfill()
    assert world.phones(items[0]) == ["+74957654321"]
    await world.assert_settled()


async def test_other_rules_begin_anew(world: World) -> None:
    kept = world.add(MESSY)
    for _ in range(300):
        world.add(MESSY)
    world.configure(safety__exclude=f'["contact:{kept}"]')
    assert not await world.cut_off(200)
    world.configure(safety__exclude="[]")
    summary = await world.backfill()
    assert summary.run_id == 2
    assert world.phones(kept) == [CLEAN]
    await world.assert_settled()


async def test_a_second_writer_is_kept_out(world: World) -> None:
    world.add(MESSY)
    async with world.following():
        await world.rounds(1)
        with pytest.raises(StateLocked):
            await world.follow()


async def test_a_finished_backfill_starts_anew(world: World) -> None:
    item = world.add(MESSY)
    assert (await world.backfill()).run_id == 1
    world.portal.person.edit(world.change(item, "8 (495) 765-43-21", late=86400.0))
    summary = await world.backfill()
    assert summary.run_id == 2
    assert summary.counts["read"] == 1
    assert world.phones(item) == ["+74957654321"]
    assert world.portal.find(CONTACT, item) is not None
