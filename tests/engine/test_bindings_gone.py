"""Targets that are deleted after the plan was made: nothing is left for them, and a person is asked.

The portal itself does not look whether an item is there that an administrator binds an activity to (php:
modules/crm/lib/controller/activity/binding.php, modules/crm/lib/Service/UserPermissions/EntityPermissions/Item.php).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.engine.rebinding import (
    ADD,
    BY_FIELD,
    DELETE,
    MOVE,
    SET_LINKS,
    WITH_TASKS,
    assert_settled,
    bound,
    call,
    company,
    item,
    lead_of,
    listed,
    reviews,
    rule,
    task,
    written,
)

from b24syncd.domain.entities import EntityRef
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.person import Action, PersonEdit, Trigger
from b24syncd.simulator.tables.fields import DEAL

if TYPE_CHECKING:
    from tests.engine.rebinding import MakeWorld
    from tests.engine.world import World

    from b24syncd.simulator.methods.calls import Call
    from b24syncd.simulator.tables.slugs import Ref

GET = "crm.item.get"


def delete_before_write(world: World, target: Ref) -> None:
    """Let a person delete an item when the batch that would bind to it has begun."""
    type_id, item_id = target
    gone = PersonEdit(action=Action.DELETE_ITEM, entity_type_id=type_id, item_id=item_id)
    world.portal.person.plan(Trigger(method=GET, entity_type_id=type_id, item_id=item_id), gone)


def never_found(target: Ref) -> Fault:
    """Let `crm.item.get` not find an item that lists show."""

    def is_of_it(command: Call) -> bool:
        return command.method == GET and str(command.parameter("id")) == str(target[1])

    return Fault(kind=Kind.COMMAND_ERROR, match=is_of_it, times=None, code="NOT_FOUND", description="Not found")


@pytest.mark.parametrize("number", [1, 30])
@pytest.mark.parametrize("to", ["company", BY_FIELD])
async def test_a_target_that_goes_before_the_write(make_world: MakeWorld, to: str, number: int) -> None:
    world = await make_world(**WITH_TASKS)
    target = company(world) if to == "company" else lead_of(world, stage="IN_PROCESS")
    lead = lead_of(world, target, stage="NEW")
    calls = [call(world, lead) for _ in range(number)]
    world.rebind_by(rule(to=to, where='{ stageId = "NEW" }'))
    delete_before_write(world, target)
    await world.backfill()
    assert reviews(world) == [(EntityRef.parse(f"lead:{lead[1]}"), "missing_target")]
    assert {frozenset(bound(world, one)) for one in calls} == {frozenset({lead})}
    assert not written(world)
    await assert_settled(world)


async def test_a_target_that_goes_between_the_two_steps(make_world: MakeWorld) -> None:
    world = await make_world()
    target, deal = company(world), item(world, DEAL, title="A deal")
    lead = lead_of(world, target)
    activity = call(world, lead, deal)
    world.rebind_by(rule())
    type_id, item_id = target
    gone = PersonEdit(action=Action.DELETE_ITEM, entity_type_id=type_id, item_id=item_id)
    world.portal.person.plan(Trigger(method=GET, nth=2, entity_type_id=type_id, item_id=item_id), gone)
    await world.backfill()
    assert written(world)[DELETE] == 0
    assert written(world)[ADD] == 1
    assert bound(world, activity) == {lead, deal}
    assert reviews(world) == [(EntityRef.parse(f"lead:{lead[1]}"), "missing_target")]
    await assert_settled(world)


async def test_a_task_keeps_its_link(make_world: MakeWorld) -> None:
    world = await make_world(**WITH_TASKS)
    target = company(world)
    lead = lead_of(world, target)
    task_id, mirror = task(world, lead)
    world.rebind_by(rule())
    delete_before_write(world, target)
    await world.backfill()
    assert world.portal.tasks.rows[task_id].links == [lead]
    assert bound(world, mirror) == {lead}
    assert written(world)[SET_LINKS] == 0
    assert reviews(world) == [(EntityRef.parse(f"lead:{lead[1]}"), "missing_target")]
    await assert_settled(world)


async def test_a_list_leaves_nothing_for_what_is_gone(make_world: MakeWorld) -> None:
    world = await make_world()
    target, twin, other = company(world), lead_of(world, stage="IN_PROCESS"), company(world)
    leads = [lead_of(world), lead_of(world), lead_of(world)]
    calls = [call(world, lead) for lead in leads]
    world.portal.activities.watch.expect(leads[2], other)
    world.rebind_by(rule(where='{ stageId = "JUNK" }'))
    delete_before_write(world, target)
    delete_before_write(world, twin)
    summary = await world.rebind(listed((leads[0], target), (leads[1], twin), (leads[2], other)))
    assert [bound(world, one) for one in calls] == [{leads[0]}, {leads[1]}, {other}]
    assert written(world)[MOVE] == 0
    assert summary.counts["corrected"] == 1
    assert sorted(reason for _, reason in reviews(world)) == ["missing_target", "missing_target"]


async def test_what_only_the_proof_tells_is_refused_and_not_tried_for_ever(make_world: MakeWorld) -> None:
    world = await make_world()
    target = company(world)
    lead = lead_of(world, target)
    activity = call(world, lead)
    world.rebind_by(rule())
    world.portal.faults.add(never_found(target))
    await world.backfill()
    assert reviews(world) == [(EntityRef.parse(f"activity:{activity}"), "refused")]
    assert bound(world, activity) == {lead}
    before = world.portal.history.commands[GET]
    await world.backfill()
    assert world.portal.history.commands[GET] == before
    assert not written(world)
