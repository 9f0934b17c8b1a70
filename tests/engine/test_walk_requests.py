"""How many requests a walk takes beside the fewest that its pages and its updates need, in simulated time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.simulator.seeds.made_items import make_contacts

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    MakeWorld = Callable[..., Coroutine[None, None, World]]

LIST = "crm.item.list"
CLOUD = {"burst": 50, "per_second": 2.0}
START = 2
"""What a walk begins with: what the webhook may do, and the highest ids."""


async def world_of(make_world: MakeWorld, contacts: int, *, wrong: float) -> World:
    costs = {LIST: 0.003, "crm.item.get": 0.0005, "crm.item.update": 0.0005}
    world = await make_world(costs=costs, real_time=True, request_cut_seconds=60, **CLOUD)
    world.configure(**{f"limits__{name}": value for name, value in CLOUD.items()})
    world.configure(limits__request_timeout_seconds=70, limits__request_cut_seconds=60)
    world.configure(jobs__phones__entities='["contact"]', jobs__emails__entities='["contact"]')
    make_contacts(world.portal, contacts, wrong=wrong)
    return world


async def test_a_walk_that_only_looks_asks_for_each_page_once(make_world: MakeWorld) -> None:
    pages = 28
    world = await world_of(make_world, 50 * pages, wrong=0.0)
    history = world.portal.history
    for walk in (world.preview, world.backfill):
        requests, lists = history.requests.total(), history.commands[LIST]
        await walk()
        # eight pages tell how many there are behind them, and their end is asked for with the last ones
        assert history.requests.total() - requests == START + 2
        assert history.commands[LIST] - lists == 1 + pages + 1


async def test_a_first_walk_reads_nothing_again_while_the_burst_lasts(make_world: MakeWorld) -> None:
    world = await world_of(make_world, 500, wrong=0.4)
    history = world.portal.history
    summary = await world.backfill()
    batches = -(-summary.counts["corrected"] // 49)
    # two pages, phones that tell the region, one write that tells the cost, and the last batch of the first page
    assert history.requests.total() <= START + 2 + 1 + 1 + batches + 1
    assert history.commands["crm.item.get"] == 1
