"""The universal methods, as docs api-reference/crm/universal/ and the multifield tutorial describe them."""

from __future__ import annotations

from typing import Any

import pytest

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing
from b24syncd.simulator.tables.model import PointChange

EPOCH = 1_700_000_000


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = float(EPOCH)

    def __call__(self) -> float:
        return self.now


def portal_of(count: int = 0, *, per_second: int = 1, **options: Any) -> Portal:  # noqa: ANN401 - fields of Options
    portal = Portal(Options(burst=1000, **options), clock=Clock())
    for number in range(count):
        points = [PointChange(None, "PHONE", "WORK", f"8 916 {number:07}")]
        portal.create(3, {"name": f"N{number % 3}", "opened": "Y"}, points, "generator", EPOCH + number // per_second)
    return portal


async def ids(probe: Probe, **parameters: object) -> list[int]:
    reply = await probe.call("crm.item.list", entityTypeId=3, select=["id"], **parameters)
    assert reply.status == 200, reply.body
    return [item["id"] for item in reply.result["items"]]


async def test_a_list_is_paged_by_fifty_and_counted() -> None:
    async with probing(portal_of(120)) as probe:
        first = (await probe.call("crm.item.list", entityTypeId=3)).body
        assert (len(first["result"]["items"]), first["total"], first["next"]) == (50, 120, 50)
        last = (await probe.call("crm.item.list", entityTypeId=3, start=100)).body
        assert (len(last["result"]["items"]), last["total"]) == (20, 120)
        assert "next" not in last


async def test_start_minus_one_counts_nothing() -> None:
    async with probing(portal_of(120)) as probe:
        body = (await probe.call("crm.item.list", entityTypeId=3, start=-1)).body
        assert len(body["result"]["items"]) == 50
        assert "total" not in body
        assert "next" not in body


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ({">id": 8}, [9, 10]),
        ({">=id": 8, "<id": "10"}, [8, 9]),
        ({"@id": [3, 1, 99]}, [1, 3]),
        ({"id": [2, 4]}, [2, 4]),
        ({"!@id": [1, 2, 3, 4, 5, 6, 7]}, [8, 9, 10]),
        ({"!id": 1, "<=id": 3}, [2, 3]),
        ({"=name": "n0"}, [1, 4, 7, 10]),
        ({"%name": "2"}, [3, 6, 9]),
        ({"=%name": "%1"}, [2, 5, 8]),
        ({"%=name": "N"}, []),
        ({"!%name": "0", "<id": 4}, [2, 3]),
        ({"!=%name": "N%"}, []),
        ({"logic": "OR", "id": 1, "=name": "N1"}, [1, 2, 5, 8]),
        ({"0": {"logic": "OR", "0": {"id": 1}, "1": {"id": 5}}, "=name": "N1"}, [5]),
        ({">=updatedTime": "2023-11-15T01:13:28+03:00"}, [9, 10]),
        ({">=updatedTime": "2023-11-14T22:13:28+00:00"}, [9, 10]),
        ({">=updatedTime": "2023-11-15 01:13:28"}, [9, 10]),
        ({">updatedTime": "15.11.2023 01:13:28"}, [10]),
        ({"=updatedTime": "2023-11-15T01:13:28+03:00", ">id": 8}, [9]),
        ({"<updatedTime": "2023-11-15T01:13:22+03:00"}, [1, 2]),
        ({"hasPhone": "N"}, []),
        ({"ufCrm_1720697698689": ""}, list(range(1, 11))),
    ],
)
async def test_filters(filter_: dict[str, Any], expected: list[int]) -> None:
    async with probing(portal_of(10)) as probe:
        assert await ids(probe, filter=filter_) == expected


async def test_orders() -> None:
    async with probing(portal_of(6, per_second=2)) as probe:
        assert await ids(probe, order={"id": "DESC"}) == [6, 5, 4, 3, 2, 1]
        assert await ids(probe, order={"updatedTime": "ASC", "id": "ASC"}) == [1, 2, 3, 4, 5, 6]
        assert await ids(probe, order={"updatedTime": "desc", "id": "ASC"}) == [5, 6, 3, 4, 1, 2]
        assert await ids(probe, order={"name": "ASC", "id": "DESC"}) == [4, 1, 5, 2, 6, 3]
        # items of one second come in no order to rely on unless it is asked for
        assert await ids(probe, order={"updatedTime": "ASC"}) == [2, 1, 4, 3, 6, 5]
        assert await ids(
            probe, order={"updatedTime": "ASC"}, filter={">=updatedTime": "2023-11-15T01:13:21+03:00"}
        ) == [
            4,
            3,
            6,
            5,
        ]


@pytest.mark.parametrize(
    ("condition", "count"),
    [(">=updatedTime", 0), ("<updatedTime", 0), ("updatedTime", 0), ("!=updatedTime", 3)],
)
async def test_what_is_no_time_is_compared_as_none_without_an_error(condition: str, count: int) -> None:
    async with probing(portal_of(3)) as probe:
        assert len(await ids(probe, filter={condition: "yesterdayish"})) == count


