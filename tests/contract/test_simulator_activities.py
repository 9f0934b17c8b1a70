"""Activities, as docs api-reference/crm/timeline/activities/activity-base/ describes them."""

from __future__ import annotations

from typing import Any

import pytest

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing
from b24syncd.simulator.tables.fields import COMPANY, CONTACT, DEAL, LEAD
from b24syncd.simulator.tables.model import PointChange

EPOCH = 1_700_000_000


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = float(EPOCH)

    def __call__(self) -> float:
        return self.now


def portal_of(**options: Any) -> Portal:  # noqa: ANN401 - fields of Options
    """A portal with one item of each type, all with id 1."""
    portal = Portal(Options(burst=1000, **options), clock=Clock())
    for type_id in (LEAD, DEAL, CONTACT, COMPANY):
        points = [] if type_id == DEAL else [PointChange(None, "PHONE", "WORK", "+79161234567")]
        portal.create(type_id, {"assignedById": 5}, points, "generator")
    return portal


def add(portal: Portal, *bindings: tuple[int, int], at: int = EPOCH, **values: Any) -> int:  # noqa: ANN401 - any field
    whole: dict[str, Any] = {
        "typeId": 2,
        "providerId": "VOXIMPLANT_CALL",
        "providerTypeId": "CALL",
        "subject": "Call",
        "startTime": at,
    }
    activity = portal.activities.create(whole | values, bindings or [(LEAD, 1)], "generator", at=at)
    return activity.id


async def ids(probe: Probe, **parameters: object) -> list[int]:
    reply = await probe.call("crm.activity.list", **{"select": ["ID"], "order": {"ID": "ASC"}} | parameters)
    assert reply.status == 200, reply.body
    return [int(row["ID"]) for row in reply.result]


async def test_an_activity_looks_as_documented() -> None:
    portal = portal_of()
    activity_id = add(portal, (CONTACT, 1), direction=2, completed="Y", status=2, responsibleId=505)
    async with probing(portal) as probe:
        got = (await probe.call("crm.activity.get", id=activity_id)).result
        assert got == {
            "ID": "1",
            "OWNER_ID": "1",
            "OWNER_TYPE_ID": "3",
            "TYPE_ID": "2",
            "PROVIDER_ID": "VOXIMPLANT_CALL",
            "PROVIDER_TYPE_ID": "CALL",
            "PROVIDER_GROUP_ID": None,
            "ASSOCIATED_ENTITY_ID": "0",
            "SUBJECT": "Call",
            "CREATED": "2023-11-15T01:13:20+03:00",
            "LAST_UPDATED": "2023-11-15T01:13:20+03:00",
            "START_TIME": "2023-11-15T01:13:20+03:00",
            "END_TIME": "",
            "DEADLINE": got["DEADLINE"],
            "COMPLETED": "Y",
            "STATUS": "2",
            "RESPONSIBLE_ID": "505",
            "PRIORITY": "2",
            "NOTIFY_TYPE": "0",
            "NOTIFY_VALUE": "0",
            "DESCRIPTION": "",
            "DESCRIPTION_TYPE": "1",
            "DIRECTION": "2",
            "LOCATION": "",
            "SETTINGS": [],
            "ORIGINATOR_ID": None,
            "ORIGIN_ID": None,
            "AUTHOR_ID": None,
            "EDITOR_ID": None,
            "PROVIDER_PARAMS": [],
            "PROVIDER_DATA": None,
            "RESULT_MARK": "0",
            "RESULT_VALUE": None,
            "RESULT_SUM": None,
            "RESULT_CURRENCY_ID": None,
            "RESULT_STATUS": "0",
            "RESULT_STREAM": "0",
            "RESULT_SOURCE_ID": None,
            "AUTOCOMPLETE_RULE": "0",
        }
        assert (await probe.call("crm.activity.list")).result == [got]


