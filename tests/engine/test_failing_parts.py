"""Items that are written part by part, of which the portal fails at one part: the others are tried all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from tests.engine.joint import NAMES, NOTE, RAW, RIGHT, TRIMMED, backfill, contact, note_of, ref

from b24syncd.engine.writing.failures import Failures
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.http import batch

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    from b24syncd.simulator.faults import Request

    MakeWorld = Callable[..., Coroutine[None, None, World]]


@pytest.fixture
async def world(make_world: MakeWorld) -> World:
    return await make_world(custom_fields=(NOTE,))


def _sent(request: Request) -> list[str]:
    commands = [unquote(command) for _, command in batch.commands(request.parameters)]
    return [command for command in commands if ".update" in command]


def sends_points(request: Request) -> bool:
    return any("fields[fm]" in command for command in _sent(request))


def sends_only_the_note(request: Request) -> bool:
    return not sends_points(request) and any(name in command for name in NAMES for command in _sent(request))


async def test_a_part_that_was_given_up_leaves_no_failures_to_the_next(world: World) -> None:
    item = contact(world)
    world.portal.faults.add(Fault(kind=Kind.ERROR_500, times=None, match=sends_points))
    world.portal.faults.add(Fault(kind=Kind.ERROR_500, times=1, match=sends_only_the_note))
    summary = await backfill(world)
    assert world.phones(item) == [RAW]
    assert note_of(world, item) == TRIMMED
    assert (summary.counts["failed"], world.outcomes()["intent"]) == (1, 0)
    world.portal.faults.clear()
    await backfill(world)
    assert (world.phones(item), world.given_up()) == ([RIGHT], [])


def test_no_part_is_given_up_at_its_first_failure_after_another_was() -> None:
    failures, item = Failures(), ref(1)
    for _ in range(2):  # one part after the other
        while not failures.are_too_many(item):
            failures.add([item])
        failures.note_given_up(item)
        failures.add([item])
        assert (failures.go_alone(item), failures.are_too_many(item)) == (True, False)
    failures.add([item])
    assert failures.are_too_many(item)
    failures.forget(item)
    assert not failures.go_alone(item)
