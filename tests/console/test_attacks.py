"""Attacks on the console: each is refused and logged without values, and the daemon goes on as if nothing had been."""

from __future__ import annotations

import asyncio
import gzip
import io
import re
import ssl
from dataclasses import replace
from typing import TYPE_CHECKING

import aiohttp
import pytest
import pytest_asyncio
import trustme
from tests.console.served import served

from b24syncd.domain.people import IDLE_LASTS, INVITATION_LASTS, Role
from b24syncd.observe.logs import configure_logs
from b24syncd.settings.door import Door
from b24syncd.settings.http import Http
from b24syncd.web.console.routes import LONGEST_FORM
from b24syncd.web.console.table import TABLE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.console.served import Caller, Served

SECRETS = re.compile(r"[A-Za-z0-9_-]{40,}")
"""What keys and tokens look like."""


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def unharmed(console: Served) -> AsyncIterator[io.StringIO]:
    """Hold after each attack that the daemon follows and answers, and that its log tells no key."""
    logged = io.StringIO()
    configure_logs("json", stream=logged)
    yield logged
    anna = await console.signed_in(Role.VIEW, "afterwards")
    assert (await anna.get("/")).status == 200
    assert console.daemon.is_alive
    assert SECRETS.findall(logged.getvalue()) == []
    assert "console_failed" not in logged.getvalue()


async def test_an_invitation_is_taken_once_and_in_time(console: Served) -> None:
    key = (await console.invitation()).partition("#")[2]
    stranger = console.stranger
    taken = await stranger.post("/join", {"key": key})
    assert (taken.status, taken.headers["Location"]) == (303, "/")
    assert "HttpOnly; Max-Age=2592000; Path=/; SameSite=Lax" in taken.headers["Set-Cookie"]
    for again in (key, key[:-1], "", "0" * 43, "x" * 4000, "\u0000", "ключ"):
        refused = await stranger.post("/join", {"key": again})
        assert (refused.status, "Set-Cookie" in refused.headers) == (403, False)
    late = (await console.invitation("Boris")).partition("#")[2]
    console.clock.ahead += INVITATION_LASTS
    assert (await stranger.post("/join", {"key": late})).status == 403


async def test_an_invitation_is_not_taken_from_another_page(console: Served) -> None:
    key = (await console.invitation()).partition("#")[2]
    assert (await console.stranger.post("/join", {"key": key}, Origin="https://evil.example")).status == 403
    assert (await console.stranger.post("/join", {"key": key}, Origin="")).status == 403
    assert (await console.stranger.get(f"/join?key={key}")).status == 200  # a preview of the link spends nothing
    assert (await console.stranger.post("/join", {"key": key})).status == 303


async def test_a_session_that_is_not_used_is_over(console: Served) -> None:
    anna = await console.signed_in(Role.VIEW)
    assert (await anna.get("/")).status == 200
    console.clock.ahead += IDLE_LASTS
    assert (await anna.get("/")).status == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "10.0.0.1", "", "[::2]", "a b"]
)
async def test_a_name_that_leads_here_reads_nothing(console: Served, host: str) -> None:
    anna = await console.signed_in()
    answer = await anna.get("/people", Host=host or " ")
    assert answer.status in {400, 421}
    assert "afterwards" not in answer.text
    assert "Anna" not in answer.text
    for path in ("/join", "/static/1/console.js"):
        assert (await console.stranger.get(path, Host=host or " ")).status in {400, 421}


