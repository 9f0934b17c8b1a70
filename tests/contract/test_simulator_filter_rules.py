"""What may stand in a filter of `crm.item.list`, as php modules/crm/lib/controller/validator/filter.php says."""

from __future__ import annotations

from typing import Any

import pytest

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing

EPOCH = 1_700_000_000


def portal_of(count: int = 4) -> Portal:
    """A portal with leads of one second each, their stages in turn."""
    portal = Portal(Options(burst=1000), clock=lambda: EPOCH)
    for number in range(count):
        stage = ("NEW", "JUNK")[number % 2]
        portal.create(1, {"title": f"T{number}", "stageId": stage}, (), "generator", EPOCH + number)
    return portal


async def ask(probe: Probe, **parameters: object) -> Any:  # noqa: ANN401 - ids, or what is wrong
    body = (await probe.call("crm.item.list", entityTypeId=1, select=["id"], **parameters)).body
    return [item["id"] for item in body["result"]["items"]] if "result" in body else body["error_description"]


@pytest.mark.parametrize("prefix", ["", "=", "@", "!=", "!@"])
async def test_these_prefixes_take_an_array(prefix: str) -> None:
    async with probing(portal_of()) as probe:
        assert await ask(probe, filter={f"{prefix}id": [1, 2]}) == ([3, 4] if prefix.startswith("!") else [1, 2])


@pytest.mark.parametrize("prefix", ["!", "%", "!%", "=%", "%=", "!=%", "!%=", ">", ">=", "<", "<=", "><", "!><"])
async def test_others_do_not(prefix: str) -> None:
    async with probing(portal_of()) as probe:
        wrong = await ask(probe, filter={f"{prefix}title": ["T1", "T2"]})
        assert wrong == f"Invalid filter: field '{prefix}TITLE' has invalid value"
        assert isinstance(await ask(probe, filter={f"{prefix}title": "T1"}), list)
        nested = await ask(probe, filter={"0": {"logic": "OR", "0": {f"{prefix}title": ["T1"]}}})
        assert nested == wrong


@pytest.mark.parametrize(
    ("key", "told"),
    [("<>id", "<>ID"), ("=>id", "=>ID"), ("?title", "?TITLE"), ("!ID", "!_ID"), ("nope", "NOPE"), ("statusID2", None)],
)
async def test_a_key_that_is_none_is_refused_as_it_is_written_there(key: str, told: str | None) -> None:
    async with probing(portal_of()) as probe:
        wrong = str(await ask(probe, filter={key: 1}))
        assert wrong.startswith("Invalid filter: field '")
        assert told is None or wrong == f"Invalid filter: field '{told}' is not allowed in filter"


async def test_names_of_the_database_are_names_too() -> None:
    async with probing(portal_of()) as probe:
        assert await ask(probe, filter={"statusId": "JUNK"}) == [2, 4]
        assert await ask(probe, filter={"createdById": 0}, order={"statusId": "asc", "id": "desc"}) is not None
        # but nobody reads the times behind them, nor those in an array
        at, there = "2023-11-15T01:13:21+03:00", "15.11.2023 01:13:21"
        assert await ask(probe, filter={">dateModify": at}) == []
        assert await ask(probe, filter={">dateModify": there}) == [3, 4]
        assert await ask(probe, filter={">updatedTime": at}) == [3, 4]
        assert await ask(probe, filter={"@updatedTime": [at]}) == []
        assert await ask(probe, filter={"@updatedTime": [at, there]}) == [2]
        assert await ask(probe, filter={"!@updatedTime": [at]}) == [1, 2, 3, 4]
        assert await ask(probe, filter={"dateClosed": ""}) == [1, 2, 3, 4]


@pytest.mark.parametrize("value", ["y", "true", "N", ""])
async def test_only_a_capital_y_keeps_the_names_of_custom_fields(value: object) -> None:
    async with probing(portal_of(1)) as probe:
        one = (await probe.call("crm.item.get", entityTypeId=1, id=1, useOriginalUfNames=value)).result["item"]
        assert "ufCrm_1720019876534" in one
        one = (await probe.call("crm.item.get", entityTypeId=1, id=1, useOriginalUfNames="Y")).result["item"]
        assert "UF_CRM_1720019876534" in one
        conditions = {"!=UF_CRM_1720019876534": "x"}
        listed = await probe.call("crm.item.list", entityTypeId=1, filter=conditions, useOriginalUfNames="Y")
        assert listed.body["total"] == 1


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"!companyId": 7}, [2]),
        ({"!=companyId": [7]}, [2]),
        ({"!@companyId": [7]}, [2]),
        ({"!companyId": 0}, [1, 2]),
        ({"companyId": 0}, [3, 4]),
        ({"=companyId": [0, 8]}, [2, 3, 4]),
        ({"@companyId": [0, 8]}, [2]),
        ({"!post": "boss"}, [2, 3, 4]),
        ({"!@post": ["boss"]}, []),
        ({"@id": []}, []),
        ({"!id": []}, "Invalid filter: field '!ID' has invalid value"),
        ({"!=id": []}, [1, 2, 3, 4]),
    ],
)
async def test_what_has_no_value_is_neither_equal_nor_different(
    conditions: dict[str, object], expected: object
) -> None:
    """php: modules/main/classes/general/sqlwhere.php `addIntFilter`, `addStringFilter`."""
    portal = portal_of()
    for item, company in ((1, 7), (2, 8)):
        portal.change(portal.table(1).items[item], {"companyId": company}, (), "generator")
    portal.change(portal.table(1).items[1], {"post": "boss"}, (), "generator")
    async with probing(portal) as probe:
        assert await ask(probe, filter=conditions) == expected
