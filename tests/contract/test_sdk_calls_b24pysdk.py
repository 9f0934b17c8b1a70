"""What b24pysdk's own tests of the CRM ask of a portal, in our words: each kind of call once, for each that we have.

Its suite was run whole as well; what it asks besides goes to methods that the simulated portal does not have.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from b24pysdk.errors import BitrixAPINotFound  # type: ignore[import-untyped]
from tests.contract.sdks import b24pysdk_of

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.tables.fields import SmartType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

SCOPES = ("crm", "user", "task", "sale")


def portal_of() -> Portal:
    portal = Portal(Options(burst=1000, scopes=SCOPES, smart_types=(SmartType(128, 1, "Orders"),)))
    for type_id in (1, 2, 3, 4):
        for _ in range(60):
            portal.create(type_id, {"title": "One of them"}, (), "generator")
    portal.activities.create({"typeId": 2, "subject": "Call"}, [(1, 1)], "generator")
    return portal


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 - a function that runs one
    """Run a function of the client in a thread of its own, as it blocks."""

    async def run(calls: Callable[[Any], None]) -> None:
        async with b24pysdk_of(portal_of(), tmp_path / "authority.pem", monkeypatch) as client:
            await asyncio.to_thread(calls, client)

    return run


def descending(rows: Iterable[dict[str, Any]], name: str = "ID") -> list[int]:
    """Return ids that came one after another, each lower than the one before."""
    ids = [int(row[name]) for row in rows]
    assert ids == sorted(ids, reverse=True)
    return ids


FIELDS: dict[str, dict[str, object]] = {
    "lead": {"TITLE": "Ours", "NAME": "Anna", "STATUS_ID": "CONVERTED", "CURRENCY_ID": "USD", "OPPORTUNITY": "12.50"},
    "deal": {"TITLE": "Ours", "TYPE_ID": "SALE", "STAGE_ID": "NEW", "CURRENCY_ID": "USD", "OPPORTUNITY": "9.00"},
    "contact": {"NAME": "Anna", "LAST_NAME": "Kim", "POST": "Chief", "TYPE_ID": "CLIENT", "OPENED": "Y"},
    "company": {"TITLE": "Ours", "COMPANY_TYPE": "CUSTOMER", "INDUSTRY": "IT", "REVENUE": "100.00", "OPENED": "Y"},
}
KNOWN = {
    "lead": ("STATUS_ID", "ASSIGNED_BY_ID", "MOVED_TIME", "PHONE"),
    "deal": ("IS_NEW", "PROBABILITY", "CATEGORY_ID", "CONTACT_IDS"),
    "contact": ("LAST_NAME", "COMPANY_IDS", "PHOTO", "EMAIL"),
    "company": ("ADDRESS", "REG_ADDRESS_CITY", "LOGO", "IS_MY_COMPANY"),
}


@pytest.mark.parametrize("entity", sorted(FIELDS))
async def test_an_item_from_beginning_to_end(entity: str, ask: Any) -> None:  # noqa: ANN401 - the fixture
    def calls(client: Any) -> None:  # noqa: ANN401 - the client
        methods, fields = getattr(client.crm, entity), FIELDS[entity]
        assert set(KNOWN[entity]) <= set(methods.fields().response.result)
        made = methods.add(fields=fields).response.result
        assert made == 61
        row = methods.get(bitrix_id=made).response.result
        assert {name: row[name] for name in fields} == fields
        mine = methods.list(select=["ID", *fields], filter={"=ID": made}, order={"ID": "desc"}).response.result
        assert mine == [{"ID": str(made)} | fields]
        assert len(methods.list().as_list().response.result) == 61
        assert len(descending(methods.list().as_list_fast(descending=True).response.result)) == 61
        assert methods.update(bitrix_id=made, fields={"COMMENTS": "Another text"}).response.result is True
        assert methods.get(bitrix_id=made).response.result["COMMENTS"] == "Another text"
        assert methods.delete(bitrix_id=made).response.result is True

    await ask(calls)


@pytest.mark.parametrize("entity", ["lead", "deal", "company", "contact"])
async def test_a_custom_field_from_beginning_to_end(entity: str, ask: Any) -> None:  # noqa: ANN401 - the fixture
    def calls(client: Any) -> None:  # noqa: ANN401 - the client
        methods = getattr(client.crm, entity).userfield
        settings = {"DEFAULT_VALUE": "as ever", "ROWS": 3}
        fields = {"FIELD_NAME": "OURS", "USER_TYPE_ID": "string", "XML_ID": "OURS", "SETTINGS": settings}
        made = methods.add(fields=fields).response.result
        assert methods.update(bitrix_id=made, fields={"SORT": 500, "SHOW_IN_LIST": "N"}).response.result is True
        row = methods.get(bitrix_id=made).response.result
        assert (row["FIELD_NAME"], row["SORT"], row["SHOW_IN_LIST"]) == ("UF_CRM_OURS", "500", "N")
        assert {name: row["SETTINGS"][name] for name in settings} == settings
        assert [one["ID"] for one in methods.list(filter={"ID": made}).response.result] == [str(made)]
        assert methods.delete(bitrix_id=made).response.result is True
        assert {"ID": "string", "title": "String"} in client.crm.userfield.types().response.result

    await ask(calls)


async def test_an_activity_from_beginning_to_end(ask: Any) -> None:  # noqa: ANN401 - the fixture
    def calls(client: Any) -> None:  # noqa: ANN401 - the client
        methods = client.crm.activity
        assert {"OWNER_ID", "SUBJECT", "COMMUNICATIONS"} <= set(methods.fields().response.result)
        fields = {"OWNER_TYPE_ID": 1, "OWNER_ID": 43, "TYPE_ID": 2, "SUBJECT": "Call", "DESCRIPTION": "Ours"}
        with_phone = {"COMMUNICATIONS": [{"VALUE": "+74951234567", "ENTITY_ID": 1, "ENTITY_TYPE_ID": 3}]}
        made = methods.add(fields=fields | with_phone).response.result
        row = methods.get(bitrix_id=made).response.result
        assert (row["OWNER_ID"], row["SUBJECT"], row["COMPLETED"]) == ("43", "Call", "N")
        assert descending(methods.list().as_list_fast(descending=True).response.result) == [made, 1]
        assert methods.update(bitrix_id=made, fields={"SUBJECT": "Called"}).response.result is True
        binding = methods.binding
        assert binding.add(activity_id=1, entity_type_id=2, entity_id=1).response.result is True
        known = binding.list(activity_id=1).response.result
        assert {"entityTypeId": 2, "entityId": 1} in known
        ends = {"source_entity_type_id": 2, "source_entity_id": 1, "target_entity_type_id": 2, "target_entity_id": 2}
        assert binding.move(activity_id=1, **ends).response.result is True
        assert binding.delete(activity_id=1, entity_type_id=2, entity_id=2).response.result is True
        assert methods.delete(bitrix_id=made).response.result is True

    await ask(calls)


async def test_statuses_and_contact_points(ask: Any) -> None:  # noqa: ANN401 - the fixture
    def calls(client: Any) -> None:  # noqa: ANN401 - the client
        methods = client.crm.status
        assert {"ENTITY_ID", "SEMANTICS", "EXTRA"} <= set(methods.fields().response.result)
        made = methods.add(
            fields={"ENTITY_ID": "SOURCE", "STATUS_ID": "OURS", "NAME": "Ours", "SORT": 7}
        ).response.result
        assert methods.update(bitrix_id=made, fields={"NAME": "Renamed", "SORT": 8}).response.result is True
        row = methods.get(bitrix_id=made).response.result
        assert (row["NAME"], row["SORT"], row["SYSTEM"]) == ("Renamed", "8", "N")
        only = {"ENTITY_ID": "SOURCE", "STATUS_ID": "OURS"}
        assert methods.list(filter=only, order={"SORT": "ASC"}).response.result == [row]
        assert len(methods.list().as_list().response.result) > 40
        assert descending(methods.list().as_list_fast(descending=True).response.result)[-1] == 1
        assert "DEAL_STAGE" in [one["ID"] for one in methods.entity.types().response.result]
        first = methods.entity.items(entity_id="SOURCE").response.result[0]
        assert first == {"NAME": "Renamed", "SORT": 8, "STATUS_ID": "OURS"}
        assert methods.delete(bitrix_id=made).response.result is True
        assert set(client.crm.multifield.fields().response.result) == {"ID", "TYPE_ID", "VALUE", "VALUE_TYPE"}

    await ask(calls)


async def test_a_type_from_beginning_to_end(ask: Any) -> None:  # noqa: ANN401 - the fixture
    def calls(client: Any) -> None:  # noqa: ANN401 - the client
        methods = client.crm.type
        assert "isStagesEnabled" in methods.fields().response.result["fields"]
        made = methods.add(fields={"title": "Ours"}).response.result["type"]
        assert methods.get(bitrix_id=made["id"]).response.result["type"] == made
        by_type = methods.get_by_entity_type_id(entity_type_id=made["entityTypeId"]).response.result
        assert by_type["type"]["title"] == "Ours"
        renamed = methods.update(bitrix_id=made["id"], fields={"title": "Renamed"}).response.result["type"]
        assert methods.list(filter={"id": made["id"]}).response.result["types"] == [renamed]
        assert len(methods.list().as_list().response.result) == 2
        assert descending(methods.list().as_list_fast(descending=True).response.result, "id") == [2, 1]
        assert methods.delete(bitrix_id=made["id"]).response.result == []

    await ask(calls)


async def test_people_and_the_portal(ask: Any) -> None:  # noqa: ANN401 - the fixture
    def calls(client: Any) -> None:  # noqa: ANN401 - the client
        user = client.user.current().response.result
        assert all(isinstance(user[name], bool | str | list) for name in ("XML_ID", "IS_ONLINE", "UF_DEPARTMENT"))
        assert set(client.user.fields().response.result) == set(user)
        assert client.user.admin().response.result is True
        assert client.user.access(access=["AU"]).response.result is True
        assert [one["ID"] for one in client.user.get(filter={"ID": 1}).response.result] == ["1"]
        assert descending(client.user.get().as_list_fast(descending=True).response.result) == [2, 1]
        assert client.profile().response.result["ADMIN"] is True
        assert datetime.fromisoformat(client.server.time().response.result).tzinfo is not None
        assert client.method.get(name="crm.lead.add").response.result == {"isExisting": True, "isAvailable": True}
        assert client.scope().response.result == list(SCOPES)
        assert "telephony" in client.scope(full=True).response.result
        # what the portal does not claim is no method there
        for missing in (client.crm.deal.productrows.get(bitrix_id=1), client.crm.contact.company.fields()):
            with pytest.raises(BitrixAPINotFound):
                _ = missing.response

    await ask(calls)
