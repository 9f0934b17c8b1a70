"""What the first write of a process meets is judged as all others are: what was seen of the portal is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.engine.scripting import edit

from b24syncd.simulator.people.person import Action, Trigger

if TYPE_CHECKING:
    from tests.engine.world import World

MESSY, CLEAN = "8 (916) 123-45-67", "+79161234567"
OTHER, OTHER_CLEAN = "8 (495) 765-43-21", "+74957654321"


async def test_an_entry_that_is_deleted_before_the_first_update_of_a_process_does_not_come_back(world: World) -> None:
    world.add(MESSY)
    await world.backfill()
    item = world.add(OTHER)
    moment = Trigger(method="crm.item.update", moment="before", entity_type_id=3, item_id=item)
    world.portal.person.plan(moment, edit(Action.DELETE, item))
    await world.backfill()
    assert world.phones(item) == []


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_the_journal_tells_what_is_left_of_a_write_from_which_somebody_deleted_at_once(
    world: World, moment: str, *, is_first: bool
) -> None:
    world.configure(portal__api="classic")
    if not is_first:
        world.add(MESSY)
        await world.backfill()
    item = world.add(MESSY, OTHER)
    trigger = Trigger(method="crm.contact.update", moment=moment, entity_type_id=3, item_id=item)
    world.portal.person.plan(trigger, edit(Action.DELETE, item))
    summary = await world.backfill()
    assert world.phones(item) == [OTHER_CLEAN]
    rows = {entry.after: entry.outcome.value for entry in world.journal() if entry.correction.ref.id == item}
    assert rows[OTHER_CLEAN] in {"done", "unverified"}
    assert rows.get(CLEAN, "overtaken") != "refused"
    assert summary.counts["failed"] == 0
    await world.assert_settled()
