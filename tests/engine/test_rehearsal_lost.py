"""Lost answers, and people who went on editing before anybody looked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.engine.world import CONTACT, edit

from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.person import Action, Trigger

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.world import World

    from b24syncd.simulator.errors import RestError
    from b24syncd.simulator.methods.calls import Call


@dataclass
class AfterUpdate:
    """Calls `act` right after the update of this number took effect."""

    number: int
    act: Callable[[], None]
    seen: int = 0

    def before(self, _: Call) -> RestError | None:
        return None

    def after(self, call: Call) -> RestError | None:
        self.seen += call.method == "crm.item.update"
        if self.seen == self.number:
            self.seen += 1
            self.act()
        return None


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


async def test_a_repair_that_was_made_is_not_owed_again_when_a_person_changed_its_entries(world: World) -> None:
    item = world.add("8 916 123-45-67", "+7 916 123-45-67")  # the second is a duplicate, to be deleted
    person = world.portal.person
    first = edit(Action.CHANGE, item, value="8 495 123-45-67", canonical=("+74951234567",))
    person.plan(Trigger(method="crm.item.get", item_id=item), first)
    # so the repair changes the first entry back and adds the value of the deleted one; its answer is lost, and
    # before anybody looks, the person changes what was added
    world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.update", when="after", nth=2))
    changed: list[int] = []

    def change_the_added() -> None:
        added = max(world.portal.find(CONTACT, item).points)  # type: ignore[union-attr] # nobody deletes it
        changed.append(added)
        person.edit(edit(Action.CHANGE, item, point_id=added, value="8 812 309-12-34", canonical=("+78123091234",)))

    world.portal.watchers.append(AfterUpdate(2, change_the_added))
    await world.backfill()
    assert len(changed) == 1
    assert world.phones(item) == ["+74951234567", "+78123091234"]
    assert [(entry.before, entry.after, entry.outcome.value) for entry in world.journal()] == [
        ("8 495 123-45-67", "+79161234567", "done"),
        ("+7 916 123-45-67", None, "done"),
        ("+79161234567", "+74951234567", "unverified"),
        (None, "+79161234567", "overtaken"),
        ("8 812 309-12-34", "+78123091234", "done"),
    ]
    await world.assert_settled(repeated=True)