@pytest.mark.parametrize(
    ("parameters", "description"),
    [
        ({"id": 99}, "Activity is not found."),
        ({}, "ID is not defined or invalid."),
        ({"id": "x"}, "ID is not defined or invalid."),
    ],
)
@pytest.mark.parametrize("method", ["get", "update", "delete"])
async def test_what_is_not_there(method: str, parameters: dict[str, Any], description: str) -> None:
    async with probing(portal_of()) as probe:
        reply = await probe.call(f"crm.activity.{method}", fields={"SUBJECT": "x"}, **parameters)
        # php: `get` finds no row and has no words for that
        told = "" if method == "get" and "not found" in description else description
        assert (reply.status, reply.body) == (400, {"error": "", "error_description": told})


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ({"OWNER_TYPE_ID": 1, "OWNER_ID": 1}, [1, 3]),
        ({"OWNER_TYPE_ID": "2", "@OWNER_ID": [1, 2]}, [2]),
        ({"OWNER_TYPE_ID": 2}, [2]),
        ({">ID": 2}, [3, 4]),
        ({"@ID": [1, 4], "<ID": 4}, [1]),
        ({"!ID": 1, "COMPLETED": "N"}, [3, 4]),
        ({"COMPLETED": "Y"}, [2]),
        ({"PROVIDER_ID": "CRM_EMAIL"}, [3]),
        ({"=PROVIDER_TYPE_ID": "EMAIL", "TYPE_ID": 4}, [3]),
        ({"@PROVIDER_ID": ["CRM_EMAIL", "CRM_TODO"]}, [3, 4]),
        ({"DIRECTION": 1}, [1]),
        ({">=LAST_UPDATED": "2023-11-15T01:13:22+03:00"}, [3, 4]),
        ({">LAST_UPDATED": "2023-11-14T22:13:22+00:00"}, [4]),
        ({">=LAST_UPDATED": "2030-01-01T00:00:00+03:00"}, []),
        ({"%SUBJECT": "offer"}, [3]),
        ({"NO_SUCH_FIELD": 1, "COMPLETED": "Y"}, [2]),
        ({"BINDINGS": [{"OWNER_TYPE_ID": 4, "OWNER_ID": 1}]}, [3]),
        ({"BINDINGS": [{"OWNER_TYPE_ID": 1}]}, [1, 3]),
        ({"BINDINGS": [{"OWNER_TYPE_ID": 1}, {"OWNER_TYPE_ID": 4}]}, [1, 3, 3]),
        ({"BINDINGS": [{"OWNER_TYPE_ID": 1, "OWNER_ID": 1}, {"OWNER_TYPE_ID": 2, "OWNER_ID": 1}]}, [1, 2, 3]),
        ({"BINDINGS": [{"OWNER_TYPE_ID": 4}], "COMPLETED": "Y"}, []),
        # what names no type filters nothing
        ({"BINDINGS": {"OWNER_TYPE_ID": 4, "OWNER_ID": 1}}, [1, 2, 3, 4]),
        ({"BINDINGS": [{"OWNER_ID": 1}]}, [1, 2, 3, 4]),
        ({"BINDINGS": []}, [1, 2, 3, 4]),
    ],
)
async def test_filters(filter_: dict[str, Any], expected: list[int]) -> None:
    portal = portal_of()
    add(portal, direction=1)
    add(portal, (DEAL, 1), completed="Y", at=EPOCH + 1)
    mail = {"typeId": 4, "providerId": "CRM_EMAIL", "providerTypeId": "EMAIL", "subject": "Our offer"}
    add(portal, (LEAD, 1), (COMPANY, 1), at=EPOCH + 2, **mail)
    add(portal, (CONTACT, 1), at=EPOCH + 3, typeId=6, providerId="CRM_TODO", providerTypeId="TODO")
    async with probing(portal) as probe:
        assert await ids(probe, filter=filter_) == expected


async def test_pages_count_doubles_and_begin_by_start_time() -> None:
    portal = portal_of()
    for number in range(60):
        add(portal, (LEAD, 1), (DEAL, 1), at=EPOCH - number)
    pairs = [{"OWNER_TYPE_ID": 1, "OWNER_ID": 1}, {"OWNER_TYPE_ID": 2, "OWNER_ID": 1}]
    async with probing(portal) as probe:
        body = (await probe.call("crm.activity.list")).body
        assert [row["ID"] for row in body["result"]][:2] == ["60", "59"]
        assert (len(body["result"]), body["total"], body["next"]) == (50, 60, 50)
        body = (await probe.call("crm.activity.list", filter={"BINDINGS": pairs}, start=100)).body
        assert (len(body["result"]), body["total"]) == (20, 120)
        assert "next" not in body
        for parameters in ({"filter": {"BINDINGS": pairs}}, {"filter": {">ID": 5}}):
            body = (await probe.call("crm.activity.list", start=-1, **parameters)).body
            assert (len(body["result"]), body["total"], "next" in body) == (50, 0, False)


