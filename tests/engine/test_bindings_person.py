"""A person who rebinds at the worst moments: what they did last is what the portal ends with."""

from __future__ import annotations

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
    WITNESS,
    Considerate,
    assert_settled,
    at,
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

from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.judges.items import misplaced
from b24syncd.simulator.people.person import Action, Habit, PersonEdit
from b24syncd.simulator.seeds.activities import generate_activities
from b24syncd.simulator.tables.activity_fields import ACTIVITY
from b24syncd.simulator.tables.fields import DEAL
from b24syncd.simulator.tables.slugs import slug

if TYPE_CHECKING:
    from tests.engine.rebinding import MakeWorld
    from tests.engine.world import World

    from b24syncd.simulator.tables.slugs import Ref

Moment = tuple[str, int]
"""Before which command that names the activity, and the how many-th of them; the first witness is the reading."""

BEFORE_ADDING, WHILE_ADDING = (WITNESS, 2), (ADD, 1)
BEFORE_LEAVING, WHILE_LEAVING = (WITNESS, 3), (DELETE, 1)
BEFORE_MOVING, WHILE_MOVING = (WITNESS, 2), (MOVE, 1)


def edits(activity: int, steps: str, names: dict[str, Ref]) -> list[PersonEdit]:
    """Return edits written as `+D -L`, in this order."""
    return [(bind if step[0] == "+" else unbind)(activity, slug(names[step[1:]])) for step in steps.split()]


async def edited(make_world: MakeWorld, to: str, moment: Moment, steps: str) -> tuple[World, int, dict[str, Ref]]:
    """Move an activity from the lead L to T, while a person edits; others are moved as well."""
    world = await make_world(**WITH_TASKS)
    target = company(world) if to == "company" else lead_of(world, stage="NEW")
    lead = lead_of(world, target)
    names = {"L": lead, "T": target, "D": item(world, DEAL, title="A person's choice")}
    activity, *others = [call(world, lead) for _ in range(4)]
    world.rebind_by(rule(to=to, where=CONVERTED))
    method, nth = moment
    world.portal.person.plan(at(method, activity, nth=nth), *edits(activity, steps, names))
    await world.backfill()
    assert world.portal.history.person_edits == len(steps.split())
    assert [bound(world, other) for other in others] == [{target}] * 3
    return world, activity, names


@pytest.mark.every(5)
@pytest.mark.parametrize(
    ("to", "moment", "steps", "left"),
    [
        ("company", BEFORE_ADDING, "+D", "T D"),
        ("company", BEFORE_ADDING, "+D -L", "D"),
        ("company", BEFORE_ADDING, "+T", "T"),
        ("company", BEFORE_ADDING, "+T -L", "T"),
        ("company", WHILE_ADDING, "+D", "T D"),
        ("company", WHILE_ADDING, "+T", "T"),
        ("company", WHILE_ADDING, "+T -L", "T"),
        ("company", BEFORE_LEAVING, "+D", "T D"),
        ("company", BEFORE_LEAVING, "+D -L", "T D"),
        ("company", BEFORE_LEAVING, "-L", "T"),
        ("company", BEFORE_LEAVING, "-T", "L"),
        ("company", BEFORE_LEAVING, "+D -L -T", "D"),
        ("company", WHILE_LEAVING, "+D", "T D"),
        ("company", WHILE_LEAVING, "-L", "T"),
        ("company", WHILE_LEAVING, "-T", "L"),
        ("company", WHILE_LEAVING, "+D -L -T", "D"),
        (BY_FIELD, BEFORE_MOVING, "+D", "T D"),
        (BY_FIELD, BEFORE_MOVING, "+D -L", "D"),
        (BY_FIELD, BEFORE_MOVING, "+T", "T"),
        (BY_FIELD, BEFORE_MOVING, "+T -L", "T"),
        (BY_FIELD, WHILE_MOVING, "+D", "T D"),
        (BY_FIELD, WHILE_MOVING, "+D -L", "D"),
        (BY_FIELD, WHILE_MOVING, "+T", "T"),
    ],
)
async def test_a_persons_edit_survives(make_world: MakeWorld, to: str, moment: Moment, steps: str, left: str) -> None:
    world, activity, names = await edited(make_world, to, moment, steps)
    assert bound(world, activity) == {names[name] for name in left.split()}
    # a person who takes off what was just bound took it back
    assert reviews(world) == [] or [reason for _, reason in reviews(world)] == ["moved_back"]
    assert ("moved_back" in {reason for _, reason in reviews(world)}) == (left == "L")
    await assert_settled(world)


async def test_moved_between_witness_and_adding(make_world: MakeWorld) -> None:
    """What remains: milliseconds in which the portal adds although the activity has left; the person's move stays."""
    world, activity, names = await edited(make_world, "company", WHILE_ADDING, "+D -L")
    assert bound(world, activity) == {names["D"], names["T"]}
    await assert_settled(world)


async def test_the_target_is_taken_off_before_the_source_is_left(make_world: MakeWorld) -> None:
    """The portal leaves one of two whatever the other is: the witness tells, and the source comes back."""
    world, activity, names = await edited(make_world, "company", BEFORE_LEAVING, "+D -T")
    assert bound(world, activity) == {names["D"], names["L"]}
    assert [reason for _, reason in reviews(world)] == ["moved_back"]
    before = written(world)
    await world.backfill()
    assert written(world) == before


