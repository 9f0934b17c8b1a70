"""What forms need of the portal: descriptions, references, refusals at their field, as the PHP has them."""

from __future__ import annotations

from typing import Any

import pytest

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing
from b24syncd.simulator.seeds.cards import furnish
from b24syncd.simulator.seeds.items import generate
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
from b24syncd.simulator.tables.people import people_of

ORDERS = 128
NEEDED = CustomField(DEAL, "UF_CRM_NEEDED", "Needed", mandatory=True)
TAGS = CustomField(DEAL, "UF_CRM_TAGS", "Tags", multiple=True)
BUDGET = CustomField(DEAL, "UF_CRM_BUDGET", "Budget", FieldType.MONEY)
OWN = (NEEDED, TAGS, BUDGET)


def portal_of(**options: Any) -> Portal:  # noqa: ANN401 - fields of Options
    return Portal(Options(burst=1000, smart_types=(SmartType(ORDERS, 1, "Orders"),), **options))


async def fields_of(probe: Probe, type_id: int, **more: object) -> dict[str, Any]:
    told: dict[str, Any] = (await probe.call("crm.item.fields", entityTypeId=type_id, **more)).result["fields"]
    return told


async def write(probe: Probe, type_id: int, item_id: int = 0, **fields: object) -> Any:  # noqa: ANN401 - a reply
    where = {"id": item_id} if item_id else {}
    method = "crm.item.update" if item_id else "crm.item.add"
    return await probe.call(method, entityTypeId=type_id, fields=fields, **where)


async def test_fields_are_told_as_the_factories_have_them() -> None:
    """php: Service/Factory/*.php `getFieldsSettings`, Controller/Base `prepareFieldsInfo`."""
    async with probing(portal_of()) as probe:
        deal = await fields_of(probe, DEAL)
        assert list(deal)[:5] == ["id", "title", "typeId", "categoryId", "stageId"]
        assert deal["companyId"] == {
            "type": "crm_company",
            "isRequired": False,
            "isReadOnly": False,
            "isImmutable": False,
            "isMultiple": False,
            "isDynamic": False,
            "title": "Company",
            "settings": {"parentEntityTypeId": COMPANY},
            "upperName": "COMPANY_ID",
        }
        assert (deal["opened"]["isRequired"], deal["closed"]["isReadOnly"], deal["contacts"]["isMultiple"]) == (
            True,
        ) * 3
        assert deal["categoryId"]["settings"]["eventNames"]["onBeforeChange"] == "OnBeforeDealMoveToCategory"
        lead, contact, company = [await fields_of(probe, one) for one in (LEAD, CONTACT, COMPANY)]
        assert (lead["fm"]["type"], contact["companies"]["type"]) == ("crm_multifield", "crm_company")
        assert (contact["photo"]["type"], company["isMyCompany"]["isImmutable"]) == ("file", True)
        assert "settings" not in contact["companyId"]
        assert "fm" not in deal
        order = await fields_of(probe, ORDERS)
        assert (order["stageId"]["statusType"], order["xmlId"]["title"]) == ("DYNAMIC_128_STAGE_1", "External ID")
        invoice = await fields_of(probe, SMART_INVOICE)
        assert (invoice["mycompanyId"]["settings"]["isMyCompany"], invoice["sourceId"]["statusType"]) == (
            True,
            "SOURCE",
        )


async def test_the_portal_speaks_its_language() -> None:
    async with probing(portal_of(language="ru", custom_fields=())) as probe:
        fields = await fields_of(probe, DEAL)
        assert [fields[name]["title"] for name in ("typeId", "stageId", "createdTime")] == [
            "Тип сделки",
            "Стадия",
            "Когда создана",
        ]
        assert (await write(probe, DEAL)).result["item"]["title"] == "Сделка #1"
        refused = (await write(probe, DEAL, 1, currencyId="XXX")).body
        assert refused == {
            "error": "CRM_FIELD_ERROR_VALUE_NOT_VALID",
            "error_description": 'Неверное значение поля "Валюта"',
        }
        assert (await write(probe, DEAL, 99)).body["error_description"] == "Элемент не найден"


