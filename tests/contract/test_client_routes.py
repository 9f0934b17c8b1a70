"""The way to a portal: through a proxy, past it, with certificates of one's own; and what is told where it ends."""

from __future__ import annotations

import ssl
from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING

import pytest
import trustme
from aiohttp import web
from tests.contract.nearby_proxy import proxying
from tests.contract.test_client_connections import LIMITS, SECRET, TIME, answering, everything_said, served

from b24syncd.clock import SystemClock
from b24syncd.engine.startup import check_access
from b24syncd.errors import AddressWrong, B24SyncError, CredentialsRefused, ExitCode, RetryLater
from b24syncd.portal.client import PortalClient
from b24syncd.portal.pace.limits import LimitsState, VolatileMemory
from b24syncd.portal.wire.route import Route
from b24syncd.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.contract.nearby_proxy import NearbyProxy

HOST = "portal.example"
CREDENTIALS = "clerk:pr0xy-pa55"
GOOD = {"result": ["crm"], "time": TIME}


class Office:
    """A portal with a certificate of the company's own authority, and the file with that authority."""

    def __init__(self, folder: Path, address: str, authority: trustme.CA) -> None:
        self.port = int(address.split(":")[2].split("/", maxsplit=1)[0])
        self.file = folder / "authority.pem"
        authority.cert_pem.write_to_path(str(self.file))

    async def check(self, *, host: str = HOST, **variables: str) -> None:
        """Ask the portal as a command does that begins, with these variables in its environment."""
        environ = {
            "B24SYNCD_PORTAL__WEBHOOK": f"https://{host}:{self.port}/rest/1/{SECRET}/",
            "B24SYNCD_PORTAL__REGION": "RU",
            "B24SYNCD_PORTAL__CA_FILE": str(self.file),
        }
        portal = load_settings(None, environ | variables).portal
        route = Route(authorities=portal.authorities)
        if portal.proxy is not None:
            route = Route(portal.proxy.url, portal.proxy.redacted, portal.authorities)
        random = Random(1)  # noqa: S311 # has to be repeatable
        client = PortalClient(
            portal.webhook, LIMITS, clock=SystemClock(), random=random, memory=VolatileMemory(), route=route
        )
        async with client:
            await check_access(client)

    async def failure(self, *, host: str = HOST, **variables: str) -> B24SyncError:
        with pytest.raises(B24SyncError) as caught:
            await self.check(host=host, **variables)
        said = everything_said(caught.value)
        assert SECRET not in said
        assert "pa55" not in said
        assert "\n" not in str(caught.value)
        return caught.value


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(tmp_path) as made:
        yield made


@asynccontextmanager
async def opened(folder: Path, *names: str, **certificate: object) -> AsyncIterator[Office]:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*(names or (HOST, "127.0.0.1")), **certificate).configure_cert(context)  # type: ignore[arg-type]
    async with served(answering(GOOD), context) as address:
        yield Office(folder, address, authority)


async def test_an_authority_of_ones_own_is_trusted_where_the_settings_name_it(office: Office) -> None:
    await office.check(host="127.0.0.1")
    error = await office.failure(host="127.0.0.1", B24SYNCD_PORTAL__CA_FILE=other_authority(office))
    assert isinstance(error, AddressWrong)
    assert "no secure connection" in str(error)
    assert "portal.ca_file" in str(error)


def other_authority(office: Office) -> str:
    file = office.file.with_name("other.pem")
    trustme.CA().cert_pem.write_to_path(str(file))
    return str(file)


async def test_a_certificate_for_another_host(tmp_path: Path) -> None:
    async with opened(tmp_path, "else.example") as office:
        error = await office.failure(host="127.0.0.1")
    assert isinstance(error, AddressWrong)
    assert "write the host for which the certificate is made" in str(error)


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
async def test_the_portal_is_reached_through_the_proxy_of_the_environment(office: Office, name: str) -> None:
    async with proxying(office.port) as proxy:
        await office.check(**{name: proxy.address})
    assert proxy.asked == [f"CONNECT {HOST}:{office.port} HTTP/1.1"]


async def test_a_proxy_is_given_user_and_password(office: Office) -> None:
    async with proxying(office.port, credentials=CREDENTIALS) as proxy:
        await office.check(HTTPS_PROXY=proxy.address)
    assert len(proxy.asked) == 1


@pytest.mark.parametrize("exception", ["portal.example", ".example", "*", "other.example, PORTAL.example:{port}"])
async def test_what_no_proxy_names_is_not_asked_for_at_a_proxy(office: Office, exception: str) -> None:
    async with proxying(office.port) as proxy:
        # nobody knows this host, so without a proxy it cannot be reached
        error = await office.failure(HTTPS_PROXY=proxy.address, NO_PROXY=exception.format(port=office.port))
    assert proxy.asked == []
    assert f"https://{HOST}:{office.port}/rest/1/***/ cannot be reached" in str(error)


