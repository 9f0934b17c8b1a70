"""Fields, defaults and stages of items, as the factories of php modules/crm/lib/Service/Factory/ have them."""

from __future__ import annotations

from typing import Any

import pytest

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing
from b24syncd.simulator.tables.fields import (
    COMPANY,
    CONTACT,
    DEAL,
    LEAD,
    SMART_INVOICE,
    CustomField,
    FieldType,
    SmartType,
)

EPOCH = 1_700_000_000
HERE = "2023-11-15T01:13:20+03:00"
ORDERS = 128
CHOICES = CustomField(LEAD, "UF_CRM_77", "Choices", FieldType.ENUMERATION, multiple=True)


class Clock:
    """A clock that stands still until it is set."""

    now = float(EPOCH)

    def __call__(self) -> float:
        return self.now


def portal_of(**options: Any) -> Portal:  # noqa: ANN401 - fields of Options
    smart = (SmartType(ORDERS, 1, "Orders"),)
    return Portal(Options(burst=1000, smart_types=smart, **options), clock=Clock())


async def add(probe: Probe, type_id: int, **fields: object) -> dict[str, Any]:
    reply = await probe.call("crm.item.add", entityTypeId=type_id, fields=fields)
    item: dict[str, Any] = reply.result["item"]
    return item


async def update(probe: Probe, type_id: int, item_id: int, **fields: object) -> dict[str, Any]:
    reply = await probe.call("crm.item.update", entityTypeId=type_id, id=item_id, fields=fields)
    item: dict[str, Any] = reply.result["item"]
    return item


@pytest.mark.parametrize(
    ("type_id", "there", "not_there"),
    [
        (LEAD, ("movedTime", "movedBy", "observers", "statusDescription", "utmTerm"), ("categoryId", "originVersion")),
        (DEAL, ("movedTime", "observers", "isNew", "probability", "taxValue", "quoteId"), ("originVersion", "fm")),
        (CONTACT, ("companyIds", "originVersion", "photo", "categoryId", "observers"), ("movedTime", "title")),
        (COMPANY, ("isMyCompany", "logo", "bankingDetails", "observers", "originVersion"), ("movedTime",)),
        (SMART_INVOICE, ("accountNumber", "mycompanyId", "previousStageId"), ("originId", "originatorId")),
        (ORDERS, ("movedTime", "previousStageId", "xmlId", "webformId"), ("originId", "originatorId", "comments")),
    ],
)
async def test_each_type_has_its_own_fields(type_id: int, there: tuple[str, ...], not_there: tuple[str, ...]) -> None:
    async with probing(portal_of()) as probe:
        fields = (await probe.call("crm.item.fields", entityTypeId=type_id)).result["fields"]
        item = await add(probe, type_id)
        for name in (*there, "lastActivityTime", "lastActivityBy", "lastCommunicationTime"):
            assert name in fields, name
            assert name in item, name
            assert fields[name]["upperName"].replace("_", "").lower() == name.lower()
        for name in not_there:
            assert name not in fields, name
            assert name not in item, name


async def test_what_is_a_field_to_one_family_need_not_be_one_to_the_other() -> None:
    async with probing(portal_of()) as probe:
        classic = (await probe.call("crm.lead.fields")).result
        universal = (await probe.call("crm.item.fields", entityTypeId=LEAD)).result["fields"]
        assert {"ADDRESS_CITY", "MOVED_TIME", "UTM_CONTENT"} <= set(classic)
        assert {"OBSERVERS", "WEBFORM_ID"}.isdisjoint(classic)
        assert {"addressCity", "addressLocAddrId"}.isdisjoint(universal)
        lead = await add(probe, LEAD, observers=[1, "2", 0])
        assert lead["observers"] == [1, 2]
        # columns that answers have, and no list of fields tells
        assert {"searchContent", "dateCreateShort"} <= set(lead)
        assert {"searchContent", "dateCreateShort"}.isdisjoint(universal)
        shown = (await probe.call("crm.lead.get", id=1)).result
        assert (shown["ADDRESS_CITY"], "OBSERVERS" in shown, "SEARCH_CONTENT" in shown) == (None, False, False)
        company = (await probe.call("crm.company.fields")).result
        assert {"ADDRESS", "REG_ADDRESS_COUNTRY_CODE", "CONTACT_ID", "IS_MY_COMPANY"} <= set(company)
        told = [universal[name]["type"] for name in ("opened", "companyId", "contactId", "currencyId", "observers")]
        assert told == ["boolean", "crm_company", "crm_contact", "crm_currency", "user"]
        assert [classic[name]["type"] for name in ("OPENED", "COMPANY_ID")] == ["char", "crm_company"]


