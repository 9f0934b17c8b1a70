"""What a person deletes or writes while a batch is being executed, on a portal that keeps what it has read.

php: modules/crm/lib/Service/MultifieldStorage.php: contact points are read once in a request, which a whole batch is,
and entries are changed by their ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.engine.scripting import Watcher
from tests.engine.world import CONTACT, edit

from b24syncd.simulator.people.person import Action, Trigger

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.world import World

    from b24syncd.simulator.methods.calls import Call


@pytest.fixture
async def world(make_world: Callable[..., object]) -> World:
    """A portal that keeps the contact points which it has read of an item, as newer ones do."""
    return await make_world()  # type: ignore[misc, no-any-return] # it makes worlds


async def test_what_a_person_deleted_is_no_failure_of_the_portal(world: World) -> None:
    item = world.add("8 916 123-45-67", "8 495 123-45-67")
    before_update = Trigger(method="crm.item.update", entity_type_id=CONTACT, item_id=item)
    world.portal.person.plan(before_update, edit(Action.DELETE, item))
    summary = await world.backfill()
    assert world.phones(item) == ["+74951234567"]
    assert [(entry.before, entry.after, entry.outcome.value) for entry in world.journal()] == [
        ("8 916 123-45-67", "+79161234567", "overtaken"),
        ("8 495 123-45-67", "+74951234567", "done"),
    ]
    assert (summary.counts["failed"], world.given_up()) == (0, [])
    await world.assert_settled()


async def test_an_edit_during_the_batch_is_met_by_the_witness_of_its_item(world: World) -> None:
    """Nothing in the batch looks at an item before the pair that writes it, however many pairs go before it."""
    world.configure(limits__witness_seconds=0)
    items = [world.add(f"8 916 123-45-{number:02}") for number in range(40)]
    late = items[-1]
    moments = [(method, item) for item in items[:-1] for method in ("crm.item.get", "crm.item.update")]
    for number, (method, item) in enumerate(moments):
        moment = Trigger(method=method, entity_type_id=CONTACT, item_id=item)
        value, canonical = f"8 495 123-{number:02}-67", (f"+7495123{number:02}67",)
        world.portal.person.plan(moment, world.change(late, value, canonical=canonical))
    await world.backfill()
    assert world.phones(late) == [f"+7495123{len(moments) - 1:02}67"]
    await world.assert_settled(repeated=True)


async def test_no_command_of_a_batch_looks_at_an_item_before_the_pair_that_writes_it(world: World) -> None:
    world.configure(limits__witness_seconds=0)
    for number in range(60):
        world.add(f"8 916 123-45-{number:02}", f"8 495 123-45-{number:02}")
    batches: list[list[tuple[str, object]]] = []

    def note(_: int, call: Call) -> None:
        if call.position == 0:
            batches.append([])
        if call.position is not None:
            batches[-1].append((call.method, call.parameter("id")))

    world.portal.watchers.append(Watcher(note))
    await world.backfill()
    writing = [batch for batch in batches if any(method == "crm.item.update" for method, _ in batch)]
    assert writing
    for batch in writing:
        assert [method for method, _ in batch] == ["crm.item.get", "crm.item.update"] * (len(batch) // 2)
        ids = [item for _, item in batch]
        assert ids[::2] == ids[1::2]
        assert len(set(ids)) == len(ids) // 2
