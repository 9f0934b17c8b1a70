"""The daemon: what it sees, from when on, and what it does not do."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import pytest
from tests.engine.conftest import edit
from tests.variants import IS_LONG

from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.person import Action, Habit, Trigger
from b24syncd.simulator.tables.fields import COMPANY, CONTACT, LEAD
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.conftest import World

    MakeWorld = Callable[..., Coroutine[None, None, World]]

MESSY, CLEAN = "8 (916) 123-45-67", "+79161234567"


async def test_without_a_backfill_it_begins_at_the_present(world: World) -> None:
    old = world.add(MESSY)
    async with world.following():
        await world.rounds(1)
        new = world.portal.create(CONTACT, {}, [PointChange(None, "PHONE", "WORK", MESSY)], "person").id
        await world.until(lambda: world.phones(new) == [CLEAN])
    assert world.phones(old) == [MESSY]


async def test_it_covers_what_changed_during_the_backfill(world: World) -> None:
    items = [world.add(CLEAN) for _ in range(120)]
    last = Trigger(method="crm.item.list", nth=6)
    world.portal.person.plan(last, edit(Action.CHANGE, items[0], value=MESSY))
    await world.backfill()
    assert world.phones(items[0]) == [MESSY]
    async with world.following():
        await world.until(lambda: world.phones(items[0]) == [CLEAN])


async def test_what_changed_while_it_was_down(world: World) -> None:
    items = {type_id: world.add(CLEAN, type_id=type_id) for type_id in (CONTACT, COMPANY, LEAD)}
    async with world.following():
        await world.rounds(1)
    for type_id, item in items.items():
        world.portal.person.edit(edit(Action.CHANGE, item, entity_type_id=type_id, value=MESSY))
    async with world.following():
        await world.until(lambda: all(world.phones(item, type_id) == [CLEAN] for type_id, item in items.items()))


async def test_many_changes_in_the_same_second_are_all_seen(world: World) -> None:
    items = [world.add(CLEAN) for _ in range(600)]
    async with world.following():
        await world.rounds(1)
        second = int(world.portal.clock())
        for item in items[:500]:
            world.portal.person.edit(edit(Action.CHANGE, item, value=MESSY))
            found = world.portal.find(CONTACT, item)
            assert found is not None
            world.portal.table(CONTACT).touch(found, second)
        await world.until(lambda: all(world.phones(item) == [CLEAN] for item in items))
    world.assert_right()
    assert len(world.journal()) == 500


async def test_a_change_that_was_committed_late(world: World) -> None:
    world.configure(changes__overlap_seconds=60)
    item = world.add(CLEAN)
    async with world.following():
        await world.rounds(3)
        world.portal.person.edit(world.change(item, MESSY, late=30.0))
        await world.until(lambda: world.phones(item) == [CLEAN])


async def test_own_writes_come_back_without_a_consequence(world: World) -> None:
    world.fill(1, contacts=60)
    await world.backfill()
    saves = world.portal.history.saves
    async with world.following():
        await world.rounds(5)
    assert world.portal.history.saves == saves
    assert world.portal.history.empty_saves == 0


async def test_lost_answers_are_judged_and_mended_meanwhile(world: World) -> None:
    items = [world.add(CLEAN) for _ in range(30)]
    async with world.following():
        await world.rounds(1)
        for when in ("before", "after"):
            world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.update", when=when))
        for item in items:
            world.portal.person.edit(world.change(item, MESSY, canonical=(CLEAN,)))
        await world.until(lambda: all(world.phones(item) == [CLEAN] for item in items))
        await world.until(lambda: world.outcomes()["intent"] == 0 and not world.waiting())
    assert world.outcomes()["unverified"] > 0
    world.assert_right(repeated=True)


async def test_a_portal_that_is_away_is_waited_for(world: World) -> None:
    item = world.add(CLEAN)
    async with world.following() as task:
        await world.rounds(1)
        world.portal.faults.add(Fault(kind=Kind.HTML, times=3))
        world.portal.person.edit(world.change(item, MESSY))
        await world.until(lambda: world.phones(item) == [CLEAN])
        assert not task.done()


async def test_reviews_open_and_close_with_the_value(world: World) -> None:
    item = world.add(CLEAN)
    async with world.following():
        await world.rounds(1)
        world.portal.person.edit(world.change(item, "ask Anna"))
        await world.until(lambda: [review.value for review in world.reviews()] == ["ask Anna"])
        world.portal.person.edit(world.change(item, MESSY))
        await world.until(lambda: world.phones(item) == [CLEAN] and not world.reviews())
        world.portal.person.edit(world.change(item, "ask Olga"))
        await world.until(lambda: [review.value for review in world.reviews()] == ["ask Olga"])
        world.portal.person.edit(edit(Action.DELETE, item))
        await world.until(lambda: not world.reviews())


@pytest.mark.parametrize("number", [1, 3, 9])
async def test_a_signal_ends_it_quickly(world: World, number: int) -> None:
    items = [world.add(CLEAN) for _ in range(60)]
    task = asyncio.create_task(world.follow())
    await world.rounds(1)
    for item in items:
        world.portal.person.edit(world.change(item, MESSY))
    with world.at_command(number, lambda: world.send(signal.SIGTERM)):
        async with asyncio.timeout(5):
            await task
    assert world.outcomes()["intent"] == 0
    async with world.following():
        await world.until(lambda: all(world.phones(item) == [CLEAN] for item in items))
    world.assert_right()


async def test_a_random_person_a_random_portal_and_restarts(make_world: MakeWorld) -> None:
    async def run(seed: int) -> World:
        world = await make_world()
        world.fill(seed, contacts=80, companies=20, leads=20)
        await world.backfill()
        for kind in (Kind.RESET, Kind.HTML):
            for when in ("before", "after"):
                world.portal.faults.add(Fault(kind=kind, when=when, times=None, probability=0.01))
        # nobody edits just what is being written: see test_person for that
        world.portal.person.take_habit(Habit(seed=seed, probability=0.4, near=0.0))
        for _ in range(3):
            await follow_for(world, commands=30)
        world.portal.faults.clear()
        world.portal.person.take_habit(None)
        async with world.following():
            await world.rounds()
            await world.until(lambda: not world.waiting())
        return world

    # most of their time passes with waiting: all at once
    for world in await asyncio.gather(*map(run, range(4 if IS_LONG else 2))):
        assert world.portal.history.person_edits > 20
        await world.assert_settled(repeated=True)


async def follow_for(world: World, commands: int) -> None:
    last = world.portal.history.commands.total() + commands
    async with world.following() as task:
        await world.until(lambda: world.portal.history.commands.total() >= last)
        assert not task.done()
