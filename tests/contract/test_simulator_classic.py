"""The classic methods and the small ones, as docs api-reference/crm/ and api-reference/common/ describe them."""

from __future__ import annotations

from typing import Any

import pytest

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import probing
from b24syncd.simulator.tables.model import PointChange


def portal_of(count: int = 1, options: Options | None = None) -> Portal:
    portal = Portal(options or Options(burst=1000), clock=lambda: 1_700_000_000.0)
    for number in range(count):
        points = [
            PointChange(None, "PHONE", "WORK", f"+7916{number:07}"),
            PointChange(None, "EMAIL", "HOME", f"a{number}@b.ru"),
        ]
        portal.create(3, {"name": f"N{number}", "assignedById": 5}, points, "generator")
    return portal


async def test_an_item_is_text_all_over() -> None:
    async with probing(portal_of()) as probe:
        contact = (await probe.call("crm.contact.get", ID=1)).result
        assert (contact["ID"], contact["ASSIGNED_BY_ID"], contact["HAS_PHONE"], contact["HAS_IMOL"]) == (
            "1",
            "5",
            "Y",
            "N",
        )
        assert contact["DATE_MODIFY"] == "2023-11-15T01:13:20+03:00"
        assert (contact["BIRTHDATE"], contact["LAST_NAME"]) == ("", None)
        assert contact["PHONE"] == [{"ID": "1", "VALUE_TYPE": "WORK", "VALUE": "+79160000000", "TYPE_ID": "PHONE"}]


async def test_a_list_shows_what_is_selected() -> None:
    async with probing(portal_of(60)) as probe:
        body = (await probe.call("crm.contact.list", select=["ID", "EMAIL", "WEB"], order={"ID": "DESC"})).body
        assert (body["total"], body["next"], len(body["result"])) == (60, 50, 50)
        point = {"ID": "120", "VALUE_TYPE": "HOME", "VALUE": "a59@b.ru", "TYPE_ID": "EMAIL"}
        assert body["result"][0] == {"ID": "60", "EMAIL": [point]}
        plain = (await probe.call("crm.contact.list", start=-1)).body
        assert plain["total"] == 0
        assert "PHONE" not in plain["result"][0]
        assert "UF_CRM_1720697698689" not in plain["result"][0]
        own = (await probe.call("crm.contact.list", select=["*", "UF_*"])).result[0]
        assert {"NAME", "UF_CRM_1720697698689"} <= set(own)


async def test_a_list_is_filtered_and_unknown_names_are_passed_over() -> None:
    async with probing(portal_of(5)) as probe:
        for filter_, expected in (
            ({">ID": 3}, ["4", "5"]),
            ({"PHONE": "+79160000002"}, ["3"]),
            ({"EMAIL": "A4@b.ru"}, ["5"]),
            ({"nope": 1, "<ID": 2}, ["1"]),
            ({">=DATE_MODIFY": "2023-11-15T01:13:21+03:00"}, []),
        ):
            reply = await probe.call("crm.contact.list", filter=filter_, select=["ID"], order={"nope": "ASC"})
            assert [row["ID"] for row in reply.result] == expected


async def test_entries_are_changed_added_and_deleted() -> None:
    portal = portal_of()
    async with probing(portal) as probe:

        async def phones(*entries: dict[str, object]) -> list[tuple[str, str, str]]:
            reply = await probe.call("crm.contact.update", id=1, fields={"PHONE": list(entries)})
            assert reply.result is True
            contact = (await probe.call("crm.contact.get", id=1)).result
            return [(point["ID"], point["VALUE_TYPE"], point["VALUE"]) for point in contact.get("PHONE", [])]

        assert await phones({"ID": 1, "VALUE": "1"}) == [("1", "WORK", "1")]
        assert await phones({"ID": "1", "VALUE": "1", "VALUE_TYPE": "HOME"}) == [("1", "HOME", "1")]
        assert await phones({"VALUE": "2"}) == [("1", "HOME", "1"), ("3", "WORK", "2")]
        assert await phones({"ID": 99, "VALUE": "4", "VALUE_TYPE": "FAX"}, {"ID": 1, "DELETE": "Y"}) == [
            ("3", "WORK", "2"),
            ("4", "FAX", "4"),
        ]
        assert await phones({"ID": 3, "VALUE": ""}, {"ID": 4, "VALUE": ""}) == []
        empty = portal.history.empty_saves
        await phones()
        assert portal.history.empty_saves == empty + 1


async def test_a_malformed_email_is_refused_with_the_whole_update() -> None:
    portal = portal_of()
    async with probing(portal) as probe:
        fields = {"NAME": "X", "EMAIL": [{"ID": 2, "VALUE": "a@", "VALUE_TYPE": "WORK"}]}
        reply = await probe.call("crm.contact.update", id=1, fields=fields)
        assert (reply.status, reply.body["error"]) == (400, "ERROR_CORE")
        assert "contains an invalid address" in reply.body["error_description"]
        assert portal.history.by_api() == []


async def test_items_are_added_and_deleted() -> None:
    portal = portal_of()
    async with probing(portal) as probe:
        fields = {"TITLE": "Deal", "OPPORTUNITY": "1000", "nope": 1, "CLOSEDATE": "never"}
        assert (await probe.call("crm.deal.add", fields=fields)).result == 1
        deal = (await probe.call("crm.deal.get", id=1)).result
        assert (deal["TITLE"], deal["OPPORTUNITY"], deal["CLOSEDATE"]) == (
            "Deal",
            "1000.00",
            "2023-11-22T03:00:00+03:00",
        )
        assert (await probe.call("crm.deal.delete", id=1)).result is True
        assert (await probe.call("crm.deal.get", id=1)).body == {"error": "", "error_description": "Not found"}


