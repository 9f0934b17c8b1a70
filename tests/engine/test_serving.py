"""A session is served in any process that has a loop: without signals of its own, and its lines name the portal."""

from __future__ import annotations

import asyncio
import io
import json
import signal
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest
from tests.engine.test_handing_over import CANONICAL, MESSY, states
from tests.simulated_time import SimulatedLoop

from b24syncd.app.follow import follow_session
from b24syncd.observe.logs import configure_logs
from b24syncd.session import holding
from b24syncd.store.lock import socket_of
from b24syncd.web.unix_door import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.world import World


async def test_who_holds_a_session_serves_it_until_they_say_so(world: World) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    assert isinstance(loop, SimulatedLoop)
    item = world.add(CANONICAL)
    async with holding(world.settings, world.clock) as session:
        follow = asyncio.create_task(follow_session(session, lambda: nullcontext(stop), serving=serving))
        await world.until(lambda: socket_of(world.state) is not None)
        assert not [number for number in (signal.SIGINT, signal.SIGTERM) if loop.signal(number)]
        assert world.portal.person.edit(world.change(item, MESSY))
        await world.until(lambda: world.phones(item) == [CANONICAL])
        assert (await world.backfill()).counts["corrected"] == 0
        stop.set()
        await follow
        assert states(world) == [("run", "done"), ("backfill", "done")]
        again = asyncio.create_task(follow_session(session, lambda: nullcontext(asyncio.Event()), serving=serving))
        await world.rounds(1)
        again.cancel()
        with pytest.raises(asyncio.CancelledError):
            await again
    await world.assert_settled()


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    configure_logs("json", "info", stream=stream)
    yield stream
    configure_logs()


@pytest.mark.parametrize("name", [None, "acme"])
async def test_every_line_of_a_session_names_the_portal(world: World, logged: io.StringIO, name: str | None) -> None:
    if name is not None:
        world.configure(portal__name=name)
    world.add(MESSY)
    await world.preview()
    async with world.following() as daemon:
        await world.until(lambda: world.state.exists() and socket_of(world.state) is not None)
        await world.backfill()
        await world.rounds(1)
        daemon.cancel()
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert {"following", "handed_over"} <= {line["event"] for line in lines}
    assert {line.get("portal") for line in lines} == {name or world.settings.portal.name}
    assert world.settings.portal.webhook.secret not in logged.getvalue()
