"""What is taken away and given back while the portal runs: rights on types, scopes, the webhook, the portal itself."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from b24syncd.simulator.http.server import Server, serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing
from b24syncd.simulator.tables.fields import CONTACT, DEAL

DENIED = (400, "ACCESS_DENIED", "Access denied")
CLASSIC_DENIED = (400, "", "Access denied.")
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "get": ("read", {"id": 1}),
    "fields": ("read", {}),
    "add": ("add", {"fields": {"title": "New"}}),
    "update": ("update", {"id": 1, "fields": {"title": "Other"}}),
    "delete": ("delete", {"id": 1}),
}
"""Methods, the right that each asks for, and parameters with which it succeeds."""


def portal_of(*, scopes: tuple[str, ...] = ("crm",)) -> Portal:
    portal = Portal(Options(burst=1000, scopes=scopes))
    portal.create(DEAL, {"title": "A"}, (), "generator")
    portal.create(DEAL, {"title": "B"}, (), "generator")
    portal.create(CONTACT, {"name": "C"}, (), "generator")
    return portal


async def refusal(probe: Probe, method: str, **parameters: object) -> tuple[int, str, str] | None:
    reply = await probe.call(method, **parameters)
    body = reply.body
    return None if "result" in body else (reply.status, body["error"], body["error_description"])


@pytest.mark.parametrize("withdrawn", ["read", "add", "update", "delete"])
async def test_each_operation_asks_for_its_own_right(withdrawn: str) -> None:
    async with probing(portal_of()) as probe:
        await probe.control("POST", "rights", {"withdrawn": {str(DEAL): [withdrawn]}})
        for name, (right, parameters) in CALLS.items():
            expected = DENIED if right == withdrawn else None
            assert await refusal(probe, f"crm.item.{name}", entityTypeId=DEAL, **parameters) == expected
        assert await refusal(probe, "crm.item.get", entityTypeId=CONTACT, id=1) is None


@pytest.mark.parametrize("withdrawn", ["read", "add", "update", "delete"])
async def test_the_classic_methods_ask_for_the_same_rights_but_for_descriptions(withdrawn: str) -> None:
    portal = portal_of()
    portal.access.withdrawn.add((DEAL, withdrawn))  # type: ignore[arg-type] # one of its operations
    async with probing(portal) as probe:
        assert await refusal(probe, "crm.deal.fields") is None
        assert await refusal(probe, "crm.deal.list") == (CLASSIC_DENIED if withdrawn == "read" else None)
        for name, (right, parameters) in CALLS.items():
            if name != "fields":
                sent = {**parameters, **({"fields": {"TITLE": "x"}} if "fields" in parameters else {})}
                expected = CLASSIC_DENIED if right == withdrawn else None
                assert await refusal(probe, f"crm.deal.{name}", **sent) == expected


async def test_what_may_not_be_read_is_left_out_of_lists_and_comes_back() -> None:
    async with probing(portal_of()) as probe:
        counted = {"halt": 0, "cmd": {"l": "crm.item.list?entityTypeId=2", "g": "crm.item.get?entityTypeId=2&id=1"}}
        await probe.control("POST", "rights", {"withdrawn": {str(DEAL): []}})
        result = (await probe.call("batch", **counted)).result
        assert (result["result"]["l"], result["result_total"]["l"]) == ({"items": []}, 0)
        assert result["result_error"]["g"] == {"error": "ACCESS_DENIED", "error_description": "Access denied"}
        assert (await probe.call("crm.activity.list")).result == []
        await probe.control("POST", "rights", {"withdrawn": {}})
        result = (await probe.call("batch", **counted)).result
        assert (result["result_total"]["l"], result["result_error"]) == (2, [])


async def test_no_other_operation_can_be_withdrawn() -> None:
    async with probing(portal_of()) as probe:
        with pytest.raises(aiohttp.ClientResponseError):
            await probe.control("POST", "rights", {"withdrawn": {str(DEAL): ["import"]}})


async def test_scopes_come_and_go() -> None:
    async with probing(portal_of(scopes=("crm", "task"))) as probe:
        assert await refusal(probe, "tasks.task.list") is None
        await probe.control("POST", "webhook", {"scopes": ["crm"]})
        code, _, said = await refusal(probe, "tasks.task.list") or (0, "", "")
        assert (code, said) == (401, "The request requires higher privileges than provided by the webhook token")
        errors = (await probe.batch({"t": "tasks.task.list"}))["result_error"]
        assert errors["t"] == {"error": "insufficient_scope", "error_description": ""}
        assert (await probe.call("scope")).result == ["crm"]
        await probe.control("POST", "webhook", {"scopes": ["crm", "task"]})
        assert await refusal(probe, "tasks.task.list") is None


async def test_a_revoked_webhook_is_one_that_never_was() -> None:
    async with probing(portal_of()) as probe:
        await probe.control("POST", "webhook", {"revoked": True})
        for method in ("crm.item.list", "scope", "batch"):
            assert await refusal(probe, method) == (401, "INVALID_CREDENTIALS", "Invalid request credentials")
        assert await refusal(probe, "no.such.method") == (404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
        await probe.control("POST", "webhook", {"revoked": False})
        assert await refusal(probe, "scope") is None


@pytest.mark.parametrize(("how", "status"), [("502", 502), ("page", 200)])
async def test_another_answers_while_the_portal_is_away(how: str, status: int) -> None:
    portal = portal_of()
    async with probing(portal) as probe:
        await probe.control("POST", "away", {"how": how})
        async with probe.session.get(f"{probe.webhook_url}scope") as response:
            assert (response.status, response.content_type) == (status, "text/html")
        assert not portal.history.requests
        await probe.control("POST", "away", {"how": None})
        assert await refusal(probe, "scope") is None
        with pytest.raises(aiohttp.ClientResponseError):
            await probe.control("POST", "away", {"how": "somehow"})


async def test_nobody_listens_while_the_portal_is_away_and_it_comes_back_on_its_port() -> None:
    async with serve(portal_of()) as server, aiohttp.ClientSession() as session:
        probe = Probe(server.webhook_url, server.url, session)
        assert await refusal(probe, "scope") is None
        await server.leave()
        with pytest.raises(aiohttp.ClientConnectionError):
            await probe.call("scope")
        await server.come_back()
        assert await refusal(probe, "scope") is None


async def test_a_process_can_be_told_how_long_it_is_away() -> None:
    server = Server(portal_of())
    await server.start()
    try:
        async with aiohttp.ClientSession() as session:
            probe = Probe(server.webhook_url, server.url, session)
            assert await probe.control("POST", "away", {"how": "refused", "seconds": 0}) == {"how": "refused"}
            await server.returned()
            assert await refusal(probe, "scope") is None
            assert await probe.control("POST", "away", {"how": "refused", "seconds": 3600}) == {"how": "refused"}
            with pytest.raises(aiohttp.ClientConnectionError):
                await probe.call("scope")
    finally:
        await server.close()
