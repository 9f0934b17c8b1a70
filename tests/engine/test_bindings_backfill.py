"""The walk of the job `bindings` through the past: it ends as the rules say, and the next one writes nothing."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from tests.engine.rebinding import (
    ADD,
    BY_FIELD,
    CONVERTED,
    DELETE,
    MOVE,
    SET_LINKS,
    WITH_TASKS,
    assert_nothing_twice,
    assert_settled,
    bound,
    call,
    company,
    item,
    lead_of,
    reviews,
    rule,
    task,
    written,
)

from b24syncd.simulator.judges.items import misplaced
from b24syncd.simulator.seeds.activities import generate_activities
from b24syncd.simulator.tables.fields import CONTACT, DEAL

if TYPE_CHECKING:
    from tests.engine.rebinding import MakeWorld


@pytest.mark.every(5)
@pytest.mark.parametrize("mode", ["move", "copy"])
@pytest.mark.parametrize("to", ["company", "deal", "contact"])
async def test_converted_leads(make_world: MakeWorld, to: str, mode: str) -> None:
    world = await make_world(**WITH_TASKS)
    generate_activities(world.portal, 7, converted=60, obstacles=0.1)
    world.rebind_by(rule(to=to, where=CONVERTED, mode=f'"{mode}"'))
    summary = await world.backfill()
    assert summary.counts["corrected"] > 80
    assert misplaced(world.portal, to, "converted", copy=mode == "copy", tasks=True) == []
    reasons = {reason for _, reason in reviews(world)}
    # not every lead has a deal or a contact
    assert reasons == ({"too_many_bindings", "refused"} | ({"missing_target"} if to == "company" else {"no_target"}))
    assert set(world.outcomes()) <= {"done", "refused", "not_sent"}
    assert_nothing_twice(world)
    await assert_settled(world)


async def test_leads_of_one_customer(make_world: MakeWorld) -> None:
    world = await make_world(**WITH_TASKS)
    generate_activities(world.portal, 3, duplicated=30, obstacles=0.1)
    world.rebind_by(rule(to="same_contact_point:company"))
    await world.backfill()
    assert misplaced(world.portal, "same_company", "duplicated", tasks=True) == []
    assert {reason for _, reason in reviews(world)} >= {"several_targets", "too_many_bindings"}
    await assert_settled(world)


async def test_a_split_lead_by_the_field_that_names_the_other(make_world: MakeWorld) -> None:
    world = await make_world(**WITH_TASKS)
    generate_activities(world.portal, 3, split=10, obstacles=0.0)
    for truth in world.portal.binding_truth:
        lead = world.portal.find(*truth.source)
        assert lead is not None
        lead.values["ufCrm_1720019876001"] = f"L_{truth.source[1] + 1}"
        if not truth.targets:  # it is to stay: a rule tells it by what it is
            world.portal.activities.rows[truth.activity_id].values["direction"] = 0
    world.rebind_by(rule(to=BY_FIELD, activities='{ direction = "incoming" }'))
    await world.backfill()
    wrong = {found["activity"] for found in misplaced(world.portal, "lead", "split", tasks=False)}
    rows = world.portal.activities.rows
    # outgoing ones and to-dos were not meant by this rule
    assert not [activity for activity in wrong if rows[activity].values["direction"] == 1]
    assert set(written(world)) == {MOVE, DELETE}  # some hang on both already
    await assert_settled(world)


async def test_a_move_within_a_type_takes_one_command(make_world: MakeWorld) -> None:
    world = await make_world(**WITH_TASKS)
    target = lead_of(world, stage="NEW")
    lead = lead_of(world, target)
    other = item(world, DEAL, title="A stranger")
    alone, shared, both = call(world, lead), call(world, lead, other), call(world, lead, target)
    task_id, mirror = task(world, lead, other)
    world.rebind_by(rule(to=BY_FIELD, where=CONVERTED))
    await world.backfill()
    assert bound(world, alone) == {target}
    assert bound(world, shared) == {target, other}
    assert bound(world, both) == {target}
    assert bound(world, mirror) == {target, other}
    assert set(world.portal.tasks.rows[task_id].links) == {target, other}
    assert written(world) == {MOVE: 2, DELETE: 1, SET_LINKS: 1}
    await assert_settled(world)


async def test_between_types_it_is_bound_before_it_is_unbound(make_world: MakeWorld) -> None:
    world = await make_world()
    target = company(world)
    calls = [call(world, lead_of(world, target)) for _ in range(3)]
    world.rebind_by(rule())
    await world.backfill()
    assert [bound(world, activity) for activity in calls] == [{target}] * 3
    assert written(world) == {ADD: 3, DELETE: 3}
    await assert_settled(world)


async def test_rules_that_follow_on_each_other(make_world: MakeWorld) -> None:
    world = await make_world()
    target = company(world)
    contact = item(world, CONTACT, name="Anna", companyId=target[1])
    activity = call(world, lead_of(world, contact))
    world.portal.activities.watch.expect(contact, target)
    world.rebind_by(rule(to="contact"), rule("contacts", "contact"))
    for _ in range(2):  # the second item was not read with the first: it may take a second walk
        await world.backfill()
    assert bound(world, activity) == {target}
    await assert_settled(world)


async def test_excluded_items_and_activities_are_left_alone(make_world: MakeWorld) -> None:
    world = await make_world()
    kept_company, target = company(world), company(world)
    kept_lead, lead, other = lead_of(world, target), lead_of(world, target), lead_of(world, kept_company)
    kept = [call(world, kept_lead), call(world, other), call(world, lead)]
    moved = call(world, lead)
    world.rebind_by(rule())
    excluded = f"lead:{kept_lead[1]}, company:{kept_company[1]}, activity:{kept[2]}"
    world.configure(safety__exclude=excluded)
    await world.backfill()
    assert [bound(world, activity) for activity in kept] == [{kept_lead}, {other}, {lead}]
    assert bound(world, moved) == {target}
    assert reviews(world) == []


async def test_without_the_scope_tasks_are_a_persons_to_move(make_world: MakeWorld) -> None:
    world = await make_world()
    lead = lead_of(world, company(world))
    _, mirror = task(world, lead)
    world.rebind_by(rule())
    await world.backfill()
    assert bound(world, mirror) == {lead}
    assert [(str(ref), reason) for ref, reason in reviews(world)] == [(f"activity:{mirror}", "task_not_readable")]
    world.rebind_by(rule(), include_tasks=False)
    await world.backfill()
    assert reviews(world) == []
    assert not written(world)


async def test_an_activity_of_leads_that_are_pages_apart(make_world: MakeWorld) -> None:
    world = await make_world()
    targets = [company(world), company(world)]
    leads = [lead_of(world, targets[number >= 260]) for number in range(520)]
    calls = [call(world, one, other) for one, other in zip(leads, leads[260:], strict=False)]
    world.rebind_by(rule())
    await world.backfill()
    assert [bound(world, one) for one in calls] == [set(targets)] * 260
    assert_nothing_twice(world)
    by_ref = sorted(world.journal(), key=lambda row: (row.correction.ref.id, row.at, row.id))
    for earlier, later in pairwise(by_ref):
        is_next = earlier.correction.ref == later.correction.ref and earlier.batch != later.batch
        assert not is_next or (earlier.settled_at is not None and earlier.settled_at <= later.at)
    await assert_settled(world)