@pytest.mark.parametrize("family", ["universal", "classic"])
async def test_a_lead_begins_with_defaults(family: str) -> None:
    async with probing(portal_of()) as probe:
        if family == "universal":
            await add(probe, LEAD, name="Anna")
        else:
            assert (
                await probe.call("crm.lead.add", fields={"NAME": "Anna", "TITLE": "", "STATUS_ID": None})
            ).result == 1
        lead = (await probe.call("crm.item.get", entityTypeId=LEAD, id=1)).result["item"]
        wanted = {
            "title": "Lead #1",
            "stageId": "NEW",
            "sourceId": "CALL",
            "currencyId": "RUB",
            "opportunity": 0,
            "isManualOpportunity": "N",
            "isReturnCustomer": "N",
            "opened": "Y",
            "assignedById": 1,
            "movedTime": HERE,
            "movedBy": 1,
            "lastActivityTime": HERE,
            "createdTime": HERE,
        }
        assert {name: lead[name] for name in wanted} == wanted


async def test_the_other_types_begin_with_theirs() -> None:
    async with probing(portal_of()) as probe:
        deal = await add(probe, DEAL)
        assert (deal["title"], deal["stageId"], deal["typeId"], deal["sourceId"]) == ("Deal #1", "NEW", "SALE", "CALL")
        assert (deal["begindate"][:10], deal["closedate"][:10]) == ("2023-11-15", "2023-11-22")
        contact = await add(probe, CONTACT)
        assert (contact["lastName"], contact["typeId"], contact["sourceId"]) == ("Contact #1", "CLIENT", "CALL")
        assert (await add(probe, CONTACT, name="Anna"))["lastName"] is None
        company = await add(probe, COMPANY)
        assert (company["title"], company["typeId"], company["industry"]) == ("Company #1", "CUSTOMER", "IT")
        assert (company["employees"], company["revenue"], company["isMyCompany"]) == ("EMPLOYEES_1", 0, "N")


async def test_some_fields_are_never_emptied() -> None:
    """php: field.php `CanNotBeEmptied`."""
    portal = portal_of()
    async with probing(portal) as probe:
        await add(probe, DEAL, title="Ours", comments="Text")
        deal = await update(probe, DEAL, 1, title="", currencyId="", assignedById=0, closedate="", comments="")
        assert (deal["title"], deal["currencyId"], deal["assignedById"], deal["comments"]) == ("Ours", "RUB", 1, "")
        assert deal["closedate"][:10] == "2023-11-22"


async def test_a_stage_has_to_belong_to_the_pipeline() -> None:
    """php: Field/Stage.php - without a word the old stage stays, or another of the same semantics is taken."""
    portal = portal_of(pipelines=2)
    async with probing(portal) as probe:
        assert (await add(probe, DEAL, stageId="C1:WON"))["stageId"] == "WON"
        assert (await add(probe, DEAL, stageId="nonsense"))["stageId"] == "NEW"
        saves = portal.history.saves
        for stage in ("C1:NEW", "nonsense", ""):
            assert (await update(probe, DEAL, 1, stageId=stage))["stageId"] == "WON"
        assert portal.history.saves == saves
        assert (await update(probe, DEAL, 1, stageId="EXECUTING"))["stageId"] == "EXECUTING"
        moved = await update(probe, DEAL, 1, categoryId=1)
        assert (moved["categoryId"], moved["stageId"]) == (1, "C1:NEW")
        moved = await update(probe, DEAL, 1, categoryId=2, stageId="C2:LOSE")
        assert (moved["categoryId"], moved["stageId"]) == (2, "C2:LOSE")
        moved = await update(probe, DEAL, 1, categoryId=1, stageId="LOSE")
        assert moved["stageId"] == "C1:LOSE"
        await add(probe, LEAD)
        assert (await update(probe, LEAD, 1, stageId="WON"))["stageId"] == "NEW"
        await probe.call("crm.lead.update", id=1, fields={"STATUS_ID": "JUNK"})
        await probe.call("crm.lead.update", id=1, fields={"STATUS_ID": "nonsense"})
        assert (await probe.call("crm.lead.get", id=1)).result["STATUS_ID"] == "JUNK"