@pytest.mark.parametrize(
    ("parameters", "description"),
    [
        ({"filter": {">nope": 1}}, "Invalid filter: field '>NOPE' is not allowed in filter"),
        ({"filter": {">ID": 1}}, "Invalid filter: field '>_ID' is not allowed in filter"),
        ({"filter": {"%fm": "8"}}, "Invalid filter: field '%FM' is not allowed in filter"),
        ({"order": {"nope": "ASC"}}, "Invalid order: field 'NOPE' is not allowed in order"),
        (
            {"order": {"id": "UP"}},
            "Invalid order: allowed sort directions are ASC, DESC. But got 'UP' for field 'ID'",
        ),
    ],
)
async def test_unusable_filters_and_orders_are_refused(parameters: dict[str, Any], description: str) -> None:
    async with probing(portal_of(1)) as probe:
        reply = await probe.call("crm.item.list", entityTypeId=3, **parameters)
        assert reply.status == 400
        assert reply.body == {"error": "INVALID_ARG_VALUE", "error_description": description}


async def test_fm_comes_only_with_everything() -> None:
    async with probing(portal_of(1)) as probe:
        assert "fm" in (await probe.call("crm.item.list", entityTypeId=3)).result["items"][0]
        some = await probe.call("crm.item.list", entityTypeId=3, select=["id", "fm", "name", "nope"])
        assert some.result["items"] == [{"id": 1, "name": "N0"}]


async def test_custom_fields_have_two_names() -> None:
    async with probing(portal_of(1)) as probe:
        await probe.call("crm.item.update", entityTypeId=3, id=1, fields={"ufCrm_1720697698689": "gold"})
        one = (await probe.call("crm.item.get", entityTypeId=3, id=1)).result["item"]
        other = (await probe.call("crm.item.get", entityTypeId=3, id=1, useOriginalUfNames="Y")).result["item"]
        assert one["ufCrm_1720697698689"] == other["UF_CRM_1720697698689"] == "gold"
        assert "UF_CRM_1720697698689" not in one
        dropped = {"UF_CRM_1720697698689": "silver"}
        await probe.call("crm.item.update", entityTypeId=3, id=1, fields=dropped)
        await probe.call("crm.item.update", entityTypeId=3, id=1, fields=dropped, useOriginalUfNames="Y")
        listed = await probe.call("crm.item.list", entityTypeId=3, select=["uf*"])
        assert listed.result["items"] == [{"ufCrm_1720697698689": "silver"}]


async def test_upper_case_names_pass_as_they_stand() -> None:
    async with probing(portal_of(3)) as probe:
        assert await ids(probe, filter={"ID": [1, 3]}, order={"ID": "DESC"}) == [3, 1]
        fields = {"LAST_NAME": "Kim", "NAME": "Anna", "UF_CRM_1720697698689": "gold"}
        await probe.call("crm.item.update", entityTypeId=3, id=1, fields=fields)
        some = await probe.call("crm.item.list", entityTypeId=3, select=["ID", "lastName", "uf*"], filter={"id": 1})
        assert some.result["items"] == [{"id": 1, "lastName": "Kim", "ufCrm_1720697698689": None}]


async def changed(probe: Probe, fm: object, item_id: int = 1) -> list[tuple[int, str, str, str]]:
    reply = await probe.call("crm.item.update", entityTypeId=3, id=item_id, fields={"fm": fm})
    assert reply.status == 200, reply.body
    return [(p["id"], p["typeId"], p["valueType"], p["value"]) for p in reply.result["item"]["fm"]]


async def test_the_keys_of_fm_decide() -> None:
    async with probing(portal_of(1)) as probe:
        raw = (1, "PHONE", "WORK", "8 916 0000000")
        entry = {"typeId": "PHONE", "valueType": "WORK", "value": "+79160000000"}
        assert await changed(probe, {"1": {"value": "+7"}}) == [raw]
        assert await changed(probe, {"1": "+7"}) == [raw]
        assert await changed(probe, "+7") == [raw]
        assert await changed(probe, {"1": entry}) == [(1, "PHONE", "WORK", "+79160000000")]
        assert len(await changed(probe, {"n0": entry | {"value": "2"}})) == 2
        assert len(await changed(probe, [entry | {"value": "3"}])) == 3
        assert len(await changed(probe, {"777": entry | {"value": "4"}})) == 4
        assert (await changed(probe, {"n0": {"typeId": "PAGEANT", "value": "x"}}))[-1][1:] == ("PAGEANT", "", "x")
        assert [p[0] for p in await changed(probe, {"1": {"typeId": "PHONE", "value": ""}})] == [2, 3, 4, 5]
        assert (await changed(probe, {"2": {"typeId": "PHONE", "valueType": "HOME", "value": "1"}}))[0][2] == "HOME"
        assert len(await changed(probe, {"999": {"typeId": "PHONE", "value": ""}})) == 4


async def test_a_deal_has_no_fm() -> None:
    portal = portal_of()
    portal.create(2, {"title": "D"}, [], "generator")
    async with probing(portal) as probe:
        fm = [{"typeId": "PHONE", "value": "1"}]
        reply = await probe.call("crm.item.update", entityTypeId=2, id=1, fields={"fm": fm})
        assert "fm" not in reply.result["item"]


