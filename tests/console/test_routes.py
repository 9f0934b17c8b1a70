"""Every route of the table, for whoever asks and however: what is not allowed is denied, and nothing else is there."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Final

import aiohttp
import pytest
import pytest_asyncio
from tests.console.served import served

from b24syncd.domain.people import Role
from b24syncd.local_socket import short
from b24syncd.web import tcp_door
from b24syncd.web.application import application
from b24syncd.web.console.people import csrf_of
from b24syncd.web.console.table import OPEN, TABLE, TOPICS
from b24syncd.web.monitoring.observing import Monitor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.console.served import Caller, Served

    from b24syncd.web.console.routes import AnyRoute, Route

ALL: Final[tuple[AnyRoute, ...]] = (*TABLE, *OPEN)
WATCHED: Final = {(method, path) for method in ("GET", "HEAD") for path in ("/healthz", "/readyz", "/metrics")}
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
DENIED: Final = {401, 403}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def console(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """One console for all routes: none of these tests leaves anything behind."""
    async with served(tmp_path_factory.mktemp("console")) as opened:
        await opened.begin()
        yield opened


def addressed(path: str) -> str:
    """Return an address of a route, with something for each of its parts in braces."""
    return re.sub(r"\{(\w+)\}", lambda part: {"type": "contact"}.get(part[1], "1"), path)


def routes_of(made: aiohttp.web.Application) -> set[tuple[str, str]]:
    return {(route.method, str(route.resource and route.resource.canonical)) for route in made.router.routes()}


async def status(caller: Caller, method: str, path: str, **sent: str) -> int:
    """Return how something is answered, without waiting for the end of a stream."""
    headers = {name.replace("_", "-"): value for name, value in sent.items() if value}
    if caller.key:
        headers["Cookie"] = f"{caller.cookie}={caller.key}"
    async with caller.client.request(method, caller.url + path, headers=headers, allow_redirects=False) as answer:
        return answer.status


def test_what_changes_something_takes_the_token_and_anybody_is_let_in_only_to_come_in() -> None:
    assert all(route.needs_csrf for route in TABLE if route.method != "GET")
    assert {(route.method, route.path) for route in OPEN} == {
        *(("GET", "/join"), ("POST", "/join"), ("POST", "/leave"), ("POST", "/language")),
        ("GET", "/static/{version}/{name}"),
    }
    assert all(isinstance(topic.role, Role) for topic in TOPICS.values())


async def test_each_door_serves_its_own_and_nothing_else(console: Served) -> None:
    ours = {(route.method, route.path) for route in ALL}
    http = console.site.http
    assert routes_of(tcp_door.application(Monitor(), http, "acme", console.site)) == WATCHED | ours
    assert routes_of(tcp_door.application(Monitor(), http, "acme")) == WATCHED
    socket = application(console.daemon)
    assert routes_of(socket) == {("POST", "/v1/commands"), ("GET", "/v1/pulse"), ("HEAD", "/v1/pulse")}
    with short(console.world.settings.state.socket) as path:
        async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(path)) as client:
            for one in ALL:
                async with client.request(one.method, f"http://b24syncd{addressed(one.path)}") as answer:
                    assert answer.status == 404
    anna = await console.signed_in(Role.OPERATE)
    for path, method in product(("/v1/commands", "/v1/pulse"), METHODS):
        assert await status(anna, method, path) == 404


async def test_a_route_takes_no_other_method(console: Served) -> None:
    anna = await console.signed_in(Role.OPERATE)
    taken = {(route.method, route.path) for route in ALL}
    for path, method in product(sorted({path for _, path in taken}), METHODS):
        if (method, path) not in taken:
            assert await status(anna, method, addressed(path), Origin=anna.url, X_CSRF_Token=anna.csrf) == 405


@pytest.mark.parametrize("route", TABLE, ids=lambda route: f"{route.method} {route.path}")
async def test_a_route_is_for_its_role_with_the_token_from_a_page_of_the_console(console: Served, route: Route) -> None:
    path = addressed(route.path) + ("?topic=now" if route.path == "/events" else "")
    anna, other = await console.signed_in(Role.OPERATE), await console.signed_in(Role.OPERATE, "Boris")
    right = {"Origin": anna.url, "X_CSRF_Token": anna.csrf}
    ways = {
        "no token": {"Origin": anna.url},
        "a wrong token": {"Origin": anna.url, "X_CSRF_Token": "0" * 64},
        "another session's token": {"Origin": anna.url, "X_CSRF_Token": other.csrf},
        "no origin": {"X_CSRF_Token": anna.csrf},
        "another origin": {"Origin": "https://evil.example", "X_CSRF_Token": anna.csrf},
        "another port": {"Origin": "http://127.0.0.1:1", "X_CSRF_Token": anna.csrf},
        "a sandbox": {"Origin": "null", "X_CSRF_Token": anna.csrf, "Sec_Fetch_Site": "cross-site"},
        "another page of the site": {"Origin": "null", "X_CSRF_Token": anna.csrf, "Sec_Fetch_Site": "same-site"},
    }
    for sent in (*ways.values(), right):
        assert await status(console.stranger, route.method, path, **sent) == 401
    assert await status(_with_key(anna, "0" * 43), route.method, path, **right) == 401
    for role in Role:
        caller = await console.signed_in(role, f"{role} alone")
        answered = await status(caller, route.method, path, Origin=anna.url, X_CSRF_Token=caller.csrf)
        assert (answered in DENIED) is not role.allows(route.role), role
        if not role.allows(route.role):
            assert answered == 403
    for way, sent in ways.items():
        assert (await status(anna, route.method, path, **sent) == 403) is route.needs_csrf, way
    await console.revoke("Anna")
    assert await status(anna, route.method, path, **right) == 401


def _with_key(caller: Caller, key: str) -> Caller:
    assert csrf_of(key) != caller.csrf
    return type(caller)(caller.url, caller.client, caller.cookie, key)
