"""The door for those who watch: health and metrics to whoever may ask, and never a command."""

from __future__ import annotations

import asyncio
import re
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families
from tests.engine.test_handing_over import CANONICAL, MESSY, served
from tests.engine.test_pulse import stuck

from b24syncd.domain.conditions import ConditionKind
from b24syncd.errors import RetryLater, SettingsInvalid
from b24syncd.settings.http import Http
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.web import tcp_door, unix_door
from b24syncd.web.application import application
from b24syncd.web.monitoring.observing import Monitor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.engine.world import World

    from b24syncd.app.follow import Daemon

TOKEN = "0123456789abcdef0123456789abcdef"
LOCAL = Http("127.0.0.1:0", "127.0.0.1", 0)
GUARDED = Http("0.0.0.0:0", "0.0.0.0", 0, TOKEN)  # noqa: S104 # what is tested is who may ask there


@dataclass
class Door:
    """A door that is open, and a client that asks there."""

    port: int
    client: aiohttp.ClientSession
    daemon: Daemon | None = None

    async def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"http://127.0.0.1:{self.port}{path}"
        async with self.client.request(method, url, headers=named) as answer:
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["Server"] == "b24syncd"
            return answer.status, await answer.text()

    async def numbers(self) -> dict[str, float]:
        """Return every sample by its name and labels, as they are written."""
        status, text = await self.ask("/metrics")
        assert status == 200
        lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
        return {name: float(number) for name, _, number in lines}


@asynccontextmanager
async def opened(world: World, http: Http = LOCAL, *, within: float = 5.0) -> AsyncIterator[Door]:
    """Open a door, at which a daemon of the world is watched once it follows."""
    monitor = Monitor(within)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(aiohttp.ClientSession())
        (address, *_) = await stack.enter_async_context(tcp_door.opened(http, "acme", monitor))
        door = Door(address[1], client)

        @asynccontextmanager
        async def serving(daemon: Daemon) -> AsyncIterator[None]:
            door.daemon = daemon
            async with unix_door.serving(daemon), monitor.serving(daemon):
                yield

        world.serving = serving
        yield door


async def test_it_tells_from_the_start_that_it_is_not_ready_yet(world: World) -> None:
    async with opened(world) as door:
        assert await door.ask("/healthz") == (200, "ok\n")
        status, reasons = await door.ask("/readyz")
        assert (status, reasons) == (
            503,
            "it has just been started and does not follow the portal yet; ask again in a moment\n",
        )
        assert (await door.numbers())['b24syncd_following{portal="acme"}'] == 0
        async with served(world):
            assert await door.ask("/readyz") == (200, "ready\n")
            assert (await door.numbers())['b24syncd_following{portal="acme"}'] == 1
        assert (await door.ask("/readyz"))[0] == 503


async def test_what_it_did_is_in_its_numbers(world: World) -> None:
    world.configure(changes__interval_seconds=30)
    item = world.add(CANONICAL)
    world.add("12")
    async with opened(world) as door, served(world):
        await world.rounds(1)
        assert world.portal.person.edit(world.change(item, MESSY))
        await world.until(lambda: world.phones(item) == [CANONICAL])
        await world.backfill()
        await world.rounds(2)
        await asyncio.sleep(10)
        found = await door.numbers()
        labels = {key: value for key, value in found.items() if value}
        assert found['b24syncd_corrections_total{job="phones",outcome="done",portal="acme"}'] == 1
        assert found['b24syncd_reviews_open{portal="acme",reason="too_short"}'] == 1
        assert found['b24syncd_queue_items{portal="acme",state="waiting"}'] == 0
        assert found['b24syncd_health_verdict{portal="acme",verdict="well"}'] == 1
        assert found['b24syncd_database_up{portal="acme"}'] == 1
        assert 5 < found['b24syncd_feed_lag_seconds{entity_type="contact",portal="acme"}'] < 65
        success = found['b24syncd_feed_last_success_timestamp_seconds{entity_type="contact",portal="acme"}']
        assert 0 <= world.clock.now().timestamp() - success < 65
        assert found['b24syncd_commands_total{method="crm.item.update",outcome="answered",portal="acme"}'] == 1
        assert door.daemon is not None
        sent = door.daemon.session.client.requests_sent
        assert found['b24syncd_requests_total{outcome="answered",portal="acme"}'] == sent
        assert found['b24syncd_batch_commands_count{portal="acme"}'] == sent
        assert found['b24syncd_batch_commands_bucket{le="+Inf",portal="acme"}'] == sent
        assert found['b24syncd_wait_seconds_total{cause="changes",portal="acme"}'] > 60
        assert 0 <= found['b24syncd_operating_ratio{method="crm.item.update",portal="acme"}'] < 1
        assert not [key for key in labels if re.search(r"contact:|\d{5}|acme.db", key)]


