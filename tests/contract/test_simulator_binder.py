"""What the universal methods take at all, before they look for an item (php: modules/main/lib/engine/autowire)."""

from __future__ import annotations

from typing import Any

import pytest

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing
from b24syncd.simulator.tables.fields import CustomField, SmartType
from b24syncd.simulator.tables.model import PointChange

CODE = "UF_CRM_COLOUR"


def portal_of(**options: Any) -> Portal:  # noqa: ANN401 - fields of Options
    """A portal with three contacts: without a phone, with one, with two."""
    custom = (CustomField(3, CODE, "Colour"),)
    smart = (SmartType(130, 1, "Orders"),)
    portal = Portal(Options(burst=1000, custom_fields=custom, smart_types=smart, **options))
    for number in range(3):
        kinds = ("WORK", "MOBILE")[:number]
        points = [PointChange(None, "PHONE", kind, f"+7916000{number}{place:03}") for place, kind in enumerate(kinds)]
        portal.create(3, {"name": f"N{number}", "ufCrmColour": "red"}, points, "generator")
    return portal


async def items(probe: Probe, **parameters: object) -> Any:  # noqa: ANN401 - rows, or what is wrong
    body = (await probe.call("crm.item.list", entityTypeId=3, **parameters)).body
    return body["result"]["items"] if "result" in body else body["error_description"]


@pytest.mark.parametrize(
    ("method", "sent", "wrong"),
    [
        ("list", {}, "Could not find value for parameter {entityTypeId}"),
        ("get", {}, "Could not find value for parameter {id}"),
        ("get", {"id": 1}, "Could not find value for parameter {entityTypeId}"),
        ("update", {"entityTypeId": 3}, "Could not find value for parameter {id}"),
        ("update", {"entityTypeId": 3, "id": 99}, "Could not find value for parameter {fields}"),
        ("add", {"entityTypeId": 3, "fields": "x"}, "Invalid value {x} to match with parameter {fields}. array"),
        ("add", {"entityTypeId": 3, "fields": None}, "Invalid value {} to match with parameter {fields}. array"),
        ("list", {"entityTypeId": "x"}, "Invalid value {x} to match with parameter {entityTypeId}. int"),
        ("list", {"entityTypeId": ""}, "Invalid value {} to match with parameter {entityTypeId}. int"),
        ("get", {"entityTypeId": 3, "id": [1]}, "Invalid value {Array} to match with parameter {id}. int"),
        ("get", {"entityTypeId": 3, "id": True}, "Invalid value {1} to match with parameter {id}. int"),
        ("delete", {"entityTypeId": 3, "id": None}, "Invalid value {} to match with parameter {id}. int"),
        ("list", {"entityTypeId": 3, "select": "id"}, "Invalid value {id} to match with parameter {select}. array"),
        ("list", {"entityTypeId": 3, "select": None}, "Invalid value {} to match with parameter {select}. array"),
        ("list", {"entityTypeId": 3, "filter": "id"}, "Invalid value {id} to match with parameter {filter}. array"),
        ("list", {"entityTypeId": 3, "order": "id"}, "Invalid value {id} to match with parameter {order}. array"),
        ("fields", {"entityTypeId": 3, "useOriginalUfNames": True}, "Invalid value {1} to match with {}. string"),
        ("list", {"entityTypeId": 9999, "select": "id"}, "Invalid value {id} to match with parameter {select}. array"),
    ],
)
async def test_parameters_that_do_not_fit_are_refused_first(method: str, sent: dict[str, Any], wrong: str) -> None:
    """php: modules/main/lib/engine/autowire/binder.php `getParameterValue`, typedeclarationchecker.php."""
    wrong = wrong.replace("with {}", "with parameter {useOriginalUfNames}")
    said, _, kind = wrong.partition(". ")
    async with probing(portal_of()) as probe:
        reply = await probe.call(f"crm.item.{method}", **sent)
        whole = f"{said}. Should be value of type {kind}." if kind else said
        assert (reply.status, reply.body["error"], reply.body["error_description"]) == (400, "100", whole)


