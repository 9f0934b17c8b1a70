"""Corrections of several jobs on one item: one update, and part by part where the portal refuses that."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.engine.joint import (
    ASKED_ABOUT,
    NAME,
    NAMES,
    NOTE,
    RAW,
    RIGHT,
    TRIMMED,
    UNTRIMMED,
    backfill,
    before_the_first_witness,
    contact,
    lane_of,
    note_of,
    ref,
    undo,
    updates,
    writes_field,
    writes_points,
)
from tests.engine.scripting import Watcher
from tests.engine.world import CONTACT

from b24syncd.domain.entities import EntityType
from b24syncd.domain.malformed import IN_THE_WAY
from b24syncd.domain.snapshots import Snapshot
from b24syncd.errors import Rejected
from b24syncd.feeders.pages import Page
from b24syncd.portal.wire.commands import Priority
from b24syncd.simulator.errors import RestError
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    from b24syncd.simulator.methods.calls import Call

    MakeWorld = Callable[..., Coroutine[None, None, World]]

FIELD_REFUSED = Fault(kind=Kind.COMMAND_ERROR, match=writes_field, times=None, code="", description="no such note")
POINTS_REFUSED = Fault(kind=Kind.COMMAND_ERROR, match=writes_points, times=None, code="", description="no such phone")


@pytest.fixture(params=["universal", "classic"])
async def world(make_world: MakeWorld, request: pytest.FixtureRequest) -> World:
    """Read and written by either family of methods."""
    world = await make_world(custom_fields=(NOTE,))
    world.configure(portal__api=request.param)
    return world


def told(world: World) -> Counter[tuple[str, str]]:
    """Count the corrections by job and outcome."""
    return Counter((entry.correction.job, entry.outcome.value) for entry in world.journal())


async def test_all_corrections_of_an_item_are_one_update_and_one_group_to_undo(world: World) -> None:
    item = contact(world)
    first = await backfill(world)
    assert (world.phones(item), note_of(world, item)) == ([RIGHT], TRIMMED)
    assert (world.portal.history.saves, updates(world)) == (1, 1)
    assert told(world) == {("phones", "done"): 1, ("notes", "done"): 1}
    assert len({entry.batch for entry in world.journal()}) == 1
    await backfill(world)
    assert world.portal.history.saves == 1
    work = await undo(world, first.run_id)
    assert (world.phones(item), note_of(world, item)) == ([RAW], UNTRIMMED)
    assert (world.portal.history.saves, set(work.left.values())) == (2, {()})
    await backfill(world)
    assert world.portal.history.saves == 2


@pytest.mark.parametrize("code", ["", "ERROR_CORE", "INVALID_ARG_VALUE"])
async def test_a_refused_field_holds_back_no_phone(world: World, code: str) -> None:
    items = [contact(world), contact(world, "8 916 123-45-68", TRIMMED)]
    world.portal.faults.add(replace(FIELD_REFUSED, code=code))
    summary = await backfill(world)
    assert [world.phones(item) for item in items] == [[RIGHT], ["+79161234568"]]
    assert note_of(world, items[0]) == UNTRIMMED
    outcomes = told(world)
    assert outcomes["phones", "done"] == 2
    assert outcomes["notes", "refused"] == 1
    assert outcomes["phones", "superseded"] == outcomes["notes", "superseded"] == 1
    assert {outcome for _, outcome in outcomes} <= {"done", "refused", "superseded", "not_sent"}
    assert [(entry.ref, "no such note" in str(entry.detail)) for entry in world.given_up()] == [(ref(items[0]), True)]
    assert (summary.counts["failed"], world.portal.history.saves) == (1, 2)
    sent = updates(world)
    await backfill(world)
    assert (updates(world), world.portal.history.saves) == (sent, 2)
    world.portal.faults.clear()
    assert len(world.given_up()) == 1


async def test_a_refused_phone_holds_back_no_field(world: World) -> None:
    item = contact(world)
    world.portal.faults.add(POINTS_REFUSED)
    await backfill(world)
    assert (world.phones(item), note_of(world, item)) == ([RAW], TRIMMED)
    assert (told(world)["notes", "done"], told(world)["phones", "refused"]) == (1, 1)
    assert [entry.ref for entry in world.given_up()] == [ref(item)]
    world.portal.faults.clear()
    await backfill(world)
    assert (world.phones(item), world.given_up()) == ([RIGHT], [])
    assert world.portal.history.saves == 2


async def test_what_both_are_refused_is_listed_with_both_reasons(world: World) -> None:
    item = contact(world)
    world.portal.faults.add(POINTS_REFUSED, FIELD_REFUSED)
    summary = await backfill(world)
    assert (world.phones(item), note_of(world, item), world.portal.history.saves) == ([RAW], UNTRIMMED, 0)
    (entry,) = world.given_up()
    assert "no such phone" in str(entry.detail)
    assert "no such note" in str(entry.detail)
    assert summary.counts["failed"] == 1


async def test_a_person_who_types_between_keeps_what_they_typed_of_either(world: World) -> None:
    item = contact(world)
    typed = "typed just now"
    changed = world.portal.find(CONTACT, item)
    assert changed is not None
    before_the_first_witness(world, lambda: world.portal.change(changed, {NAME: typed}, (), "person"))
    await backfill(world)
    assert (world.phones(item), note_of(world, item)) == ([RIGHT], typed)
    await backfill(world)
    assert (world.phones(item), note_of(world, item)) == ([RIGHT], typed)
    (other,) = [contact(world, "8 916 123-45-69")]
    again = world.portal.find(CONTACT, other)
    assert again is not None
    (point,) = again.points.values()
    newer = PointChange(point.id, "PHONE", "WORK", "8 916 123-45-70")
    before_the_first_witness(world, lambda: world.portal.change(again, {}, (newer,), "person"))
    await backfill(world)
    assert (world.phones(other), note_of(world, other)) == (["+79161234570"], TRIMMED)


@pytest.mark.parametrize("commands", [0, 1, 2])
async def test_a_lost_answer_is_judged_by_reading(world: World, commands: int) -> None:
    item = contact(world)
    world.portal.faults.add(Fault(kind=Kind.CUT, match="batch", commands=commands, nth=2))
    await backfill(world)
    assert (world.phones(item), note_of(world, item)) == ([RIGHT], TRIMMED)
    assert world.portal.history.saves == 1
    assert set(told(world)) <= {
        (job, what) for job in ("phones", "notes") for what in ("done", "unverified", "not_sent")
    }
    assert world.outcomes()["intent"] == 0


async def test_a_field_that_this_run_does_not_read_is_left_to_its_job(world: World) -> None:
    item = contact(world)
    world.portal.faults.add(Fault(kind=Kind.HANG, match=_updates_in, seconds=1e6))
    task = asyncio.create_task(backfill(world))
    await world.until(lambda: bool(world.portal.history.faults))
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await backfill(world, "phones")
    assert (world.phones(item), note_of(world, item)) == ([RIGHT], UNTRIMMED)
    assert [(job, what) for job, what in told(world) if what == "intent"] == [("notes", "intent")]
    await backfill(world)
    assert note_of(world, item) == TRIMMED
    assert world.outcomes()["intent"] == 0


async def test_where_the_portal_refuses_an_item_whole_both_are_listed_with_the_cure(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=(NOTE,), checks_entries="letters", refuses_whole=True)
    items = [contact(world, f"8 916 123-45-6{digit}", UNTRIMMED, "нет почты") for digit in range(3)]
    await backfill(world)
    assert world.portal.history.saves == 0
    listed = {entry.ref: IN_THE_WAY in str(entry.detail) for entry in world.given_up()}
    assert listed == {ref(item): True for item in items}
    assert {what for _, what in told(world)} <= {"refused", "superseded", "not_sent"}
    for item in items:
        found = world.portal.find(CONTACT, item)
        assert found is not None
        bad = next(point for point in found.points.values() if point.type_id == "EMAIL")
        world.portal.change(found, {}, (PointChange(bad.id, "EMAIL", "WORK", "a@example.org"),), "person")
    await backfill(world)
    assert [note_of(world, item) for item in items] == [TRIMMED] * 3
    assert world.given_up() == []


async def test_two_pages_that_hold_the_same_item_write_it_once(world: World) -> None:
    item = contact(world)
    async with lane_of(world) as lane:
        read = await lane.kind.subjects.read([ref(item)], priority=Priority.LIVE)
        pages = [Page(tuple(read.found.values())) for _ in range(3)]
        for page in pages:
            lane.pipeline.announce(page)
        priorities = (Priority.LIVE, Priority.BACKFILL, Priority.LIVE)
        async with asyncio.TaskGroup() as group:
            for page, priority in zip(pages, priorities, strict=True):
                group.create_task(lane.pipeline.process(page, priority=priority))
    assert (world.phones(item), note_of(world, item)) == ([RIGHT], TRIMMED)
    assert (world.portal.history.saves, world.portal.history.empty_saves, updates(world)) == (1, 0, 1)
    assert world.outcomes() == {"done": 2}


async def test_a_job_whose_part_was_not_read_keeps_what_it_asked_for(world: World) -> None:
    item = contact(world, RIGHT, ASKED_ABOUT)
    await backfill(world)
    assert [(review.job, review.value) for review in world.reviews()] == [("notes", ASKED_ABOUT)]
    async with lane_of(world) as lane:
        read = await lane.kind.subjects.read([ref(item)], priority=Priority.LIVE)
        snapshot = read.found[ref(item)]
        assert isinstance(snapshot, Snapshot)
        page = Page((replace(snapshot, fields={}),))
        lane.pipeline.announce(page)
        await lane.pipeline.process(page, priority=Priority.LIVE)
    assert len(world.reviews()) == 1
    await backfill(world, "phones")
    assert len(world.reviews()) == 1


def _updates_in(request: object) -> bool:
    methods = getattr(request, "methods", ())
    return any(method.endswith(".update") for method in methods)


async def test_a_field_that_is_gone_lets_the_others_of_the_item_work_on(world: World) -> None:
    item = contact(world)
    own = world.portal.user_fields.find(CONTACT, NOTE.code)
    assert own is not None
    async with lane_of(world) as lane:
        items = lane.kind.subjects
        world.portal.user_fields.delete(own)
        with pytest.raises(Rejected, match="FIELD_GONE"):
            await items.read([ref(item)], priority=Priority.LIVE)
        lane.kind.planner.rest(["notes"])
        assert lane.kind.planner.is_idle(EntityType.CONTACT) is False
        items.forgo(lane.kind.planner.fields_at_rest, lane.kind.planner.points_at_rest)
        page = Page(tuple((await items.read([ref(item)], priority=Priority.LIVE)).found.values()))
        lane.pipeline.announce(page)
        await lane.pipeline.process(page, priority=Priority.LIVE)
        lane.kind.planner.rest(["notes", "phones"])
        assert lane.kind.planner.rests
    assert world.phones(item) == [RIGHT]


def ignore_the_note(world: World) -> None:
    """Let the portal leave the note out of what it saves, and answer as if it were done."""

    def leave_out(_: int, call: Call) -> None:
        fields = call.parameters.get("fields")
        if writes_field(call) and isinstance(fields, dict):
            call.parameters["fields"] = {name: value for name, value in fields.items() if name not in NAMES}

    world.portal.watchers.append(Watcher(leave_out))


async def test_where_only_one_part_is_ignored_the_other_is_done_and_undone(world: World) -> None:
    item = contact(world)
    ignore_the_note(world)
    summary = await backfill(world)
    assert (world.phones(item), note_of(world, item)) == ([RIGHT], UNTRIMMED)
    assert told(world) == {("phones", "done"): 1, ("notes", "refused"): 1}
    assert (summary.counts["corrected"], summary.counts["failed"], len(world.given_up())) == (1, 1, 1)
    sent = updates(world)
    await backfill(world)
    assert updates(world) == sent
    world.portal.watchers.clear()
    await undo(world, summary.run_id)
    assert world.phones(item) == [RAW]


async def test_a_phone_typed_meanwhile_comes_back_where_the_other_part_is_ignored(world: World) -> None:
    item = contact(world)
    ignore_the_note(world)
    changed = world.portal.find(CONTACT, item)
    assert changed is not None
    (point,) = changed.points.values()
    newer = PointChange(point.id, "PHONE", "WORK", "8 916 123-45-70")
    before_the_first_witness(world, lambda: world.portal.change(changed, {}, (newer,), "person"))
    await backfill(world)
    assert (world.phones(item), note_of(world, item)) == (["+79161234570"], UNTRIMMED)
    assert [
        (entry.before, entry.after) for entry in world.journal() if entry.outcome.value == "done" and entry.batch
    ] == [("8 916 123-45-70", RIGHT), (RIGHT, "+79161234570")]


def half_saved(world: World, *, times: int | None = None) -> None:
    """Let the portal save the note of an update that writes phones as well, and then tell an error of the phones."""
    left = [times]

    class HalfSaved:
        def before(self, call: Call) -> RestError | None:
            fields = call.parameters.get("fields")
            if not writes_points(call) or left[0] == 0 or not isinstance(fields, dict):
                return None
            left[0] = None if left[0] is None else left[0] - 1
            item = world.portal.find(CONTACT, int(str(call.parameters["id"])))
            note = next((str(value) for name, value in fields.items() if name in NAMES), None)
            if item is not None and note is not None:
                world.portal.change(item, {NAME: note}, (), "api")
            return RestError("0", "no such phone")

        def after(self, _: Call) -> RestError | None:
            return None

    world.portal.watchers.append(HalfSaved())


async def test_a_field_that_was_saved_before_the_error_is_told_and_undone(world: World) -> None:
    item = contact(world)
    half_saved(world)
    summary = await backfill(world)
    assert (world.phones(item), note_of(world, item)) == ([RAW], TRIMMED)
    assert told(world)["notes", "unverified"] == told(world)["phones", "refused"] == 1
    assert (summary.counts["unverified"], summary.counts["corrected"], summary.counts["failed"]) == (1, 1, 1)
    world.portal.watchers.clear()
    await undo(world, summary.run_id)
    assert note_of(world, item) == UNTRIMMED


async def test_after_an_error_of_the_moment_all_is_written_and_counted_once(world: World) -> None:
    item = contact(world)
    half_saved(world, times=1)
    summary = await backfill(world)
    assert (world.phones(item), note_of(world, item)) == ([RIGHT], TRIMMED)
    assert told(world)["notes", "unverified"] == told(world)["phones", "done"] == 1
    assert [summary.counts[count] for count in ("corrections", "corrected", "failed")] == [2, 1, 0]
