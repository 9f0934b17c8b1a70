"""Undo of rebindings: activities hang again where they hung, and nowhere without being proved there first."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.engine.rebinding import (
    BY_FIELD,
    CONVERTED,
    DELETE,
    MOVE,
    SET_LINKS,
    WITH_TASKS,
    assert_unbroken,
    at,
    bind,
    bound,
    call,
    company,
    item,
    lead_of,
    rule,
    set_links,
    small,
    task,
    unbind,
    written,
)
from tests.engine.undone import held, release, release_all, undo

from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.tables.fields import DEAL
from b24syncd.simulator.tables.slugs import slug

if TYPE_CHECKING:
    from tests.engine.rebinding import MakeWorld
    from tests.engine.world import World

    from b24syncd.simulator.tables.slugs import Ref


def hung(world: World) -> dict[int, set[Ref]]:
    """Return what every activity hangs on."""
    return {activity: set(row.bindings) for activity, row in world.portal.activities.rows.items()}


def linked(world: World) -> dict[int, set[Ref]]:
    return {task_id: set(row.links) for task_id, row in world.portal.tasks.rows.items()}


async def test_a_whole_run_is_taken_back_and_stays_so_until_it_is_released(make_world: MakeWorld) -> None:
    found = await small(make_world)
    world = found.world
    before, links = hung(world), linked(world)
    await world.backfill()
    found.assert_right()
    undone = await undo(world, 1)
    assert (hung(world), linked(world)) == (before, links)
    assert undone.left == ()
    assert_unbroken(world)

    sent = written(world)
    await world.backfill()
    assert written(world) == sent
    assert {review.reason for review in world.reviews()} == {"undone"}

    await release(world, undone)
    await world.backfill()
    found.assert_right()
    assert held(world) == set()
    assert_unbroken(world)


async def test_what_an_undo_took_off_before_it_died_is_not_a_persons_doing(make_world: MakeWorld) -> None:
    world = await make_world()
    lead = lead_of(world, target := company(world))
    activity = call(world, lead)
    world.rebind_by(rule(where=CONVERTED))
    await world.backfill()
    assert bound(world, activity) == {target}

    dying = asyncio.create_task(undo(world, 1))
    world.portal.faults.add(Fault(kind=Kind.HANG, match=DELETE, when="after"))
    await world.until(lambda: bound(world, activity) == {lead})
    dying.cancel()
    with suppress(asyncio.CancelledError):
        await dying
    await release_all(world)
    await world.backfill()
    assert bound(world, activity) == {target}
    assert world.reviews() == []
    assert_unbroken(world)


async def test_undoing_an_undo(make_world: MakeWorld) -> None:
    found = await small(make_world)
    world = found.world
    before = hung(world)
    await world.backfill()
    second = await undo(world, 1)
    await undo(world, second.summary.run_id)
    found.assert_right()
    assert held(world) == set()
    third = await undo(world, 1)
    assert third.left == ()
    assert hung(world) == before


async def test_what_was_bound_since_stays(make_world: MakeWorld) -> None:
    world = await make_world()
    lead = lead_of(world, target := company(world))
    activity, other = call(world, lead), item(world, DEAL, title="A deal")
    world.rebind_by(rule())
    await world.backfill()
    world.portal.person.edit(bind(activity, slug(other)))
    undone = await undo(world, 1)
    assert bound(world, activity) == {lead, other}
    assert undone.left == ()
    assert target not in bound(world, activity)


async def test_where_a_person_has_bound_it_since_it_hangs(make_world: MakeWorld) -> None:
    world = await make_world()
    target = company(world)
    activity, other = call(world, lead_of(world, target)), item(world, DEAL, title="A deal")
    world.rebind_by(rule())
    await world.backfill()
    world.portal.person.edit(bind(activity, slug(other)))
    world.portal.person.edit(unbind(activity, slug(target)))
    undone = await undo(world, 1)
    assert bound(world, activity) == {other}
    assert {left.why.value for left in undone.left} == {"changed"}
    assert held(world) == set()


async def test_a_copy_that_is_all_that_is_left_stays(make_world: MakeWorld) -> None:
    world = await make_world()
    target = company(world)
    lead = lead_of(world, target)
    activity = call(world, lead)
    world.rebind_by(rule(mode='"copy"'))
    await world.backfill()
    assert bound(world, activity) == {lead, target}
    world.portal.person.edit(unbind(activity, slug(lead)))
    undone = await undo(world, 1)
    assert bound(world, activity) == {target}
    assert [left.why.value for left in undone.left] == ["only_there"]


async def test_a_move_within_a_type_is_taken_back_in_one_command(make_world: MakeWorld) -> None:
    world = await make_world(**WITH_TASKS)
    target = lead_of(world, stage="NEW")
    lead = lead_of(world, target)
    activity = call(world, lead)
    world.rebind_by(rule(to=BY_FIELD, where=CONVERTED))
    await world.backfill()
    sent = written(world)
    await undo(world, 1)
    assert bound(world, activity) == {lead}
    assert written(world) - sent == Counter({MOVE: 1})


async def test_links_that_others_set_since_stay(make_world: MakeWorld) -> None:
    world = await make_world(**WITH_TASKS)
    target = company(world)
    lead, other = lead_of(world, target), item(world, DEAL, title="A deal")
    task_id, _ = task(world, lead)
    world.rebind_by(rule())
    await world.backfill()
    assert set(world.portal.tasks.rows[task_id].links) == {target}
    world.portal.person.edit(set_links(task_id, f"{slug(target)},{slug(other)}"))
    undone = await undo(world, 1)
    assert set(world.portal.tasks.rows[task_id].links) == {lead, other}
    assert undone.left == ()


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_person_in_between(make_world: MakeWorld, moment: str) -> None:
    world = await make_world()
    target = company(world)
    lead = lead_of(world, target)
    activity, other = call(world, lead), item(world, DEAL, title="A deal")
    world.rebind_by(rule())
    await world.backfill()
    world.portal.person.plan(at("crm.activity.binding.add", activity, moment), bind(activity, slug(other)))
    await undo(world, 1)
    assert bound(world, activity) == {lead, other}
    assert_unbroken(world)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("method", ["crm.activity.binding.add", "crm.activity.binding.delete", SET_LINKS, MOVE])
async def test_lost_answers(make_world: MakeWorld, method: str, when: str) -> None:
    found = await small(make_world)
    world = found.world
    before, links = hung(world), linked(world)
    await world.backfill()
    world.portal.faults.add(Fault(kind=Kind.RESET, match=method, when=when))
    undone = await undo(world, 1)
    assert (hung(world), linked(world)) == (before, links)
    assert undone.left == ()
    assert_unbroken(world)


@pytest.mark.parametrize("seed", range(4))
async def test_cut_off_anywhere_and_begun_again(make_world: MakeWorld, seed: int) -> None:
    random = Random(seed)  # noqa: S311 # a seed to repeat it by
    found = await small(make_world)
    world = found.world
    before, links = hung(world), linked(world)
    await world.backfill()
    for _ in range(3):
        task_ = asyncio.create_task(undo(world, 1))
        with world.at_command(random.randrange(3, 120), task_.cancel), suppress(asyncio.CancelledError):
            await task_
    undone = await undo(world, 1)
    assert (hung(world), linked(world)) == (before, links)
    assert undone.left == ()
    assert_unbroken(world)
    sent = written(world)
    await world.backfill()
    assert written(world) == sent