@pytest.mark.parametrize(
    "path",
    [
        "/static/1/../../pages/now.py",
        "/static/1/..%2f..%2fvisit.py",
        "/static/1/%2e%2e%2fvisit.py",
        "/static/..%2f/visit.py",
        "/static/1/console.css%00.js",
        "/static/1/%2Fetc%2Fpasswd",
        "/static//etc/passwd",
        "//evil.example/",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/items/contact/..%2f1",
        "/items/contact/1%00",
        "/items/contact/99999999999999999999999999",
        "/items/contact/-1",
        "/items/contact/1'%20OR%201=1",
        "/items/%D0%BA/1",
        f"/items/contact/{'1' * 7000}",
        "/events?topic=..%2f",
        "/.git/config",
        "/templates/base.html",
        "/v1/commands",
    ],
)
async def test_paths_lead_nowhere_else(console: Served, path: str) -> None:
    anna = await console.signed_in()
    reader, writer = await asyncio.open_connection(*_address(console))
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {anna.cookie}={anna.key}\r\nConnection: close\r\n\r\n"
    writer.write(request.encode())
    answer = await reader.read()
    assert answer.partition(b"\r\n")[0] in {b"HTTP/1.1 404 Not Found", b"HTTP/1.1 400 Bad Request"}
    assert b"import " not in answer
    assert b"root:" not in answer
    writer.close()


@pytest.mark.parametrize("path", ["/people/invite", "/join"])
async def test_what_is_too_large_is_not_taken(console: Served, path: str) -> None:
    anna = await console.signed_in()
    large = f"csrf={anna.csrf}&name={'x' * LONGEST_FORM}".encode()
    form = {"Content_Type": "application/x-www-form-urlencoded", "Origin": anna.url}

    async def in_chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 65536):
            yield large[start : start + 65536]

    for body in (io.BytesIO(large), in_chunks()):
        assert (await _asked(anna, path, body, form)) in {413, 0}  # it may be hung up on before all of it was sent
    packed = gzip.compress(large * 50)
    assert (await _asked(anna, path, packed, form | {"Content_Encoding": "gzip"})) in {400, 413}
    many = "&".join(f"a{number}=1" for number in range(50_000)).encode()
    assert (await _asked(anna, path, many, form)) == 413


async def _asked(caller: Caller, path: str, body: object, headers: dict[str, str]) -> int:
    try:
        return (await caller.ask("POST", path, data=body, **headers)).status
    except OSError:
        return 0


@pytest.mark.parametrize(
    "sent",
    [
        b"\xff\xfe\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: \xff\x00=1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: " + b"a=b; " * 2000 + b"\r\n\r\n",
        b"POST /join HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /join HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Language: " + b"ru;q=9e999," * 500 + b"\r\n\r\n",
    ],
    ids=range(8),
)
async def test_garbage_is_refused(console: Served, sent: bytes) -> None:
    reader, writer = await asyncio.open_connection(*_address(console))
    writer.write(sent)
    writer.write_eof()
    answer = await reader.read()
    assert b" 200 " not in answer.partition(b"\r\n")[0]
    assert b"Traceback" not in answer
    writer.close()


async def test_where_a_language_leads_back_to_is_a_page_of_the_console(console: Served) -> None:
    for back in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nX: y", ""):
        answer = await console.stranger.post("/language", {"language": "ru", "back": back})
        assert (answer.status, answer.headers["Location"]) == (303, "/")
        assert "X" not in answer.headers
    assert (await console.stranger.post("/language", {"language": "ru", "back": "/join"})).headers[
        "Location"
    ] == "/join"


async def test_no_page_holds_a_secret_or_may_be_kept(console: Served) -> None:
    anna = await console.signed_in()
    webhook = console.world.settings.portal.webhook
    for route in TABLE:
        if route.method != "GET" or route.path == "/events":
            continue
        answer = await anna.get(route.path.replace("{type}", "contact").replace("{id}", "1"))
        assert anna.key not in answer.text
        assert webhook.secret not in answer.text
        assert set(SECRETS.findall(answer.text)) <= {anna.csrf}
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert " style=" not in answer.text
        assert not re.search(r"<(script(?! type=\"module\" src=)|style)| on\w+=\"", answer.text)


