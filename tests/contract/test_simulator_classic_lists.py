"""What the classic lists pass over, and what they make of the rest, as php restservice.php and sql_util.php say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing
from b24syncd.simulator.tables.fields import CustomField, FieldType
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from b24syncd.simulator.tables.values import Value


def portal_of() -> Portal:
    """A portal with three contacts, each with an activity; the first two are of the company 7."""
    portal = Portal(Options(burst=1000))
    for number in range(1, 4):
        points = [PointChange(None, "PHONE", "WORK", f"+7916000000{number}")]
        values: dict[str, Value] = {"name": f"N{number}", "sourceId": "CALL", "companyId": 7 if number < 3 else None}
        portal.create(3, values, points, "generator")
        portal.activities.create({"ownerTypeId": 3, "ownerId": number, "typeId": 2}, [(3, number)], "generator")
    return portal


async def ids(probe: Probe, method: str = "contact", **parameters: object) -> list[int]:
    reply = await probe.call(f"crm.{method}.list", **{"order": {"ID": "ASC"}, **parameters})
    return [int(row["ID"]) for row in reply.result]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        # php: restservice.php `internalizeFilterFields` - a name in small letters is none, and filters nothing
        ({"id": 2}, [1, 2, 3]),
        ({"ID": 2}, [2]),
        ({">id": 2, "nope": 1}, [1, 2, 3]),
        # sql_util.php `PrepareWhere` - an empty array filters nothing
        ({"@ID": []}, [1, 2, 3]),
        ({"ID": []}, [1, 2, 3]),
        ({"!@ID": []}, [1, 2, 3]),
        # statuses are not searched by a part
        ({"%SOURCE_ID": "CAL"}, []),
        ({"%SOURCE_ID": "CALL"}, [1, 2, 3]),
        ({"%NAME": "1"}, [1]),
        # a text that is no time asks for what has none, whatever the comparison
        ({">=DATE_MODIFY": "nonsense"}, []),
        ({"!DATE_MODIFY": "nonsense"}, [1, 2, 3]),
        ({"<BIRTHDATE": "nonsense"}, [1, 2, 3]),
        # what has no number has zero
        ({"COMPANY_ID": 0}, [3]),
        ({"!COMPANY_ID": 0}, [1, 2]),
        ({"=COMPANY_ID": ""}, [3]),
        ({"@COMPANY_ID": [0]}, []),
        # entity_helper.php `PrepareMultiFieldFilter`
        ({"PHONE": "+79160000002"}, [2]),
        ({"PHONE": "+7916"}, [1, 2, 3]),
        ({"PHONE": "7916"}, []),
        ({"PHONE": ["+79160000001", "+79160000002"]}, [1]),
        ({"PHONE": []}, [1, 2, 3]),
        ({"PHONE": ""}, [1, 2, 3]),
        ({"PHONE": "%2%"}, []),
        ({"=PHONE": "+79160000002"}, [1, 2, 3]),
        ({"phone": "+79160000002"}, [1, 2, 3]),
    ],
)
async def test_what_classic_filters_mean(conditions: dict[str, object], expected: list[int]) -> None:
    """php: modules/crm/classes/general/{restservice,entity_helper}.php, modules/main/classes/general/sql_util.php."""
    async with probing(portal_of()) as probe:
        assert await ids(probe, filter=conditions) == expected


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"OWNER_TYPE_ID": 3, "OWNER_ID": 2}, [2]),
        ({"OWNER_TYPE_ID": 3, "owner_id": 2}, [1, 2, 3]),
        ({"OWNER_TYPE_ID": 3, "OWNER_ID": []}, [1, 2, 3]),
        ({"bindings": [{"OWNER_TYPE_ID": 3, "OWNER_ID": 2}]}, [1, 2, 3]),
        ({"BINDINGS": [{"OWNER_TYPE_ID": 3, "OWNER_ID": 2}]}, [2]),
    ],
)
async def test_and_those_of_activities(conditions: dict[str, object], expected: list[int]) -> None:
    """php: modules/crm/classes/general/restservice.php `internalizeFilterFields`."""
    async with probing(portal_of()) as probe:
        assert await ids(probe, "activity", filter=conditions) == expected


@pytest.mark.parametrize("method", ["contact", "activity"])
async def test_what_is_not_upwards_is_downwards(method: str) -> None:
    """php: modules/main/classes/general/sql_util.php `PrepareSql`."""
    async with probing(portal_of()) as probe:
        for order in ({"ID": "asc"}, {"id": "ASC"}, {"nope": "DESC", "ID": "Asc"}):
            assert await ids(probe, method, order=order) == [1, 2, 3]
        for order in ({"ID": "DESC"}, {"ID": ""}, {"id": "up"}):
            assert await ids(probe, method, order=order) == [3, 2, 1]


async def test_selects_take_names_in_any_case_but_those_of_entries() -> None:
    """php: sql_util.php `PrepareSql`, crm_entity_list_builder.php `Prepare`, restservice.php `getList`."""
    async with probing(portal_of()) as probe:
        some = await probe.call("crm.contact.list", select=["name", "phone"], filter={"ID": 1})
        assert some.result == [{"ID": "1", "NAME": "N1"}]
        some = await probe.call("crm.contact.list", select=["PHONE"], filter={"ID": 1})
        assert set(some.result[0]) == {"ID", "PHONE"}
        no_array = await probe.call("crm.contact.list", select="NAME", filter={"ID": 1})
        assert (no_array.status, {"NAME", "DATE_CREATE"} <= set(no_array.result[0])) == (200, True)


async def test_fields_are_written_by_names_in_capitals() -> None:
    """php: modules/crm/classes/general/restservice.php `internalizeFields`, `tryInternalizeMultiFields`."""
    async with probing(portal_of()) as probe:
        fields = {"name": "small", "LAST_NAME": "Kim", "phone": [{"VALUE": "1"}], "PHONE": [{"value": "2"}]}
        assert (await probe.call("crm.contact.update", id=1, fields=fields)).result is True
        contact = (await probe.call("crm.contact.get", id=1)).result
        assert (contact["NAME"], contact["LAST_NAME"]) == ("N1", "Kim")
        assert [entry["VALUE"] for entry in contact["PHONE"]] == ["+79160000001"]
        before = (await probe.call("crm.activity.get", id=1)).result
        assert (await probe.call("crm.activity.update", id=1, fields={"subject": "x", "PRIORITY": 3})).result is True
        activity = (await probe.call("crm.activity.get", id=1)).result
        assert (activity["SUBJECT"], activity["PRIORITY"]) == (before["SUBJECT"], "3")


@pytest.mark.parametrize(("sent", "kept"), [(1, "1"), ("1", "1"), ("Y", "1"), ("N", "1"), (0, "0"), ("0", "0")])
async def test_a_custom_yes_or_no_is_a_php_boolean(sent: object, kept: str) -> None:
    """php: modules/main/lib/userfield/types/booleantype.php `onBeforeSave`."""
    custom = (CustomField(3, "UF_CRM_VIP", "VIP", FieldType.BOOLEAN),)
    async with probing(Portal(Options(burst=1000, custom_fields=custom))) as probe:
        made = (await probe.call("crm.contact.add", fields={"NAME": "N", "UF_CRM_VIP": sent})).result
        assert (await probe.call("crm.contact.get", id=made)).result["UF_CRM_VIP"] == kept
