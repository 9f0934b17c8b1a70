"""Items that are put off because nothing of them was written: the queue tells why, each for itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from tests.engine.joint import NOTE, RIGHT, backfill, contact
from tests.engine.scripting import Watcher
from tests.engine.test_old_snapshots import LeapingClock
from tests.engine.world import CONTACT

from b24syncd.errors import CredentialsRefused
from b24syncd.simulator.faults import Fault, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    from b24syncd.simulator.errors import RestError
    from b24syncd.simulator.methods.calls import Call

    MakeWorld = Callable[..., Coroutine[None, None, World]]


@dataclass
class _LosingAfterTheWalk:
    """Lets time leap once contacts were listed, and the next list be refused."""

    world: World
    clock: LeapingClock

    def before(self, _: Call) -> RestError | None:
        return None

    def after(self, call: Call) -> RestError | None:
        wanted = call.parameters.get("filter")
        is_walk = isinstance(wanted, dict) and ">id" in wanted and str(call.parameters["entityTypeId"]) == str(CONTACT)
        if is_walk and self.clock.ahead == 0.0:
            self.clock.ahead = 10.0
            refused = Fault(kind=Kind.COMMAND_ERROR, match=_reads_again, code="SOME_ACCIDENT")
            self.world.portal.faults.add(refused)
        return None


def _reads_again(call: Call) -> bool:
    wanted = call.parameters.get("filter")
    return isinstance(wanted, dict) and "@id" in wanted


@pytest.fixture
async def world(make_world: MakeWorld) -> World:
    return await make_world(custom_fields=(NOTE,))


def reasons(world: World) -> list[str]:
    """Return why items wait in the queue."""
    with closing(sqlite3.connect(world.state)) as db:
        return [str(reason) for (reason,) in db.execute("SELECT reason FROM queue ORDER BY entity_id")]


def seen_meanwhile(world: World) -> set[str]:
    """Return why items wait in the queue while commands pass, as a set that grows."""
    seen: set[str] = set()
    world.portal.watchers.append(Watcher(lambda _number, _call: seen.update(reasons(world))))
    return seen


async def test_because_the_credentials_were_refused(world: World) -> None:
    contact(world)
    fault = Fault(kind=Kind.COMMAND_ERROR, match="crm.item.update", times=None, code="insufficient_scope")
    world.portal.faults.add(fault)
    with pytest.raises(CredentialsRefused):
        await backfill(world)
    assert reasons(world) == ["credentials refused"]


async def test_because_the_witness_failed(world: World) -> None:
    item = contact(world)
    await backfill(world)
    seen = seen_meanwhile(world)
    world.portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match="crm.item.get"))
    other = contact(world)
    await backfill(world)
    assert seen == {"witness failed"}
    assert world.phones(item) == world.phones(other) == [RIGHT]


async def test_because_they_were_not_read_again(world: World) -> None:
    contact(world, RIGHT, "right")
    await backfill(world)
    item = contact(world)
    seen = seen_meanwhile(world)
    world.clock = LeapingClock()
    world.portal.watchers.append(_LosingAfterTheWalk(world, world.clock))
    await backfill(world)
    assert seen == {"not read again"}
    assert world.phones(item) == [RIGHT]
