"""Loops tell how they are, to whoever asks a daemon, and systemd's watchdog is told only while they go on."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.engine.test_handing_over import CANONICAL, MESSY, served
from tests.engine.test_unix_door import line_to

from b24syncd.engine.pulse import COMMANDS, ROUNDS
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.web.pulse_messages import PulseTold

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from tests.engine.world import World

    from b24syncd.clock import Clock
    from b24syncd.web.pulse_messages import LoopTold, Waiting

    MakeWorld = Callable[..., Coroutine[None, None, World]]

AWAY = Fault(kind=Kind.RESET, times=None)


async def pulse(world: World) -> PulseTold:
    """Ask the daemon."""
    async with line_to(world) as (reader, writer):
        writer.write(b"GET /v1/pulse HTTP/1.1\r\nHost: b24syncd\r\nConnection: close\r\n\r\n")
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    assert b" 200 " in head.splitlines()[0]
    return PulseTold.model_validate_json(body)


async def waiting(world: World) -> Waiting:
    found = (await pulse(world)).waiting
    assert found is not None
    return found


async def loops(world: World) -> dict[str, LoopTold]:
    return {loop.name: loop for loop in (await pulse(world)).loops}


async def test_every_loop_tells_when_it_last_did_its_work(world: World) -> None:
    world.configure(changes__interval_seconds=30)
    async with served(world):
        await world.rounds(2)
        await world.backfill()
        await world.rounds(2)
        await asyncio.sleep(5)
        found = await loops(world)
        polls = [f"poll {name}" for name in ("company", "contact", "lead")]
        sweeps = [f"sweep of {name}" for name in ("company", "contact", "lead")]
        assert sorted(found) == [
            COMMANDS,
            *polls,
            "queue of activity",
            "queue of phones, emails",
            ROUNDS,
            *sweeps,
            "upkeep",
        ]
        for loop in found.values():
            assert (loop.failures, loop.detail) == (0, None)
            assert loop.last_success is not None
            assert world.clock.now() - loop.last_success < timedelta(seconds=200)
        idle = found[COMMANDS].waiting
        assert idle is not None
        assert idle.what == "commands"
        assert (await waiting(world)).what == "changes"


async def test_a_portal_that_is_away_is_waited_for_since_it_went(world: World) -> None:
    world.configure(changes__interval_seconds=30)
    async with served(world):
        await world.rounds(2)
        went = world.clock.now()
        world.portal.faults.add(AWAY)
        await asyncio.sleep(45)
        early = await waiting(world)
        assert early.until is not None
        assert early.until > early.since
        assert early.since - went < timedelta(seconds=31)
        await asyncio.sleep(7200)
        late = await pulse(world)
        assert late.is_alive
        assert late.waiting is not None
        assert late.waiting.what.startswith("the portal (")
        assert late.waiting.since - went < timedelta(seconds=400)  # the first round gave it up after its patience
        assert (await loops(world))[ROUNDS].failures > 5
        world.portal.faults.clear()
        await asyncio.sleep(700)
        assert (await waiting(world)).what == "changes"
        assert (await loops(world))[ROUNDS].failures == 0


async def test_limits_that_are_waited_for_are_told(world: World) -> None:
    world.configure(limits__per_second=0.05, limits__burst=10)
    for _ in range(200):
        world.add(MESSY)
    async with served(world):
        backfill = asyncio.create_task(world.backfill(seconds=1e6))
        await world.until(lambda: world.portal.history.saves > 0, seconds=1e6)
        await asyncio.sleep(60)
        told = await pulse(world)
        assert told.is_alive
        assert told.waiting is not None
        assert told.waiting.what == "request limit"
        assert told.at - told.waiting.since < timedelta(seconds=120)
        backfill.cancel()


async def test_a_safety_limit_waits_for_a_person_since_it_stopped(world: World) -> None:
    world.has_brake = True
    world.configure(changes__interval_seconds=30)
    async with served(world):
        await world.rounds(1)
        for _ in range(150):
            assert world.portal.person.edit(world.change(world.add(CANONICAL), MESSY))
        await asyncio.sleep(600)
        found = await waiting(world)
        assert found.what.startswith("a person (safety.canary = 100")
        assert world.clock.now() - found.since > timedelta(seconds=500)
        assert (await pulse(world)).is_alive


async def test_a_type_that_is_refused_fails_by_itself(make_world: MakeWorld) -> None:
    world = await make_world()
    async with served(world):
        await world.rounds(1)
        world.portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, code="ACCESS_DENIED", match="crm.item.list", times=None))
        await asyncio.sleep(1)
        found = await loops(world)
        assert max(loop.failures for name, loop in found.items() if name.startswith("poll")) > 0


class Sleepless:
    """A clock by which nothing that sleeps ever wakes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.is_broken = False
        self.monotonic, self.now = clock.monotonic, clock.now

    async def sleep(self, seconds: float) -> None:
        if self.is_broken:
            await asyncio.Event().wait()
        await self._clock.sleep(seconds)


@asynccontextmanager
async def stuck(world: World) -> AsyncIterator[None]:
    """Let a daemon wait for what never comes."""
    world.configure(changes__interval_seconds=30)
    clock = Sleepless(world.clock)
    world.clock = clock
    async with served(world):
        await world.rounds(2)
        clock.is_broken = True
        world.portal.faults.add(Fault(kind=Kind.RESET))
        yield


async def test_a_loop_that_is_stuck_is_no_pulse(world: World) -> None:
    async with stuck(world):
        await asyncio.sleep(890)
        assert (await pulse(world)).is_alive
        await asyncio.sleep(20)
        told = await pulse(world)
        assert not told.is_alive
        assert told.at - told.last_sign > timedelta(seconds=900)
        assert told.waiting is not None  # and the daemon still says for what


async def test_the_pulse_is_json(world: World) -> None:
    async with served(world):
        await world.rounds(1)
        assert json.loads((await pulse(world)).model_dump_json())["is_alive"] is True
