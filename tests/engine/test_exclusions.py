"""What a person excludes is left alone at once: by a daemon, by a backfill that goes on, and by decisions."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.engine.deciding import accept, decisions, why_left
from tests.engine.test_handing_over import CANONICAL, MESSY, served, states

from b24syncd import app
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.errors import UsageInvalid

if TYPE_CHECKING:
    from tests.engine.world import World

RAW = "+8 (495) 123-45-67"


def contact(number: int) -> EntityRef:
    return EntityRef(EntityType.CONTACT, number)


async def test_what_is_excluded_is_neither_corrected_nor_asked_about_until_it_is_no_more(world: World) -> None:
    item = world.add(MESSY, RAW)
    assert await app.exclude(world.settings, [contact(item)]) == 1
    assert await app.exclude(world.settings, [contact(item)]) == 0
    await world.backfill()
    assert world.phones(item) == [MESSY, RAW]
    assert world.reviews() == []
    assert await app.include(world.settings, [contact(item)]) == 1
    with pytest.raises(UsageInvalid, match=f"does not exclude contact:{item}"):
        await app.include(world.settings, [contact(item)])
    assert states(world) == [("backfill", "done")]
    await world.backfill()  # by the same rules: what is excluded is no part of them
    assert world.phones(item) == [CANONICAL, RAW]
    chosen = decisions(world.reviews())
    await app.exclude(world.settings, [contact(item)])
    assert world.reviews() == []
    assert why_left(await accept(world, chosen)) == ["excluded"]


async def test_a_daemon_and_its_backfill_heed_it_at_once(world: World) -> None:
    world.configure(limits__per_second=40.0, limits__burst=10)
    items = [world.add(MESSY) for _ in range(300)]
    async with served(world):
        backfill = asyncio.create_task(world.backfill())
        await world.until(lambda: world.portal.history.saves > 5)
        late = [item for item in items if world.phones(item) == [MESSY]][-20:]
        assert await app.exclude(world.settings, list(map(contact, late))) == 20
        kept = [item for item in late if world.phones(item) == [MESSY]]
        await backfill
        await world.rounds(2)
        assert [world.phones(item) for item in kept] == [[MESSY]] * 20
        assert await app.include(world.settings, list(map(contact, late))) == 20
        await world.until(lambda: all(world.phones(item) == [CANONICAL] for item in items))
    world.assert_right()
