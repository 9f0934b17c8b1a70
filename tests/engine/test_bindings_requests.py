"""How many requests and readings rebinding takes under the limits of the cloud, in simulated time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from tests.engine.rebinding import ADD, CONVERTED, DELETE, WITNESS, WRITES, call, company, lead_of, rule
from tests.engine.scripting import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    from b24syncd.simulator.methods.calls import Call

    MakeWorld = Callable[..., Coroutine[None, None, World]]

COSTS = {WITNESS: 0.01, ADD: 0.01, DELETE: 0.01, "crm.item.get": 0.003, "crm.activity.list": 0.03}
LEADS, CALLS = 41, 6  # a few more than fill readings


async def world_of(make_world: MakeWorld, **options: object) -> tuple[World, Counter[str]]:
    """Return a portal with converted leads of some calls each, and what counts its commands."""
    world = await make_world(costs=COSTS, real_time=True, request_cut_seconds=60, **options)
    world.rebind_by(rule(where=CONVERTED), include_tasks=False)
    world.configure(limits__request_timeout_seconds=70, limits__request_cut_seconds=60)
    leads = [lead_of(world, company(world)) for _ in range(LEADS)]
    for lead in leads * CALLS:  # as people call, one after another
        call(world, lead)
    seen: Counter[str] = Counter()

    def note(_: int, command: Call) -> None:
        seen[command.method] += 1

    world.portal.watchers.append(Watcher(note))
    return world, seen


@pytest.mark.parametrize(("burst", "per_second"), [(12, 8), (20, 2), (50, 2)])
async def test_bindings_are_read_once_at_the_pace_of_the_cloud(
    make_world: MakeWorld, burst: int, per_second: int
) -> None:
    world, seen = await world_of(make_world)
    world.configure(limits__burst=burst, limits__per_second=per_second)
    await world.backfill(seconds=1e6)
    moved, writes = LEADS * CALLS, sum(seen[method] for method in WRITES)
    assert writes == 2 * moved
    assert seen[WITNESS] <= 3.1 * moved
    assert seen["crm.item.get"] <= 0.3 * writes  # the proofs that leads and batches have in common
    fewest = (seen[WITNESS] + writes + seen["crm.item.get"]) / 50
    assert (
        world.portal.history.requests.total() <= 1.1 * fewest + 12
    )  # what leads to them, and the first of each method
    world.assert_right()


async def test_bindings_are_read_once_where_their_operating_time_binds(make_world: MakeWorld) -> None:
    limits = {"operating_seconds": 4, "operating_window_seconds": 5}
    world, seen = await world_of(make_world, **limits)
    world.configure(limits__operating_seconds=4, limits__operating_window_seconds=5)
    await world.backfill(seconds=1e6)
    assert seen[WITNESS] <= 3.1 * LEADS * CALLS
    assert world.portal.history.limit_errors == {}
