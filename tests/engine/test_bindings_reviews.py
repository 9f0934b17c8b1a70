"""Reviews of rebinding: each opens for its cause and closes when it is gone; wrong rules write nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.engine.rebinding import (
    BY_FIELD,
    CONVERTED,
    LINK_FIELD,
    WITH_TASKS,
    assert_settled,
    bound,
    call,
    company,
    item,
    lead_of,
    reviews,
    rule,
    task,
    unbind,
    written,
)

from b24syncd.app.review_decisions import move_of
from b24syncd.errors import SettingsInvalid, UsageInvalid
from b24syncd.simulator.people.person import Action, PersonEdit
from b24syncd.simulator.tables.activity_fields import ACTIVITY
from b24syncd.simulator.tables.fields import COMPANY, DEAL, LEAD, CustomField
from b24syncd.simulator.tables.model import PointChange
from b24syncd.simulator.tables.slugs import slug
from b24syncd.simulator.tables.tasks import TASK

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.rebinding import MakeWorld
    from tests.engine.world import World

    from b24syncd.simulator.tables.slugs import Ref


PHONE = "+79161234567"
REGION = CustomField(LEAD, "UF_CRM_1720019876534", "Region")


def change(world: World, ref: Ref, **values: int | str | None) -> None:
    """Let a person change fields of an item."""
    found = world.portal.find(*ref)
    assert found is not None
    world.portal.change(found, values, (), "person")


def with_phone(world: World, type_id: int, *numbers: str) -> Ref:
    points = [PointChange(None, "PHONE", "WORK", number) for number in numbers or (PHONE,)]
    found = world.portal.create(type_id, {}, points, "generator", int(world.portal.clock()) - 86400)
    return type_id, found.id


def delete(world: World, ref: Ref) -> None:
    edit = PersonEdit(action=Action.DELETE_ITEM, entity_type_id=ref[0], item_id=ref[1])
    assert world.portal.person.edit(edit)


async def opens_and_closes(world: World, about: Ref, reason: str, mend: Callable[[], object]) -> None:
    """Hold that a walk asks for a review, the next one keeps it, and one after `mend` closes it."""
    await world.backfill()
    (review,) = world.reviews()
    assert ((review.ref.type.type_id, review.ref.id), review.reason) == (about, reason)
    await assert_settled(world)
    assert [again.id for again in world.reviews()] == [review.id]
    mend()
    await world.backfill()
    assert world.reviews() == []
    await assert_settled(world)


async def test_no_target(make_world: MakeWorld) -> None:
    world = await make_world()
    lead, target = lead_of(world), company(world)
    activity = call(world, lead)
    world.portal.activities.watch.expect(lead, target)
    world.rebind_by(rule())
    await opens_and_closes(world, lead, "no_target", lambda: change(world, lead, companyId=target[1]))
    assert bound(world, activity) == {target}


async def test_a_lead_without_activities_is_no_question(make_world: MakeWorld) -> None:
    world = await make_world()
    lead_of(world)
    world.rebind_by(rule())
    await world.backfill()
    assert reviews(world) == []


async def test_several_targets(make_world: MakeWorld) -> None:
    world = await make_world()
    one, other, lead = (with_phone(world, type_id) for type_id in (COMPANY, COMPANY, LEAD))
    activity = call(world, lead)
    world.portal.activities.watch.expect(lead, one)
    world.rebind_by(rule(to="same_contact_point:company"))
    await opens_and_closes(world, lead, "several_targets", lambda: delete(world, other))
    assert bound(world, activity) == {one}


@pytest.mark.parametrize("reason", ["several_targets", "no_target"])
async def test_a_person_names_the_target_by_the_review(make_world: MakeWorld, reason: str) -> None:
    world = await make_world()
    one, other, lead = (with_phone(world, type_id) for type_id in (COMPANY, COMPANY, LEAD))
    activity = call(world, lead)
    world.portal.activities.watch.expect(lead, one)
    world.rebind_by(rule(to="same_contact_point:company") if reason == "several_targets" else rule(where="{}"))
    await world.backfill()
    (review,) = world.reviews()
    assert review.reason == reason
    with pytest.raises(UsageInvalid, match="nobody"):
        move_of(review, "nobody")
    summary = await world.rebind((move_of(review, f"company:{one[1]}"),))
    assert summary.counts["corrected"] == 1
    assert (bound(world, activity), bool(other)) == ({one}, True)
    await world.backfill()
    assert world.reviews() == []
    await assert_settled(world)


async def test_too_many_matches(make_world: MakeWorld) -> None:
    world = await make_world()
    one, *others = (with_phone(world, COMPANY) for _ in range(20))
    lead = with_phone(world, LEAD)
    activity = call(world, lead)
    world.portal.activities.watch.expect(lead, one)
    world.rebind_by(rule(to="same_contact_point:company"))

    def leave_one() -> None:
        for other in others:
            delete(world, other)

    await opens_and_closes(world, lead, "too_many_matches", leave_one)
    assert bound(world, activity) == {one}


@pytest.mark.parametrize("filler", ["+79999999999", "8 (999) 999-99-99", "1234567890", "0000000"])
async def test_a_filler_that_many_hold_hides_no_match(make_world: MakeWorld, filler: str) -> None:
    world = await make_world()
    for _ in range(20):
        with_phone(world, COMPANY, filler)
    one, lead = with_phone(world, COMPANY), with_phone(world, LEAD, filler, PHONE)
    activity = call(world, lead)
    world.portal.activities.watch.expect(lead, one)
    world.rebind_by(rule(to="same_contact_point:company"))
    await world.backfill()
    assert bound(world, activity) == {one}
    assert world.reviews() == []
    await assert_settled(world)


async def test_missing_target(make_world: MakeWorld) -> None:
    world = await make_world()
    gone, target = company(world), company(world)
    lead = lead_of(world, gone)
    activity = call(world, lead)
    world.portal.activities.watch.expect(lead, target)
    delete(world, gone)
    world.rebind_by(rule())
    await opens_and_closes(world, lead, "missing_target", lambda: change(world, lead, companyId=target[1]))
    assert bound(world, activity) == {target}


async def test_too_many_bindings(make_world: MakeWorld) -> None:
    world = await make_world()
    target = company(world)
    lead = lead_of(world, target)
    deals = [item(world, DEAL, title="One of many") for _ in range(95)]
    activity = call(world, lead, *deals)
    world.rebind_by(rule())
    await opens_and_closes(
        world,
        (ACTIVITY, activity),
        "too_many_bindings",
        lambda: world.portal.person.edit(unbind(activity, slug(deals[0]))),
    )
    assert bound(world, activity) == {target, *deals[1:]}


async def test_task_not_readable(make_world: MakeWorld) -> None:
    world = await make_world()
    target = company(world)
    lead = lead_of(world, target)
    _, mirror = task(world, lead)
    world.rebind_by(rule())

    def grant() -> None:
        world.portal.access.scopes = ("crm", "user_brief", "task")

    await opens_and_closes(world, (ACTIVITY, mirror), "task_not_readable", grant)
    assert bound(world, mirror) == {target}


async def test_refused(make_world: MakeWorld) -> None:
    world = await make_world(**WITH_TASKS)
    target, twin = company(world), lead_of(world, stage="NEW")
    lead, other = lead_of(world, target), lead_of(world, twin, stage="NEW")
    refused = [call(world, lead), call(world, other)]
    task_id, mirror = task(world, lead)
    world.portal.frozen |= {(ACTIVITY, activity) for activity in refused} | {(TASK, task_id)}
    world.rebind_by(rule("converted", where=CONVERTED), rule("twins", to=BY_FIELD, where='{ stageId = "NEW" }'))
    summary = await world.backfill()
    assert summary.counts["failed"] == 0
    assert {(ref.id, reason) for ref, reason in reviews(world)} == {(one, "refused") for one in (*refused, mirror)}
    await assert_settled(world)  # not even refused ones are sent
    world.portal.frozen.clear()
    await assert_settled(world)  # for a day
    await world.backfill(only=[f"activity:{activity}" for activity in (*refused, mirror)])  # or until a person asks
    assert reviews(world) == []
    assert [bound(world, activity) for activity in (*refused, mirror)] == [{target}, {twin}, {target}]


async def test_half_refused_stays_on_both(make_world: MakeWorld) -> None:
    """An activity whose source may not be left hangs on both, and a person is asked."""
    world = await make_world()
    target = company(world)
    lead = lead_of(world, target)
    activity = call(world, lead)
    world.portal.frozen.add(lead)
    world.rebind_by(rule())
    await world.backfill()
    assert bound(world, activity) == {lead, target}
    assert [reason for _, reason in reviews(world)] == ["refused"]
    await assert_settled(world)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (rule(where='{ noSuchField = "x" }'), "noSuchField"),
        (rule(where='{ "?stageId" = "NEW" }'), "stageId"),
        (rule(to="field:UF_CRM_1720019876999"), "UF_CRM_1720019876999"),
        (rule(to="field:UF_CRM_1720019876534"), "UF_CRM_1720019876534"),
        (rule(source="invoice"), "invoice"),
        (rule(to="lead"), "lead"),
        (rule("deals", "deal", "deal"), "deal"),
    ],
)
async def test_a_wrong_rule_writes_nothing(make_world: MakeWorld, wrong: str, told: str) -> None:
    world = await make_world(custom_fields=(LINK_FIELD, REGION))
    activity = call(world, lead := lead_of(world, company(world)))
    world.rebind_by(rule("right"), wrong)
    with pytest.raises(SettingsInvalid) as caught:
        await world.backfill()
    assert told in str(caught.value)
    assert len(caught.value.problems) == 1
    assert bound(world, activity) == {lead}
    assert not written(world)
    with pytest.raises(SettingsInvalid):
        await world.follow()
    with pytest.raises(SettingsInvalid):
        await world.preview()


async def test_leads_that_are_switched_off_are_told(make_world: MakeWorld) -> None:
    world = await make_world(leads="off")
    world.rebind_by(rule())
    with pytest.raises(SettingsInvalid, match="lead"):
        await world.backfill()
    assert not written(world)
