"""Who calls the simulated portal: a webhook, or an application by an access token, given in any of three places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from b24syncd.simulator.http.server import Server, serve
from b24syncd.simulator.methods.calls import GLOBAL, Answer, Call, Method
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.tables.applications import TOKEN_SECONDS, Application

if TYPE_CHECKING:
    from b24syncd.simulator.methods.callers import Caller

CLIENT = "local.0123456789abcd.12345678"


class Told:
    """A portal whose method `told` remembers who called it, with what."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self.portal = Portal(Options(burst=1000, scopes=("crm",)), clock=lambda: self.now)
        self.portal.applications.install(Application(CLIENT, "a secret", ("crm", "task")))
        self.token = self.portal.applications.issue(CLIENT, 7)
        self.callers: list[Caller] = []
        self.parameters: list[Any] = []

    def hear(self, call: Call) -> Answer:
        self.callers.append(call.caller)
        self.parameters.append(call.parameters)
        return Answer(result=True)

    def let_hear(self, server: Server) -> None:
        server.dispatcher.methods["told"] = Method((GLOBAL,), self.hear)


async def posted(url: str, **how: Any) -> tuple[int, dict[str, Any]]:  # noqa: ANN401 - what aiohttp takes
    async with aiohttp.ClientSession() as session, session.post(url, **how) as response:
        return response.status, await response.json()


async def test_a_token_names_application_and_user_wherever_it_is_given() -> None:
    told = Told()
    async with serve(told.portal) as server:
        told.let_hear(server)
        address = f"{server.url}/rest/told"
        await posted(f"{address}?auth={told.token}", json={"a": 1})
        await posted(address, json={"a": 1, "access_token": told.token, "auth_connector": "b24syncd"})
        await posted(address, json={"a": 1}, headers={"Authorization": f"bearer  {told.token}"})
        batch = {"auth": told.token, "auth_connector": "b24syncd", "cmd": {"first": "told?a=1"}}
        await posted(f"{server.url}/rest/batch.json", json=batch)
        await posted(f"{server.webhook_url}told", json={"a": 1})
    *by_token, by_webhook = told.callers
    assert [(one.user_id, one.application, one.connector) for one in by_token] == [
        (7, CLIENT, None),
        (7, CLIENT, "b24syncd"),
        (7, CLIENT, None),
        (7, CLIENT, "b24syncd"),
    ]
    assert (by_webhook.user_id, by_webhook.application) == (1, None)
    assert [{name: str(value) for name, value in one.items()} for one in told.parameters] == [{"a": "1"}] * 5


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("unknown", "invalid_token"),
        ("uninstalled", "APPLICATION_NOT_FOUND"),
        ("expired", "expired_token"),
        ("scope", "insufficient_scope"),
        ("none", "NO_AUTH_FOUND"),
    ],
)
async def test_what_does_not_open_the_portal_is_refused_with_401(case: str, code: str) -> None:
    told = Told()
    if case == "uninstalled":
        told.portal.applications.uninstall(CLIENT)
    elif case == "expired":
        told.now += TOKEN_SECONDS
    tokens = {"unknown": {"auth": "somebody's"}, "none": {}}
    method = "user.get" if case == "scope" else "server.time"
    async with serve(told.portal) as server:
        status, body = await posted(f"{server.url}/rest/{method}", json=tokens.get(case, {"auth": told.token}))
    assert (status, body["error"]) == (401, code)
    assert case != "scope" or body["error_description"].endswith("provided by the access token")