async def test_numbers_as_text_and_nulls_where_they_may_be_are_taken() -> None:
    """php: modules/main/lib/engine/autowire/typedeclarationchecker.php `isSatisfied`."""
    async with probing(portal_of()) as probe:
        assert (await probe.call("crm.item.get", entityTypeId="3", id=" 1")).result["item"]["id"] == 1
        assert len(await items(probe, filter=None, order=None)) == 3


@pytest.mark.parametrize(
    ("type_id", "code"),
    [
        *((type_id, "ENTITY_TYPE_NOT_SUPPORTED") for type_id in (0, -1, 5, 6, 32, 127, 192, 1029, 1031)),
        *((type_id, "NOT_FOUND") for type_id in (7, 36, 128, 190, 1030)),
    ],
)
async def test_a_type_that_cannot_be_is_something_else_than_one_that_is_not(type_id: int, code: str) -> None:
    """php: modules/crm/lib/controller/item.php `getFactory`, crm_owner_type.php `isUseFactoryBasedApproach`."""
    async with probing(portal_of()) as probe:
        for method in ("list", "fields"):
            reply = await probe.call(f"crm.item.{method}", entityTypeId=type_id)
            assert (reply.status, reply.body["error"]) == (400, code)
        assert (await probe.call("crm.item.list", entityTypeId=130)).status == 200


async def test_what_is_selected_is_what_is_shown() -> None:
    """php: modules/crm/lib/controller/item.php `prepareSelect`, `getJsonForItems`."""
    async with probing(portal_of()) as probe:
        assert await items(probe, select=["name"]) == [{"name": f"N{number}"} for number in range(3)]
        # what is no field says nothing, and an item without fields is an empty list
        assert await items(probe, select=["fm", "nonsense"]) == [[], [], []]
        assert await items(probe, select=[]) == [[], [], []]
        assert await items(probe, select=["id", "fm"], filter={"id": 2}) == [{"id": 2}]


async def test_with_original_names_only_custom_fields_survive_a_select() -> None:
    """php: modules/crm/lib/controller/item.php `getJsonForItems` compares `id` with `ID` then."""
    async with probing(portal_of()) as probe:
        selected = await items(probe, select=["id", "name", CODE], useOriginalUfNames="Y")
        assert selected == [{CODE: "red"}] * 3
        everything = await items(probe, select=["*"], useOriginalUfNames="Y")
        assert {"id", "name", CODE} <= set(everything[0])


async def test_the_first_phone_of_a_kind_is_a_field_like_others() -> None:
    """php: modules/crm/lib/Model/FieldRepository.php `getMultifieldValueExpression`."""
    one, two, mobile = "+79160001000", "+79160002000", "+79160002001"
    async with probing(portal_of()) as probe:
        shown = await items(probe, select=["id", "phone", "phoneMobile"], order={"id": "asc"})
        assert shown == [
            {"id": 1, "phone": "", "phoneMobile": ""},
            {"id": 2, "phone": one, "phoneMobile": ""},
            {"id": 3, "phone": two, "phoneMobile": mobile},
        ]
        found = await items(probe, select=["id"], filter={"@phone": [one, two]}, order={"phone": "desc"})
        assert found == [{"id": 3}, {"id": 2}]
        assert await items(probe, select=["id"], filter={"phone": mobile}) == []
        assert await items(probe, select=["id"], filter={"%phoneMobile": "2001"}) == [{"id": 3}]
        assert await items(probe, filter={"phone": [], "hasPhone": 1}) is not None
    async with probing(portal_of(shows_points=False)) as probe:
        assert await items(probe, select=["id", "phone"], filter={"id": 2}) == [{"id": 2}]


@pytest.mark.parametrize(("type_id", "name"), [(2, "phone"), (3, "skypeName"), (3, "fm")])
async def test_deals_have_no_phones_and_entries_are_no_field(type_id: int, name: str) -> None:
    """php: modules/crm/lib/controller/validator/filter.php."""
    async with probing(portal_of()) as probe:
        for parameters in ({"filter": {name: "x"}}, {"order": {name: "asc"}}):
            reply = await probe.call("crm.item.list", entityTypeId=type_id, **parameters)
            assert (reply.status, reply.body["error"]) == (400, "INVALID_ARG_VALUE")
