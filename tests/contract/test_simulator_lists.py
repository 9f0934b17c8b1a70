"""Reference lists, types of smart processes, people, and calls that name nobody."""

from __future__ import annotations

from typing import Any

import pytest

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing
from b24syncd.simulator.tables.fields import LEAD, SmartType

ADMINISTRATOR, NOBODY = Options(burst=1000, pipelines=1), Options(burst=1000, administrator=False)
SMART = (SmartType(128, 1, "Orders"), SmartType(130, 5, "Notes", payments=False))


async def codes(probe: Probe, **parameters: object) -> list[str]:
    return [row["STATUS_ID"] for row in (await probe.call("crm.status.list", **parameters)).result]


async def test_a_list_of_statuses_has_an_order_and_no_pages() -> None:
    async with probing(Portal(ADMINISTRATOR)) as probe:
        whole = (await probe.call("crm.status.list")).body
        assert whole["total"] == len(whole["result"]) > 50
        assert "next" not in whole
        assert (await probe.call("crm.status.list", start=50)).result == whole["result"]
        only = {"ENTITY_ID": "STATUS"}
        assert await codes(probe, filter=only) == ["NEW", "IN_PROCESS", "PROCESSED", "CONVERTED", "JUNK"]
        assert (await codes(probe, filter=only, order={"sort": "desc"}))[0] == "JUNK"
        assert (await codes(probe, filter=only, order={"STATUS_ID": "ASC"}))[:2] == ["CONVERTED", "IN_PROCESS"]
        # php: an order that is none is by id, downwards
        assert (await codes(probe, filter=only, order={"nonsense": "ASC"}))[0] == "JUNK"
        assert await codes(probe, filter={"ENTITY_ID": "DEAL_STAGE_1", "SEMANTICS": "S"}) == ["C1:WON"]
        assert await codes(probe, filter={"ENTITY_ID": "STATUS", "STATUS_ID": ""}) != []


@pytest.mark.parametrize("name", ["ENTITY_ID", "STATUS_ID", "SORT", "SEMANTICS"])
async def test_some_filters_of_statuses_take_no_array(name: str) -> None:
    async with probing(Portal(ADMINISTRATOR)) as probe:
        reply = await probe.call("crm.status.list", filter={name: ["STATUS", "SOURCE"]})
        assert (reply.status, reply.body["error_description"]) == (400, f"Filter by {name} must be a string")


async def test_a_status_is_made_changed_and_deleted() -> None:
    portal = Portal(ADMINISTRATOR)
    async with probing(portal) as probe:
        fields = {"ENTITY_ID": "SOURCE", "STATUS_ID": "FAIR", "NAME": "Fair", "SORT": 15, "COLOR": "aabbcc"}
        made = (await probe.call("crm.status.add", fields=fields)).result
        row = (await probe.call("crm.status.get", id=made)).result
        assert (row["SYSTEM"], row["SORT"], row["COLOR"], row["NAME_INIT"]) == ("N", "15", "#aabbcc", "")
        assert (await codes(probe, filter={"ENTITY_ID": "SOURCE"}))[1] == "FAIR"
        assert (await probe.call("crm.status.update", id=made, fields={"NAME": "Trade fair"})).result is True
        items = (await probe.call("crm.status.entity.items", entityId="source")).result
        assert {"NAME": "Trade fair", "SORT": 15, "STATUS_ID": "FAIR"} in items
        assert (await probe.call("crm.status.delete", id=made)).result is True
        assert (await probe.call("crm.status.get", id=made)).status == 400


@pytest.mark.parametrize(
    ("method", "parameters", "wrong"),
    [
        ("add", {"fields": "x"}, "Parameter 'fields' must be array."),
        ("add", {}, "The field ENTITY_ID is required.\nThe field STATUS_ID is required."),
        ("add", {"fields": {}}, "The field ENTITY_ID is required.\nThe field STATUS_ID is required."),
        ("add", {"fields": {"ENTITY_ID": "X", "STATUS_ID": "Y"}}, "Specified entity type is not supported."),
        ("add", {"fields": {"ENTITY_ID": "SOURCE", "STATUS_ID": "CALL", "NAME": "x"}}, "A status with the code CALL"),
        ("add", {"fields": {"ENTITY_ID": "SOURCE", "STATUS_ID": "Z"}}, "The field NAME is required."),
        ("get", {"id": 999}, "CRM Status is not found."),
        ("get", {}, "ID is not defined or invalid."),
        ("update", {"id": 999, "fields": {}}, "Status is not found."),
        ("delete", {"id": 1}, "CRM System Status can be deleted only if"),
        ("delete", {"id": 1, "params": {"FORCED": "Y"}}, "There are active items in this status."),
        ("list", {"filter": "x"}, "Parameter 'filter' must be array."),
        ("entity.items", {}, "The parameter entityId is not defined or invalid."),
        ("entity.items", {"entityId": ["SOURCE"]}, "The parameter entityId must be a string."),
    ],
)
async def test_what_is_refused_about_statuses(method: str, parameters: dict[str, Any], wrong: str) -> None:
    portal = Portal(ADMINISTRATOR)
    portal.create(LEAD, {"stageId": "NEW"}, (), "generator")
    async with probing(portal) as probe:
        reply = await probe.call(f"crm.status.{method}", **parameters)
        assert reply.status == 400
        assert reply.body["error_description"].startswith(wrong)