async def test_a_move_is_remembered_with_its_time() -> None:
    portal = portal_of()
    clock = portal.clock
    assert isinstance(clock, Clock)
    async with probing(portal) as probe:
        await add(probe, LEAD)
        clock.now += 60
        assert (await update(probe, LEAD, 1, title="Another"))["movedTime"] == HERE
        assert (await update(probe, LEAD, 1, stageId="JUNK"))["movedTime"] == "2023-11-15T01:14:20+03:00"


@pytest.mark.parametrize("empty", [[], "", None, 0, [""], False])
async def test_a_list_of_choices_is_never_emptied(empty: object) -> None:
    """php: CUserTypeManager `Update` looks for an array, and what is empty has become none by then."""
    portal = portal_of(custom_fields=(CHOICES,))
    async with probing(portal) as probe:
        assert (await add(probe, LEAD, ufCrm_77=["5", "6"]))["ufCrm_77"] == [5, 6]
        assert (await update(probe, LEAD, 1, ufCrm_77=empty))["ufCrm_77"] == [5, 6]
        assert (await update(probe, LEAD, 1, ufCrm_77=["6"]))["ufCrm_77"] == [6]


@pytest.mark.parametrize("leads", ["on", "simple"])
async def test_leads_that_are_switched_off_answer_as_ever(leads: str) -> None:
    """php: no method asks LeadSettings `isEnabled`."""
    async with probing(portal_of(leads=leads)) as probe:
        await add(probe, LEAD, fm=[{"typeId": "PHONE", "valueType": "WORK", "value": "+74951234567"}])
        assert len((await probe.call("crm.item.list", entityTypeId=LEAD)).result["items"]) == 1
        assert len((await probe.call("crm.lead.list")).result) == 1
        found = await probe.call("crm.duplicate.findbycomm", type="PHONE", values=["+74951234567"])
        assert found.result == {"LEAD": [1]}


@pytest.mark.parametrize(
    ("kind", "sent", "settings"),
    [
        ("string", {"DEFAULT_VALUE": "x", "ROWS": 3, "SIZE": 9}, {"DEFAULT_VALUE": "x", "ROWS": 3, "SIZE": 20}),
        ("string", {"ROWS": 0}, {"DEFAULT_VALUE": "", "ROWS": 1}),
        ("string", "nonsense", {"DEFAULT_VALUE": "", "ROWS": 1}),
        ("integer", {"DEFAULT_VALUE": "7"}, {"DEFAULT_VALUE": 7}),
        ("double", {"PRECISION": 0}, {"PRECISION": 0, "DEFAULT_VALUE": None}),
        ("boolean", {"DEFAULT_VALUE": 5, "DISPLAY": "radio"}, {"DEFAULT_VALUE": 1, "DISPLAY": "RADIO"}),
        ("date", {"DEFAULT_VALUE": {"TYPE": "now"}}, {"DEFAULT_VALUE": {"TYPE": "NOW", "VALUE": ""}}),
        ("datetime", None, {"DEFAULT_VALUE": {"TYPE": "NONE", "VALUE": ""}, "USE_TIMEZONE": "N"}),
        ("enumeration", {"DISPLAY": "ui", "LIST_HEIGHT": -1}, {"DISPLAY": "UI", "LIST_HEIGHT": 1}),
    ],
)
async def test_settings_of_a_custom_field(kind: str, sent: object, settings: dict[str, Any]) -> None:
    """php: rest/lib/userfieldproxy.php takes a few settings of each type."""
    async with probing(portal_of()) as probe:
        fields = {"FIELD_NAME": "MINE", "USER_TYPE_ID": kind, "SETTINGS": sent}
        made = (await probe.call("crm.deal.userfield.add", fields=fields)).result
        told = (await probe.call("crm.deal.userfield.get", id=made)).result["SETTINGS"]
        assert {name: told.get(name) for name in settings} == settings
        listed = (await probe.call("crm.deal.userfield.list", filter={"ID": made})).result[0]
        assert listed["SETTINGS"] == told
        if kind == "string":
            await probe.call("crm.deal.userfield.update", id=made, fields={"SETTINGS": {"ROWS": 5}})
            told = (await probe.call("crm.deal.userfield.get", id=made)).result["SETTINGS"]
            assert (told["ROWS"], told["DEFAULT_VALUE"]) == (5, settings["DEFAULT_VALUE"])


