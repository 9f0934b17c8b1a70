"""Custom fields, made, renamed and deleted as docs api-reference/crm/deals/user-defined-fields/ describe it."""

from __future__ import annotations

from typing import Any

import pytest

from b24syncd.simulator.methods.user_fields import code_of
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing
from b24syncd.simulator.tables.fields import DEAL, SMART_INVOICE, CustomField, FieldType
from b24syncd.simulator.tables.user_fields import LANGUAGES

EPOCH = 1_700_000_000
FIELDS = (
    CustomField(DEAL, "UF_CRM_1746431727372", "Payment date", FieldType.DATE),
    CustomField(DEAL, "UF_CRM_PAID_AT", "Paid at", FieldType.DATETIME),
    CustomField(DEAL, "UF_CRM_DATES", "Dates", FieldType.DATE, multiple=True),
    CustomField(SMART_INVOICE, "UF_CRM_SMART_INVOICE_17", "Payment date", FieldType.DATE),
)


def portal_of(**options: Any) -> Portal:  # noqa: ANN401 - the fields of Options
    """A portal with one deal, where time stands still."""
    portal = Portal(Options(**{"burst": 1000, "custom_fields": FIELDS, **options}), clock=lambda: EPOCH)
    portal.create(DEAL, {}, (), "generator")
    return portal


async def write(probe: Probe, fields: dict[str, Any]) -> Any:  # noqa: ANN401 - an item
    """Write into the deal and return what comes back."""
    return (await probe.call("crm.item.update", entityTypeId=DEAL, id=1, fields=fields)).result["item"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("MANAGER_NOTE", "UF_CRM_MANAGER_NOTE"),
        ("uf_manager_note", "UF_CRM_MANAGER_NOTE"),
        ("UF_CRM_MANAGER_NOTE", "UF_CRM_MANAGER_NOTE"),
        ("CRM_X", "UF_CRM_CRM_X"),
    ],
)
def test_the_prefix_is_always_there(name: str, code: str) -> None:
    assert code_of(name) == code


async def add(probe: Probe, **fields: object) -> Any:  # noqa: ANN401 - the body of an answer
    whole = {"FIELD_NAME": "PAID_ON", "USER_TYPE_ID": "date", **fields}
    return (await probe.call("crm.deal.userfield.add", fields=whole)).body


async def titles(probe: Probe) -> dict[str, str]:
    fields = (await probe.call("crm.item.fields", entityTypeId=DEAL)).result["fields"]
    return {name: field["title"] for name, field in fields.items() if field["isDynamic"]}


async def test_a_field_is_made_renamed_and_deleted() -> None:
    portal = portal_of(language="ru")
    async with probing(portal) as probe:
        labels = {"ru": "Дата оплаты", "en": "Payment date"}
        made = (await add(probe, FIELD_NAME=" paid_on ", LABEL="Paid", EDIT_FORM_LABEL=labels, SORT=5))["result"]
        assert (await titles(probe))["ufCrmPaidOn"] == "Дата оплаты"
        assert (await write(probe, {"ufCrmPaidOn": "2025-04-29"}))["ufCrmPaidOn"] == "2025-04-29T03:00:00+03:00"
        got = (await probe.call("crm.deal.userfield.get", id=made)).result
        assert (got["ID"], got["FIELD_NAME"], got["ENTITY_ID"]) == (str(made), "UF_CRM_PAID_ON", "CRM_DEAL")
        assert list(got["EDIT_FORM_LABEL"]) == list(LANGUAGES)
        assert (got["EDIT_FORM_LABEL"]["de"], got["EDIT_FORM_LABEL"]["en"]) == ("Paid", "Payment date")
        assert (got["LIST_COLUMN_LABEL"]["ru"], got["MULTIPLE"], got["SORT"]) == ("Paid", "N", "5")
        listed = (await probe.call("crm.deal.userfield.list", filter={"USER_TYPE_ID": "date", "LANG": "ru"})).body
        assert [(row["FIELD_NAME"], row["EDIT_FORM_LABEL"]) for row in listed["result"]] == [
            ("UF_CRM_PAID_ON", "Дата оплаты"),
            ("UF_CRM_1746431727372", "Payment date"),
            ("UF_CRM_DATES", "Dates"),
        ]
        assert listed["total"] == 3
        bare = await probe.call("crm.deal.userfield.list", order={"FIELD_NAME": "DESC"}, filter={"NOPE": 1})
        assert [row["FIELD_NAME"] for row in bare.result][:2] == ["UF_CRM_PAID_ON", "UF_CRM_PAID_AT"]
        assert "EDIT_FORM_LABEL" not in bare.result[0]
        # code, type and multiplicity stay; a label replaces that of all languages, and may leave one empty
        change = {"FIELD_NAME": "X", "USER_TYPE_ID": "string", "MULTIPLE": "Y", "MANDATORY": "y", "XML_ID": "paid"}
        reply = await probe.call(
            "crm.deal.userfield.update", id=made, fields=change | {"EDIT_FORM_LABEL": {"en": "On"}}
        )
        assert reply.result is True
        assert (await titles(probe))["ufCrmPaidOn"] == "UF_CRM_PAID_ON"
        after = (await probe.call("crm.item.fields", entityTypeId=DEAL)).result["fields"]["ufCrmPaidOn"]
        got = (await probe.call("crm.deal.userfield.get", id=made)).result
        assert (got["XML_ID"], got["MANDATORY"], got["USER_TYPE_ID"]) == ("paid", "Y", "date")
        assert (after["type"], after["isRequired"], after["listLabel"]) == ("date", True, "Paid")
        portal.user_fields.rename(portal.user_fields.rows[made], "Оплачено")
        assert (await titles(probe))["ufCrmPaidOn"] == "Оплачено"
        assert (await probe.call("crm.deal.userfield.delete", id=made)).result is True
        assert "ufCrmPaidOn" not in await titles(probe)
        assert "ufCrmPaidOn" not in await write(probe, {"ufCrmPaidOn": "2025-04-30"})
        again = (await add(probe, USER_TYPE_ID="datetime"))["result"]
        assert again > made
        assert (await probe.call("crm.item.get", entityTypeId=DEAL, id=1)).result["item"]["ufCrmPaidOn"] is None