async def test_only_administrators_change_statuses_and_types() -> None:
    async with probing(Portal(NOBODY)) as probe:
        fields = {"ENTITY_ID": "SOURCE", "STATUS_ID": "FAIR", "NAME": "Fair"}
        for method in ("add", "update", "delete"):
            reply = await probe.call(f"crm.status.{method}", id=1, fields=fields)
            assert reply.body["error_description"] == "Access denied."
        for method in ("fields", "list", "add"):
            reply = await probe.call(f"crm.type.{method}", fields={"title": "Mine"})
            assert reply.body["error"] == "ACCESS_DENIED"


async def test_lists_tell_what_they_are() -> None:
    async with probing(Portal(ADMINISTRATOR)) as probe:
        fields = (await probe.call("crm.status.fields")).result
        assert (fields["EXTRA"]["type"], fields["ENTITY_ID"]["isImmutable"]) == ("crm_status_extra", True)
        types = {one["ID"]: one for one in (await probe.call("crm.status.entity.types")).result}
        assert (types["STATUS"]["ENTITY_TYPE_ID"], types["DEAL_STAGE_1"]["CATEGORY_ID"]) == (LEAD, 1)
        won = (await probe.call("crm.status.list", filter={"ENTITY_ID": "DEAL_STAGE", "STATUS_ID": "WON"})).result[0]
        assert won["EXTRA"]["SEMANTICS"] == "success"


async def titles(probe: Probe, **parameters: object) -> Any:  # noqa: ANN401 - titles, or what is wrong
    body = (await probe.call("crm.type.list", **parameters)).body
    return [one["title"] for one in body["result"]["types"]] if "result" in body else body


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ({"title": "orders"}, ["Orders"]),
        ({"%title": "ote"}, ["Notes"]),
        ({"@id": [1, 5]}, ["Orders", "Notes"]),
        ({"!=entityTypeId": 128}, ["Notes"]),
        ({">id": 1}, ["Notes"]),
        ({"<=id": 1}, ["Orders"]),
        ({"isLinkWithProductsEnabled": "Y"}, ["Orders"]),
        ({"ID": 5}, ["Notes"]),
    ],
)
async def test_types_are_filtered(filter_: dict[str, Any], found: list[str]) -> None:
    async with probing(Portal(Options(smart_types=SMART))) as probe:
        assert await titles(probe, filter=filter_) == found


@pytest.mark.parametrize(
    ("parameters", "wrong"),
    [
        ({"filter": {"nope": 1}}, "Invalid filter: field 'NOPE' is not allowed in filter"),
        (
            {"filter": {"isPaymentsEnabled": "Y"}},
            "Invalid filter: field 'IS_PAYMENTS_ENABLED' is not allowed in filter",
        ),
        ({"filter": {">id": [1]}}, "Invalid filter: field '>ID' has invalid value"),
        ({"order": {"nope": "ASC"}}, "Invalid order: field 'NOPE' is not allowed in order"),
        ({"order": {"id": "up"}}, "Invalid order: allowed sort directions are ASC, DESC. But got 'UP' for field 'ID'"),
    ],
)
async def test_filters_of_types_are_checked(parameters: dict[str, Any], wrong: str) -> None:
    async with probing(Portal(Options(smart_types=SMART))) as probe:
        assert await titles(probe, **parameters) == {"error": "INVALID_ARG_VALUE", "error_description": wrong}


async def test_a_type_is_made_used_and_deleted() -> None:
    async with probing(Portal(Options(burst=1000, smart_types=SMART))) as probe:
        made = (await probe.call("crm.type.add", fields={"title": "Rents"})).result["type"]
        assert (made["id"], made["entityTypeId"], made["title"]) == (6, 132, "Rents")
        by_type = await probe.call("crm.type.getByEntityTypeId", entityTypeId=132)
        assert by_type.result["type"] == (await probe.call("crm.type.get", id=6)).result["type"] == made
        await probe.call("crm.type.update", id=6, fields={"title": "Leases"})
        assert await titles(probe, order={"title": "DESC"}) == ["Orders", "Notes", "Leases"]
        item = (await probe.call("crm.item.add", entityTypeId=132, fields={"title": "One"})).result["item"]
        assert (await probe.call("crm.type.delete", id=6)).status == 400
        await probe.call("crm.item.delete", entityTypeId=132, id=item["id"])
        assert (await probe.call("crm.type.delete", id=6)).result == []
        assert (await probe.call("crm.type.get", id=6)).body == {"error": "0", "error_description": "SPA not found"}
        fields = (await probe.call("crm.type.fields")).result["fields"]
        assert fields["isStagesEnabled"]["upperName"] == "IS_STAGES_ENABLED"


