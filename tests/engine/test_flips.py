"""Two programs that change a value back and forth: set aside after so many times, and a person is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.engine.undone import release_reviews

if TYPE_CHECKING:
    from tests.engine.world import World

MESSY, CANONICAL = "8 (495) 123-45-67", "+74951234567"


def put_back(world: World, item: int) -> None:
    """Let the other program write its own form again."""
    assert world.portal.person.edit(world.change(item, MESSY))


@pytest.mark.parametrize("flips", [1, 3])
async def test_it_is_set_aside_after_so_many_flips_and_stays_so(world: World, flips: int) -> None:
    world.configure(safety__flips=flips)
    item, other = world.add(MESSY), world.add("+74957654321")
    for _ in range(flips):
        await world.backfill()
        assert world.phones(item) == [CANONICAL]
        put_back(world, item)
    for _ in range(2):
        await world.backfill()
        assert world.phones(item) == [MESSY]
    (review,) = world.reviews()
    assert (review.reason, review.job, review.ref.id) == ("alternates", "phones", item)
    assert f"{MESSY} ⇄ {CANONICAL}: corrected {flips} times since " in review.value
    assert world.portal.person.edit(world.change(other, "8 (495) 111-22-33"))
    await world.backfill()
    assert world.phones(other) == ["+74951112233"]


async def test_what_is_released_is_corrected_again_and_counted_anew(world: World) -> None:
    world.configure(safety__flips=2)
    item = world.add(MESSY)
    for _ in range(2):
        await world.backfill()
        put_back(world, item)
    await world.backfill()
    await release_reviews(world)
    for _ in range(2):
        await asyncio.sleep(1)  # what is corrected in the moment of its release is not told apart from what was before
        await world.backfill()
        assert world.phones(item) == [CANONICAL]
        assert world.reviews() == []
        put_back(world, item)
    await world.backfill()
    assert world.phones(item) == [MESSY]


async def test_the_daemon_notices_it(world: World) -> None:
    item = world.add(CANONICAL)
    async with world.following():
        for _ in range(3):
            put_back(world, item)
            await world.until(lambda: world.phones(item) == [CANONICAL])
        put_back(world, item)
        await world.until(lambda: [review.reason for review in world.reviews()] == ["alternates"])
        await world.rounds()
    assert world.phones(item) == [MESSY]
    assert world.outcomes() == {"done": 3}


async def test_a_copy_that_comes_again_and_again_is_deleted_only_so_often(world: World) -> None:
    world.configure(safety__flips=2)
    item = world.add(CANONICAL)
    for _ in range(2):
        world.portal.person.edit(world.adding(item, MESSY))
        await world.backfill()
        assert world.phones(item) == [CANONICAL]
    world.portal.person.edit(world.adding(item, MESSY))
    await world.backfill()
    assert world.phones(item) == [CANONICAL, MESSY]


async def test_nothing_is_set_aside_where_the_settings_say_never(world: World) -> None:
    world.configure(safety__flips=0)
    item = world.add(MESSY)
    for _ in range(5):
        await world.backfill()
        assert world.phones(item) == [CANONICAL]
        put_back(world, item)


async def test_other_values_in_turn_are_no_flips(world: World) -> None:
    item = world.add(MESSY)
    for number in range(5):
        await world.backfill()
        assert world.portal.person.edit(world.change(item, f"8 (495) 123-45-{number}0"))
    await world.backfill()
    assert world.reviews() == []
