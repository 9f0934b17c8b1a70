"""The portal as a process of its own, scripted and asked over HTTP."""

from __future__ import annotations

import asyncio
import signal
import ssl
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import pytest

from b24syncd.simulator.http.certificates import TlsUnavailable, issue
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SERVE = """
import sys
from pathlib import Path
from b24syncd.simulator.running import ServeOptions, run_server
authority = Path(sys.argv[1]) if len(sys.argv) > 1 else None
tls = authority is not None
run_server(ServeOptions(contacts=40, companies=5, leads=5, deals=2, paid_deals=30, tls=tls, authority_file=authority))
"""


@asynccontextmanager
async def served(*arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVE, *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield process, (await process.stdout.readline()).decode().strip()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_serves_until_it_is_told_to_stop(number: signal.Signals) -> None:
    async with served() as (process, webhook_url), aiohttp.ClientSession() as session:
        probe = Probe(webhook_url, webhook_url.partition("/rest/")[0], session)
        assert (await probe.call("crm.item.list", entityTypeId=3)).body["total"] == 40
        assert (await probe.control("GET", "state"))["items"] == {"1": 5, "2": 32, "3": 40, "4": 5, "31": 0}
        found = await probe.control("GET", "payment_mistakes?field=UF_CRM_1721244707107&pick=first")
        assert len(found["mistakes"]) > 10
        process.send_signal(number)
        assert await asyncio.wait_for(process.wait(), 300) == 0


async def test_it_serves_tls_with_an_authority_to_trust(tmp_path: Path) -> None:
    authority = tmp_path / "authority.pem"
    async with served(str(authority)) as (_, webhook_url), aiohttp.ClientSession() as session:
        assert webhook_url.startswith("https://127.0.0.1:")
        context = ssl.create_default_context(cafile=str(authority))
        async with session.get(f"{webhook_url}server.time", ssl=context) as response:
            assert response.status == 200
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(f"{webhook_url}server.time")


async def test_everything_can_be_scripted_and_asked_from_outside() -> None:
    portal = Portal(Options(burst=1000))
    async with probing(portal) as probe:
        fm = [{"typeId": "PHONE", "valueType": "WORK", "value": "8 495 123-45-67"}]
        await probe.call("crm.item.add", entityTypeId=3, fields={"fm": fm})
        edit = {"action": "change", "entity_type_id": 3, "item_id": 1, "value": "8 916 0", "canonical": ["+79160"]}
        assert await probe.control("POST", "person", {"edits": [edit]}) == {"done": 1}
        trigger = {"method": "server.time"}
        await probe.control("POST", "person", [{"trigger": trigger, "edits": [edit | {"value": "8 916 1"}]}])
        await probe.call("server.time")
        await probe.control("POST", "faults", {"kind": "500", "match": "server.time", "nth": 1})
        assert (await probe.call("server.time")).status == 500
        await probe.control("POST", "faults", [{"kind": "500"}])
        await probe.control("DELETE", "faults")
        await probe.control("POST", "person", {"habit": {"seed": 1, "probability": 1.0}})
        await probe.control("DELETE", "person")
        await probe.control("POST", "costs", {"server.time": 3})
        told = (await probe.call("server.time")).body["time"]
        assert told["start"] == int(told["start"])
        assert 3 <= told["duration"] == told["finish"] - told["start"] < 4
        await probe.control("POST", "rights", {"refused": [[3, 1]]})
        refused = await probe.call("crm.item.update", entityTypeId=3, id=1, fields={"name": "x"})
        assert refused.body["error"] == "ACCESS_DENIED"

        state = await probe.control("GET", "state?entityTypeId=3")
        assert [entry["points"] for entry in state["items"]] == [[[1, "PHONE", "WORK", "8 916 1"]]]
        assert (await probe.control("GET", "state?entityTypeId=3&id=1"))["item"]["fm"][0]["value"] == "8 916 1"
        assert (await probe.control("GET", "state?entityTypeId=3&id=2"))["item"] is None
        edits = (await probe.control("GET", "edits?entityTypeId=3&id=1&who=person"))["edits"]
        assert [entry["after"] for entry in edits] == ["8 916 0", "8 916 1"]
        stats = await probe.control("GET", "stats")
        assert (stats["person_edits"], stats["faults"], stats["commands"]["crm.item.add"]) == (2, {"500": 1}, 1)
        assert stats["bucket_maximum"] > 0
        assert stats["operating_maximum"]["server.time"] >= 3


async def test_the_truth_can_be_asked_from_outside() -> None:
    async with served() as (_, webhook_url), aiohttp.ClientSession() as session:
        probe = Probe(webhook_url, webhook_url.partition("/rest/")[0], session)
        truth = await probe.control("GET", "truth?entries=1&types=PHONE,EMAIL")
        assert truth["lost"] == []
        assert truth["mistakes"]
        assert {"entity_type_id", "item_id", "point_id", "type_id", "raw", "canonical"} == set(truth["entries"][0])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"kind": "nonsense"}),
        ("faults", {"match": "server.time"}),
        ("person", {"edits": [{"action": "change"}]}),
        ("person", {"trigger": {"nope": 1}}),
    ],
)
async def test_a_script_that_makes_no_sense_is_refused(path: str, body: object) -> None:
    async with probing(Portal()) as probe:
        with pytest.raises(aiohttp.ClientResponseError, match="400"):
            await probe.control("POST", path, body)


def test_tls_without_trustme_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(TlsUnavailable, match="pip install"):
        issue()
