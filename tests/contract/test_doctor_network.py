"""What an examination finds on the way to a portal: names, proxies, certificates."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.contract.nearby_proxy import proxying
from tests.contract.test_client_connections import SECRET
from tests.contract.test_client_routes import HOST, opened, other_authority, with_password

from b24syncd.app.doctor import network
from b24syncd.app.doctor.case import Case
from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.errors import ExitCode
from b24syncd.reports.doctor import Finding, Level
from b24syncd.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.contract.test_client_routes import Office

    Looking = Callable[[Case], AsyncIterator[Finding]]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(tmp_path) as made:
        yield made


def case_of(office: Office, stack: AsyncExitStack, *, host: str = "127.0.0.1", **variables: str) -> Case:
    environ = {
        "B24SYNCD_PORTAL__WEBHOOK": f"https://{host}:{office.port}/rest/1/{SECRET}/",
        "B24SYNCD_PORTAL__REGION": "RU",
        "B24SYNCD_PORTAL__CA_FILE": str(office.file),
        "B24SYNCD_STATE__PATH": str(office.file.with_name("state.db")),
        **variables,
    }
    return Case(environ, SYSTEM_CLOCK, stack, given=load_settings(None, environ))


async def looked(office: Office, look: Looking, *, host: str = "127.0.0.1", **variables: str) -> list[Finding]:
    async with AsyncExitStack() as stack:
        found = [finding async for finding in look(case_of(office, stack, host=host, **variables))]
    assert SECRET not in str(found)
    assert "pa55" not in str(found)
    return found


async def test_a_certificate_and_the_authorities_that_are_trusted(office: Office) -> None:
    host, trusted = await looked(office, network.tls)
    assert (host.level, trusted.level) == (Level.OK, Level.OK)
    assert host.detail.startswith("TLSv1.3, a certificate by trustme")
    assert "1 authority is trusted besides the system's" in trusted.detail


async def test_a_certificate_that_ends_soon(tmp_path: Path) -> None:
    soon = SYSTEM_CLOCK.now() + timedelta(days=3, hours=1)
    async with opened(tmp_path, not_after=soon) as office:
        host, _ = await looked(office, network.tls)
    assert host.level is Level.WARNING
    assert ", 3 days" in host.detail


async def test_a_certificate_of_an_authority_that_nobody_knows(office: Office) -> None:
    (found,) = await looked(office, network.tls, B24SYNCD_PORTAL__CA_FILE=other_authority(office))
    assert (found.level, found.exit_code) == (Level.FAILURE, ExitCode.USAGE)
    assert "portal.ca_file" in str(found.cure)


async def test_a_certificate_for_another_host_and_one_that_has_expired(tmp_path: Path) -> None:
    async with opened(tmp_path, "else.example") as office:
        (found,) = await looked(office, network.tls)
        assert "write the host for which the certificate is made" in str(found.cure)
    past = SYSTEM_CLOCK.now() - timedelta(days=1)
    async with opened(tmp_path, not_before=past - timedelta(days=9), not_after=past) as office:
        (found,) = await looked(office, network.tls)
        assert (found.level, found.exit_code) == (Level.FAILURE, ExitCode.USAGE)
        assert "certificate has expired" in found.detail


async def test_a_proxy_is_used_and_shown_without_its_password(office: Office) -> None:
    async with proxying(office.port, credentials="clerk:pr0xy-pa55") as proxy:
        variables = {"HTTPS_PROXY": proxy.address}
        assert (await looked(office, network.proxy, host=HOST, **variables))[0].detail.startswith("http://***@127.0.")
        assert (await looked(office, network.names, host=HOST, **variables))[0].level is Level.OK
        host, _ = await looked(office, network.tls, host=HOST, **variables)
    assert host.detail.startswith("TLSv1.3")
    assert proxy.asked == [f"CONNECT {HOST}:{office.port} HTTP/1.1"]


@pytest.mark.parametrize(("status", "code"), [(407, 3), (404, 2), (502, 4)])
async def test_a_proxy_that_does_not_connect(office: Office, status: int, code: int) -> None:
    async with proxying(office.port, status=status) as proxy:
        (found,) = await looked(office, network.tls, host=HOST, HTTPS_PROXY=with_password(proxy))
    assert (found.level, found.exit_code) == (Level.FAILURE, code)


@pytest.mark.parametrize(
    ("host", "variables", "told"),
    [
        (HOST, {}, "none is used: neither HTTPS_PROXY nor ALL_PROXY is set"),
        (HOST, {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": ".example"}, f"none is used: NO_PROXY names {HOST}"),
        ("127.0.0.1", {"all_proxy": "http://127.0.0.1:9"}, "none is used: the portal is on this machine itself"),
    ],
)
async def test_why_no_proxy_is_used(office: Office, host: str, variables: dict[str, str], told: str) -> None:
    (found,) = await looked(office, network.proxy, host=host, **variables)
    assert found.detail == told


async def test_a_name_that_nobody_knows_spares_the_attempt_to_connect(office: Office) -> None:
    async with AsyncExitStack() as stack:
        case = case_of(office, stack, host="no-such-portal.invalid")
        (found,) = [finding async for finding in network.names(case)]
    assert (found.level, found.exit_code) == (Level.FAILURE, ExitCode.UNAVAILABLE)
    assert found.cure is not None
    assert case.unreachable == "the name no-such-portal.invalid is not found"


async def test_nobody_listens(office: Office) -> None:
    (found,) = await looked(office, network.tls, B24SYNCD_PORTAL__WEBHOOK=f"http://127.0.0.1:9/rest/1/{SECRET}/")
    assert (found.level, found.exit_code) == (Level.FAILURE, ExitCode.UNAVAILABLE)
    assert found.detail == "http://127.0.0.1:9 cannot be reached: Connection refused"