async def test_this_machine_is_never_reached_through_a_proxy(office: Office) -> None:
    async with proxying(office.port) as proxy:
        await office.check(host="127.0.0.1", HTTPS_PROXY=proxy.address)
    assert proxy.asked == []


@pytest.mark.parametrize(
    ("status", "kind", "code", "told"),
    [
        (407, CredentialsRefused, ExitCode.REFUSED, "write them into HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT"),
        (403, CredentialsRefused, ExitCode.REFUSED, f"name {HOST}:"),
        (404, AddressWrong, ExitCode.USAGE, "is HTTPS_PROXY the address of a proxy?"),
        (502, RetryLater, ExitCode.UNAVAILABLE, f"does not connect to {HOST}:"),
        (503, RetryLater, ExitCode.UNAVAILABLE, "(HTTP 503)"),
    ],
)
async def test_a_proxy_that_does_not_connect(
    office: Office, status: int, kind: type[B24SyncError], code: ExitCode, told: str
) -> None:
    async with proxying(office.port, status=status) as proxy:
        error = await office.failure(HTTPS_PROXY=with_password(proxy))
    assert type(error) is kind
    assert error.exit_code is code
    assert told in str(error)
    assert "http://***@127.0.0.1:" in str(error)


def with_password(proxy: NearbyProxy) -> str:
    return proxy.address.replace("://", f"://{CREDENTIALS}@")


@pytest.mark.parametrize("host", ["127.0.0.1:9", "no-such-proxy.invalid:3128"])
async def test_a_proxy_that_is_not_there(office: Office, host: str) -> None:
    error = await office.failure(HTTPS_PROXY=f"http://{CREDENTIALS}@{host}")
    assert error.exit_code is ExitCode.UNAVAILABLE
    assert f"the proxy http://***@{host} cannot be reached: " in str(error)
    assert "check HTTPS_PROXY" in str(error)


async def test_a_certificate_is_judged_behind_a_proxy_as_well(office: Office) -> None:
    async with proxying(office.port) as proxy:
        error = await office.failure(HTTPS_PROXY=proxy.address, B24SYNCD_PORTAL__CA_FILE=other_authority(office))
    assert isinstance(error, AddressWrong)
    assert f"{HOST}:{office.port}/rest/1/***/ (through the proxy http://127.0.0.1:" in str(error)


def redirecting(status: int, location: str, seen: list[str]) -> object:
    async def answer(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response(status=status, headers={"Location": location.format(path=request.path)})

    return answer


async def check_at(address: str, memory: VolatileMemory | None = None) -> B24SyncError:
    settings = load_settings(None, {"B24SYNCD_PORTAL__WEBHOOK": address, "B24SYNCD_PORTAL__REGION": "RU"})
    random = Random(1)  # noqa: S311 # has to be repeatable
    client = PortalClient(
        settings.portal.webhook, LIMITS, clock=SystemClock(), random=random, memory=memory or VolatileMemory()
    )
    async with client:
        with pytest.raises(B24SyncError) as caught:
            await check_access(client)
    assert SECRET not in everything_said(caught.value)
    return caught.value


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("https://new.example{path}", "redirects to new.example (HTTP"),
        ("https://new.example:8443{path}?a=b#c", "redirects to new.example:8443 (HTTP"),
        ("//new.example{path}", "redirects to new.example (HTTP"),
        ("https://user:pass@new.example{path}", "redirects to new.example (HTTP"),
        ("/login{path}", "redirects to another path of this host (HTTP"),
        ("", "redirects (HTTP"),
        ("https://[broken{path}", "redirects (HTTP"),
    ],
)
async def test_a_redirect_is_told_and_never_followed(status: int, location: str, told: str) -> None:
    seen: list[str] = []
    async with served(redirecting(status, location, seen)) as address:  # type: ignore[arg-type] # a handler
        error = await check_at(address)
    assert isinstance(error, AddressWrong)
    assert told in str(error)
    assert len(seen) == 1
    if "new.example" in told:
        old = address.split("/")[2]
        assert f"in place of {old} into the webhook's address" in str(error)
        assert f"`b24syncd state rename {old}`" in str(error)


async def test_a_portal_that_answered_in_an_earlier_life_may_be_under_maintenance() -> None:
    memory = VolatileMemory()
    await memory.save(LimitsState(reached=1000.0))
    async with served(answering({"up": True})) as address:
        assert isinstance(await check_at(address), AddressWrong)
        assert type(await check_at(address, memory)) is RetryLater
    async with served(redirecting(302, "https://new.example/", [])) as address:  # type: ignore[arg-type] # a handler
        assert isinstance(await check_at(address, memory), AddressWrong)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_page_that_asks_for_a_password_is_a_refusal(status: int) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="<html>Who are you?</html>", status=status, content_type="text/html")

    async with served(answer) as address:
        assert isinstance(await check_at(address), CredentialsRefused)
