"""What stands between the client and a portal: wrong addresses, broken connections, refusals. And never the secret."""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING

import pytest
import trustme
from aiohttp import web

from b24syncd.clock import SystemClock
from b24syncd.errors import B24SyncError, CredentialsRefused, ExitCode, OutcomeUnknown, PortalBlocked, RetryLater
from b24syncd.portal.client import PortalClient
from b24syncd.portal.pace.backoff import Backoff
from b24syncd.portal.pace.limits import Limits, LimitsState, VolatileMemory
from b24syncd.portal.wire.commands import Answered, Command, Deferred, Priority, Refused
from b24syncd.settings.webhook import parse_webhook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SECRET = "s3cr3ts3cr3t"
LIMITS = Limits(burst=10_000, per_second=2000.0, backoff=Backoff(0.01, 0.05, 0.2, 0.05))
READ = Command("crm.item.list", {"entityTypeId": 3})
TIME = {"start": 1000.0, "finish": 1000.1, "duration": 0.1}


@asynccontextmanager
async def served(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serve one handler for everything; give the address of its webhook."""
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}/rest/1/{SECRET}/"
    finally:
        await runner.cleanup()


def client_of(address: str, limits: Limits = LIMITS, memory: VolatileMemory | None = None) -> PortalClient:
    webhook = parse_webhook(address, "portal.webhook")
    random = Random(1)  # noqa: S311 # has to be repeatable
    return PortalClient(webhook, limits, clock=SystemClock(), random=random, memory=memory or VolatileMemory())


def everything_said(error: BaseException | None) -> str:
    """All that an error and what hangs on to it could tell."""
    if error is None:
        return ""
    said = (error, error.args, vars(error), str(error), everything_said(error.__cause__))
    return f"{said!r} {everything_said(error.__context__)}"


async def failure_of(address: str, capsys: pytest.CaptureFixture[str]) -> B24SyncError:
    """Return the error that a read ends with, once it is sure that neither it nor a write's names the secret."""
    async with client_of(address) as client:
        with pytest.raises(B24SyncError) as caught:
            await client.read([READ], priority=Priority.LIVE)
        with pytest.raises(B24SyncError) as written:
            await write_until_it_fails(client)
    printed = capsys.readouterr()
    assert SECRET not in everything_said(caught.value) + everything_said(written.value) + printed.out + printed.err
    return caught.value


async def write_until_it_fails(client: PortalClient) -> None:
    while True:
        await client.write([READ], priority=Priority.LIVE)


def answering(body: object, status: int = 200) -> Handler:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response(body, status=status)

    return answer


def page(status: int) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=f"<html>{request.path}</html>", status=status, content_type="text/html")

    return answer


