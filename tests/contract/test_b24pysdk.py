"""The simulated portal as an independent client sees it: b24pysdk, which calls by https only and blocks its thread."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from b24pysdk.errors import BitrixAPIError  # type: ignore[import-untyped]
from tests.contract.sdks import b24pysdk_of

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.seeds.items import generate

if TYPE_CHECKING:
    from pathlib import Path

AWKWARD = "Ягода + «мёд» & 100% #1; 'a' \"b\"\nc"


def portal_of(contacts: int) -> Portal:
    portal = Portal(Options(burst=1000))
    generate(portal, 1, contacts=contacts)
    return portal


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    return tmp_path / "authority.pem"


async def test_it_lists_page_by_page_and_fast(authority: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    portal = portal_of(130)
    async with b24pysdk_of(portal, authority, monkeypatch) as client:

        def read() -> list[list[int]]:
            request = client.crm.item.list(3, select=["id"])
            return [[item["id"] for item in part.result] for part in (request.as_list(), request.as_list_fast())]

        assert await asyncio.to_thread(read) == [list(range(1, 131))] * 2

        def read_classic() -> list[str]:
            return [contact["ID"] for contact in client.crm.contact.list(select=["ID"]).as_list_fast().result]

        assert await asyncio.to_thread(read_classic) == [str(number) for number in range(1, 131)]


async def test_it_reads_and_updates(authority: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    portal = portal_of(3)
    async with b24pysdk_of(portal, authority, monkeypatch) as client:

        def update() -> tuple[dict[str, Any], dict[str, Any]]:
            entry = {"typeId": "PHONE", "valueType": "WORK", "value": "+74951234567;12"}
            fields = {"sourceDescription": AWKWARD, "fm": {"n0": entry}}
            updated = client.crm.item.update(3, 2, fields).response.result["item"]
            return updated, client.crm.item.get(3, 2).response.result["item"]

        updated, read = await asyncio.to_thread(update)
        assert updated == read
        assert read["sourceDescription"] == AWKWARD
        assert read["fm"][-1]["value"] == "+74951234567;12"


async def test_it_runs_a_batch(authority: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    portal = portal_of(3)
    async with b24pysdk_of(portal, authority, monkeypatch) as client:

        def run() -> Any:  # noqa: ANN401 - the client's own answer
            requests = {
                "read": client.crm.item.get(3, 1),
                "write": client.crm.item.update(3, 2, {"sourceDescription": AWKWARD}),
                "fail": client.crm.item.get(3, 999),
            }
            return client.call_batch(requests).response.result

        answer = await asyncio.to_thread(run)
        assert answer.result["read"]["item"]["id"] == 1
        assert answer.result["write"]["item"]["sourceDescription"] == AWKWARD
        assert answer.result_error["fail"] == {"error": "NOT_FOUND", "error_description": "Element not found"}


@pytest.mark.parametrize(
    ("options", "code"),
    [(Options(scopes=("crm",)), "insufficient_scope"), (Options(operating_seconds=-1), "OPERATION_TIME_LIMIT")],
)
async def test_it_understands_errors(
    options: Options, code: str, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with b24pysdk_of(Portal(options), authority, monkeypatch) as client:

        def ask() -> object:
            return client.user.current().response.result

        with pytest.raises(BitrixAPIError) as caught:
            await asyncio.to_thread(ask)
        assert caught.value.error == code