async def test_what_is_refused_is_logged_by_its_route_alone(console: Served, unharmed: io.StringIO) -> None:
    viewer = await console.signed_in(Role.VIEW)
    await viewer.post("/people/invite", {"name": "Ivan Petrov", "role": "operate"})
    await console.stranger.get("/items/contact/4711?q=Petrov")
    logged = unharmed.getvalue()
    assert '"method": "POST", "route": "/people/invite", "why": "role"' in logged
    assert '"route": "/items/{type}/{id}", "why": "session"' in logged
    assert "Petrov" not in logged
    assert "4711" not in logged


@pytest.mark.parametrize(
    ("proxy", "forwarded", "status"),
    [("127.0.0.1/32", "https", 401), ("127.0.0.1/32", "http", 403), ("10.0.0.1/32", "https", 403)],
)
async def test_only_the_proxy_that_is_named_is_heard_and_only_with_https(
    tmp_path: Path, proxy: str, forwarded: str, status: int
) -> None:
    door = Door(proxies=(proxy,), hosts=("console.acme.example",))
    folder = tmp_path / "behind"
    folder.mkdir()
    async with served(folder, Http("127.0.0.1:0", "127.0.0.1", 0, has_console=True, door=door)) as opened:
        await opened.begin()
        stranger = replace(opened.stranger, url=opened.url.replace("https", "http"))
        host = {"Host": "console.acme.example", "X_Forwarded_Proto": forwarded}
        assert (await stranger.get("/", **host)).status == status
        assert (await stranger.get("/", Host="127.0.0.1")).status == 421
        assert (await stranger.get("/metrics", **host)).status == 401  # no token is set, so it is for nobody
        assert opened.site.cookie == "__Host-b24syncd-acme"


async def test_over_tls_the_cookie_is_for_this_host_and_tls_alone(tmp_path: Path) -> None:
    authority, folder = trustme.CA(), tmp_path / "tls"
    folder.mkdir()
    issued = authority.issue_cert("localhost", "127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(folder / "certificate")
    issued.private_key_pem.write_to_path(folder / "key")
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    door = Door(folder / "certificate", folder / "key")
    async with served(folder, Http("127.0.0.1:0", "127.0.0.1", 0, has_console=True, door=door)) as opened:
        await opened.begin()
        key = (await opened.invitation()).partition("#")[2]
        sent = {"data": {"key": key}, "headers": {"Origin": opened.url}, "ssl": trusting, "allow_redirects": False}
        async with opened.client.post(f"{opened.url}/join", **sent) as answer:  # type: ignore[arg-type] # all of these
            cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-b24syncd-acme=")
        assert "Secure" in cookie
        assert "Domain" not in cookie
        async with opened.client.get(f"{opened.url}/healthz", ssl=trusting) as answer:
            assert answer.status == 200
        with pytest.raises(aiohttp.ClientConnectionError):
            await opened.client.get(opened.url.replace("https", "http"))
        old = issued.cert_chain_pems[0].bytes().decode()
        renewed = authority.issue_cert("localhost", "127.0.0.1", key_type=trustme.KeyType.RSA)
        new = renewed.cert_chain_pems[0].bytes().decode()
        assert await _shown(opened, trusting) == old
        renewed.cert_chain_pems[0].write_to_path(folder / "certificate")
        assert await _shown(opened, trusting) == old
        renewed.private_key_pem.write_to_path(folder / "key")
        assert await _shown(opened, trusting) == new
        (folder / "key").unlink()
        assert await _shown(opened, trusting) == new


async def _shown(console: Served, trusting: ssl.SSLContext) -> str:
    """Return the certificate that whoever connects now is shown."""
    _reader, writer = await asyncio.open_connection(*_address(console), ssl=trusting)
    found = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    await writer.wait_closed()
    return ssl.DER_cert_to_PEM_cert(found)


def _address(console: Served) -> tuple[str, int]:
    host, _, port = console.url.rpartition("/")[2].partition(":")
    return host, int(port)
