"""The brake of a new state: once, after its first corrections, a person looks at them."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs
from tests.engine.deciding import accept
from tests.engine.rebinding import call, company, lead_of, listed
from tests.engine.test_queue_of_others import enqueue

from b24syncd.domain.entities import EntityRef
from b24syncd.errors import SafetyStop
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.person import Trigger
from b24syncd.store import approvals, conditions
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    MakeWorld = Callable[..., Coroutine[None, None, World]]

MESSY, OTHER = "8 (495) 123-45-67", "8 (495) 765-43-21"
CLEAN, OTHER_CLEAN = "+74951234567", "+74957654321"
FIRST = 100
MORE = 30


@pytest.fixture
async def world(make_world: MakeWorld) -> World:
    """A portal with more to correct than a new state is let."""
    world = await make_world()
    world.has_brake = True
    for _ in range(FIRST + MORE):
        world.add(MESSY)
    return world


def corrected(world: World) -> int:
    return world.portal.history.saves


def edit_all(world: World, value: str = OTHER) -> None:
    for item in tuple(world.portal.table(3).items):
        assert world.portal.person.edit(world.change(item, value))


def resting(world: World) -> list[str]:
    with open_for_reading(world.state) as db:
        return [one.detail for one in conditions.standing(db)]


async def test_a_backfill_stops_until_a_person_looked_and_never_again(world: World) -> None:
    for _ in range(2):
        summary = await world.backfill()
        assert str(summary.stopped).startswith("safety.canary = 100: the first corrections of this state were made")
        assert "`b24syncd backfill --continue`" in str(summary.stopped)
        assert corrected(world) == FIRST
    assert (await world.backfill(goes_on=True)).stopped is None
    assert corrected(world) == FIRST + MORE
    world.configure(jobs__emails__enabled="false")
    edit_all(world)
    assert (await world.backfill()).stopped is None
    await world.assert_settled()


async def test_commands_and_rules_share_it(world: World) -> None:
    assert (await world.backfill(limit=60)).stopped is None
    assert (await world.backfill("phones")).stopped is not None
    assert corrected(world) == FIRST
    world.configure(jobs__emails__enabled="false")
    assert (await world.backfill()).stopped is not None
    assert corrected(world) == FIRST
    assert (await world.backfill("phones", goes_on=True)).stopped is None


async def test_the_daemon_pauses_says_so_once_and_goes_on_when_a_person_lets_it(make_world: MakeWorld) -> None:
    world = await make_world()
    world.has_brake = True
    items = [world.add("+74951234567") for _ in range(FIRST + MORE)]
    with capture_logs() as logs:
        async with world.following() as task:
            await world.rounds(1)
            edit_all(world)
            await world.until(lambda: corrected(world) >= FIRST)
            await world.backfill(limit=1)  # the daemon does it after its round
            assert corrected(world) == FIRST
            assert "first corrections of this state" in resting(world)[0]
            assert "--continue" in resting(world)[0]
            assert not task.done()
            await world.backfill(limit=1, goes_on=True)
            await world.until(lambda: corrected(world) == FIRST + MORE)
            await world.backfill(limit=1)
            assert not resting(world)
            assert not task.done()
    assert [line["event"] for line in logs].count("paused_by_safety_limit") == 1
    assert all(world.phones(item) == ["+74957654321"] for item in items)
    await world.assert_settled()


async def test_a_daemon_that_begins_again_pauses_again_unless_it_is_told_to_go_on(make_world: MakeWorld) -> None:
    world = await make_world()
    world.has_brake = True
    for _ in range(FIRST + MORE):
        world.add("+74951234567")
    async with world.following():
        await world.rounds(1)
        edit_all(world)
        await world.until(lambda: corrected(world) >= FIRST)
        await world.backfill(limit=1)
    async with world.following():
        asked = world.portal.history.commands["crm.item.list"]
        await world.until(lambda: world.portal.history.commands["crm.item.list"] > asked)
        await world.backfill(limit=1)
        assert resting(world)
        assert corrected(world) == FIRST
    task = asyncio.create_task(world.follow(goes_on=True))
    await world.until(lambda: corrected(world) == FIRST + MORE)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_canary_that_is_set_to_none_is_none(world: World) -> None:
    world.configure(safety__canary=0)
    assert (await world.backfill()).stopped is None


async def test_a_canary_that_is_set_by_hand_is_for_each_set_of_rules(world: World) -> None:
    world.configure(safety__canary=7)
    assert (await world.backfill()).stopped is not None
    assert corrected(world) == 7
    assert (await world.backfill(goes_on=True)).stopped is None
    world.configure(jobs__emails__enabled="false")
    edit_all(world)
    assert (await world.backfill()).stopped is not None


async def test_who_approved_the_first_corrections_did_not_approve_a_canary_of_these_rules(world: World) -> None:
    await world.backfill()
    assert (await world.backfill(goes_on=True)).stopped is None
    world.configure(safety__canary=7)
    edit_all(world)
    assert str((await world.backfill()).stopped).startswith("safety.canary = 7")


@pytest.mark.parametrize("forgotten", [False, True])
async def test_a_state_that_made_as_many_before_is_no_new_one(world: World, *, forgotten: bool) -> None:
    world.configure(safety__canary=0)
    await world.backfill()
    del world.overrides["B24SYNCD_SAFETY__CANARY"]
    if forgotten:
        forget_the_journal(world)
    edit_all(world)
    assert (await world.backfill()).stopped is None


async def test_a_journal_that_is_emptied_lets_nobody_pass(world: World) -> None:
    assert (await world.backfill()).stopped is not None
    forget_the_journal(world)
    assert (await world.backfill()).stopped is not None
    assert corrected(world) == FIRST


async def test_a_run_that_is_killed_at_the_limit_is_no_approval(world: World) -> None:
    task = asyncio.create_task(world.backfill())
    await world.until(lambda: corrected(world) >= FIRST)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert (await world.backfill()).stopped is not None
    assert corrected(world) == FIRST


async def test_lists_of_moves_neither_stop_nor_count(make_world: MakeWorld) -> None:
    world = await make_world()
    world.has_brake = True
    lead, target = lead_of(world), company(world)
    for _ in range(FIRST + MORE):
        call(world, lead)
    assert (await world.rebind(listed((lead, target)))).stopped is None
    for _ in range(FIRST + MORE):
        world.add(MESSY)
    assert (await world.backfill()).stopped is not None
    with open_for_reading(world.state) as db:
        assert approvals.firsts_of(db) == approvals.Firsts(FIRST, is_used_up=True)


async def test_what_a_person_decided_of_reviews_does_not_count(make_world: MakeWorld) -> None:
    world = await make_world()
    world.has_brake = True
    for _ in range(MORE):
        world.add(f"+{MESSY}")
    await world.backfill()
    assert len((await accept(world)).accepted) == MORE
    for _ in range(FIRST):
        world.add(MESSY)
    assert (await world.backfill()).stopped is None
    assert corrected(world) == MORE + FIRST


def forget_the_journal(world: World) -> None:
    with closing(sqlite3.connect(world.state)) as db:
        db.execute("DELETE FROM journal")
        db.commit()


async def test_what_people_are_owed_is_written_in_a_pause(make_world: MakeWorld) -> None:
    """A repair whose answer was lost is judged while nothing else is sent."""
    world = await make_world()
    world.has_brake = True
    world.configure(limits__request_cut_seconds=5)
    owed, *others = (world.add(CLEAN) for _ in range(FIRST + MORE))
    async with world.following() as task:
        await world.rounds(1)
        world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.update", nth=2, when="before"))
        met = Trigger(method="crm.item.get", entity_type_id=3, item_id=owed)
        world.portal.person.plan(met, world.change(owed, OTHER))
        assert world.portal.person.edit(world.change(owed, MESSY))
        await world.until(lambda: world.portal.history.faults["reset"] == 1)
        for item in others:
            assert world.portal.person.edit(world.change(item, OTHER))
        await world.until(lambda: world.phones(owed) == [OTHER_CLEAN])
        await world.backfill(limit=1)
        assert resting(world)
        assert not task.done()
    assert corrected(world) == FIRST + 1


async def test_a_person_whose_item_stands_beside_too_many_to_change_is_owed_as_well(make_world: MakeWorld) -> None:
    world = await make_world()
    world.configure(limits__request_cut_seconds=60)
    owed = world.add(CLEAN)
    async with world.following():
        await world.rounds(1)
        world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.update", nth=2, when="before"))
        met = Trigger(method="crm.item.get", entity_type_id=3, item_id=owed)
        world.portal.person.plan(met, world.change(owed, OTHER))
        assert world.portal.person.edit(world.change(owed, MESSY))
        await world.until(lambda: world.portal.history.faults["reset"] == 1)
        await world.rounds(1)
    assert world.outcomes() == {"done": 1, "intent": 1}
    world.configure(limits__request_cut_seconds=0.1, safety__max_changed_share=0.3)
    enqueue(world, *(EntityRef.parse(f"contact:{world.add(MESSY)}") for _ in range(60)))
    with pytest.raises(SafetyStop, match="max_changed_share"):
        await world.follow()
    assert world.phones(owed) == [OTHER_CLEAN]
    assert world.outcomes() == {"done": 2}
