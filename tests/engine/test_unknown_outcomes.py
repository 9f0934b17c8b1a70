"""Writes whose outcome is unknown: not judged, and not written again, before the portal must have cut the request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs
from tests.engine.test_old_snapshots import LeapingClock
from tests.engine.test_queue_of_others import enqueue

from b24syncd.domain.entities import EntityRef
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.person import Trigger
from b24syncd.simulator.tables.fields import CONTACT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.world import World

    from b24syncd.simulator.methods.calls import Call

UPDATE, LIST = "crm.item.update", "crm.item.list"
MESSY, CLEAN = "8 (916) 123-45-67", "+79161234567"
NEWER, NEWER_CLEAN = "8 (495) 765-43-21", "+74957654321"


async def follow_until_lost(world: World, *, nth: int, when: str) -> int:
    """Follow until the answer to an update is lost, and for some rounds more; return the item that was written."""
    world.configure(limits__request_cut_seconds=60)
    item = world.add(CLEAN)
    async with world.following():
        await world.rounds(1)
        world.portal.faults.add(Fault(kind=Kind.RESET, match=UPDATE, nth=nth, when=when))
        world.portal.person.edit(world.change(item, MESSY))
        await world.until(lambda: world.portal.history.faults["reset"] == 1)
        await world.rounds(3)
    return item


@pytest.mark.parametrize("when", ["before", "after"])
async def test_while_the_portal_may_still_be_at_it_nothing_is_judged_and_nothing_is_written(
    world: World, when: str
) -> None:
    item = await follow_until_lost(world, nth=1, when=when)
    assert world.phones(item) == [MESSY if when == "before" else CLEAN]
    assert world.outcomes() == {"intent": 1}
    assert world.portal.history.commands[UPDATE] == int(when == "after")
    with capture_logs() as logged:
        async with world.following():  # a process that comes after knows it from the journal, and tells it once
            await world.rounds(3)
    assert [one["items"] for one in logged if one["event"] == "taking_over_open_intents"] == [1]
    assert world.outcomes() == {"intent": 1}
    assert world.portal.history.commands[UPDATE] == int(when == "after")


async def test_the_same_holds_for_what_is_owed_to_a_person(world: World) -> None:
    item = world.add("+78123004050")
    met = Trigger(method="crm.item.get", entity_type_id=CONTACT, item_id=item + 1)
    world.portal.person.plan(met, world.change(item + 1, NEWER, canonical=(NEWER_CLEAN,)))
    assert await follow_until_lost(world, nth=2, when="after") == item + 1
    async with world.following():
        await world.rounds(3)
    assert world.outcomes() == {"done": 1, "intent": 1}
    assert world.portal.history.commands[UPDATE] == 2


async def test_what_is_owed_is_so_as_long_as_the_portal_does_not_show_it(world: World) -> None:
    item = world.add("+78123004050")
    met = Trigger(method="crm.item.get", entity_type_id=CONTACT, item_id=item + 1)
    world.portal.person.plan(met, world.change(item + 1, NEWER, canonical=(NEWER_CLEAN,)))
    assert await follow_until_lost(world, nth=2, when="before") == item + 1
    world.configure(limits__request_cut_seconds=0.1)
    world.portal.hidden.add((CONTACT, item + 1))
    assert (await world.backfill()).counts["failed"] == 1
    assert world.outcomes() == {"done": 1, "intent": 1}
    world.portal.hidden.clear()
    await world.backfill()
    assert world.phones(item + 1) == [NEWER_CLEAN]
    assert world.outcomes() == {"done": 2}


async def test_what_another_run_judged_is_no_longer_in_doubt_for_the_daemon(world: World) -> None:
    """A command that is handed over looks at the queue as well; who lost the answer has to learn what came of it."""
    world.configure(limits__request_cut_seconds=5)
    item = world.add(CLEAN)
    async with world.following():
        await world.rounds(1)
        world.portal.faults.add(Fault(kind=Kind.RESET, match=UPDATE, when="after"))
        world.portal.person.edit(world.change(item, MESSY))
        await world.until(lambda: world.waiting() == 1)
        await world.backfill()
        assert world.outcomes() == {"unverified": 1}
        world.portal.person.edit(world.change(item, NEWER))
        await world.until(lambda: world.phones(item) == [NEWER_CLEAN], seconds=30)
        await world.rounds(1)
    world.assert_right()


async def test_a_reading_from_before_the_cut_tells_nothing(world: World) -> None:
    """The write takes effect after the item was read, whose answer comes when the portal has cut the request."""
    world.configure(limits__request_cut_seconds=10)
    world.clock = clock = LeapingClock()
    item = world.add(CLEAN)
    async with world.following():
        await world.rounds(1)
        world.portal.faults.add(Fault(kind=Kind.RESET, match=UPDATE, when="before"))
        world.portal.person.edit(world.change(item, MESSY))
        await world.until(lambda: world.waiting() == 1)
        slow = SlowReading(clock, lambda: world.portal.person.edit(world.change(item, CLEAN)))
        world.portal.watchers.append(slow)
        enqueue(world, EntityRef.parse(f"contact:{item}"))
        await world.until(lambda: world.outcomes()["intent"] == 0)
    assert not slow.is_armed
    assert world.phones(item) == [CLEAN]
    assert world.outcomes() == {"unverified": 1}


@dataclass
class SlowReading:
    """Lets the answer to the first look at the queue's items take long, and something happen meanwhile."""

    clock: LeapingClock
    act: Callable[[], object]
    is_armed: bool = True

    def before(self, _: Call) -> None:
        return

    def after(self, call: Call) -> None:
        if self.is_armed and call.method == LIST and "updatedTime" not in str(call.parameters):
            self.is_armed = False
            self.clock.ahead += 12.0
            self.act()