async def test_select_and_communications() -> None:
    portal = portal_of()
    communications = [("PHONE", "+79161234567", (CONTACT, 1)), ("PHONE", "1", (CONTACT, 99))]
    portal.activities.create({"typeId": 2}, [(CONTACT, 1)], "generator", communications=communications)
    async with probing(portal) as probe:
        select = ["SUBJECT", "COMMUNICATIONS", "BINDINGS", "FILES", "IS_INCOMING_CHANNEL"]
        (row,) = (await probe.call("crm.activity.list", select=select)).result
        assert row.keys() == {"ID", "SUBJECT", "COMMUNICATIONS", "FILES", "IS_INCOMING_CHANNEL"}
        one, other = row["COMMUNICATIONS"]
        assert (one["TYPE"], one["VALUE"], one["ENTITY_ID"], one["ENTITY_TYPE_ID"]) == (
            "PHONE",
            "+79161234567",
            "1",
            "3",
        )
        assert (one["ENTITY_SETTINGS"]["NAME"], other["ENTITY_SETTINGS"]) == ("", [])


async def test_fields_are_described() -> None:
    async with probing(portal_of()) as probe:
        fields = (await probe.call("crm.activity.fields")).result
        assert fields["OWNER_ID"]["isImmutable"]
        assert (fields["TYPE_ID"]["type"], fields["TYPE_ID"]["isRequired"]) == ("crm_enum_activitytype", True)
        assert (fields["BINDINGS"]["isReadOnly"], fields["BINDINGS"]["isMultiple"]) == (True, True)
        assert fields["LAST_UPDATED"]["isReadOnly"]


async def test_an_activity_is_added_with_bindings_from_its_owner_and_its_communications() -> None:
    portal = portal_of()
    fields: dict[str, Any] = {
        "OWNER_TYPE_ID": LEAD,
        "OWNER_ID": 1,
        "TYPE_ID": 2,
        "SUBJECT": "Call",
        "START_TIME": "2023-11-15T10:00:00+03:00",
        "COMMUNICATIONS": [{"VALUE": "+79161234567", "ENTITY_TYPE_ID": CONTACT, "ENTITY_ID": 1}],
    }
    async with probing(portal) as probe:
        activity_id = (await probe.call("crm.activity.add", fields=fields)).result
        assert portal.activities.rows[activity_id].bindings == [(LEAD, 1), (CONTACT, 1)]
        got = (await probe.call("crm.activity.get", id=activity_id)).result
        assert (got["OWNER_TYPE_ID"], got["RESPONSIBLE_ID"], got["PROVIDER_ID"]) == ("1", "5", "VOXIMPLANT_CALL")
        assert got["DEADLINE"] == got["END_TIME"] == got["START_TIME"]


@pytest.mark.parametrize(
    ("change", "description"),
    [
        ({"TYPE_ID": 17}, "The field TYPE_ID is not defined or invalid."),
        ({"TYPE_ID": 3}, 'The activity type "Task is not supported in current context".'),
        ({"TYPE_ID": 6}, "The custom activity without provider is not supported in current context."),
        ({"TYPE_ID": 6, "PROVIDER_ID": "REST_APP"}, "Application context required."),
        (
            {"TYPE_ID": 6, "PROVIDER_ID": "CONFIGURABLE_REST_APP"},
            "Use crm.activity.configurable.add for this activity provider",
        ),
        ({"PROVIDER_ID": "REST_APP"}, "Application context required."),
        ({"SUBJECT": " ", "TYPE_ID": 17}, "The field SUBJECT is not defined or empty."),
        ({"TYPE_ID": 1, "COMMUNICATIONS": [{"VALUE": ""}]}, "The field COMMUNICATIONS is not defined or invalid."),
        ({"SUBJECT": ""}, "The field SUBJECT is not defined or empty."),
        ({"COMMUNICATIONS": []}, "The field COMMUNICATIONS is not defined or invalid."),
        (
            {"COMMUNICATIONS": ["x", {"VALUE": "a@b.de", "TYPE": "EMAIL"}]},
            "The field COMMUNICATIONS is not defined or invalid.",
        ),
        (
            {"COMMUNICATIONS": [{"VALUE": "1"}, {"VALUE": "2"}]},
            "The only one communication is allowed for activity of specified type.",
        ),
        ({"OWNER_ID": 2}, "Access denied."),
        (
            {"TYPE_ID": 6, "PROVIDER_ID": "CRM_TODO", "OWNER_ID": 0, "COMMUNICATIONS": []},
            "Could not build binding. Please ensure that owner info and communications are defined correctly.",
        ),
    ],
)
async def test_what_is_not_added(change: dict[str, Any], description: str) -> None:
    whole = {"OWNER_TYPE_ID": 1, "OWNER_ID": 1, "TYPE_ID": 2, "SUBJECT": "s", "COMMUNICATIONS": [{"VALUE": "1"}]}
    portal = portal_of()
    portal.create(LEAD, {}, (), "generator")
    portal.frozen.add((LEAD, 2))
    async with probing(portal) as probe:
        reply = await probe.call("crm.activity.add", fields=whole | change)
        assert (reply.status, reply.body) == (400, {"error": "", "error_description": description})
        assert (await probe.call("crm.activity.add", fields="x")).body["error_description"]
        assert portal.activities.rows == {}


