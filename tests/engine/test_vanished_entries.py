"""A portal that does not bring an entry back which a person deleted between the witness and the update."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.engine.world import CONTACT, edit

from b24syncd.simulator.person import Action, Trigger

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.world import World


@pytest.fixture
async def world(make_world: Callable[..., object]) -> World:
    """A portal that changes entries by the ids which it read a moment before."""
    return await make_world(adds_vanished=False)  # type: ignore[misc, no-any-return] # it makes worlds


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
