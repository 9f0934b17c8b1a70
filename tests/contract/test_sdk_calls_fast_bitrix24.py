"""What fast-bitrix24's own tests ask of a live portal, in our words."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fast_bitrix24.server_response import ErrorInServerResponseException  # type: ignore[import-untyped]
from tests.contract.sdks import fast_bitrix24_of

from b24syncd.simulator.portal import Options, Portal

LONG = "x" * 10_000


def portal_of(**options: Any) -> Portal:  # noqa: ANN401 - fields of Options
    return Portal(Options(burst=1000, scopes=("crm", "task"), **options))


async def leads_made(client: Any, count: int) -> list[int]:  # noqa: ANN401 - the client
    made = await client.call("crm.lead.add", [{"fields": {"NAME": f"Customer #{one}"}} for one in range(count)])
    return sorted(int(one) for one in made)  # batches meet in no order


async def test_a_hundred_leads_come_and_go() -> None:
    async with fast_bitrix24_of(portal_of()) as client:
        made = await leads_made(client, 100)
        assert made == list(range(1, 101))
        assert sorted(int(one["ID"]) for one in await client.get_all("crm.lead.list")) == made
        named = await client.get_all("crm.lead.list", {"select": ["ID", "NAME"]})
        assert {len(one) for one in named} == {2}
        found = await client.get_by_ID("crm.lead.get", made[:10])
        assert sorted(int(one["ID"]) for one in found.values()) == made[:10]
        await client.get_by_ID("crm.lead.delete", made)
        assert await client.get_all("crm.lead.list", {"select": ["ID"]}) == []


async def test_one_lead_is_added_with_a_long_text_and_a_phone() -> None:
    async with fast_bitrix24_of(portal_of()) as client:
        phone = [{"VALUE": "+7123456789", "VALUE_TYPE": "MOBILE"}]
        made = await client.call("crm.lead.add", {"fields": {"NAME": "Bob", "COMMENTS": LONG, "PHONE": phone}})
        answer = await client.call("crm.lead.get", {"ID": made})
        lead = answer if "ID" in answer else next(iter(answer.values()))  # as its versions differ
        assert (lead["COMMENTS"], lead["PHONE"][0]["VALUE_TYPE"]) == (LONG, "MOBILE")
        several = await client.call("crm.lead.get", [{"ID": made}])
        assert [one["ID"] for one in several] == [str(made)]
        assert await client.call("crm.lead.delete", {"ID": made}) is True
        assert isinstance(await client.get_all("crm.lead.fields"), dict)


@pytest.mark.parametrize(
    ("condition", "found"), [("!STATUS_ID=NEW", 0), ("!STATUS_ID=CLOSED", 9), ("<>STATUS_ID=NEW", 9)]
)
async def test_filters_that_exclude(condition: str, found: int) -> None:
    """New leads are NEW; `<>` is no prefix to the classic methods, and what is no field is passed over."""
    name, _, value = condition.rpartition("=")
    async with fast_bitrix24_of(portal_of()) as client:
        await leads_made(client, 9)
        assert len(await client.get_all("crm.lead.list", {"FILTER": {name: value}})) == found


async def test_a_batch_of_its_user_and_calls_at_once() -> None:
    async with fast_bitrix24_of(portal_of()) as client:
        await leads_made(client, 60)
        answer = await client.call_batch({"halt": 0, "cmd": {1: "crm.lead.list"}})
        assert len(answer["1"]) == 50
        both = await asyncio.gather(client.get_all("crm.lead.list"), client.get_all("crm.lead.list"))
        assert [len(one) for one in both] == [60, 60]


@pytest.mark.parametrize("method", ["crm.lead.productrows.get", "telephony.externalcall.register", "disk.file.get"])
async def test_what_is_not_claimed_is_no_method(method: str) -> None:
    async with fast_bitrix24_of(portal_of()) as client:
        with pytest.raises(ErrorInServerResponseException, match="ERROR_METHOD_NOT_FOUND"):
            await client.call(method, [{"id": 1}])