async def test_people_are_sorted_only_by_what_and_how_together() -> None:
    async with probing(Portal(ADMINISTRATOR)) as probe:

        async def ids(**sent: object) -> list[str]:
            return [one["ID"] for one in (await probe.call("user.get", **sent)).result]

        assert await ids(sort="ID", order="desc") == ["2", "1"]
        assert await ids(order="DESC") == await ids(sort="ID") == await ids(order={"ID": "DESC"}) == ["1", "2"]
        wrong: list[dict[str, object]] = [
            {"sort": "NOPE", "order": "ASC"},
            {"sort": "ID", "order": "down"},
            {"sort": "ID", "order": ["ASC"]},
        ]
        codes = [(await probe.call("user.get", **sent)).body["error"] for sent in wrong]
        assert codes == ["ERROR_CORE", "ERROR_ARGUMENT", "ERROR_ARGUMENT"]
        assert (await probe.call("user.get", select=["NOPE"])).result == [[], []]


@pytest.mark.parametrize(("scope", "shown"), [("user_brief", 0), ("user_basic", 1), ("user", 2)])
async def test_people_are_told_as_far_as_the_scope_goes(scope: str, shown: int) -> None:
    """php: rest/lib/api/user.php `getAllowedUserFields`."""
    async with probing(Portal(Options(burst=1000, scopes=("crm", scope)))) as probe:
        user = (await probe.call("user.current")).result
        assert {"XML_ID", "IS_ONLINE", "DATE_REGISTER", "UF_DEPARTMENT", "TIME_ZONE", "WORK_POSITION"} <= set(user)
        assert ("EMAIL" in user, "LAST_LOGIN" in user) == (shown > 0, shown > 1)
        assert set((await probe.call("user.fields")).result) == set(user)
        people = (await probe.call("user.get")).body
        assert (people["total"], people["result"][0]) == (2, user)
        assert [one["ID"] for one in (await probe.call("user.get", filter={">ID": 1})).result] == ["2"]
        assert [one["ID"] for one in (await probe.call("user.get", ID=2)).result] == ["2"]
        assert [one["ID"] for one in (await probe.call("user.search", FIND="smirnov")).result] == ["2"]
        assert len((await probe.call("user.get", filter={"ACTIVE": True, "NOPE": 1}, order="DESC")).result) == 2
        assert (await probe.call("user.admin")).result is True
        # php: `userGet` begins with the row itself, counts nothing with -1, and says nothing where nobody is
        one = (await probe.call("user.get", start=1)).body
        assert ([person["ID"] for person in one["result"]], one["total"]) == (["2"], 2)
        uncounted = (await probe.call("user.get", start=-1)).body
        assert (len(uncounted["result"]), uncounted["total"]) == (2, 0)
        nobody = (await probe.call("user.get", ID=99)).body
        assert (nobody["result"], "total" in nobody, "next" in nobody) == ([], False, False)


async def test_a_call_that_names_no_webhook_is_told_so_in_json() -> None:
    portal = Portal(ADMINISTRATOR)
    async with probing(portal) as probe:
        for method, status, code in (
            ("crm.item.list", 401, "NO_AUTH_FOUND"),
            ("batch.json", 401, "NO_AUTH_FOUND"),
            ("crm.nonsense", 404, "ERROR_METHOD_NOT_FOUND"),
        ):
            async with probe.session.post(f"{probe.url}/rest/{method}", json={}) as response:
                assert (response.status, (await response.json())["error"]) == (status, code)


@pytest.mark.parametrize(
    ("seconds", "told"), [(480, {"operating": 0.0, "operating_reset_at": 1_700_000_600}), (None, {})]
)
async def test_a_batch_costs_nothing_itself_and_tells_so(seconds: float | None, told: dict[str, float]) -> None:
    """php: loadlimiter.php ignores the method `batch`, and its sum and end are told like those of any other."""
    portal = Portal(Options(burst=1000, operating_seconds=seconds), clock=lambda: 1_700_000_000.5)
    async with probing(portal) as probe:
        answer = (await probe.call("batch", cmd={"a": "server.time", "b": "profile"})).body
        assert {name: value for name, value in answer["time"].items() if name.startswith("operating")} == told
        assert ("operating" in answer["result"]["result_time"]["a"]) is (seconds is not None)


async def test_the_scopes_of_the_portal_are_more_than_those_of_the_webhook() -> None:
    async with probing(Portal(ADMINISTRATOR)) as probe:
        assert (await probe.call("scope")).result == ["crm", "user_brief"]
        assert {"crm", "task", "telephony"} < set((await probe.call("scope", full=True)).result)
        types = (await probe.call("crm.userfield.types")).result
        assert {"ID": "date", "title": "Date"} in types
