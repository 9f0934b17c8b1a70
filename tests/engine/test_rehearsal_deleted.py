"""Items that people delete, which nothing announces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.world import CONTACT

from b24syncd.domain.entities import EntityType

if TYPE_CHECKING:
    from tests.engine.world import World


async def test_the_next_backfill_closes_the_reviews_of_items_that_are_gone(world: World) -> None:
    world.fill(7, contacts=120)
    first, between, last = (world.add("ask Peter") for _ in range(3))
    lead = world.add("ask Peter", type_id=EntityType.LEAD.type_id)
    await world.backfill()
    before = {review.ref for review in world.reviews()}
    for item_id in (first, last):
        item = world.portal.find(CONTACT, item_id)
        assert item is not None
        world.portal.delete(item, "person")

    await world.backfill("phones", only=[f"contact:{between}"])
    assert {review.ref for review in world.reviews()} == before  # only what was walked is known to be gone

    await world.backfill()
    gone = before - {review.ref for review in world.reviews()}
    assert sorted(ref.id for ref in gone) == [first, last]
    assert all(ref.type is EntityType.CONTACT for ref in gone)
    assert lead in {review.ref.id for review in world.reviews()}
    assert {review.state for review in world.reviews(all_states=True) if review.ref in gone} == {"closed"}
