"""The daemon and bindings: what it moves by itself, and what a person took back, which it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.engine.rebinding import (
    BY_FIELD,
    CONVERTED,
    WITH_TASKS,
    assert_settled,
    assert_unbroken,
    bind,
    bound,
    call,
    company,
    item,
    lead_of,
    listed,
    reviews,
    rule,
    set_links,
    task,
    unbind,
    written,
)

from b24syncd.simulator.activity_fields import ACTIVITY
from b24syncd.simulator.fields import COMPANY, DEAL, LEAD
from b24syncd.simulator.person import Action, PersonEdit
from b24syncd.simulator.slugs import slug

if TYPE_CHECKING:
    from tests.engine.rebinding import MakeWorld
    from tests.engine.world import World

    from b24syncd.simulator.slugs import Ref


async def moved(make_world: MakeWorld, to: str = "company", mode: str = "move") -> tuple[World, Ref, Ref, int]:
    """Return a world in which a rule has moved an activity from a lead to a target."""
    world = await make_world(**WITH_TASKS)
    target = company(world) if to == "company" else lead_of(world, stage="NEW")
    lead = lead_of(world, target)
    activity = call(world, lead)
    world.rebind_by(rule(to=to, where=CONVERTED, mode=f'"{mode}"'))
    await world.backfill()
    assert bound(world, activity) == ({target, lead} if mode == "copy" else {target})
    return world, lead, target, activity


async def test_a_new_mail_on_a_lead_that_was_converted_long_ago(make_world: MakeWorld) -> None:
    world, lead, target, _ = await moved(make_world)
    async with world.following():
        await world.rounds(1)
        second = int(world.portal.clock())
        values: dict[str, Any] = {"typeId": 4, "providerId": "CRM_EMAIL", "direction": 1, "completed": "N"}
        mail = world.portal.activities.create(values, [lead], "person", at=second).id
        await world.until(lambda: bound(world, mail) == {target})
        await world.rounds(2)
    await assert_settled(world)


async def test_a_lead_that_is_converted_now(make_world: MakeWorld) -> None:
    world, _, target, _ = await moved(make_world)
    lead = lead_of(world, target, stage="NEW")
    activity = call(world, lead)
    async with world.following():
        await world.rounds(1)
        convert = PersonEdit(
            action=Action.SET_FIELD, entity_type_id=LEAD, item_id=lead[1], name="stageId", value="CONVERTED"
        )
        assert world.portal.person.edit(convert)
        await world.until(lambda: bound(world, activity) == {target})
        await world.rounds(2)
    await assert_settled(world)


@pytest.mark.parametrize("to", ["company", BY_FIELD])
async def test_what_a_person_puts_back_stays(make_world: MakeWorld, to: str) -> None:
    world, lead, target, activity = await moved(make_world, to)
    before = written(world)
    async with world.following():
        await world.rounds(1)
        world.portal.person.edit(bind(activity, slug(lead)))
        world.portal.person.edit(unbind(activity, slug(target)))
        await world.until(world.reviews)
        await world.rounds(2)
        other = call(world, lead)
        world.portal.activities.table.touch(world.portal.activities.rows[other], int(world.portal.clock()))
        await world.until(lambda: bound(world, other) == {target})  # the rule goes on with others
    assert bound(world, activity) == {lead}
    (review,) = world.reviews()
    assert (review.ref.id, review.reason, review.suggestion) == (activity, "moved_back", world_name(target))
    assert review.value == f"put back on lead:{lead[1]}"
    assert written(world).total() - before.total() <= 2
    await world.backfill()
    assert bound(world, activity) == {lead}
    await assert_settled(world)


def world_name(ref: Ref) -> str:
    return f"{'company' if ref[0] == COMPANY else 'lead'}:{ref[1]}"


async def test_put_back_beside_the_new_place(make_world: MakeWorld) -> None:
    world, lead, target, activity = await moved(make_world)
    world.portal.person.edit(bind(activity, slug(lead)))
    await world.backfill()
    assert bound(world, activity) == {lead, target}
    assert [reason for _, reason in reviews(world)] == ["moved_back"]
    await assert_settled(world)


async def test_a_copy_that_a_person_takes_off_is_not_made_again(make_world: MakeWorld) -> None:
    world, lead, target, activity = await moved(make_world, mode="copy")
    world.portal.person.edit(unbind(activity, slug(target)))
    await world.backfill()
    assert bound(world, activity) == {lead}
    assert [(review.reason, review.value) for review in world.reviews()] == [
        ("moved_back", f"taken off company:{target[1]}")
    ]
    await assert_settled(world)


async def test_the_review_closes_when_the_person_decides_otherwise(make_world: MakeWorld) -> None:
    world, lead, target, activity = await moved(make_world)
    world.portal.person.edit(bind(activity, slug(lead)))
    await world.backfill()
    assert world.reviews()
    world.portal.person.edit(unbind(activity, slug(lead)))
    await world.backfill()
    assert not world.reviews()
    assert bound(world, activity) == {target}


async def test_a_list_moves_what_was_put_back(make_world: MakeWorld) -> None:
    world, lead, target, activity = await moved(make_world)
    world.portal.person.edit(bind(activity, slug(lead)))
    world.portal.person.edit(unbind(activity, slug(target)))
    await world.backfill()
    await world.rebind(listed((lead, target)))
    assert bound(world, activity) == {target}
    await world.backfill()
    assert not world.reviews()
    await assert_settled(world)


async def test_a_preview_leaves_what_was_put_back(make_world: MakeWorld) -> None:
    world, lead, _, activity = await moved(make_world)
    world.portal.person.edit(bind(activity, slug(lead)))
    _, plans = await world.preview()
    assert [(plan.corrections, [review.reason.value for review in plan.reviews]) for plan in plans] == [
        ((), ["moved_back"])
    ]


async def test_a_task_that_a_person_links_again_stays(make_world: MakeWorld) -> None:
    world, lead, target, _ = await moved(make_world)
    task_id, mirror = task(world, lead)
    await world.backfill()
    assert bound(world, mirror) == {target}
    world.portal.person.edit(set_links(task_id, f"{slug(lead)},{slug(target)}"))
    await world.backfill()
    assert bound(world, mirror) == {lead, target}
    assert [reason for _, reason in reviews(world)] == ["moved_back"]
    await assert_settled(world)


async def test_what_another_person_moves_on_is_none_of_its_business(make_world: MakeWorld) -> None:
    world, _, target, activity = await moved(make_world)
    deal = item(world, DEAL, title="Elsewhere")
    world.portal.person.edit(bind(activity, slug(deal)))
    world.portal.person.edit(unbind(activity, slug(target)))
    async with world.following():
        await world.rounds(3)
    assert bound(world, activity) == {deal}
    assert not world.reviews()
    assert_unbroken(world)
    assert world.portal.history.edits_of(ACTIVITY, activity)[-1].who == "person"