async def test_it_is_read_in_both_formats_of_prometheus(world: World) -> None:
    async with opened(world) as door, served(world):
        _, text = await door.ask("/metrics")
        _, openly = await door.ask("/metrics", Accept="application/openmetrics-text; version=1.0.0")
        names = {family.name for family in text_string_to_metric_families(text)}
        assert names == {family.name for family in open_metrics(openly)}  # type: ignore[no-untyped-call]
        assert "b24syncd_build_info" in names


async def test_a_condition_is_a_reason_with_its_cure(world: World) -> None:
    world.configure(changes__interval_seconds=30)
    async with opened(world) as door, served(world):
        await world.rounds(1)
        assert door.daemon is not None
        told_of = door.daemon.conditions
        told_of.meet("here", ConditionKind.WRONG_REGION, "RU", "the numbers\nseem to be of KZ")
        told_of.meet("there", ConditionKind.TYPE_OFF, "deal", "deals are switched off")
        await asyncio.sleep(10)
        status, text = await door.ask("/readyz")
        assert status == 503
        [line] = text.splitlines()
        assert line.startswith("trouble since 2026-03-02T")
        assert line.endswith(
            ": wrong region (RU): the numbers seem to be of KZ; set portal.region to where the numbers are written; "
            "if it is right, `b24syncd backfill --continue`"
        )
        async with door.client.get(
            f"http://127.0.0.1:{door.port}/readyz", headers={"Accept": "application/json"}
        ) as answer:
            told: dict[str, Any] = await answer.json()
        assert (answer.status, told["ready"], told["reasons"]) == (503, False, [line])
        assert [one["kind"] for one in told["conditions"]] == ["wrong_region"]
        found = await door.numbers()
        assert found['b24syncd_conditions{kind="wrong_region",portal="acme"}'] == 1
        assert found['b24syncd_conditions{kind="type_off",portal="acme"}'] == 1
        assert found['b24syncd_health_verdict{portal="acme",verdict="trouble"}'] == 1


async def test_errors_and_waiting_are_counted_by_their_causes(world: World) -> None:
    world.configure(changes__interval_seconds=30)
    async with opened(world) as door, served(world):
        await world.rounds(1)
        world.portal.faults.add(Fault(kind=Kind.RESET, times=None))
        await asyncio.sleep(60)
        status, text = await door.ask("/readyz")
        assert (status, ": portal away: the connection to the portal broke" in text) == (503, True)
        await asyncio.sleep(3600)
        found = await door.numbers()
        assert found['b24syncd_wait_seconds_total{cause="portal",portal="acme"}'] > 3000
        assert found['b24syncd_requests_total{outcome="unknown",portal="acme"}'] > 1
        assert found['b24syncd_errors_total{class="retry_later",portal="acme"}'] > 1
        assert found['b24syncd_feed_lag_seconds{entity_type="lead",portal="acme"}'] > 3500
        assert await door.ask("/healthz") == (200, "ok\n")  # to start it again would not help
        told = [(await door.ask(path))[1] for path in ("/readyz", "/metrics")]
        assert world.settings.portal.webhook.secret not in "".join(told)


async def test_a_state_that_does_not_answer_is_not_healthy(world: World) -> None:
    async with opened(world, within=0.0) as door, served(world):
        for path in ("/healthz", "/readyz"):
            assert await door.ask(path) == (503, "the state did not answer within 0 s\n")
        found = await door.numbers()
        assert found['b24syncd_database_up{portal="acme"}'] == 0
        assert found['b24syncd_health_verdict{portal="acme",verdict="trouble"}'] == 1
        assert 'b24syncd_requests_total{outcome="answered",portal="acme"}' in found


async def test_a_loop_that_is_stuck_is_not_healthy(world: World) -> None:
    async with opened(world) as door, stuck(world):
        await asyncio.sleep(890)
        assert (await door.ask("/healthz"))[0] == 200
        await asyncio.sleep(20)
        status, text = await door.ask("/healthz")
        assert (status, text) == (503, "there was no sign of life for too long; it has to be started again\n")


@pytest.mark.parametrize(
    "sent",
    [b"\n", b"\xff\xfe\n", b"x" * 100_000, b"GET / HTTP/9.9\r\n\r\n", b"GET /metrics HTTP/1.1\r\nA: \x00\r\n\r\n"],
)
async def test_garbage_is_told_nothing(world: World, sent: bytes) -> None:
    async with opened(world, GUARDED) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(sent)
        writer.write_eof()
        answer = await reader.read()
        assert b" 200 " not in answer
        assert b"b24syncd_" not in answer
        writer.close()
        assert (await door.ask("/healthz", Authorization=f"Bearer {TOKEN}"))[0] == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/v1/commands", "/"])
