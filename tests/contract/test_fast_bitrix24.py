"""The simulated portal as an independent client sees it: fast-bitrix24, over TLS."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from tests.contract.sdks import fast_bitrix24_of

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.seeds.items import generate

AWKWARD = "Ягода + «мёд» & 100% #1; $x[y] 'a' \"b\"\nc"


def portal_of(contacts: int) -> Portal:
    portal = Portal(Options(burst=1000))
    generate(portal, 1, contacts=contacts)
    return portal


def points(item: dict[str, Any]) -> list[tuple[int, str]]:
    return [(entry["id"], entry["value"]) for entry in item["fm"]]


@pytest.mark.filterwarnings("ignore:You are selecting all fields:UserWarning")  # the client's own advice; `fm` needs it
async def test_it_lists_everything() -> None:
    portal = portal_of(130)
    async with fast_bitrix24_of(portal) as client:
        classic = await client.get_all("crm.contact.list", {"select": ["ID", "PHONE"], "filter": {">ID": 5}})
        assert sorted(int(contact["ID"]) for contact in classic) == list(range(6, 131))
        universal = await client.get_all("crm.item.list", {"entityTypeId": 3, "select": ["*"], "filter": {">id": 5}})
        assert {item["id"]: points(item) for item in universal} == {
            item.id: [(point.id, point.value) for point in item.points.values()]
            for item in portal.table(3)
            if item.id > 5
        }
        assert portal.history.commands["crm.item.list"] == 3
        assert set(portal.history.requests) == {"crm.contact.list", "crm.item.list", "batch"}


async def test_it_reads_by_ids() -> None:
    portal = portal_of(60)
    async with fast_bitrix24_of(portal) as client:
        read = await client.get_by_ID("crm.contact.get", list(range(1, 61)))
        assert sorted(int(contact["ID"]) for contact in read.values()) == list(range(1, 61))
        assert portal.history.requests["batch"] == 2


async def test_it_updates_in_batches() -> None:
    portal = portal_of(60)
    async with fast_bitrix24_of(portal) as client:
        updates = [{"ID": number, "fields": {"NAME": f"{AWKWARD} {number}"}} for number in range(1, 61)]
        assert list(await client.call("crm.contact.update", updates)) == [True] * 60
        assert [item.values["name"] for item in portal.table(3)] == [f"{AWKWARD} {number}" for number in range(1, 61)]
        updates = [
            {"entityTypeId": 3, "id": number, "fields": {"fm": {"n0": {"typeId": "PHONE", "value": "+7 916;12"}}}}
            for number in range(1, 61)
        ]
        await client.call("crm.item.update", updates)
        assert all("+7 916;12" in [point.value for point in item.points.values()] for item in portal.table(3))
        assert portal.history.empty_saves == 0


async def test_it_runs_a_batch_of_its_user() -> None:
    async with fast_bitrix24_of(portal_of(1)) as client:
        answer = await client.call_batch({"halt": 0, "cmd": {"a": "crm.contact.get?ID=1", "b": "server.time"}})
        assert answer["a"]["ID"] == "1"
        assert "T" in answer["b"]


async def test_it_understands_an_error() -> None:
    async with fast_bitrix24_of(portal_of(1)) as client:
        with pytest.raises(aiohttp.ClientResponseError, match="400"):
            await client.get_all("crm.item.list", {"entityTypeId": 999})
