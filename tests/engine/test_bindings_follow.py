"""The daemon and bindings: what it moves by itself, and what a person took back, which it leaves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from tests.engine.rebinding import (
    BY_FIELD,
    CONVERTED,
    WITH_TASKS,
    Considerate,
    assert_nothing_twice,
    assert_settled,
    assert_unbroken,
    bind,
    bound,
    call,
    company,
    item,
    lead_of,
    listed,
    lost_bindings,
    reviews,
    rule,
    set_links,
    task,
    unbind,
    written,
)
from tests.variants import IS_LONG

from b24syncd.domain.bindings import Binding
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.judges.items import misplaced
from b24syncd.simulator.people.person import Action, Habit, PersonEdit
from b24syncd.simulator.seeds.activities import generate_activities
from b24syncd.simulator.tables.activity_fields import ACTIVITY
from b24syncd.simulator.tables.fields import DEAL, LEAD
from b24syncd.simulator.tables.slugs import slug

if TYPE_CHECKING:
    from tests.engine.rebinding import MakeWorld
    from tests.engine.world import World

    from b24syncd.simulator.tables.slugs import Ref


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
        assert world.portal.person.edit(converting(lead))
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
    assert (review.ref.id, review.reason, review.suggestion) == (activity, "moved_back", str(Binding(*target)))
    assert review.value == f"put back on lead:{lead[1]}"
    assert written(world).total() - before.total() <= 2
    await world.backfill()
    assert bound(world, activity) == {lead}
    await assert_settled(world)


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


@pytest.mark.parametrize("what", ["faults", "person"])
async def test_restarts_faults_and_a_random_person(make_world: MakeWorld, what: str) -> None:
    async def run(seed: int) -> World:
        world = await make_world(**WITH_TASKS)
        generate_activities(world.portal, seed, converted=20, activities=4, obstacles=0.05)
        leads = sorted({truth.source for truth in world.portal.binding_truth})
        for lead in leads:
            not_yet = world.portal.find(*lead)
            assert not_yet is not None
            not_yet.values["stageId"] = "IN_PROCESS"
        world.rebind_by(rule(where=CONVERTED))
        async with world.following():
            await world.rounds(1)
        if what == "faults":
            for kind in (Kind.RESET, Kind.HTML):
                for when in ("before", "after"):
                    world.portal.faults.add(Fault(kind=kind, when=when, times=None, probability=0.02))
        else:
            world.portal.person = world.portal.watchers[0] = Considerate(world.portal)
            world.portal.person.take_habit(Habit(seed=seed, probability=0.1, near=1.0))
        for first in range(0, len(leads), 7):
            for lead in leads[first : first + 7]:
                world.portal.person.edit(converting(lead))
            await follow_for(world, commands=60)
        world.portal.faults.clear()
        world.portal.person.take_habit(None)
        async with world.following():
            await world.rounds(2)
            await world.until(lambda: not world.waiting())
        return world

    for world in await asyncio.gather(*map(run, range(4 if IS_LONG else 2))):
        assert misplaced(world.portal, "company", "converted", tasks=True) == []
        # a killed daemon loses answers, and with them their witnesses
        unverified = {entry.correction.ref.id for entry in world.journal() if entry.outcome.value == "unverified"}
        assert {activity for activity, _ in lost_bindings(world)} <= unverified
        assert world.outcomes()["intent"] == 0
        before = written(world)
        await world.backfill()
        assert written(world) == before
        if what == "faults":
            assert_nothing_twice(world)
            assert_unbroken(world)


def converting(lead: Ref) -> PersonEdit:
    return PersonEdit(action=Action.SET_FIELD, entity_type_id=LEAD, item_id=lead[1], name="stageId", value="CONVERTED")


async def follow_for(world: World, commands: int) -> None:
    last = world.portal.history.commands.total() + commands
    async with world.following() as task:
        await world.until(lambda: world.portal.history.commands.total() >= last)
        assert not task.done()
