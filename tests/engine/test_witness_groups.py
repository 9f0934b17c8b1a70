"""Groups of updates behind one list, in whole runs: what a person does in between, and portals of several speeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.scripting import CONTACT, Watcher

from b24syncd.simulator.person import Trigger

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    from b24syncd.simulator.calls import Call

    MakeWorld = Callable[..., Coroutine[None, None, World]]

LIST, GET, UPDATE = "crm.item.list", "crm.item.get", "crm.item.update"


def batches_of(world: World) -> list[list[str]]:
    """Return a list that fills with the methods of each request."""
    seen: list[list[str]] = []

    def note(_: int, call: Call) -> None:
        if not call.position:
            seen.append([])
        seen[-1].append(call.method)

    world.portal.watchers.append(Watcher(note))
    return seen


def lists_in(batches: list[list[str]]) -> int:
    return sum(batch.count(LIST) for batch in batches if UPDATE in batch)


async def test_what_is_written_while_groups_before_it_are_is_met_by_the_list_of_its_own(make_world: MakeWorld) -> None:
    world = await make_world(costs={LIST: 0.02, GET: 0.01, UPDATE: 0.01}, request_cut_seconds=60)
    world.configure(limits__request_cut_seconds=60)  # else each batch is kept shorter than a group
    items = [world.add(f"8 916 123-{number // 100:02}-{number % 100:02}") for number in range(108)]
    seen, late = batches_of(world), items[-20]  # in the second group of the last batch
    for number, item in enumerate(items[-40:-30]):
        moment = Trigger(method=UPDATE, entity_type_id=CONTACT, item_id=item)
        change = world.change(late, f"8 495 123-{number:02}-67", canonical=(f"+7495123{number:02}67",))
        world.portal.person.plan(moment, change)
    await world.backfill()
    assert max(batch.count(LIST) for batch in seen if UPDATE in batch) > 1
    assert world.phones(late) == ["+74951230967"]
    await world.assert_settled(repeated=True)
