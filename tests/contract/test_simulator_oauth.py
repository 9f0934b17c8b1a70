"""The simulated portal's part in OAuth: authorising, codes, pairs of tokens, and every way in which none is given."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from b24syncd.simulator.http.server import Server, serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.tables.applications import CODE_SECONDS, Application

CLIENT, SECRET = "local.0123456789abcd.12345678", "a secret"


class Clocked:
    """A portal with an application, and a time that tests set."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self.portal = Portal(Options(burst=1000, user_id=7), clock=lambda: self.now)
        self.portal.applications.install(Application(CLIENT, SECRET, ("crm", "task")))


async def code_of(server: Server, session: aiohttp.ClientSession) -> dict[str, str]:
    """Authorise the application as a browser does; return what the portal sends it back with."""
    address = f"{server.url}/oauth/authorize/"
    async with session.get(address, params={"client_id": CLIENT, "state": "s"}, allow_redirects=False) as response:
        assert response.status == 302
        query = parse_qs(urlsplit(response.headers["Location"]).query)
    return {name: value for name, (value,) in query.items()}


async def asked(server: Server, session: aiohttp.ClientSession, **what: str) -> tuple[int, dict[str, Any]]:
    query = {"client_id": CLIENT, "client_secret": SECRET} | what
    async with session.get(f"{server.url}/oauth/token/", params=query) as response:
        return response.status, await response.json()


async def test_a_code_is_spent_once_and_a_refresh_token_replaced() -> None:
    given = Clocked()
    async with serve(given.portal) as server, aiohttp.ClientSession() as session:
        told = await code_of(server, session)
        assert (told["state"], told["scope"], told["domain"]) == ("s", "crm,task", told["server_domain"])
        first = {"grant_type": "authorization_code", "code": told["code"]}
        status, pair = await asked(server, session, **first)
        assert (status, pair["expires_in"], pair["scope"], pair["status"]) == (200, 3600, "crm,task", "L")
        assert pair["client_endpoint"] == f"{server.url}/rest/"
        assert pair["member_id"] == told["member_id"]
        assert await asked(server, session, **first) == (400, {"error": "invalid_grant"})
        refreshing = {"grant_type": "refresh_token", "refresh_token": pair["refresh_token"]}
        status, after = await asked(server, session, **refreshing)
        assert (status, after["user_id"], after["expires"]) == (200, 7, int(given.now) + 3600)
        assert await asked(server, session, **refreshing) == (400, {"error": "invalid_grant"})
        async with session.get(f"{server.url}/rest/profile", params={"auth": after["access_token"]}) as response:
            assert (await response.json())["result"]["ID"] == "7"


@pytest.mark.parametrize(
    ("what", "status", "error"),
    [
        ({"client_id": "local.other"}, 200, "wrong_client"),
        ({"client_secret": "another"}, 400, "invalid_client"),
        ({"grant_type": "password"}, 400, "invalid_request"),
        ({"code": ""}, 400, "invalid_request"),
        ({"code": "late"}, 400, "invalid_grant"),
        ({"code": "unpaid"}, 400, "PAYMENT_REQUIRED"),
    ],
)
async def test_why_no_tokens_are_given(what: dict[str, str], status: int, error: str) -> None:
    given = Clocked()
    async with serve(given.portal) as server, aiohttp.ClientSession() as session:
        code = (await code_of(server, session))["code"]
        if what.get("code") == "late":
            given.now += CODE_SECONDS
        given.portal.applications.unpaid = what.get("code") == "unpaid"
        sent = {"grant_type": "authorization_code"} | what
        sent["code"] = code if sent.get("code") != "" else ""
        found = await asked(server, session, **sent)
    assert (found[0], found[1]["error"]) == (status, error)