@pytest.mark.parametrize(
    ("type_id", "sent", "code", "said"),
    [
        (DEAL, {"currencyId": "XXX"}, "CRM_FIELD_ERROR_VALUE_NOT_VALID", 'The value of "Currency" is incorrect'),
        (DEAL, {"categoryId": 7}, "CRM_FIELD_ERROR_VALUE_NOT_VALID", 'The value of "Pipeline" is incorrect'),
        (DEAL, {"categoryId": 7, "currencyId": "X"}, "CRM_FIELD_ERROR_VALUE_NOT_VALID", 'The value of "Pipeline" is'),
        (CONTACT, {"name": "", "lastName": ""}, "CRM_FIELD_ERROR_REQUIRED", 'Fields "First name" and "Last name"'),
        (DEAL, {"companyId": 5}, "0", "[Company #5] You don't have permission to view this item."),
        (DEAL, {"ufCrmTags": "one"}, "100", "Expected iterable value for multiple field, but got `string` instead"),
    ],
)
async def test_a_refusal_names_its_field_by_its_title(
    type_id: int, sent: dict[str, object], code: str, said: str
) -> None:
    """php: Field/{CurrencyId,Category,LastName,AbstractRelatedEntityField}.php; the first field's error is answered."""
    portal = portal_of(custom_fields=OWN)
    portal.hidden.add((COMPANY, 5))
    async with probing(portal) as probe:
        made = (await write(probe, type_id, name="Anna", title="One")).result["item"]
        refused = await write(probe, type_id, 1, **sent)
        assert (refused.status, refused.body["error"]) == (400, code)
        assert refused.body["error_description"].startswith(said)
        kept = (await probe.call("crm.item.get", entityTypeId=type_id, id=1)).result["item"]
        assert kept == made


@pytest.mark.parametrize(("checks", "code"), [(False, None), (True, "CRM_FIELD_ERROR_REQUIRED")])
async def test_what_must_be_filled_in_is_asked_for_only_where_a_setting_says_so(
    *, checks: bool, code: str | None
) -> None:
    """php: controller/item.php `disableCheckRequiredUserFields`, Operation.php `checkRequiredFields`."""
    async with probing(portal_of(custom_fields=OWN, checks_user_fields=checks)) as probe:
        assert (await fields_of(probe, DEAL))["ufCrmNeeded"]["isRequired"] is True
        assert (await write(probe, DEAL)).body.get("error") == code
        assert (await write(probe, DEAL, ufCrmNeeded="x")).status == 200
        one = 1 if checks else 2
        assert (await write(probe, DEAL, one, title="Other")).status == 200
        assert (await write(probe, DEAL, one, ufCrmNeeded="")).body.get("error") == code


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        *(("100|RUB", "100|RUB"), ("100.50|EUR", "100.5|EUR"), ("7", "7|RUB"), (12.0, "12|RUB"), ("-3|XXX", "-3|XXX")),
        *((one, None) for one in ("", "|RUB", "EUR", "1 000|RUB", "1,5|RUB", "5|rub")),
    ],
)
async def test_amounts_of_custom_fields(sent: object, kept: str | None) -> None:
    """php: modules/currency/lib/userfield/types/moneytype.php `onBeforeSave`."""
    async with probing(portal_of(custom_fields=OWN)) as probe:
        await write(probe, DEAL, ufCrmBudget="1|USD")
        assert (await write(probe, DEAL, 1, ufCrmBudget=sent)).result["item"]["ufCrmBudget"] == kept


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("one\r\n\r\n two\n", "one\r\n\r\n two\n"),
        ('say "yes" & 1 < 2', "say &quot;yes&quot; &amp; 1 &lt; 2"),
        ("say &quot;yes&quot; &amp; 1 &lt; 2", "say &quot;yes&quot; &amp; 1 &lt; 2"),
        ("<b>bold</b><br>[i]it[/i] [net]<span>x</span>", "[b]bold[/b]\n[i]it[/i] x"),
        ("a\u00a0b&nbsp;c", "a bc"),
    ],
)
async def test_comments_are_kept_as_bb_code(sent: str, kept: str) -> None:
    """php: entity/commentshelper.php `normalizeComment`."""
    async with probing(portal_of(custom_fields=())) as probe:
        await write(probe, DEAL, comments="before")
        assert (await write(probe, DEAL, 1, comments=sent)).result["item"]["comments"] == kept
        lines = (await write(probe, DEAL, 1, sourceDescription=sent)).result["item"]["sourceDescription"]
        assert lines == sent


async def test_fields_of_the_classic_methods_alone_are_written_and_emptied() -> None:
    async with probing(portal_of(custom_fields=())) as probe:
        await write(probe, CONTACT, name="Anna")
        for sent, kept in (("Омск", "Омск"), ("", None)):
            assert (await probe.call("crm.contact.update", id=1, fields={"ADDRESS_CITY": sent})).result is True
            assert (await probe.call("crm.contact.get", id=1)).result["ADDRESS_CITY"] == kept


async def test_entries_of_several_may_have_lines_of_their_own() -> None:
    async with probing(portal_of(custom_fields=OWN)) as probe:
        sent = ["one\ntwo", "", "three"]
        assert (await write(probe, DEAL, ufCrmTags=sent)).result["item"]["ufCrmTags"] == ["one\ntwo", "three"]
        assert (await write(probe, DEAL, 1, ufCrmTags=["a", "b"])).result["item"]["ufCrmTags"] == ["a", "b"]