@pytest.mark.parametrize(
    ("method", "parameters", "code", "description"),
    [
        ("add", {}, "", "The 'USER_TYPE_ID' field is not found.\nThe 'FIELD_NAME' field is not found."),
        ("add", {"fields": {}}, "", "The 'USER_TYPE_ID' field is not found.\nThe 'FIELD_NAME' field is not found."),
        ("add", {"FIELD_NAME": " "}, "", "The 'FIELD_NAME' field is not found."),
        ("add", {"FIELD_NAME": "A" * 43}, None, ""),
        ("add", {"FIELD_NAME": "A" * 44}, "ERROR_CORE", "Field name is too long (more than 50 characters)."),
        (
            "add",
            {"FIELD_NAME": "Оплата"},
            "ERROR_CORE",
            "Field name contains invalid characters. Allowed characters are: A-Z, 0-9 and _.",
        ),
        ("add", {"USER_TYPE_ID": "crm_contact"}, "ERROR_CORE", "Incorrect custom type specified."),
        ("add", {"FIELD_NAME": "PAID_AT"}, "ERROR_CORE", "Field UF_CRM_PAID_AT already exists."),
        ("get", {}, "", "ID is not defined or invalid."),
        ("get", {"id": 999}, "ERROR_NOT_FOUND", "The entity with ID '999' is not found."),
        ("delete", {"id": 104}, "", "Access denied."),
        ("list", {"filter": "x"}, "", "Parameter 'filter' must be array."),
        ("list", {"order": "x"}, "", "Parameter 'order' must be array."),
    ],
)
async def test_what_is_refused(method: str, parameters: dict[str, Any], code: str | None, description: str) -> None:
    async with probing(portal_of()) as probe:
        if method == "add" and "fields" not in parameters and parameters:
            body = await add(probe, **parameters)
        else:
            body = (await probe.call(f"crm.deal.userfield.{method}", **parameters)).body
        assert (body.get("error"), body.get("error_description", "")) == (code, description)


async def test_only_an_administrator_makes_fields() -> None:
    async with probing(portal_of(administrator=False)) as probe:
        denied = {"error": "", "error_description": "Access denied."}
        assert await add(probe) == denied
        for method in ("update", "delete"):
            reply = await probe.call(f"crm.deal.userfield.{method}", id=101, fields={})
            assert (reply.status, reply.body) == (400, denied)
        assert (await probe.call("crm.deal.userfield.list")).body["total"] == 3
        assert (await probe.call("crm.deal.userfield.get", id=101)).result["FIELD_NAME"] == "UF_CRM_1746431727372"
