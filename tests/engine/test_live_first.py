"""What a person waits for passes a backfill that goes on for hours, within the limits of the cloud."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.engine.deciding import accept, decisions
from tests.engine.scripting import edit
from tests.engine.test_handing_over import served, states

from b24syncd.app.requests import DecideRequest
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.person import Action
from b24syncd.web.unix_door import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    from b24syncd.app.follow import Daemon

    MakeWorld = Callable[..., Coroutine[None, None, World]]

RAW, MEANT = "+8 (495) 123-45-67", "+74951234567"
MESSY, CANONICAL = "8 (916) 234-56-78", "+79162345678"
COSTS = {"crm.item.update": 1.0, "crm.item.get": 0.05, "crm.item.list": 0.3}


async def in_the_cloud(make_world: MakeWorld) -> World:
    """Return a portal with the limits of the cloud, where commands take as long as they are charged for."""
    cloud = {"burst": 50, "per_second": 2.0, "operating_seconds": 480, "operating_window_seconds": 600}
    world = await make_world(request_cut_seconds=60, costs=COSTS, real_time=True, **cloud)
    world.configure(**{f"limits__{name}": value for name, value in cloud.items()})
    world.configure(limits__request_timeout_seconds=70, limits__request_cut_seconds=60, changes__interval_seconds=30)
    return world


def batches_at_once(world: World) -> list[str]:
    """Return the items of which a batch left before the one before was settled, as the journal tells it."""
    batches: defaultdict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
    for entry in world.journal():
        assert entry.sent_at is not None
        assert entry.settled_at is not None
        batches[str(entry.correction.ref)][entry.batch] = (entry.sent_at, entry.settled_at.timestamp())
    return [
        item
        for item, of_item in batches.items()
        for (_, settled), (sent, _) in pairwise(sorted(of_item.values()))
        if sent < settled
    ]


async def test_accepted_reviews_are_written_within_seconds_while_a_backfill_goes_on(make_world: MakeWorld) -> None:
    world = await in_the_cloud(make_world)
    asked = [world.add(RAW) for _ in range(10)]
    for _ in range(500):
        world.add(MESSY)
    waited: list[float] = []
    async with served(world):
        await world.rounds(1)
        backfill = asyncio.create_task(world.backfill(seconds=1e6))
        await world.until(lambda: len(world.reviews()) == len(asked), seconds=1e6)
        for pause, decision in enumerate(decisions(world.reviews())):
            await asyncio.sleep(7 * pause)  # at first it is writing, at last it waits for operating time
            began = world.clock.monotonic()
            assert (await accept(world, [decision], seconds=1e6)).accepted == (decision.review_id,)
            waited.append(world.clock.monotonic() - began)
        assert not backfill.done()
        assert world.portal.operating.maximum["crm.item.update"] > 420
    assert max(waited) < 5
    assert world.portal.history.limit_errors == {}
    assert world.portal.history.repeated_writes() == []


async def test_what_passes_a_backfill_never_writes_an_item_together_with_it(make_world: MakeWorld) -> None:
    world = await in_the_cloud(make_world)
    items = [world.add(RAW, CANONICAL) for _ in range(60)]
    await world.backfill()
    for item in items:
        second = list(world.portal.table(3).items[item].points)[1]
        assert world.portal.person.edit(edit(Action.CHANGE, item, point_id=second, value=MESSY, canonical=(CANONICAL,)))
    chosen = decisions(world.reviews())
    async with served(world):
        saves = world.portal.history.saves
        backfill = asyncio.create_task(world.backfill(seconds=1e6))
        await world.until(lambda: world.portal.history.saves > saves + 3, seconds=1e6)
        world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.update", when="after", times=2))
        accepting = [asyncio.create_task(accept(world, chosen[first::3], seconds=1e6)) for first in range(3)]
        accepted = [number for done in await asyncio.gather(*accepting) for number in done.accepted]
        await backfill
        await world.rounds(2)
    assert sorted(accepted) == [decision.review_id for decision in chosen]
    assert {tuple(world.phones(item)) for item in items} == {(MEANT, CANONICAL)}
    assert {review.state.value for review in world.reviews(all_states=True)} == {"accepted"}
    assert batches_at_once(world) == []
    assert world.outcomes()["intent"] == 0


async def test_the_journal_and_the_reviews_tell_who_decided(world: World) -> None:
    daemons: list[Daemon] = []
    world.serving = lambda daemon: daemons.append(daemon) or serving(daemon)  # type: ignore[func-returns-value]
    world.add(RAW)
    await world.backfill()
    async with served(world):
        submitted = await daemons[0].commands.submit(
            DecideRequest(decisions=tuple(decisions(world.reviews())), by="Olga")
        )
        await submitted.ended.wait()
        assert states(world)[-1] == ("review", "done")
    assert [review.by for review in world.reviews(all_states=True)] == ["Olga"]
    assert [entry.by for entry in world.journal()] == ["Olga"]
