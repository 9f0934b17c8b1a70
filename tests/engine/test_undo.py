"""Undo of contact points: the portal as before, and so it stays until it is released."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.engine.conftest import CONTACT, edit
from tests.engine.scripting import Watcher
from tests.engine.undone import held, points, rehearsed, release, saves, undo

from b24syncd.domain.entities import EntityRef
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.person import Action, Trigger
from b24syncd.store import queue
from b24syncd.store.database import open_for_writing

if TYPE_CHECKING:
    from tests.engine.conftest import World

    from b24syncd.simulator.methods.calls import Call

MESSY, CLEAN = "8 (916) 123-45-67", "+79161234567"
OTHER, OTHER_CLEAN = "8 (495) 765-43-21", "+74957654321"
NEWER = "+78123004050"


async def corrected(world: World, *phones: str) -> int:
    """Add a contact, let its phones be corrected by run 1, and return its id."""
    item = world.add(*phones)
    await world.backfill()
    return item


async def test_a_whole_run_is_taken_back_and_stays_so_until_it_is_released(world: World) -> None:
    world.fill(11, contacts=150, companies=40, leads=40)
    before = points(world)
    first = await world.backfill()
    after = points(world)
    assert after != before
    made = world.outcomes()["done"]

    undone = await undo(world, first.run_id)
    assert points(world) == before
    assert undone.left == ()
    assert undone.summary.counts["corrections"] == made
    assert not undone.summary.interrupted
    assert world.outcomes()["intent"] == 0

    written = saves(world)
    await world.backfill()
    assert saves(world) == written
    assert {review.value for review in world.reviews() if review.reason == "undone"} == {f"run {undone.summary.run_id}"}
    assert len(held(world)) == len([review for review in world.reviews() if review.reason == "undone"])

    await release(world, undone)
    assert held(world) == set()
    assert [review for review in world.reviews() if review.reason == "undone"] == []
    await world.backfill()
    assert points(world) == after


async def test_undoing_an_undo_corrects_again_and_releases(world: World) -> None:
    world.fill(12, contacts=80, leads=20)
    before = points(world)
    first = await world.backfill()
    after = points(world)
    second = await undo(world, first.run_id)
    assert points(world) == before
    third = await undo(world, second.summary.run_id)
    assert third.left == ()
    assert points(world) == after
    assert held(world) == set()
    fourth = await undo(world, third.summary.run_id)
    assert fourth.left == ()
    assert points(world) == before
    assert held(world)
    written = saves(world)
    await world.backfill()
    assert saves(world) == written


async def test_what_was_corrected_and_undone_once_more_is_left_alone_by_an_undo_of_the_first_run(
    world: World,
) -> None:
    item = world.add(MESSY, f"{OTHER}; 8 (812) 300-40-50")
    world.fill(3, contacts=3)
    before = points(world)
    first = await world.backfill()
    await release(world, await undo(world, first.run_id))
    second = await world.backfill()
    await release(world, await undo(world, second.run_id))
    assert points(world) == before

    written = saves(world)
    assert first.run_id is not None
    assert [undoing for undoing in await rehearsed(world, first.run_id) if undoing.corrections] == []
    again = await undo(world, first.run_id)
    assert (again.summary.counts["corrections"], again.summary.counts["failed"], again.left) == (0, 0, ())
    assert (saves(world), points(world)) == (written, before)
    assert world.phones(item) == [MESSY, f"{OTHER}; 8 (812) 300-40-50"]


async def test_it_tells_which_undos_hold_what_was_taken_back(world: World) -> None:
    world.fill(3, contacts=150)
    await world.backfill()
    task = asyncio.create_task(undo(world, 1))
    with world.at_command(20, task.cancel), suppress(asyncio.CancelledError):
        await task
    undone = await undo(world, 1)
    assert undone.holders == (2, 3)
    assert (await undo(world, 1)).holders == (2, 3)
    back = [await undo(world, run) for run in undone.holders]
    assert back[-1].holders == ()


async def test_what_an_undo_took_back_of_another_run_is_left_alone(world: World) -> None:
    item = await corrected(world, MESSY)
    world.portal.person.edit(world.adding(item, OTHER))
    second = await world.backfill()
    await undo(world, second.run_id)
    await undo(world, 1)
    assert world.phones(item) == [MESSY, OTHER]


async def test_the_same_undo_again_writes_nothing(world: World) -> None:
    item = await corrected(world, f"{MESSY}, {OTHER}", CLEAN)
    await undo(world, 1)
    assert sorted(world.phones(item)) == sorted([f"{MESSY}, {OTHER}", CLEAN])
    written = saves(world)
    for undone in (await undo(world, 1), await undo(world, item=f"contact:{item}")):
        assert undone.left == ()
        assert saves(world) == written
    assert len(held(world)) == 1


async def test_only_an_item(world: World) -> None:
    one, other = world.add(MESSY), world.add(OTHER)
    await world.backfill()
    await undo(world, item=f"contact:{one}")
    assert (world.phones(one), world.phones(other)) == ([MESSY], [OTHER_CLEAN])
    assert held(world) == {(f"contact:{one}", "phones")}


async def test_only_the_job_that_was_undone_is_kept_away(world: World) -> None:
    item = await corrected(world, MESSY)
    await undo(world, 1)
    world.portal.person.edit(edit(Action.ADD, item, type_id="EMAIL", value="Ivan@Example.RU", canonical=("x",)))
    await world.backfill()
    found = world.portal.find(CONTACT, item)
    assert found is not None
    assert {point.value for point in found.points.values()} == {MESSY, "ivan@example.ru"}


async def test_a_newer_value_of_a_person_stays_and_is_told(world: World) -> None:
    item = await corrected(world, MESSY, OTHER)
    world.portal.person.edit(edit(Action.CHANGE, item, value=NEWER, canonical=(NEWER,)))
    (rehearsal,) = await rehearsed(world, 1)
    undone = await undo(world, 1)
    assert world.phones(item) == [NEWER, OTHER]
    assert [(left.correction.before, left.why.value) for left in undone.left] == [(MESSY, "changed")]  # type: ignore[union-attr] # a change
    assert rehearsal.left == undone.left
    assert len(rehearsal.corrections) == 1


async def test_what_is_wholly_somebody_elses_by_now_is_not_held(world: World) -> None:
    item = await corrected(world, MESSY)
    world.portal.person.edit(edit(Action.CHANGE, item, value=NEWER, canonical=(NEWER,)))
    await undo(world, 1)
    assert held(world) == set()
    assert world.reviews() == []


async def test_nothing_comes_back_that_a_person_wanted_gone(world: World) -> None:
    item = await corrected(world, CLEAN, MESSY)
    assert world.phones(item) == [CLEAN]
    world.portal.person.edit(edit(Action.DELETE, item))
    undone = await undo(world, 1)
    assert world.phones(item) == []
    assert [left.why.value for left in undone.left] == ["gone"]


async def test_an_added_value_that_stands_nowhere_else_stays(world: World) -> None:
    item = await corrected(world, f"{MESSY}, {OTHER}")
    world.portal.person.edit(edit(Action.CHANGE, item, value=NEWER, canonical=(NEWER,)))
    undone = await undo(world, 1)
    assert world.phones(item) == [NEWER, OTHER_CLEAN]
    assert sorted(left.why.value for left in undone.left) == ["changed", "only_there"]


async def test_an_item_that_is_gone_is_told(world: World) -> None:
    item = await corrected(world, MESSY)
    world.portal.delete(world.portal.find(CONTACT, item), "person")  # type: ignore[arg-type] # it is there
    undone = await undo(world, 1)
    assert [left.why.value for left in undone.left] == ["gone"]
    assert held(world) == set()


async def test_an_excluded_item_is_left_alone(world: World) -> None:
    item = await corrected(world, MESSY)
    world.configure(safety__exclude=f'["contact:{item}"]')
    undone = await undo(world, 1)
    assert world.phones(item) == [CLEAN]
    assert [left.why.value for left in undone.left] == ["excluded"]
    assert held(world) == set()


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_person_in_between_keeps_the_newer_value(world: World, moment: str) -> None:
    item = await corrected(world, MESSY, OTHER)
    method = "crm.item.get" if moment == "before" else "crm.item.update"
    newer = edit(Action.CHANGE, item, value=NEWER, canonical=(NEWER,))
    world.portal.person.plan(Trigger(method=method, moment=moment, entity_type_id=CONTACT, item_id=item), newer)
    undone = await undo(world, 1)
    assert world.phones(item) == [NEWER, OTHER]
    # what came after was met by nothing: the undo was done
    assert [left.why.value for left in undone.left] == (["changed"] if moment == "before" else [])
    written = saves(world)
    await world.backfill()
    assert saves(world) == written


@pytest.mark.every(3)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", [Kind.RESET, Kind.TRUNCATED, Kind.ERROR_500, Kind.CUT])
async def test_lost_answers(world: World, kind: Kind, when: str) -> None:
    world.fill(13, contacts=80)
    before = points(world)
    await world.backfill()
    world.portal.faults.add(Fault(kind=kind, match="crm.item.update", when=when, times=2, commands=3))
    undone = await undo(world, 1)
    assert points(world) == before
    assert undone.left == ()
    assert world.outcomes()["intent"] == 0
    written = saves(world)
    await world.backfill()
    assert saves(world) == written


async def test_what_is_taken_back_is_held_before(world: World) -> None:
    world.configure(limits__in_flight=1)
    items = [world.add(MESSY) for _ in range(200)]
    await world.backfill()
    free: list[object] = []

    def look(_: int, call: Call) -> None:
        if call.method == "crm.item.update" and (f"contact:{call.parameters['id']}", "phones") not in held(world):
            free.append(call.parameters["id"])

    world.portal.watchers.append(Watcher(look))
    await undo(world, 1)
    assert all(world.phones(item) == [MESSY] for item in items)
    assert free == []


@pytest.mark.every(5)
@pytest.mark.parametrize("seed", range(6))
async def test_cut_off_anywhere_and_begun_again(world: World, seed: int) -> None:
    random = Random(seed)  # noqa: S311 # a seed to repeat it by
    world.fill(14 + seed, contacts=60, leads=20)
    before = points(world)
    await world.backfill()
    for _ in range(4):
        task = asyncio.create_task(undo(world, 1))
        with world.at_command(random.randrange(3, 200), task.cancel), suppress(asyncio.CancelledError):
            await task
        # what is not undone yet may be looked at by the jobs; what is undone stays
        await world.backfill()
    undone = await undo(world, 1)
    assert undone.left == ()
    assert points(world) == before
    assert world.outcomes()["intent"] == 0
    written = saves(world)
    await world.backfill()
    assert saves(world) == written


async def test_what_another_run_left_open_is_judged_and_undone_but_left_in_the_queue(world: World) -> None:
    item = world.add(MESSY)
    world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.update", when="after"))
    task = asyncio.create_task(world.backfill())
    await world.until(lambda: world.state.exists() and world.phones(item) == [CLEAN])
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await undo(world, 1)
    assert world.phones(item) == [MESSY]
    assert [(entry.run_id, entry.outcome.value) for entry in world.journal()] == [(1, "unverified"), (2, "done")]
    assert world.waiting() <= 1
    await world.backfill()
    assert world.phones(item) == [MESSY]
    assert world.waiting() == 0


async def test_what_waits_for_the_jobs_goes_on_waiting(world: World) -> None:
    item = await corrected(world, MESSY)
    other = world.add(OTHER)
    at = world.journal()[-1].at
    async with open_for_writing(world.state) as database:
        await database.write(lambda db: queue.add(db, [EntityRef.parse(f"contact:{other}")], "event", due_at=at))
    await undo(world, 1)
    assert (world.phones(item), world.phones(other)) == ([MESSY], [OTHER])
    assert world.waiting() == 1


async def test_what_the_portal_refuses_is_told_and_not_held(world: World) -> None:
    item = await corrected(world, MESSY)
    world.portal.frozen.add((CONTACT, item))
    undone = await undo(world, 1)
    assert world.phones(item) == [CLEAN]
    assert [left.why.value for left in undone.left] == ["refused"]
    assert undone.summary.counts["failed"] == 1
    assert held(world) == set()


async def test_the_daemon_respects_what_was_undone(world: World) -> None:
    item = await corrected(world, MESSY)
    await undo(world, 1)
    written = saves(world)
    async with world.following():
        await world.rounds(2)
    assert world.phones(item) == [MESSY]
    assert saves(world) == written


async def test_a_preview_writes_nothing_and_respects_what_was_undone(world: World) -> None:
    item = await corrected(world, MESSY)
    (rehearsal,) = await rehearsed(world, 1)
    assert [str(one.ref) for one in rehearsal.corrections] == [f"contact:{item}"]
    assert world.phones(item) == [CLEAN]
    assert held(world) == set()
    await undo(world, 1)
    _, plans = await world.preview()
    assert [plan.corrections for plan in plans] == [()]
    assert [review.reason.value for plan in plans for review in plan.reviews] == ["undone"]