async def test_only_an_update_that_changes_something_touches_the_item() -> None:
    portal = portal_of(1)
    clock = portal.clock
    assert isinstance(clock, Clock)
    async with probing(portal) as probe:
        clock.now += 100.7
        same = {"typeId": "PHONE", "valueType": "WORK", "value": "8 916 0000000"}
        reply = await probe.call("crm.item.update", entityTypeId=3, id=1, fields={"name": "N0", "fm": {"1": same}})
        assert reply.result["item"]["updatedTime"] == "2023-11-15T01:13:20+03:00"
        reply = await probe.call("crm.item.update", entityTypeId=3, id=1, fields={"name": "M"})
        assert reply.result["item"]["updatedTime"] == "2023-11-15T01:15:00+03:00"
        assert (portal.history.saves, portal.history.empty_saves) == (1, 1)


async def test_values_are_taken_as_the_server_takes_them() -> None:
    portal = portal_of(1)
    portal.create(2, {"title": "D"}, [], "generator")
    async with probing(portal) as probe:
        fields = {
            "title": "",
            "opportunity": "12.50",
            "closedate": "2024-05-06T23:30:00+03:00",
            "begindate": "never",
            "closed": "true",
            "companyId": "7",
            "nope": 1,
            "id": 5,
            "comments": {"a": 1},
            "stageId": "NEW",
        }
        item = (await probe.call("crm.item.update", entityTypeId=2, id=1, fields=fields)).result["item"]
        assert item["title"] == "D"  # php: `CanNotBeEmptied`
        # php: `closed` follows the stage, whatever is sent
        assert (item["opportunity"], item["companyId"], item["closed"], item["id"]) == (12.5, 7, "N", 1)
        assert item["closedate"] == "2024-05-06T03:00:00+03:00"
        assert (item["begindate"], item["comments"], item["stageId"]) == (None, None, "NEW")
        assert "nope" not in item


async def test_items_are_added_and_deleted() -> None:
    portal = portal_of(1)
    async with probing(portal) as probe:
        fm = [{"typeId": "EMAIL", "valueType": "WORK", "value": "a@b.ru"}]
        added = (await probe.call("crm.item.add", entityTypeId=3, fields={"name": "New", "fm": fm})).result["item"]
        assert (added["id"], added["hasEmail"], added["hasPhone"], added["emailWork"]) == (2, "Y", "N", "a@b.ru")
        assert (await probe.call("crm.item.delete", entityTypeId=3, id=2)).result == []
        gone = await probe.call("crm.item.get", entityTypeId=3, id=2)
        assert (gone.status, gone.body["error"]) == (400, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "parameters", "error"),
    [
        ("crm.item.get", {"entityTypeId": 3}, "100"),
        ("crm.item.get", {"id": 1}, "100"),
        ("crm.item.update", {"entityTypeId": 3, "id": 1}, "100"),
        ("crm.item.get", {"entityTypeId": 3, "id": 99}, "NOT_FOUND"),
        ("crm.item.list", {"entityTypeId": 188}, "NOT_FOUND"),
        ("crm.item.update", {"entityTypeId": 3, "id": 1, "fields": {}}, "ACCESS_DENIED"),
        ("crm.item.delete", {"entityTypeId": 3, "id": 1}, "ACCESS_DENIED"),
    ],
)
async def test_errors_of_the_controllers_have_status_400(method: str, parameters: dict[str, Any], error: str) -> None:
    portal = portal_of(1)
    portal.frozen.add((3, 1))
    async with probing(portal) as probe:
        reply = await probe.call(method, **parameters)
        assert (reply.status, reply.body["error"]) == (400, error)


async def test_leads_can_be_off_or_refused() -> None:
    async with probing(portal_of(leads="off")) as probe:
        assert (await probe.call("crm.item.list", entityTypeId=1)).body["error"] == "NOT_FOUND"
        assert (await probe.call("crm.lead.list")).status == 400
    refusing = portal_of(leads="refused")
    refusing.create(1, {"title": "L"}, [], "generator")
    async with probing(refusing) as probe:
        assert (await probe.call("crm.item.list", entityTypeId=1)).body["result"] == {"items": []}
        for method, more in (("get", {"id": 1}), ("fields", {}), ("add", {"fields": {}})):
            reply = await probe.call(f"crm.item.{method}", entityTypeId=1, **more)
            assert reply.body["error"] == "ACCESS_DENIED"


async def test_fields_are_described() -> None:
    async with probing(portal_of()) as probe:
        fields = (await probe.call("crm.item.fields", entityTypeId=2)).result["fields"]
        assert fields["id"] == {
            "type": "integer",
            "isRequired": False,
            "isReadOnly": True,
            "isImmutable": False,
            "isMultiple": False,
            "isDynamic": False,
            "title": "ID",
            "upperName": "ID",
        }
        assert fields["ufCrm_1721244707107"]["title"] == "Payment date"
        assert fields["createdTime"]["upperName"] == "CREATED_TIME"
