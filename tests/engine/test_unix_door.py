"""The daemon's own socket: whatever is sent there, by whom and how slowly, the daemon goes on and tells its part."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs
from tests.engine.test_handing_over import CANONICAL, MESSY, served, states

from b24syncd import app
from b24syncd.app.control_messages import OTHER_RELEASE, sealed
from b24syncd.app.requests import BackfillRequest
from b24syncd.engine.pulse import COMMANDS
from b24syncd.errors import HandedOverFailed, RetryLater, StateLocked
from b24syncd.local_socket import listen, short
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.store.lock import socket_of
from b24syncd.web.unix_door import serving

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.engine.world import World

    from b24syncd.app.follow import Daemon

Line = tuple["StreamReader", "StreamWriter"]

HEAD = b"POST /v1/commands HTTP/1.1\r\nHost: b24syncd\r\n"


@asynccontextmanager
async def line_to(world: World) -> AsyncIterator[Line]:
    """Connect with the daemon, as any program may."""
    path = socket_of(world.state)
    assert path is not None
    with short(path) as address:
        reader, writer = await asyncio.open_unix_connection(address)
    try:
        yield reader, writer
    finally:
        writer.close()


def post(body: bytes, *, length: int | None = None, path: str = "/v1/commands") -> bytes:
    announced = len(body) if length is None else length
    return f"POST {path} HTTP/1.1\r\nHost: b24syncd\r\nContent-Length: {announced}\r\n\r\n".encode() + body


async def answered(world: World, sent: bytes) -> tuple[int, dict[str, Any]]:
    """Return the status and the JSON of the answer."""
    async with line_to(world) as (reader, writer):
        writer.write(sent)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(row.split(b":")[1]) for row in head.splitlines() if row.lower().startswith(b"content-length"))
        return int(head.split()[1]), json.loads(await reader.readexactly(length))


async def test_another_user_is_hung_up_on_unheard(world: World) -> None:
    world.add(MESSY)
    request = post(sealed(world.settings, BackfillRequest()))
    async with served(world):
        path = socket_of(world.state)
        assert path is not None
        path.chmod(0o666)  # it takes more than a right to the file
        path.parent.chmod(0o755)
        stranger = [sys.executable, str(Path(__file__).with_name("stranger_process.py"))]
        arguments = [str(path.parent), path.name, request.decode()]
        with subprocess.Popen([*stranger, *arguments], stdout=subprocess.PIPE) as asked:  # noqa: ASYNC220 # the loop's time does not pass with it
            await world.until(lambda: asked.poll() is not None, seconds=1e9)
            assert asked.stdout is not None
            assert (asked.returncode, asked.stdout.read()) == (0, b"")
        assert states(world) == [("run", "running")]
        assert (await world.backfill()).counts["corrected"] == 1


@pytest.mark.parametrize(
    "sent",
    [
        b"\n",
        b"{}\n",
        b"\xff\xfe\n",
        b"x" * 100_000,
        b'{"order": 1}\n',
        b"GET / HTTP/1.1\r\n\r\n",
        HEAD.replace(b"POST", b"GET") + b"\r\n",
        HEAD + b"A: b\r\n" * 1000 + b"\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        HEAD + b"Content-Encoding: deflate\r\nContent-Length: 4\r\n\r\nabcd",
        post(b"\xff\x00 no JSON"),
        post(b"[" * 100_000),
        post(b"{}", path="/v2/commands"),
    ],
)
async def test_garbage_harms_nobody(world: World, sent: bytes) -> None:
    world.add(MESSY)
    async with served(world) as daemon:
        async with line_to(world) as (reader, writer):
            writer.write(sent)
            writer.write_eof()
            await reader.read()
        await world.rounds(1)
        assert not daemon.done()
        assert (await world.backfill()).stopped is None


async def test_what_is_no_request_of_ours_is_of_another_release(world: World) -> None:
    async with served(world):
        status, told = await answered(world, post(b'{"release": "0.0.1"}'))
        assert (status, told["exit_code"], told["lines"]) == (400, 2, [OTHER_RELEASE])
        body = json.loads(sealed(world.settings, BackfillRequest())) | {"release": "0.0.1"}
        status, told = await answered(world, post(json.dumps(body).encode()))
        assert (status, told["exit_code"]) == (400, 2)
        assert "this command 0.0.1; restart the service" in told["lines"][0]


async def test_a_gigabyte_that_is_announced_is_refused_before_it_comes(world: World) -> None:
    async with served(world):
        status, told = await answered(world, post(b"{", length=1 << 30))
    assert (status, told["exit_code"]) == (400, 2)
    assert told["lines"] == ["this is more than the service takes at once (256 MB)"]


async def test_a_body_without_end_is_refused_as_soon_as_it_is_too_large(world: World) -> None:
    world.serving = partial(serving, longest=1 << 20)
    async with served(world):
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        status, told = await answered(world, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 17)
    assert (status, told["lines"]) == (400, ["this is more than the service takes at once (1 MB)"])


async def test_what_fails_unexpectedly_fails_alone(world: World) -> None:
    """No database counts so far."""
    async with served(world) as daemon:
        await world.rounds(1)
        with capture_logs() as logged, pytest.raises(HandedOverFailed, match="its log tells more") as failed:
            await app.release(world.settings, [], 1 << 70)
        assert failed.value.exit_code == 1
        assert [one["command"] for one in logged if one["event"] == "command_failed"] == ["release"]
        await world.rounds(1)
        assert not daemon.done()


async def test_a_daemon_without_a_socket_follows_and_tells_why(world: World) -> None:
    item = world.add(CANONICAL)
    daemons: list[Daemon] = []

    @asynccontextmanager
    async def noting(daemon: Daemon) -> AsyncIterator[None]:
        daemons.append(daemon)
        async with serving(daemon):
            yield

    world.serving = noting
    world.settings.state.socket.mkdir(parents=True)  # as nobody takes away what is no socket
    with capture_logs() as logged:
        async with world.following():
            await world.until(lambda: daemons)
            await world.rounds(1)
            assert world.portal.person.edit(world.change(item, MESSY))
            await world.until(lambda: world.phones(item) == [CANONICAL])
            (daemon,) = daemons
            assert "no socket at" in str(daemon.pulse.now().loop(COMMANDS).detail)
            with pytest.raises(StateLocked):
                await world.backfill()
    assert "no_handing_over" in [one["event"] for one in logged]


@pytest.mark.parametrize("sent", [b"", b"POST /v1/comm", b"POST /v1/commands HTTP/1.1\r\nHost: b24"])
async def test_who_connects_and_asks_nothing_is_hung_up_on(world: World, sent: bytes) -> None:
    world.configure(changes__interval_seconds=5)
    async with served(world) as daemon, line_to(world) as (reader, writer):
        began = world.clock.monotonic()
        writer.write(sent)
        assert await reader.read() == b""
        assert 9 < world.clock.monotonic() - began < 12
        assert not daemon.done()


async def test_half_a_request_is_not_waited_for_for_ever(world: World) -> None:
    world.configure(changes__interval_seconds=5)
    async with served(world):
        whole = sealed(world.settings, BackfillRequest())
        status, told = await answered(world, post(whole[:-20], length=len(whole)))
        assert (status, told["lines"]) == (400, ["the request did not come within 60 s"])
        assert states(world) == [("run", "running")]


async def test_who_goes_away_is_not_told_the_end_of_what_is_done(world: World) -> None:
    world.configure(limits__per_second=40.0, limits__burst=10)
    for _ in range(100):
        world.add(MESSY)
    async with served(world) as daemon:
        async with line_to(world) as (reader, writer):
            writer.write(post(sealed(world.settings, BackfillRequest())))
            assert b"200 OK" in await reader.readline()
            await world.until(lambda: world.portal.history.saves > 5)
        await world.until(lambda: states(world)[-1] == ("backfill", "done"))
        assert not daemon.done()
    world.assert_right()


@asynccontextmanager
async def _never_reading(world: World) -> AsyncIterator[None]:
    """Ask for commands while the portal is away, and read nothing: for so long more is told than sockets hold."""
    await world.rounds(1)
    world.portal.faults.add(Fault(kind=Kind.RESET, times=None))
    async with AsyncExitStack() as stack:
        for _ in range(4):
            _, writer = await stack.enter_async_context(line_to(world))
            writer.write(post(sealed(world.settings, BackfillRequest())))
        await asyncio.sleep(1200)
        yield


async def test_who_never_reads_holds_up_nobody(world: World) -> None:
    async with served(world) as daemon, _never_reading(world):
        world.add(MESSY)
        world.portal.faults.clear()
        assert (await world.backfill(seconds=1e6)).counts["failed"] == 0
        assert not daemon.done()
    world.assert_right()


async def test_who_never_reads_is_no_hindrance_to_the_end_of_the_daemon(world: World) -> None:
    async with AsyncExitStack() as stack:
        async with served(world):
            await stack.enter_async_context(_never_reading(world))
            began = world.clock.monotonic()
        assert world.clock.monotonic() - began < 10
        assert socket_of(world.state) is None


async def test_many_connections_are_no_hindrance(world: World) -> None:
    """Those that are too many are hung up on, and who asks nothing is not for long in the way of who does."""
    world.add(MESSY)
    async with served(world) as daemon:
        async with AsyncExitStack() as stack:
            lines = [await stack.enter_async_context(line_to(world)) for _ in range(300)]
            await world.rounds(1)
            assert sum(reader.at_eof() for reader, _ in lines) == 300 - 256
            with pytest.raises(RetryLater):
                await world.backfill()
            for reader, _ in lines:
                assert await reader.read() == b""
            assert (await world.backfill()).counts["corrected"] == 1
        assert not daemon.done()


async def _line_protocol(reader: StreamReader, writer: StreamWriter) -> None:
    """Answer as a service did that took orders by lines."""
    await reader.readline()
    writer.write(b'{"kind": "failed", "exit_code": 2, "lines": ["restart it"]}\n')
    writer.close()


async def _other_application(reader: StreamReader, writer: StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\n404\n")
    writer.close()


async def _other_words(reader: StreamReader, writer: StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{"kind": "none"}\n')
    writer.close()


async def _dying(reader: StreamReader, writer: StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"kind":')
    writer.close()


@asynccontextmanager
async def _pretending(
    world: World, service: Callable[[StreamReader, StreamWriter], Awaitable[None]]
) -> AsyncIterator[None]:
    """Let something answer where a daemon would."""
    world.add(MESSY)
    async with served(world):
        pass
    path = world.settings.state.socket
    server = await asyncio.start_unix_server(service, sock=listen(path))
    world.state.with_name("portal.db.lock").write_text(f"1\n{path}\n", encoding="utf-8")
    async with server:
        yield


@pytest.mark.parametrize("service", [_line_protocol, _other_application, _other_words])
async def test_a_service_of_another_release_is_told_as_that(world: World, service: Any) -> None:  # noqa: ANN401
    async with _pretending(world, service):
        with pytest.raises(HandedOverFailed, match=OTHER_RELEASE) as refused:
            await world.backfill()
    assert refused.value.exit_code == 2


async def test_a_service_that_dies_while_it_tells_is_told_as_that(world: World) -> None:
    async with _pretending(world, _dying):
        with pytest.raises(RetryLater, match="the service ended before the command did"):
            await world.backfill()


async def test_a_long_answer_comes_whole(world: World) -> None:
    """A line may be as long as a list."""
    async with served(world):
        ids = range(1, 100_000)
        with pytest.raises(HandedOverFailed) as refused:
            await app.dismiss(world.settings, ids)
    assert len(str(refused.value)) > 500_000