async def test_fields_of_statuses_name_their_list_and_old_ones_are_marked() -> None:
    """php: modules/crm/classes/general/restservice.php `prepareFieldInfos`, lib/Service/Factory."""
    custom = (CustomField(3, "UF_CRM_COLOUR", "Colour", FieldType.ENUMERATION),)
    smart = (SmartType(130, 1, "Orders"),)
    async with probing(Portal(Options(burst=1000, custom_fields=custom, smart_types=smart))) as probe:
        for type_id, name, expected in (
            (1, "stageId", "STATUS"),
            (1, "honorific", "HONORIFIC"),
            (2, "stageId", "DEAL_STAGE"),
            (2, "typeId", "DEAL_TYPE"),
            (3, "typeId", "CONTACT_TYPE"),
            (4, "industry", "INDUSTRY"),
            (130, "previousStageId", "DYNAMIC_130_STAGE_1"),
        ):
            fields = (await probe.call("crm.item.fields", entityTypeId=type_id)).result["fields"]
            assert fields[name]["statusType"] == expected
        contact = (await probe.call("crm.contact.fields")).result
        assert (contact["SOURCE_ID"]["statusType"], contact["UF_CRM_COLOUR"]["items"]) == ("SOURCE", [])
        assert contact["COMPANY_ID"]["isDeprecated"] is True
        assert "isDeprecated" not in contact["SOURCE_ID"]
        assert (await probe.call("crm.deal.fields")).result["CONTACT_ID"]["isDeprecated"] is True


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [
        *(("opportunity", sent, 0) for sent in (0, "0")),
        *(("title", sent, kept) for sent, kept in (("0", "0"), ("00", "00"))),
        *(("comments", sent, "") for sent in ("0", "", None)),
        *(("probability", sent, 0) for sent in (0, "0")),
        *(("probability", sent, None) for sent in ("", None)),
        *(("additionalInfo", sent, None) for sent in ("", None)),
        *(("opportunity", sent, 0) for sent in ("", None)),
        ("companyId", 0, 0),
        ("categoryId", 0, 0),
    ],
)
async def test_a_zero_is_a_value_where_numbers_and_strings_are(name: str, sent: object, kept: object) -> None:
    """php: modules/crm/lib/field.php `isValueEmpty`; null where the column may be null, else nothing of its type."""
    async with probing(Portal(Options(burst=1000, pipelines=1))) as probe:
        filled = {"title": "T", name: "5"} | {"categoryId": 1}
        made = await probe.call("crm.item.add", entityTypeId=2, fields=filled)
        item = {"entityTypeId": 2, "id": made.result["item"]["id"]}
        written = await probe.call("crm.item.update", **item, fields={name: sent})
        assert written.result["item"][name] == kept
        assert (await probe.call("crm.item.get", **item)).result["item"][name] == kept