async def test_product_rows_make_the_amount_unless_it_is_reckoned_by_hand() -> None:
    """php: Field/Opportunity.php, TaxValue.php `processAfterSave`."""
    portal = portal_of(custom_fields=())
    async with probing(portal) as probe:
        made = (await write(probe, DEAL, opportunity=70, taxValue=9)).result["item"]
        assert (made["opportunity"], made["taxValue"]) == (70, 0)
        rows = [{"productName": "Chair", "price": 60, "quantity": 2, "taxRate": 20}, {"price": 5.5}]
        put = await probe.call("crm.item.productrow.set", ownerType="D", ownerId=1, productRows=rows)
        assert [row["price"] for row in put.result["productRows"]] == [60, 5.5]
        found = await probe.call("crm.item.productrow.list", filter={"=ownerType": "D", "=ownerId": 1})
        assert (found.body["total"], found.result["productRows"][0]["quantity"]) == (2, 2)
        deal = (await write(probe, DEAL, 1, title="Other", opportunity=9)).result["item"]
        assert (deal["opportunity"], deal["taxValue"], deal["title"]) == (125.5, 20, "Other")
        deal = (await write(probe, DEAL, 1, opportunity=9, isManualOpportunity="Y")).result["item"]
        assert (deal["opportunity"], deal["taxValue"]) == (9, 20)
        refused = (
            ("list", {"filter": {"=ownerType": "D"}}, "REQUIRED_ARG_MISSING"),
            ("list", {"filter": {"=ownerType": "Txy", "=ownerId": 1}}, "ACCESS_DENIED"),
            ("set", {"ownerType": "D", "ownerId": 9, "productRows": []}, "OWNER_NOT_FOUND"),
            ("set", {"ownerType": "T80", "ownerId": 1}, "100"),
        )
        for name, sent, code in refused:
            assert (await probe.call(f"crm.item.productrow.{name}", **sent)).body["error"] == code


async def test_pipelines_have_stages_of_their_own() -> None:
    portal = portal_of(custom_fields=())
    partners = portal.add_pipeline("Partners", "NEW First, TALK Talks, WON Won/S, LOSE Lost/F", sort=10)
    async with probing(portal) as probe:
        listed = (await probe.call("crm.category.list", entityTypeId=DEAL)).body
        assert [(one["name"], one["isDefault"]) for one in listed["result"]["categories"]] == [
            ("Partners", "N"),
            ("General", "Y"),
        ]
        assert (listed["total"], "originId" in listed["result"]["categories"][1]) == (2, False)
        stages = (await probe.call("crm.status.list", filter={"ENTITY_ID": f"DEAL_STAGE_{partners}"})).result
        assert [one["STATUS_ID"] for one in stages] == ["C1:NEW", "C1:TALK", "C1:WON", "C1:LOSE"]
        deal = (await write(probe, DEAL, categoryId=partners)).result["item"]
        assert (deal["categoryId"], deal["stageId"], deal["closed"]) == (1, "C1:NEW", "N")
        moved = (await write(probe, DEAL, 1, categoryId=0, stageId="C1:WON")).result["item"]
        assert (moved["stageId"], moved["closed"], moved["stageSemanticId"]) == ("WON", "Y", "S")
        clients = (await probe.call("crm.category.list", entityTypeId=CONTACT)).result["categories"]
        assert (clients[0]["id"], clients[0]["isSystem"]) == (0, "N")
        assert (await probe.call("crm.category.get", entityTypeId=DEAL, id=partners)).result["category"]["sort"] == 10
        assert (await probe.call("crm.category.get", entityTypeId=DEAL, id=9)).body["error"] == "NOT_FOUND"
        about = [(await probe.call("crm.category.fields", entityTypeId=one)).result["fields"] for one in (DEAL, ORDERS)]
        assert [one["isDefault"]["isReadOnly"] for one in about] == [True, False]
        assert about[0]["originId"]["upperName"] == "ORIGIN_ID"
        for type_id, code in ((LEAD, "ENTITY_TYPE_NOT_SUPPORTED"), (777, "NOT_FOUND")):
            assert (await probe.call("crm.category.list", entityTypeId=type_id)).body["error"] == code
        order = (await write(probe, ORDERS, xmlId="lost-1")).result["item"]
        assert (order["stageId"], order["categoryId"], order["xmlId"]) == ("DT128_1:NEW", 1, "lost-1")
        found = await probe.call("crm.item.list", entityTypeId=ORDERS, filter={"=xmlId": "lost-1"})
        assert [one["id"] for one in found.result["items"]] == [1]


