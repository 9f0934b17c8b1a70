"""Reviews: asked for once, kept as long as the value stands, closed by themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.engine.conftest import edit

from b24syncd import app
from b24syncd.errors import StateUnusable
from b24syncd.simulator.people.person import Action
from b24syncd.store import region_hints, reviews
from b24syncd.store.database import open_for_writing
from b24syncd.store.reading import open_for_reading
from b24syncd.store.region_hints import RegionHints

if TYPE_CHECKING:
    from tests.engine.conftest import World

CLEAN = "+79161234567"


def states(world: World) -> list[tuple[str, str]]:
    return [(review.value, review.state.value) for review in world.reviews(all_states=True)]


async def dismiss(world: World, review_id: int) -> None:
    now = datetime.now(UTC)
    async with open_for_writing(world.state) as database:
        assert await database.write(lambda db: reviews.dismiss(db, review_id, now=now))


async def test_a_review_stays_as_long_as_the_value(world: World) -> None:
    world.add("ask Anna", emails=["info@gmial.com"])
    summary = await world.backfill()
    assert summary.counts["reviews"] == 2
    first = world.reviews()
    assert [(review.job, review.value, review.suggestion) for review in first] == [
        ("phones", "ask Anna", None),
        ("emails", "info@gmial.com", "info@gmail.com"),
    ]
    summary = await world.backfill()
    assert summary.counts["reviews"] == 0
    assert world.reviews() == first


async def test_it_closes_when_the_value_becomes_right(world: World) -> None:
    item = world.add("ask Anna")
    await world.backfill()
    world.portal.person.edit(world.change(item, CLEAN))
    await world.backfill()
    assert states(world) == [("ask Anna", "closed")]


async def test_it_closes_when_the_value_is_corrected(world: World) -> None:
    item = world.add("ask Anna")
    await world.backfill()
    world.portal.person.edit(world.change(item, "8 (916) 123-45-67"))
    await world.backfill()
    assert world.phones(item) == [CLEAN]
    assert states(world) == [("ask Anna", "closed")]


async def test_it_closes_when_the_entry_is_deleted(world: World) -> None:
    item = world.add("ask Anna", CLEAN)
    await world.backfill()
    world.portal.person.edit(edit(Action.DELETE, item))
    await world.backfill()
    assert states(world) == [("ask Anna", "closed")]


async def test_a_dismissed_one_stays_dismissed_until_the_value_changes(world: World) -> None:
    item = world.add("ask Anna")
    await world.backfill()
    await dismiss(world, world.reviews()[0].id)
    await world.backfill()
    assert states(world) == [("ask Anna", "dismissed")]
    world.portal.person.edit(world.change(item, "ask Olga"))
    await world.backfill()
    assert states(world) == [("ask Olga", "open")]


async def test_a_preview_asks_for_none(world: World) -> None:
    item = world.add("ask Anna")
    await world.backfill()
    world.portal.person.edit(world.change(item, "ask Olga"))
    summary, plans = await world.preview()
    assert summary.counts["reviews"] == 1
    assert plans[0].reviews[0].value == "ask Olga"
    assert states(world) == [("ask Anna", "open")]


async def test_one_job_leaves_the_reviews_of_others(world: World) -> None:
    item = world.add("ask Anna", emails=["info@gmial.com"])
    await world.backfill()
    world.portal.person.edit(world.change(item, CLEAN))
    await world.backfill("emails")
    assert states(world) == [("ask Anna", "open"), ("info@gmial.com", "open")]


async def test_what_is_decided_is_of_the_portal_that_is_configured(world: World) -> None:
    world.add("ask Anna")
    await world.backfill()
    (review,) = world.reviews()
    world.overrides["B24SYNCD_PORTAL__WEBHOOK"] = "http://127.0.0.1:9/rest/1/simulated1secret/"
    with pytest.raises(StateUnusable, match="belongs to the portal 127"):
        await app.dismiss(world.settings, [review.id])
    with pytest.raises(StateUnusable, match="belongs to the portal 127"):
        await app.release(world.settings, [review.id], None)
    assert states(world) == [("ask Anna", "open")]


def hints(world: World) -> RegionHints | None:
    with open_for_reading(world.state) as db:
        return region_hints.remembered(db, region_hints.mark_of(db, "phones", world.settings.jobs["phones"]))


async def test_a_walk_leaves_worked_out_what_a_status_tells_of_other_regions(world: World) -> None:
    world.add("97122345678")
    world.add("call Anna")
    await world.backfill()
    assert hints(world) == RegionHints({"AE": 1})
    world.configure(jobs__phones__other_regions="KZ")
    assert hints(world) is None
    await world.backfill()
    assert hints(world) == RegionHints({"AE": 1})
    await dismiss(world, 1)
    assert hints(world) is None
