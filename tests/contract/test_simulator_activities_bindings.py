"""Bindings of activities, as docs api-reference/crm/timeline/activities/binding/ describes them, and their races."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from b24syncd.simulator.people.person import Action, Habit, PersonEdit, Trigger
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing
from b24syncd.simulator.tables.fields import COMPANY, CONTACT, DEAL, LEAD
from b24syncd.simulator.tables.holds import Hold

Ref = tuple[int, int]


class Clock:
    """A clock that stands still until it is set."""

    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def portal_of(*bindings: Ref, each: int = 3, **options: Any) -> Portal:  # noqa: ANN401 - fields of Options
    """A portal with some items of each type and one activity, bound to these."""
    portal = Portal(Options(burst=1000, **options), clock=Clock())
    for type_id in (LEAD, DEAL, CONTACT, COMPANY):
        for _ in range(each):
            portal.create(type_id, {}, (), "generator")
    portal.activities.create({"typeId": 2, "subject": "Call"}, bindings or [(LEAD, 1)], "generator")
    return portal


async def add(probe: Probe, ref: Ref, **more: object) -> Any:  # noqa: ANN401 - the body of an answer
    fields = {"activityId": 1, "entityTypeId": ref[0], "entityId": ref[1]} | more
    return (await probe.call("crm.activity.binding.add", **fields)).body


async def delete(probe: Probe, ref: Ref) -> Any:  # noqa: ANN401 - as above
    return (await probe.call("crm.activity.binding.delete", activityId=1, entityTypeId=ref[0], entityId=ref[1])).body


async def move(probe: Probe, source: Ref, target: Ref, **more: object) -> Any:  # noqa: ANN401 - as above
    ends = {
        "sourceEntityTypeId": source[0],
        "sourceEntityId": source[1],
        "targetEntityTypeId": target[0],
        "targetEntityId": target[1],
    }
    return (await probe.call("crm.activity.binding.move", **{"activityId": 1} | ends | more)).body


async def listed(probe: Probe) -> list[Ref]:
    found = (await probe.call("crm.activity.binding.list", activityId=1)).result
    return [(entry["entityTypeId"], entry["entityId"]) for entry in found]


async def owner(probe: Probe) -> Ref:
    activity = (await probe.call("crm.activity.get", id=1)).result
    return int(activity["OWNER_TYPE_ID"]), int(activity["OWNER_ID"])


async def test_between_types_first_one_more_and_then_one_less() -> None:
    portal = portal_of()
    async with probing(portal) as probe:
        assert (await add(probe, (COMPANY, 1)))["result"] is True
        assert await listed(probe) == [(LEAD, 1), (COMPANY, 1)]
        assert await owner(probe) == (LEAD, 1)
        assert (await delete(probe, (LEAD, 1)))["result"] is True
        assert await listed(probe) == [(COMPANY, 1)]
        assert await owner(probe) == (COMPANY, 1)
        assert portal.history.breaches == []


async def test_the_owner_is_the_last_that_is_neither_a_contact_nor_a_company() -> None:
    """php: crm_activity.php `appendOwnerFromBindings`, with every write of several bindings."""
    portal = portal_of((LEAD, 1), (DEAL, 1), (CONTACT, 1))
    async with probing(portal) as probe:
        assert await owner(probe) == (LEAD, 1)
        await add(probe, (COMPANY, 1))
        assert await owner(probe) == (DEAL, 1)
        by_owner = await probe.call("crm.activity.list", filter={"OWNER_TYPE_ID": DEAL, "OWNER_ID": 1})
        assert len(by_owner.result) == 1
        await add(probe, (LEAD, 2))
        assert await owner(probe) == (LEAD, 2)
        for gone in ((LEAD, 1), (LEAD, 2), (DEAL, 1)):
            await delete(probe, gone)
        assert (await listed(probe), await owner(probe)) == ([(CONTACT, 1), (COMPANY, 1)], (CONTACT, 1))
        await delete(probe, (CONTACT, 1))
        assert await owner(probe) == (COMPANY, 1)


async def test_within_a_type_a_move_is_one_step() -> None:
    portal = portal_of((LEAD, 1), (DEAL, 1))
    portal.activities.watch.expect((LEAD, 1), (LEAD, 2))
    portal.clock.now += 7  # type: ignore[attr-defined] # the clock of this test
    async with probing(portal) as probe:
        assert (await move(probe, (LEAD, 1), (LEAD, 2)))["result"] is True
        assert await listed(probe) == [(DEAL, 1), (LEAD, 2)]
        assert portal.activities.rows[1].updated == portal.clock()
        assert portal.history.breaches == []


ACTIVITY_MISSING = {"error": "NOT_FOUND", "error_description": "Element not found"}
ITEM_MISSING = {"error": "OWNER_NOT_FOUND", "error_description": "Owner of the element not found"}
DENIED = {"error": "ACCESS_DENIED", "error_description": "Access denied"}
ALREADY = {"error": "ACTIVITY_IS_ALREADY_BOUND", "error_description": "Activity is already linked to this entity"}
NOT_BOUND = {"error": "BINDING_NOT_FOUND", "error_description": "Activity is not linked to this entity"}
LAST = {
    "error": "LAST_BINDING_CANNOT_BE_DELETED",
    "error_description": "Cannot delete the only one activity-to-entity link.",
}
TYPES = {
    "error": "SOURCE_AND_TARGET_ENTITY_TYPES_ARE_NOT_EQUAL_ERROR",
    "error_description": "Source and target entity types are not equal",
}
SAME = {
    "error": "SOURCE_AND_TARGET_ENTITY_ID_ARE_EQUAL_ERROR",
    "error_description": "Source and target entity ID cannot be equal",
}


async def test_an_administrator_binds_to_what_is_gone() -> None:
    """php: Item.php `hasPermissions` asks for rights, and never whether the item is there."""
    portal = portal_of()
    async with probing(portal) as probe:
        assert (await add(probe, (COMPANY, 99)))["result"] is True
        assert await listed(probe) == [(LEAD, 1), (COMPANY, 99)]
        by_binding = await probe.call("crm.activity.list", filter={"BINDINGS": [{"OWNER_TYPE_ID": 4, "OWNER_ID": 99}]})
        assert [one["ID"] for one in by_binding.result] == ["1"]
        assert (await delete(probe, (LEAD, 1)))["result"] is True
        assert await owner(probe) == (COMPANY, 99)
        assert (await move(probe, (COMPANY, 99), (COMPANY, 98)))["result"] is True
        assert await listed(probe) == [(COMPANY, 98)]
        # but the type has to be one, and an id has to be above zero
        for ref in ((177, 1), (99, 1), (0, 1), (COMPANY, 0), (COMPANY, -1)):
            assert await add(probe, ref) == DENIED
        assert await delete(probe, (LEAD, 99)) == NOT_BOUND


async def test_others_do_not_bind_to_what_is_gone() -> None:
    async with probing(portal_of(administrator=False)) as probe:
        assert await add(probe, (COMPANY, 99)) == DENIED
        assert await delete(probe, (LEAD, 99)) == DENIED
        assert await move(probe, (LEAD, 1), (LEAD, 99)) == DENIED
        assert (await add(probe, (COMPANY, 1)))["result"] is True


async def test_what_is_refused() -> None:
    portal = portal_of(checks_owners=True)
    portal.frozen |= {(COMPANY, 2), (DEAL, 2)}
    portal.hidden.add((CONTACT, 2))
    async with probing(portal) as probe:
        assert await add(probe, (COMPANY, 1), activityId=9) == ACTIVITY_MISSING
        assert await add(probe, (COMPANY, 99)) == ITEM_MISSING
        assert await add(probe, (177, 1)) == ITEM_MISSING
        assert await add(probe, (COMPANY, 2)) == DENIED
        assert await add(probe, (CONTACT, 2)) == DENIED
        assert await add(probe, (LEAD, 1)) == ALREADY
        assert await delete(probe, (LEAD, 99)) == ITEM_MISSING
        assert await delete(probe, (COMPANY, 2)) == DENIED
        assert await delete(probe, (LEAD, 2)) == NOT_BOUND
        assert await delete(probe, (LEAD, 1)) == LAST
        assert await move(probe, (LEAD, 1), (LEAD, 2), activityId=9) == ACTIVITY_MISSING
        assert await move(probe, (LEAD, 1), (LEAD, 99)) == ITEM_MISSING
        assert await move(probe, (LEAD, 1), (DEAL, 2)) == DENIED
        assert await move(probe, (LEAD, 1), (DEAL, 3)) == TYPES
        # the ids are compared first, whatever their types
        assert await move(probe, (LEAD, 1), (DEAL, 1)) == SAME
        assert await move(probe, (LEAD, 2), (LEAD, 3)) == NOT_BOUND
        assert await move(probe, (LEAD, 2), (LEAD, 1)) == ALREADY
        portal.frozen.add((6, 1))
        assert await add(probe, (COMPANY, 1)) == DENIED
        assert await listed(probe) == [(LEAD, 1)]
        reply = await probe.call("crm.activity.binding.list", activityId=9)
        assert (reply.status, reply.body) == (400, ACTIVITY_MISSING)


@pytest.mark.parametrize(
    ("method", "parameters", "description"),
    [
        ("list", {}, "Could not find value for parameter {activityId}"),
        ("list", {"activityid": 1}, "Could not find value for parameter {activityId}"),
        ("add", {"activityId": 1, "entityTypeId": 4}, "Could not find value for parameter {entityId}"),
        (
            "delete",
            {"activityId": "x", "entityTypeId": 4, "entityId": 1},
            "Invalid value {x} to match with parameter {activityId}. Should be value of type int.",
        ),
        ("move", {"activityId": 1, "sourceEntityTypeId": 1}, "Could not find value for parameter {sourceEntityId}"),
    ],
)
async def test_missing_parameters(method: str, parameters: dict[str, Any], description: str) -> None:
    async with probing(portal_of()) as probe:
        reply = await probe.call(f"crm.activity.binding.{method}", **parameters)
        assert (reply.status, reply.body) == (400, {"error": "100", "error_description": description})


async def test_of_more_than_a_hundred_bindings_the_lowest_ids_go() -> None:
    """php: mysql/crm_activity.php `trimBindingsArray`; the answer is true all the same."""
    portal = portal_of(*((DEAL, number) for number in range(2, 101)), (COMPANY, 1), each=102)
    async with probing(portal) as probe:
        assert (await add(probe, (DEAL, 101)))["result"] is True
        assert set(await listed(probe)) == {(DEAL, number) for number in range(2, 102)}
        assert (await add(probe, (DEAL, 1)))["result"] is True
        # the owner is chosen before, so it may be one that is bound no longer
        assert (len(await listed(probe)), await owner(probe)) == (100, (DEAL, 1))


async def test_a_portal_may_refuse_the_hundred_and_first_binding() -> None:
    portal = portal_of(*((DEAL, number) for number in range(1, 101)), each=102, trims_bindings=False)
    async with probing(portal) as probe:
        reply = await add(probe, (DEAL, 101))
        assert reply["error"] == "0"
        assert (await move(probe, (DEAL, 1), (DEAL, 101)))["result"] is True
        await delete(probe, (DEAL, 2))
        assert (await add(probe, (DEAL, 102)))["result"] is True
        assert len(await listed(probe)) == 100


async def test_a_list_leaves_out_what_may_not_be_seen() -> None:
    portal = portal_of((LEAD, 1), (COMPANY, 1))
    portal.hidden.add((COMPANY, 1))
    async with probing(portal) as probe:
        assert await listed(probe) == [(LEAD, 1)]


@pytest.mark.parametrize(("leads", "error"), [("off", ITEM_MISSING), ("refused", DENIED)])
async def test_a_portal_without_leads(leads: str, error: dict[str, str]) -> None:
    portal = portal_of((LEAD, 1), (DEAL, 1), leads=leads, checks_owners=True)
    async with probing(portal) as probe:
        assert await delete(probe, (LEAD, 1)) == error
        assert await listed(probe) == [(DEAL, 1)]


async def test_a_source_lost_before_its_target_is_a_breach() -> None:
    portal = portal_of((LEAD, 1), (DEAL, 1))
    portal.activities.watch.expect((LEAD, 1), (COMPANY, 1), (CONTACT, 1))
    async with probing(portal) as probe:
        await delete(probe, (LEAD, 1))
        (breach,) = (await probe.control("GET", "stats"))["breaches"]
        assert (breach["activity_id"], breach["kind"], breach["refs"], breach["left"]) == (1, "lost", "L_1", "D_1")


async def test_without_expectations_something_new_has_to_be_bound() -> None:
    portal = portal_of((LEAD, 1), (DEAL, 1))
    async with probing(portal) as probe:
        await add(probe, (COMPANY, 1))
        await delete(probe, (LEAD, 1))
        assert portal.history.breaches == []
        await delete(probe, (COMPANY, 1))
        assert [breach.refs for breach in portal.history.breaches] == ["CO_1"]
        await probe.call("crm.activity.delete", id=1)
        assert [breach.refs for breach in portal.history.breaches] == ["CO_1", "D_1"]


async def test_a_person_commits_no_breach() -> None:
    portal = portal_of((LEAD, 1), (DEAL, 1))
    edits = [
        PersonEdit(action=Action.UNBIND, entity_type_id=6, item_id=1, value="L_1"),
        PersonEdit(action=Action.BIND, entity_type_id=6, item_id=1, value="CO_1,C_2"),
    ]
    assert [portal.person.edit(edit) for edit in edits] == [True, True]
    assert portal.activities.rows[1].bindings == [(DEAL, 1), (COMPANY, 1), (CONTACT, 2)]
    late = PersonEdit(action=Action.UNBIND, entity_type_id=6, item_id=1, value="C_2", late=30)
    assert portal.person.edit(late)
    assert portal.activities.rows[1].updated == portal.clock() - 30
    # the last binding stays, and what is not there cannot be edited
    edits = [
        PersonEdit(action=Action.UNBIND, entity_type_id=6, item_id=1, value="D_1,CO_1"),
        PersonEdit(action=Action.BIND, entity_type_id=6, item_id=2, value="CO_1"),
        PersonEdit(action=Action.DELETE_ITEM, entity_type_id=6, item_id=1),
    ]
    assert [portal.person.edit(edit) for edit in edits] == [False, False, True]
    assert (portal.activities.rows, portal.history.breaches, portal.history.person_edits) == ({}, [], 4)


async def test_two_requests_at_once_lose_one_of_the_changes() -> None:
    portal = portal_of()
    async with probing(portal) as probe:
        await probe.control("POST", "holds", {"activity_id": 1, "readers": 2})
        answers = await asyncio.gather(add(probe, (COMPANY, 1)), add(probe, (DEAL, 1)))
        assert [answer["result"] for answer in answers] == [True, True]
        assert len(await listed(probe)) == 2
        stats = await probe.control("GET", "stats")
        assert (stats["binding_overlaps"], [one["kind"] for one in stats["breaches"]]) == (1, ["overwritten"])
        # one after the other nothing is lost
        missing = (DEAL, 1) if (COMPANY, 1) in await listed(probe) else (COMPANY, 1)
        await add(probe, missing)
        assert len(await listed(probe)) == 3
        assert (await probe.control("GET", "stats"))["binding_overlaps"] == 1


async def test_a_source_comes_back_when_its_removal_is_overwritten() -> None:
    portal = portal_of((LEAD, 1), (COMPANY, 1))
    async with probing(portal) as probe:
        portal.activities.holds.plan(Hold(activity_id=1))
        await asyncio.gather(add(probe, (DEAL, 1)), delete(probe, (LEAD, 1)))
        left = set(await listed(probe))
        assert left in ({(LEAD, 1), (COMPANY, 1), (DEAL, 1)}, {(COMPANY, 1)})
        assert [breach.kind for breach in portal.history.breaches].count("overwritten") == 1


async def test_a_meeting_that_nobody_comes_to_ends() -> None:
    portal = portal_of()
    portal.activities.holds.plan(Hold(activity_id=1, seconds=0.01))
    async with probing(portal) as probe:
        assert (await add(probe, (COMPANY, 1)))["result"] is True


async def test_an_activity_that_goes_between_read_and_write() -> None:
    portal = portal_of()
    portal.activities.holds.plan(Hold(activity_id=1, seconds=0.05))
    async with probing(portal) as probe:
        answer, _ = await asyncio.gather(add(probe, (COMPANY, 1)), probe.call("crm.activity.delete", id=1))
        assert answer == ACTIVITY_MISSING


async def test_real_time_passes_between_read_and_write() -> None:
    portal = portal_of(costs={"crm.activity.binding.add": 0.05}, real_time=True)
    portal.clock = asyncio.get_running_loop().time
    async with probing(portal) as probe:
        await asyncio.gather(*(add(probe, (COMPANY, number)) for number in (1, 2, 3)))
        assert portal.history.binding_overlaps > 0
        assert len(await listed(probe)) < 4


async def test_a_batch_is_one_after_the_other() -> None:
    portal = portal_of()
    commands = {
        "add": "crm.activity.binding.add?activityId=1&entityTypeId=4&entityId=1",
        "see": "crm.activity.binding.list?activityId=1",
        "bad": "crm.activity.binding.add?activityId=1&entityTypeId=4&entityId=1",
        "gone": "crm.activity.binding.delete?activityId=1&entityTypeId=1&entityId=1",
    }
    portal.person.plan(
        Trigger(method="crm.activity.binding.list", entity_type_id=6, item_id=1),
        PersonEdit(action=Action.BIND, entity_type_id=6, item_id=1, value="C_1"),
    )
    async with probing(portal) as probe:
        answer = await probe.batch(commands)
        assert [entry["entityTypeId"] for entry in answer["result"]["see"]] == [1, 4, 3]
        assert answer["result_error"]["bad"]["error"] == "ACTIVITY_IS_ALREADY_BOUND"
        assert answer["result"]["gone"] is True
        assert await listed(probe) == [(COMPANY, 1), (CONTACT, 1)]
        assert portal.history.binding_overlaps == 0


async def test_what_a_failed_update_leaves_spoils_the_bindings_of_its_request() -> None:
    """The errors of PHP's `CCrmActivity` are static: only its next update or addition clears them."""
    portal = portal_of(*((DEAL, number) for number in range(1, 101)), each=102, trims_bindings=False)
    portal.activities.create({"typeId": 2, "subject": "Call"}, [(LEAD, 1)], "generator")
    commands = {
        "full": "crm.activity.binding.add?activityId=1&entityTypeId=2&entityId=101",
        "see": "crm.activity.binding.list?activityId=2",
        "add": "crm.activity.binding.add?activityId=2&entityTypeId=4&entityId=1",
        "gone": "crm.activity.binding.list?activityId=3",
        "clears": "crm.activity.update?id=2&fields[SUBJECT]=Called",
        "again": "crm.activity.binding.add?activityId=2&entityTypeId=4&entityId=1",
    }
    async with probing(portal) as probe:
        answer = await probe.batch(commands)
        errors = answer["result_error"]
        assert errors["full"] == errors["see"] == errors["add"]
        assert errors["full"]["error"] == "0"
        assert errors["gone"]["error"] == "NOT_FOUND"
        assert answer["result"]["again"] is True
        assert (await probe.call("crm.activity.binding.list", activityId=1)).body["result"]