async def test_a_meeting_with_somebody_needs_no_value() -> None:
    """php: modules/crm/classes/general/restservice.php `internalizeCommunications`."""
    portal = portal_of()
    somebody = {"ENTITY_TYPE_ID": CONTACT, "ENTITY_ID": 1}
    fields = {"OWNER_TYPE_ID": LEAD, "OWNER_ID": 1, "TYPE_ID": 1, "SUBJECT": "Meet", "COMMUNICATIONS": [somebody]}
    async with probing(portal) as probe:
        made = (await probe.call("crm.activity.add", fields=fields)).result
        assert portal.activities.rows[made].bindings == [(LEAD, 1), (CONTACT, 1)]
        call = await probe.call("crm.activity.add", fields=fields | {"TYPE_ID": 2})
        assert call.body["error_description"] == "The field COMMUNICATIONS is not defined or invalid."


async def test_an_update_changes_no_owner_and_touches_always() -> None:
    portal = portal_of()
    activity_id = add(portal)
    portal.clock.now += 5  # type: ignore[attr-defined] # the clock of this test
    async with probing(portal) as probe:
        fields = {"SUBJECT": "New", "OWNER_ID": 77, "TYPE_ID": 1, "PROVIDER_ID": "X", "COMPLETED": "Y"}
        assert (await probe.call("crm.activity.update", id=activity_id, fields=fields)).result is True
        got = (await probe.call("crm.activity.get", id=activity_id)).result
        assert (got["SUBJECT"], got["OWNER_ID"], got["TYPE_ID"], got["STATUS"]) == ("New", "1", "2", "2")
        assert (got["PROVIDER_ID"], got["LAST_UPDATED"]) == ("VOXIMPLANT_CALL", "2023-11-15T01:13:25+03:00")
        portal.clock.now += 5  # type: ignore[attr-defined] # as above
        await probe.call("crm.activity.update", id=activity_id, fields={"SUBJECT": "New"})
        assert portal.activities.rows[activity_id].updated == EPOCH + 10


async def test_an_update_with_communications_sets_the_bindings_anew() -> None:
    portal = portal_of()
    activity_id = add(portal, (LEAD, 1), (DEAL, 1))
    async with probing(portal) as probe:
        fields: dict[str, Any] = {"COMMUNICATIONS": [{"VALUE": "1", "ENTITY_TYPE_ID": CONTACT, "ENTITY_ID": 1}]}
        assert (await probe.call("crm.activity.update", id=activity_id, fields=fields)).result is True
        assert portal.activities.rows[activity_id].bindings == [(LEAD, 1), (CONTACT, 1)]
        reply = await probe.call("crm.activity.update", id=activity_id, fields={"COMMUNICATIONS": []})
        assert reply.body["error_description"] == "The field COMMUNICATIONS is not defined or invalid."