async def test_currencies_are_for_those_who_may_see_products() -> None:
    portal = portal_of()
    async with probing(portal) as probe:
        listed = (await probe.call("crm.currency.list", order={"CURRENCY": "asc"})).body
        assert [(one["CURRENCY"], one["BASE"]) for one in listed["result"]][-2:] == [("RUB", "Y"), ("USD", "N")]
        assert (listed["total"], (await probe.call("crm.currency.base.get")).result) == (0, "RUB")
        assert (await probe.call("crm.currency.get", id="eur")).result["FULL_NAME"] == "Euro"
        assert "CURRENCY" in (await probe.call("crm.currency.fields")).result
        portal.access.reads_products = False
        assert (await probe.call("crm.currency.list")).body == {"error": "", "error_description": "Access denied."}


async def test_a_card_that_nobody_arranged_is_null() -> None:
    """php: entity/entityeditorconfig.php `get`."""
    portal = portal_of()
    async with probing(portal) as probe:
        get, put = "crm.item.details.configuration.get", "crm.deal.details.configuration.set"
        section = {
            "name": "main",
            "title": "Main",
            "elements": [{"name": "TITLE"}, {"name": "OPENED", "optionFlags": 1}],
        }
        assert (await probe.call(get, entityTypeId=DEAL)).result is None
        assert (await probe.call(put, scope="C", data=[section])).result is True
        shown = (await probe.call(get, entityTypeId=DEAL, scope="C", userId=2)).result
        assert shown[0]["elements"] == [{"name": "TITLE"}, {"name": "OPENED", "optionFlags": "1"}]
        for other in ({"scope": "P"}, {"scope": "C", "extras": {"dealCategoryId": 1}}):
            assert (await probe.call(get, entityTypeId=DEAL, **other)).result is None
        assert (await probe.call(get)).body["error_description"] == "Parameter 'entityTypeID' is not defined"
        assert (await probe.call("crm.deal.details.configuration.reset", scope="C")).result is True
        assert (await probe.call(get, entityTypeId=DEAL, scope="C")).result is None


async def test_people_are_searched_by_the_beginnings_of_their_names() -> None:
    portal = portal_of()
    portal.people = people_of(1, 8)
    async with probing(portal) as probe:
        found = await probe.call("user.search", NAME="Ма", select=["ID", "LAST_NAME"])
        assert found.result == [{"ID": "3", "LAST_NAME": "Ким"}]
        gone = await probe.call("user.get", filter={"ACTIVE": "N"})
        assert [one["ID"] for one in gone.result] == ["8"]
        assert [one["ID"] for one in (await probe.call("user.get", ID=[2, 5])).result] == ["2", "5"]


async def test_a_furnished_portal_has_all_that_a_form_can_meet() -> None:
    portal = portal_of()
    generate(portal, 1, contacts=5, companies=3, leads=4, deals=6)
    furnish(portal, 1)
    async with probing(portal) as probe:
        kinds = {one["type"] for one in (await fields_of(probe, DEAL)).values() if one["isDynamic"]}
        assert kinds >= {
            *("string", "integer", "double", "money", "date", "datetime", "boolean", "enumeration", "employee", "crm"),
            *("address", "url", "file", "crm_status"),
        }
        for type_id in (LEAD, CONTACT, COMPANY, ORDERS, SMART_INVOICE):
            assert any(one["isDynamic"] for one in (await fields_of(probe, type_id)).values())
        deal = (await probe.call("crm.item.get", entityTypeId=DEAL, id=3)).result["item"]
        assert (deal["ufCrmLines"].count("\n"), len(deal["ufCrmTags"]), deal["categoryId"]) == (3, 2, 0)
        assert deal["opportunity"] == sum(
            row["price"] * row["quantity"]
            for row in (await probe.call("crm.item.productrow.list", filter={"=ownerType": "D", "=ownerId": 3})).result[
                "productRows"
            ]
        )
        # docs: the address for programs has the secret of the webhook in it
        assert portal.options.secret in deal["ufCrmScan"]["urlMachine"]
        assert portal.options.secret not in deal["ufCrmScan"]["url"]
        for type_id, count in ((DEAL, 3), (ORDERS, 2)):
            found = (await probe.call("crm.category.list", entityTypeId=type_id)).result["categories"]
            assert len(found) == count
        order = (await write(probe, ORDERS, categoryId=found[1]["id"])).result["item"]
        assert order["stageId"] == f"DT128_{found[1]['id']}:NEW"
        assert (await probe.call("crm.item.details.configuration.get", entityTypeId=DEAL, scope="C")).result
        assert (await probe.call("user.get")).body["total"] == 8
