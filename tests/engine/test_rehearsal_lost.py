"""Lost answers, and people who went on editing before anybody looked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.conftest import CONTACT, edit

from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.person import Action, Trigger

if TYPE_CHECKING:
    from tests.engine.conftest import World


async def test_what_the_item_still_shows_of_an_overtaken_write_is_unverified(world: World) -> None:
    item = world.add("8 916 123-45-67", "8 495 123-45-67", "+79161234567")
    second = sorted(world.portal.find(CONTACT, item).points)[1]  # type: ignore[union-attr] # it was just added
    world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.update", when="after"))
    newer = edit(Action.CHANGE, item, point_id=second, value="8 812 309-12-34", canonical=("+78123091234",))
    world.portal.person.plan(Trigger(method="crm.item.update", moment="after", item_id=item), newer)
    await world.backfill()
    assert world.phones(item) == ["+79161234567", "+78123091234"]
    assert [(entry.before, entry.after, entry.outcome.value) for entry in world.journal()] == [
        ("8 916 123-45-67", "+79161234567", "unverified"),
        ("8 495 123-45-67", "+74951234567", "overtaken"),
        ("+79161234567", None, "unverified"),
        ("8 812 309-12-34", "+78123091234", "done"),
    ]
    await world.assert_settled()