async def redirect(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": f"https://elsewhere.example{request.path}"})


async def reset(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def no_http(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.write(b"SSH-2.0-OpenSSH_9.6\r\n")
    request.transport.close()
    return web.Response()


@pytest.mark.parametrize(
    ("handler", "kind", "text"),
    [
        (page(200), RetryLater, "HTML page .* is this a Bitrix24 webhook"),
        (page(404), RetryLater, "HTML page .*404.* is this a Bitrix24 webhook"),
        (page(502), RetryLater, r"HTML page \(HTTP 502\)$"),
        (page(429), RetryLater, "too many requests"),
        (redirect, RetryLater, r"redirects to elsewhere\.example"),
        (reset, RetryLater, "connection to the portal broke"),
        (no_http, RetryLater, "not HTTP; is this a Bitrix24 webhook"),
        (answering(["a", "list"]), RetryLater, "not JSON|is this a Bitrix24 webhook"),
        (answering({"hello": "world"}), RetryLater, "without a result"),
        (answering({"error": "NO_AUTH_FOUND", "error_description": SECRET}, 401), CredentialsRefused, "NO_AUTH_FOUND"),
        (answering({"error": "insufficient_scope"}, 403), CredentialsRefused, "permission"),
        (answering({"error": "OVERLOAD_LIMIT"}, 503), PortalBlocked, "overload"),
        (
            answering({"error": "ACCESS_DENIED", "error_description": "only on commercial plans"}, 403),
            PortalBlocked,
            "",
        ),
        (
            answering({"error": "ACCESS_DENIED", "error_description": "REST is available only by subscription."}, 401),
            PortalBlocked,
            "plan does not include",
        ),
    ],
)
async def test_what_is_wrong_is_told_in_one_sentence_without_the_secret(
    handler: Handler, kind: type[B24SyncError], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with served(handler) as address:
        error = await failure_of(address, capsys)
    assert isinstance(error, kind)
    assert re.search(text, str(error))
    assert "\n" not in str(error)
    assert error.exit_code in {ExitCode.REFUSED, ExitCode.UNAVAILABLE}


@pytest.mark.parametrize("host", ["127.0.0.1:9", "no-such-host.invalid"])
async def test_an_unreachable_portal(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    scheme = "http" if host[0].isdigit() else "https"
    error = await failure_of(f"{scheme}://{host}/rest/1/{SECRET}/", capsys)
    assert "cannot be reached" in str(error)
    assert error.exit_code is ExitCode.UNAVAILABLE


async def test_a_certificate_that_nobody_trusts(capsys: pytest.CaptureFixture[str]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    async with served(answering({"result": 1, "time": TIME}), context) as address:
        error = await failure_of(address, capsys)
    assert re.search("no secure connection to .*: .+", str(error))


async def test_a_portal_that_speaks_no_tls(capsys: pytest.CaptureFixture[str]) -> None:
    async with served(answering({"result": 1})) as address:
        error = await failure_of(address.replace("http:", "https:"), capsys)
    assert re.search("no secure connection to .*: .+", str(error))


async def test_errors_without_a_code_or_status_are_final_for_their_command() -> None:
    async with served(answering({"error": "", "error_description": "said"})) as address, client_of(address) as client:
        assert await client.read([READ], priority=Priority.LIVE) == (Refused("", "said"),)


async def test_what_refuses_a_whole_batch_says_nothing_of_its_commands() -> None:
    error = {"error": "ERROR_MANIFEST_IS_NOT_AVAILABLE", "error_description": "Manifest is not available"}
    async with served(answering(error, 404)) as address, client_of(address) as client:
        outcomes = await client.write([READ, READ], priority=Priority.LIVE)
        with pytest.raises(RetryLater, match=r"refused a whole batch .*MANIFEST"):
            await client.read([READ, Command("profile", {})], priority=Priority.LIVE)
    assert [type(outcome) for outcome in outcomes] == [Deferred, Deferred]


async def test_the_webhooks_path_and_a_json_body_are_sent() -> None:
    seen: list[tuple[str, str, object]] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append((request.path, request.content_type, await request.json()))
        return web.json_response({"result": [], "time": TIME})

    async with served(answer) as address, client_of(address) as client:
        await client.read([Command("crm.item.list", {"filter": {"title": "Ж"}})], priority=Priority.LIVE)
    assert seen == [(f"/rest/1/{SECRET}/crm.item.list", "application/json", {"filter": {"title": "Ж"}})]


async def test_a_portal_without_counters_is_not_held_up() -> None:
    async with served(answering({"result": []})) as address, client_of(address) as client:
        for _ in range(3):
            (outcome,) = await client.read([READ], priority=Priority.LIVE)
            assert isinstance(outcome, Answered)
        assert await client.write_capacity(["crm.item.list"], 50, priority=Priority.LIVE) >= 2


async def test_requests_in_flight_are_capped_and_one_is_kept_for_live_ones() -> None:
    release = asyncio.Event()
    arrived: asyncio.Queue[str] = asyncio.Queue()

    async def answer(request: web.Request) -> web.Response:
        name = request.path.rpartition("/")[2]
        await arrived.put(name)
        if name != "first":
            await release.wait()
        return web.json_response({"result": [], "time": TIME})

    limits = Limits(burst=10_000, per_second=2000.0, in_flight=2)
    async with served(answer) as address, client_of(address, limits) as client, asyncio.TaskGroup() as group:
        await client.read([Command("first", {})], priority=Priority.LIVE)
        for name in ("one", "two", "three"):
            group.create_task(client.read([Command(name, {})], priority=Priority.BACKFILL))
        assert [await arrived.get(), await arrived.get()] == ["first", "one"]
        group.create_task(client.read([Command("live", {})], priority=Priority.LIVE))
        assert await arrived.get() == "live"
        release.set()


async def test_what_was_learnt_is_saved_before_each_request_and_taken_up_again() -> None:
    memory = VolatileMemory()

    async def answer(_: web.Request) -> web.Response:
        saved.append(await memory.load())
        return web.json_response({"result": [], "time": {**TIME, "operating": 7.5, "operating_reset_at": 1600}})

    saved: list[LimitsState] = []
    leisurely = Limits(burst=100, per_second=0.1)
    async with served(answer) as address:
        for _ in range(2):
            async with client_of(address, leisurely, memory) as client:
                await client.read([READ], priority=Priority.LIVE)
                await client.read([READ], priority=Priority.LIVE)
    assert [len(state.send_times) for state in saved] == [1, 2, 3, 4]
    spent, reset_at = saved[1].operating["crm.item.list"]
    # the second one, of 0.1 s so far, may cost eight times as much, and a margin
    assert spent == pytest.approx(7.5 + 8 * 0.115)
    assert reset_at == 1600
    assert saved[3].costs["crm.item.list"] == pytest.approx(0.1)


class AskingClock(SystemClock):
    """Asks what is waited for whenever somebody waits."""

    def __init__(self) -> None:
        self.client: PortalClient | None = None
        self.told: list[str | None] = []

    async def sleep(self, seconds: float) -> None:
        assert self.client is not None
        assert seconds > 0
        wait = self.client.waits.foremost
        self.told.append(None if wait is None else wait.what)


async def test_waiting_tells_what_for() -> None:
    clock = AskingClock()
    webhook = parse_webhook(f"http://127.0.0.1:9/rest/1/{SECRET}/", "portal.webhook")
    random = Random(1)  # noqa: S311 # has to be repeatable
    async with PortalClient(webhook, LIMITS, clock=clock, random=random, memory=VolatileMemory()) as client:
        clock.client = client
        assert client.waits.foremost is None
        with pytest.raises(RetryLater):
            await client.read([READ], priority=Priority.LIVE)
        assert client.waits.foremost is None
    assert clock.told[0] == "the portal (http://127.0.0.1:9/rest/1/***/ cannot be reached: Connection refused)"


async def test_a_lost_answer_to_a_write_is_unknown() -> None:
    async with served(reset) as address, client_of(address) as client:
        with pytest.raises(OutcomeUnknown):
            await client.write([READ], priority=Priority.LIVE)


async def test_a_portal_that_loses_every_answer_is_not_written_to_for_ever() -> None:
    async with served(reset) as address, client_of(address) as client:
        for _ in range(12):
            with pytest.raises((OutcomeUnknown, RetryLater)) as caught:
                await client.write([READ], priority=Priority.LIVE)
            if isinstance(caught.value, RetryLater):
                break
    assert isinstance(caught.value, RetryLater)


async def test_a_client_that_is_not_open_is_a_mistake_of_ours() -> None:
    with pytest.raises(RuntimeError, match="not open"):
        await client_of(f"http://127.0.0.1:9/rest/1/{SECRET}/").read([READ], priority=Priority.LIVE)
