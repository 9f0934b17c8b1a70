"""Pages that are under way together are written one after the other: none ages while the other one sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.engine.conftest import World


async def test_pages_are_written_in_their_order(world: World) -> None:
    for number in range(700):
        world.add(f"8 (495) {1000000 + number}")
    world.portal.history.edits.clear()
    world.configure(limits__in_flight=2)  # one batch at a time, so that their order is that of the writer
    await world.backfill()
    assert [item_id for _, item_id in world.portal.history.edits] == list(range(1, 701))
    world.assert_right()