async def test_the_target_is_taken_off_while_the_source_is_left(make_world: MakeWorld) -> None:
    """What remains: no witness can tell of these milliseconds; the person's own changes stay."""
    world, activity, names = await edited(make_world, "company", WHILE_LEAVING, "+D -T")
    assert bound(world, activity) == {names["D"]}
    before = written(world)
    await world.backfill()
    assert written(world) == before


@pytest.mark.parametrize("moment", [BEFORE_ADDING, WHILE_ADDING, BEFORE_LEAVING, WHILE_LEAVING])
async def test_an_activity_is_deleted_meanwhile(make_world: MakeWorld, moment: Moment) -> None:
    world = await make_world()
    target = company(world)
    lead = lead_of(world, target)
    activity, other = call(world, lead), call(world, lead)
    world.rebind_by(rule())
    gone = PersonEdit(action=Action.DELETE_ITEM, entity_type_id=ACTIVITY, item_id=activity)
    method, nth = moment
    world.portal.person.plan(at(method, activity, nth=nth), gone)
    summary = await world.backfill()
    assert summary.counts["failed"] == 0
    assert bound(world, other) == {target}
    assert reviews(world) == []
    await assert_settled(world)


@pytest.mark.parametrize(
    ("method", "nth", "value", "left"),
    [
        ("tasks.task.get", 1, "L D", "T D"),
        ("tasks.task.get", 1, "D", "D"),
        ("tasks.task.get", 1, "T", "T"),
        ("tasks.task.get", 1, "T D", "T D"),
        # what remains: the whole list is written, and nothing tells what was there a millisecond before
        (SET_LINKS, 1, "L D", "T"),
        ("tasks.task.get", 2, "L", "L"),
        ("tasks.task.get", 2, "D", "D"),
    ],
)
async def test_the_links_of_a_task_change_meanwhile(
    make_world: MakeWorld, method: str, nth: int, value: str, left: str
) -> None:
    world = await make_world(**WITH_TASKS)
    target = company(world)
    lead = lead_of(world, target)
    names = {"L": lead, "T": target, "D": item(world, DEAL, title="A person's choice")}
    task_id, mirror = task(world, lead)
    world.rebind_by(rule())
    value = ",".join(slug(names[name]) for name in value.split())
    world.portal.person.plan(at(method, task_id, nth=nth), set_links(task_id, value))
    await world.backfill()
    wanted = {names[name] for name in left.split()}
    assert set(world.portal.tasks.rows[task_id].links) == bound(world, mirror) == wanted
    await assert_settled(world)


async def test_the_only_link_that_a_person_leaves_stays(make_world: MakeWorld) -> None:
    """A repair takes off what the write had bound in error, but never the last link: the mirror would go with it."""
    world = await make_world(**WITH_TASKS)
    target = company(world)
    lead, deal = lead_of(world, target), item(world, DEAL, title="A person's choice")
    task_id, mirror = task(world, lead, deal)
    world.rebind_by(rule())
    for nth, value in ((1, slug(deal)), (3, slug(target))):
        world.portal.person.plan(at("tasks.task.get", task_id, nth=nth), set_links(task_id, value))
    await world.backfill()
    assert world.portal.history.person_edits == 2
    assert set(world.portal.tasks.rows[task_id].links) == bound(world, mirror) == {target}
    await assert_settled(world)


async def test_the_answer_to_a_repair_is_lost(make_world: MakeWorld) -> None:
    for when in ("before", "after"):
        world = await make_world()
        target = company(world)
        lead, deal = lead_of(world, target), item(world, DEAL, title="A person's choice")
        activity = call(world, lead)
        world.rebind_by(rule())
        names = {"L": lead, "D": deal}
        world.portal.person.plan(at(WITNESS, activity, nth=2), *edits(activity, "+D -L", names))
        world.portal.faults.add(Fault(kind=Kind.RESET, match=DELETE, when=when))
        await world.backfill()
        assert bound(world, activity) == {deal}
        await assert_settled(world)


@pytest.mark.parametrize("seed", range(4))
async def test_a_person_rebinds_at_random_throughout(make_world: MakeWorld, seed: int) -> None:
    world = await make_world(**WITH_TASKS)
    generate_activities(world.portal, seed, converted=30, activities=4, obstacles=0.05)
    world.portal.person = world.portal.watchers[0] = Considerate(world.portal)
    world.rebind_by(rule(where=CONVERTED))
    world.portal.person.take_habit(Habit(seed=seed, probability=0.3, near=1.0))
    await world.backfill()
    world.portal.person.take_habit(None)
    assert world.portal.history.person_edits > 15
    await world.backfill()
    assert misplaced(world.portal, "company", "converted", tasks=True) == []
    assert world.portal.history.binding_overlaps == 0
    before = written(world)
    await world.backfill()
    assert written(world) == before
    assert lost_bindings(world) == []


async def test_what_a_list_took_back_of_a_rule_is_not_moved_again(make_world: MakeWorld) -> None:
    world = await make_world()
    target = company(world)
    lead = lead_of(world, target)
    activity = call(world, lead)
    world.rebind_by(rule(where=CONVERTED))
    await world.backfill()
    assert bound(world, activity) == {target}
    world.portal.activities.watch.expect(target, lead)
    await world.rebind(listed((target, lead)))
    await world.backfill()
    assert bound(world, activity) == {lead}
    assert [reason for _, reason in reviews(world)] == ["moved_back"]