async def test_a_random_person_rebinds_what_is_being_rebound() -> None:
    portal = portal_of((LEAD, 1), (COMPANY, 1))
    portal.person.take_habit(Habit(seed=3, probability=1, near=1))
    async with probing(portal) as probe:
        for _ in range(8):
            await listed(probe)
        edits = portal.history.edits_of(6, 1)
        assert {edit.who for edit in edits} == {"generator", "person"}
        await probe.call("crm.activity.binding.list", activityId=2)


async def test_a_process_can_be_asked() -> None:
    portal = portal_of((LEAD, 1), (DEAL, 1))
    async with probing(portal) as probe:
        await probe.control("POST", "rights", {"refused": [[6, 1]], "hidden": [[4, 1]]})
        assert (portal.frozen, portal.hidden) == ({(6, 1)}, {(4, 1)})
        await probe.control("POST", "rights", {"refused": []})
        assert (portal.frozen, portal.hidden) == (set(), {(4, 1)})
        assert (await probe.control("GET", "state"))["activities"] == 1
        brief = (await probe.control("GET", "activities?id=1"))["activity"]
        assert (brief["owner"], brief["bindings"]) == ("L_1", "L_1,D_1")
        assert (await probe.control("GET", "activities"))["activities"] == [brief]
        assert (await probe.control("GET", "activities?id=2"))["activity"] is None
        edit = {"action": "bind", "entity_type_id": 6, "item_id": 1, "value": "CO_3"}
        assert (await probe.control("POST", "person", {"edits": [edit]}))["done"] == 1
        edits = (await probe.control("GET", "edits?entityTypeId=6&who=person"))["edits"]
        assert [(edit["before"], edit["after"]) for edit in edits] == [("L_1,D_1", "L_1,D_1,CO_3")]
        assert (await probe.control("GET", "truth"))["lost"] == []
