"""Scripted faults: before the effect nothing happened, after it everything did."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest

from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from b24syncd.simulator.faults import Request
    from b24syncd.simulator.methods.calls import Call


def portal_of(*faults: Fault) -> Portal:
    portal = Portal(Options(burst=1000))
    for number in range(3):
        portal.create(3, {"name": "old"}, [PointChange(None, "PHONE", "WORK", str(number))], "generator")
    portal.faults.add(*faults)
    return portal


def names(portal: Portal) -> list[object]:
    return [item.values["name"] for item in portal.table(3)]


async def rename(probe: Probe, name: str = "new") -> int:
    """Rename item 1 and return the HTTP status."""
    parameters = {"entityTypeId": 3, "id": 1, "fields": {"name": name}}
    async with probe.session.post(f"{probe.webhook_url}crm.item.update", json=parameters) as response:
        await response.json(content_type=None if response.status == 200 else response.content_type)
        return response.status


BROKEN = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", [Kind.RESET, Kind.TRUNCATED])
async def test_a_lost_answer_says_nothing_about_the_effect(kind: Kind, when: str) -> None:
    portal = portal_of(Fault(kind=kind, match="crm.item.update", when=when))
    async with probing(portal) as probe:
        await probe.call("crm.item.get", entityTypeId=3, id=1)
        with pytest.raises(BROKEN):
            await rename(probe)
        assert names(portal)[0] == ("old" if when == "before" else "new")
        assert await rename(probe) == 200
        assert portal.history.faults == {kind.value: 1}


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [
        (Kind.ERROR_500, 500, "INTERNAL_SERVER_ERROR"),
        (Kind.ERROR_503, 503, "QUERY_LIMIT_EXCEEDED"),
        (Kind.OVERLOAD, 503, "OVERLOAD_LIMIT"),
        (Kind.ERROR_429, 429, "OPERATION_TIME_LIMIT"),
        (Kind.COMMAND_ERROR, 400, "INTERNAL_SERVER_ERROR"),
    ],
)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_errors_have_the_documented_statuses(kind: Kind, status: int, error: str, when: str) -> None:
    portal = portal_of(Fault(kind=kind, when=when))
    async with probing(portal) as probe:
        reply = await probe.call("crm.item.update", entityTypeId=3, id=1, fields={"name": "new"})
        assert (reply.status, reply.body["error"]) == (status, error)
        assert names(portal)[0] == ("old" if when == "before" else "new")
        assert not portal.history.limit_errors


@pytest.mark.parametrize("status", [200, 502])
async def test_a_page_of_html(status: int) -> None:
    async with (
        probing(portal_of(Fault(kind=Kind.HTML, status=status))) as probe,
        probe.session.get(f"{probe.webhook_url}server.time") as response,
    ):
        assert (response.status, response.content_type) == (status, "text/html")
        assert "<html>" in await response.text()


async def test_no_answer_for_a_while() -> None:
    portal = portal_of(Fault(kind=Kind.HANG, when="after"), Fault(kind=Kind.HANG, nth=2, seconds=0.01))
    async with probing(portal) as probe:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(rename(probe), 0.1)
        assert names(portal)[0] == "new"
        with pytest.raises(BROKEN):
            await rename(probe, "newer")
        assert names(portal)[0] == "new"


async def test_an_effect_may_come_after_the_client_left() -> None:
    portal = portal_of(Fault(kind=Kind.LATE, seconds=0.2))
    async with probing(portal) as probe:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(rename(probe), 0.05)
        assert names(portal)[0] == "old"
        async with asyncio.timeout(5):
            while names(portal)[0] == "old":
                await probe.call("server.time")


async def test_a_batch_may_be_cut_in_its_middle() -> None:
    portal = portal_of(Fault(kind=Kind.CUT, commands=2))
    async with probing(portal) as probe:
        cmd = {f"u{number}": f"crm.item.update?entityTypeId=3&id={number}&fields[name]=new" for number in (1, 2, 3)}
        with pytest.raises(BROKEN):
            await probe.call("batch", cmd=cmd)
        assert names(portal) == ["new", "new", "old"]


async def test_one_command_of_a_batch_fails() -> None:
    fault = Fault(
        kind=Kind.COMMAND_ERROR, match="crm.item.update", nth=2, code="CODE", description="Text", when="after"
    )
    portal = portal_of(fault)
    async with probing(portal) as probe:
        answer = await probe.batch(
            {f"u{number}": f"crm.item.update?entityTypeId=3&id={number}&fields[name]=new" for number in (1, 2, 3)}
        )
        assert answer["result_error"] == {"u2": {"error": "CODE", "error_description": "Text"}}
        assert names(portal) == ["new", "new", "new"]


async def test_a_fault_of_the_request_finds_methods_in_a_batch() -> None:
    portal = portal_of(Fault(kind=Kind.ERROR_500, match="crm.item.update", nth=2, times=None))
    async with probing(portal) as probe:
        update = {"u": "crm.item.update?entityTypeId=3&id=1&fields[name]=new", "g": "crm.item.get?entityTypeId=3&id=1"}
        statuses = [(await probe.call("batch", cmd=update)).status for _ in range(3)]
        assert statuses == [200, 500, 500]
        assert (await probe.call("batch", cmd={"g": update["g"]})).status == 200
        portal.faults.clear()
        assert (await probe.call("batch", cmd=update)).status == 200


async def test_faults_may_look_closer() -> None:
    def names_item_2(call: Call) -> bool:
        return call.method == "crm.item.get" and call.parameters.get("id") in (2, "2")

    def is_big(request: Request) -> bool:
        return len(request.methods) > 2

    faults = (Fault(kind=Kind.COMMAND_ERROR, match=names_item_2), Fault(kind=Kind.ERROR_503, match=is_big))
    async with probing(portal_of(*faults)) as probe:
        gets = {f"g{number}": f"crm.item.get?entityTypeId=3&id={number}" for number in (1, 2)}
        assert (await probe.call("batch", cmd=gets)).status == 503
        assert list((await probe.batch(gets))["result_error"]) == ["g2"]


async def test_chance_is_repeatable() -> None:
    async def run() -> list[int]:
        portal = portal_of(Fault(kind=Kind.ERROR_500, times=None, probability=0.5))
        async with probing(portal) as probe:
            return [(await probe.call("server.time")).status for _ in range(20)]

    first = await run()
    assert first == await run()
    assert set(first) == {200, 500}