async def test_refused_activities_and_hidden_owners() -> None:
    portal = portal_of()
    refused, owned, hidden = add(portal), add(portal, (DEAL, 1)), add(portal, (COMPANY, 1))
    portal.frozen |= {(6, refused), (DEAL, 1)}
    portal.hidden.add((COMPANY, 1))
    async with probing(portal) as probe:
        assert await ids(probe) == [refused, owned]
        assert (await probe.call("crm.activity.get", id=hidden)).body["error_description"] == ""
        for activity_id in (refused, owned):
            for method in ("update", "delete"):
                reply = await probe.call(f"crm.activity.{method}", id=activity_id, fields={"SUBJECT": "x"})
                assert reply.body == {"error": "", "error_description": "Access denied."}
        assert (await probe.call("crm.item.get", entityTypeId=COMPANY, id=1)).body["error"] == "ACCESS_DENIED"
        assert (await probe.call("crm.item.list", entityTypeId=COMPANY)).result == {"items": []}


async def test_activities_go_with_the_last_item_they_are_bound_to() -> None:
    portal = portal_of()
    alone, both, second = add(portal, (DEAL, 1)), add(portal, (DEAL, 1), (LEAD, 1)), add(portal, (LEAD, 1), (DEAL, 1))
    async with probing(portal) as probe:
        await probe.call("crm.item.delete", entityTypeId=DEAL, id=1)
        assert alone not in portal.activities.rows
        assert await ids(probe, filter={"OWNER_TYPE_ID": 1, "OWNER_ID": 1}) == [both, second]
        assert (await probe.call("crm.activity.delete", id=both)).result is True
        assert await ids(probe) == [second]


async def test_where_a_lead_went() -> None:
    portal = portal_of()
    portal.create(CONTACT, {}, (), "generator")
    async with probing(portal) as probe:
        fields: dict[str, Any] = {"stageId": "CONVERTED", "companyId": 1, "contactIds": [2, 1, 2]}
        lead = (await probe.call("crm.item.update", entityTypeId=LEAD, id=1, fields=fields)).result["item"]
        assert (lead["contactId"], lead["contactIds"], lead["stageSemanticId"]) == (2, [2, 1], "S")
        await probe.call("crm.item.update", entityTypeId=DEAL, id=1, fields={"leadId": 1, "contactId": 1})
        deal = (await probe.call("crm.item.list", entityTypeId=DEAL, filter={"leadId": 1})).result["items"][0]
        assert (deal["contactIds"], deal["stageSemanticId"]) == ([1], "P")
        found = await probe.call("crm.item.list", entityTypeId=LEAD, filter={"contactIds": 1}, select=["contactIds"])
        assert found.result["items"] == [{"contactIds": [2, 1]}]
        found = await probe.call("crm.item.list", entityTypeId=LEAD, filter={"!@contactIds": [1, 2]})
        assert found.result["items"] == []
        classic = (await probe.call("crm.lead.get", id=1)).result
        assert (classic["STATUS_SEMANTIC_ID"], classic["CONTACT_ID"], "CONTACT_IDS" in classic) == ("S", "2", False)
        await probe.call("crm.item.update", entityTypeId=LEAD, id=1, fields={"contactIds": [], "stageId": "JUNK"})
        lead = (await probe.call("crm.item.get", entityTypeId=LEAD, id=1)).result["item"]
        assert (lead["contactId"], lead["contactIds"], lead["stageSemanticId"]) == (None, [], "F")
        company = (await probe.call("crm.item.update", entityTypeId=COMPANY, id=1, fields={"leadId": 1})).result
        assert company["item"]["leadId"] == 1
        assert (await probe.call("crm.item.fields", entityTypeId=LEAD)).result["fields"]["contactIds"]["isMultiple"]


async def test_the_portal_tells_its_methods_and_charges_for_them() -> None:
    portal = portal_of(costs={"crm.activity.list": 2.0}, operating_seconds=3)
    async with probing(portal) as probe:
        names = (await probe.call("methods", scope="crm")).result
        assert {"crm.activity.list", "crm.activity.binding.move", "crm.duplicate.findbycomm"} <= set(names)
        assert "tasks.task.list" in (await probe.call("methods", scope="task")).result
        known = (await probe.call("method.get", name="tasks.task.list")).result
        assert known == {"isExisting": True, "isAvailable": False}
        answer = await probe.batch({f"c{number}": "crm.activity.list?start=-1" for number in range(3)})
        assert answer["result_time"]["c1"]["operating"] == 4
        assert answer["result_error"]["c2"]["error"] == "OPERATION_TIME_LIMIT"