@pytest.mark.parametrize(
    ("method", "parameters", "body"),
    [
        ("crm.contact.get", {"id": 9}, ("", "Not found")),
        ("crm.contact.get", {}, ("", "ID is not defined or invalid.")),
        ("crm.contact.update", {"id": 9, "fields": {}}, ("", "Contact is not found")),
        ("crm.company.update", {"id": 9, "fields": {}}, ("", "Company is not found")),
        ("crm.lead.update", {"id": 9, "fields": {}}, ("", "Lead is not found")),
        ("crm.contact.update", {"id": 9}, ("", "Contact is not found")),
        ("crm.contact.update", {"id": 1, "fields": ""}, ("", "Parameter 'fields' must be array.")),
        ("crm.contact.update", {"id": 1, "params": "x"}, ("", "Parameter 'params' must be array.")),
        ("crm.contact.update", {"id": 1, "fields": {}}, ("", "Access denied.")),
        ("crm.contact.delete", {"id": 1}, ("", "Access denied.")),
        ("crm.contact.delete", {"id": 9}, ("ERROR_CORE", "Element not found")),
        ("crm.contact.list", {"filter": "x"}, ("", "Parameter 'filter' must be array.")),
        ("crm.contact.list", {"filter": ""}, ("", "Parameter 'filter' must be array.")),
        ("crm.contact.list", {"order": ""}, ("", "Parameter 'order' must be array.")),
    ],
)
async def test_errors_have_status_400(method: str, parameters: dict[str, Any], body: tuple[str, str]) -> None:
    portal = portal_of()
    portal.frozen.add((3, 1))
    async with probing(portal) as probe:
        reply = await probe.call(method, **parameters)
        assert reply.status == 400
        assert (reply.body["error"], reply.body["error_description"]) == body


async def test_fields_are_described() -> None:
    async with probing(portal_of()) as probe:
        fields = (await probe.call("crm.contact.fields")).result
        assert (fields["PHONE"]["type"], fields["PHONE"]["isMultiple"]) == ("crm_multifield", True)
        assert (fields["DATE_MODIFY"]["type"], fields["DATE_MODIFY"]["isReadOnly"]) == ("datetime", True)
        assert "PHONE" not in (await probe.call("crm.deal.fields")).result


async def test_the_small_methods() -> None:
    async with probing(portal_of()) as probe:
        assert (await probe.call("profile")).result["ADMIN"] is True
        assert (await probe.call("user.current")).result["ID"] == "1"
        assert (await probe.call("scope")).result == ["crm", "user_brief"]
        assert (await probe.call("app.info")).result["SCOPE"] == ["crm", "user_brief"]
        assert (await probe.call("crm.settings.mode.get")).result == 1
        assert (await probe.call("server.time")).result == "2023-11-15T01:13:20+03:00"
        assert (await probe.call("crm.multifield.fields")).result["VALUE"]["type"] == "string"
        statuses = (await probe.call("crm.status.list", filter={"ENTITY_ID": "SOURCE"})).body
        assert [row["STATUS_ID"] for row in statuses["result"]] == [
            *("CALL", "EMAIL", "WEB", "ADVERTISING", "PARTNER", "OTHER"),
        ]
        assert statuses["total"] == 6


async def test_methods_tell_what_there_is() -> None:
    async with probing(portal_of(options=Options(burst=1000, scopes=("crm",)))) as probe:
        own = (await probe.call("methods")).result
        assert {"batch", "profile", "crm.item.list", "crm.lead.get"} <= set(own)
        assert "user.current" not in own
        assert "user.current" in (await probe.call("methods", full=True)).result
        assert "user.current" in (await probe.call("methods", scope="user")).result
        assert "crm.item.list" not in (await probe.call("methods", scope="")).result
        for name, existing, available in (
            ("crm.item.list", True, True),
            ("user.current", True, False),
            ("crm.nope", False, False),
        ):
            reply = await probe.call("method.get", name=name)
            assert reply.result == {"isExisting": existing, "isAvailable": available}


async def test_user_current_shows_more_with_more_scope() -> None:
    async with probing(portal_of(options=Options(scopes=("user",)))) as probe:
        assert "EMAIL" in (await probe.call("user.current")).result
        reply = await probe.call("crm.item.list", entityTypeId=3)
        assert (reply.status, reply.body["error"]) == (401, "insufficient_scope")


async def test_who_is_let_in() -> None:
    async with probing(portal_of()) as probe:
        wrong = f"{probe.url}/rest/1/other/"
        async with probe.session.get(f"{wrong}profile.json") as response:
            assert response.status == 401
            body = await response.json()
        assert body == {"error": "INVALID_CREDENTIALS", "error_description": "Invalid request credentials"}
        async with probe.session.get(f"{probe.url}/rest/2/simulated1secret/batch") as response:
            assert response.status == 401
        unknown = await probe.call("crm.nope")
        assert (unknown.status, unknown.body["error"]) == (404, "ERROR_METHOD_NOT_FOUND")
        assert (await probe.call("CRM.Contact.Get", id=1)).status == 200


async def test_the_request_limit_answers_503() -> None:
    portal = portal_of(options=Options(burst=2))
    async with probing(portal) as probe:
        statuses = [(await probe.call("server.time")).status for _ in range(3)]
        assert statuses == [200, 200, 503]
        body = (await probe.call("server.time")).body
        assert body == {"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many requests"}
        assert portal.history.limit_errors["QUERY_LIMIT_EXCEEDED"] == 2