async def test_a_token_is_demanded_whatever_is_asked(world: World, path: str) -> None:
    async with opened(world, GUARDED) as door:
        for given in ("", "Bearer", f"Basic {TOKEN}", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}0", TOKEN, "Bearer ä"):
            status, text = await door.ask(path, **({"Authorization": given} if given else {}))
            assert (status, text) == (401, "a token is demanded: Authorization: Bearer TOKEN\n")
        status, _ = await door.ask(path, Authorization=f"bearer {TOKEN}", Host="monitor.acme.example")
        assert status == {"/healthz": 200, "/readyz": 503, "/metrics": 200}.get(path, 404)


@pytest.mark.parametrize(
    ("host", "is_heard"),
    [
        ("127.0.0.1", True),
        ("127.0.0.1:9000", True),  # through a tunnel
        ("LocalHost:8324", True),
        ("[::1]:8324", True),
        ("evil.example", False),
        ("evil.example:8324", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("10.0.0.1:8324", False),
        ("[::2]", False),
        ("", False),
    ],
)
async def test_a_page_whose_name_leads_here_reads_nothing(world: World, host: str, is_heard: bool) -> None:  # noqa: FBT001 # of the table
    async with opened(world) as door:
        for path in ("/healthz", "/metrics"):
            status, text = await door.ask(path, Host=host)
            assert (status == 200, "b24syncd_" in text) == (is_heard, is_heard and path == "/metrics")
            assert is_heard or status == 421


async def test_it_takes_no_command_by_any_method(world: World) -> None:
    world.add(MESSY)
    async with opened(world) as door, served(world):
        for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
            assert (await door.ask("/v1/commands", method))[0] == 404
        for method in ("POST", "PUT", "DELETE"):
            assert (await door.ask("/metrics", method))[0] == 405
        assert (await door.ask("/v1/pulse"))[0] == 404


def paths(served: aiohttp.web.Application) -> set[tuple[str, str]]:
    return {(route.method, str(route.resource and route.resource.canonical)) for route in served.router.routes()}


async def test_every_route_is_at_the_door_where_it_belongs(world: World) -> None:
    async with opened(world) as door, served(world):
        assert door.daemon is not None
        watched = paths(tcp_door.application(Monitor(), LOCAL, "acme"))
        asked = paths(application(door.daemon))
    assert watched == {(method, path) for method in ("GET", "HEAD") for path in ("/healthz", "/readyz", "/metrics")}
    assert asked == {("POST", "/v1/commands"), ("GET", "/v1/pulse"), ("HEAD", "/v1/pulse")}


async def test_a_port_that_is_in_use_is_told_in_a_sentence(world: World) -> None:
    async with opened(world) as door:
        taken = Http(f"127.0.0.1:{door.port}", "127.0.0.1", door.port)
        with pytest.raises(RetryLater) as caught:
            async with tcp_door.opened(taken, "acme", Monitor()):
                pass
    assert str(caught.value) == (
        f"nothing can be served at http.listen = 127.0.0.1:{door.port}: another process uses this port; end that one, "
        "or choose another port"
    )
    assert caught.value.exit_code == 4
    async with tcp_door.opened(taken, "acme", Monitor()) as addresses:  # it is free again at once
        assert addresses == (("127.0.0.1", door.port),)


@pytest.mark.parametrize(
    ("http", "error", "told"),
    [
        (Http("192.0.2.1:8324", "192.0.2.1", 8324, TOKEN), RetryLater, "this machine has no such address, or not yet"),
        (Http("no.such.invalid:1", "no.such.invalid", 1, TOKEN), SettingsInvalid, "no address is known for this host"),
        (Http("0.0.0.0:0", "0.0.0.0", 0), SettingsInvalid, "other machines can reach"),  # noqa: S104 # refused
    ],
)
async def test_an_address_that_cannot_be_is_told(http: Http, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        async with tcp_door.opened(http, "acme", Monitor()):
            pass


async def test_whoever_holds_connections_open_holds_up_nothing(world: World) -> None:
    async with AsyncExitStack() as stack:
        door = await stack.enter_async_context(opened(world))
        lines = [await asyncio.open_connection("127.0.0.1", door.port) for _ in range(70)]
        reader, writer = lines[-1]
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert await reader.read() == b""  # there is no room for more
        begun = world.clock.monotonic()
        await asyncio.sleep(11)
        assert (await door.ask("/healthz"))[0] == 200
        more = await asyncio.open_connection("127.0.0.1", door.port)
        more[1].write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n")
        begun = world.clock.monotonic()
        await stack.aclose()
        assert world.clock.monotonic() - begun < 3
        for _, each in (*lines, more):
            each.close()


async def test_several_ask_at_once_and_the_state_is_read_once(world: World) -> None:
    async with opened(world) as door, served(world):
        answers = await asyncio.gather(*(door.ask("/metrics") for _ in range(10)))
        assert {status for status, _ in answers} == {200}
