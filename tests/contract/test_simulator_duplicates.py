"""`crm.duplicate.findbycomm`, as docs api-reference/crm/duplicates/crm-duplicate-find-by-comm.md describes it."""

from __future__ import annotations

from typing import Any

import pytest

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing
from b24syncd.simulator.tables.fields import COMPANY, CONTACT, LEAD
from b24syncd.simulator.tables.match_codes import phone_code
from b24syncd.simulator.tables.model import PointChange

FIND = "crm.duplicate.findbycomm"


def portal_of(*points: tuple[int, str, str], **options: Any) -> Portal:  # noqa: ANN401 - fields of Options
    """A portal with one item for each (entity type, type, value)."""
    portal = Portal(Options(burst=1000, **options))
    for entity_type_id, type_id, value in points:
        portal.create(entity_type_id, {}, [PointChange(None, type_id, "WORK", value)], "generator")
    return portal


async def found(probe: Probe, *values: object, **more: object) -> Any:  # noqa: ANN401 - a map, or an empty list
    reply = await probe.call(FIND, **{"type": "PHONE", "values": values} | more)
    assert reply.status == 200, reply.body
    return reply.result


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("+7 (916) 123-45-67", "79161234567"),
        ("8 916 123 45 67", "79161234567"),
        ("+8 916 123 45 67", "89161234567"),
        ("8 10 49 170 1234567", "810491701234567"),
        ("0049 170 1234567", "491701234567"),
        ("011 49 170 1234567", "491701234567"),
        ("0170 1234567", "1701234567"),
        ("9161234567", "9161234567"),
        ("123-45-67", "1234567"),
        ("+74951234567;12", "74951234567"),
        ("+74951234567#12", "74951234567"),
        ("+74951234567,,12", "74951234567"),
        ("4951234567 доб. 12", "495123456712"),
        ("call me", ""),
    ],
)
def test_the_code_of_a_phone(value: str, code: str) -> None:
    assert phone_code(value) == code


async def test_who_shares_a_phone_or_an_address() -> None:
    portal = portal_of(
        (LEAD, "PHONE", "+7 916 123-45-67"),
        (CONTACT, "PHONE", "8 (916) 1234567"),
        (COMPANY, "PHONE", "+79161234567;12"),
        (COMPANY, "EMAIL", "Info@Example.com "),
        (COMPANY, "WEB", "example.com"),
    )
    async with probing(portal) as probe:
        assert await found(probe, "89161234567") == {"LEAD": [1], "CONTACT": [1], "COMPANY": [1]}
        assert await found(probe, "+7 916 123 45 67", entity_type="COMPANY") == {"COMPANY": [1]}
        # an unknown type searches everywhere
        assert set(await found(probe, "89161234567", entity_type="COMPANIES")) == {"LEAD", "CONTACT", "COMPANY"}
        assert await found(probe, "9161234567") == []
        assert await found(probe, 89161234567, "", None) == []
        assert await found(probe, "info@example.COM", type="email") == {"COMPANY": [2]}
        assert await found(probe, "example.com", type="EMAIL") == []


async def test_what_changes_is_filed_anew() -> None:
    portal = portal_of((CONTACT, "PHONE", "+79161234567"), (CONTACT, "PHONE", "+79161234567"))
    async with probing(portal) as probe:
        fm = {"1": {"typeId": "PHONE", "value": "+79160000000"}}
        await probe.call("crm.item.update", entityTypeId=3, id=1, fields={"fm": fm})
        assert await found(probe, "+79161234567") == {"CONTACT": [2]}
        assert await found(probe, "+79160000000", "+79161234567", "8 916 000 00 00") == {"CONTACT": [1, 2]}
        await probe.call("crm.contact.delete", id=2)
        assert await found(probe, "+79161234567") == []


async def test_twenty_are_the_most_for_one_value_and_all_types() -> None:
    leads = [(LEAD, "PHONE", "+79161234567")] * 12
    contacts = [(CONTACT, "PHONE", "+79161234567")] * 12
    companies = [(COMPANY, "PHONE", f"+7916000{number:04}") for number in range(25)]
    portal = portal_of(*leads, *contacts, (COMPANY, "PHONE", "+79161234567"), *companies)
    async with probing(portal) as probe:
        answer = await found(probe, "+79161234567")
        assert {name: len(ids) for name, ids in answer.items()} == {"LEAD": 12, "CONTACT": 8}
        assert await found(probe, "+79161234567", entity_type="COMPANY") == {"COMPANY": [1]}
        answer = await found(probe, *(value for _, _, value in companies), entity_type="COMPANY")
        assert len(answer["COMPANY"]) == 20


async def test_leads_that_are_not_there() -> None:
    async with probing(portal_of((LEAD, "PHONE", "+79161234567"), leads="off")) as probe:
        assert await found(probe, "+79161234567") == []


async def test_what_may_not_be_read_is_found_until_nothing_may_be_read() -> None:
    portal = portal_of((LEAD, "PHONE", "+79161234567"), leads="refused")
    async with probing(portal) as probe:
        assert await found(probe, "+79161234567") == {"LEAD": [1]}
        for type_id in (CONTACT, COMPANY):
            portal.access.withdraw(type_id, "read")
        reply = await probe.call("crm.duplicate.findbycomm", type="PHONE", values=["+79161234567"])
        assert (reply.status, reply.body["error_description"]) == (400, "Access denied.")


@pytest.mark.parametrize(
    ("parameters", "description"),
    [
        ({"values": ["1"]}, "Communication type is not defined."),
        ({"type": "FAX", "values": ["1"]}, "Communication type 'FAX' is not supported in current context."),
        ({"type": "PHONE"}, "Communication values is not defined."),
        ({"type": "PHONE", "values": []}, "Communication values is not defined."),
        ({"type": "PHONE", "values": "1"}, "Communication values is not defined."),
        ({"type": "PHONE", "values": ["1"], "entity_type": "DEAL"}, "Deal is not supported in current context."),
    ],
)
async def test_what_is_refused(parameters: dict[str, Any], description: str) -> None:
    async with probing(portal_of()) as probe:
        reply = await probe.call(FIND, **parameters)
        assert (reply.status, reply.body) == (400, {"error": "", "error_description": description})
