"""A walk that was handed over and the daemon's rounds look at the same items at the same time."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import pytest
from tests.engine.editing import fates, save
from tests.engine.rebinding import ADD, CONVERTED, DELETE, at, bind, bound, call, company, lead_of, rule, unbind
from tests.engine.ruling import CITY, CITY_NAME, add, rule_by, shown, typing
from tests.engine.test_handing_over import CANONICAL, MESSY, served
from tests.engine.test_queue_of_others import enqueue

from b24syncd.domain.edits import FieldEdit
from b24syncd.domain.entities import EntityRef
from b24syncd.errors import HandedOverFailed, SafetyStop
from b24syncd.simulator.faults import Fault, Kind, Request
from b24syncd.simulator.people.person import Trigger
from b24syncd.simulator.tables.slugs import slug

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.rebinding import MakeWorld
    from tests.engine.world import World

    from b24syncd.simulator.methods.calls import Call

UPDATE = "crm.item.update"


def is_reading(request: Request | Call) -> bool:
    """Tell whether items are read by their ids, as those of the queue are."""
    return request.method == "crm.item.list" and "@id" in str(request.parameters)


async def test_what_a_walk_lost_while_a_round_read_the_same_item_is_not_written_before_the_cut(world: World) -> None:
    world.configure(limits__request_timeout_seconds=40, limits__request_cut_seconds=60, changes__interval_seconds=2)
    item, sent = world.add(MESSY), list[float]()

    def is_update(request: Request | Call) -> bool:
        if is_sent := isinstance(request, Request) and UPDATE in request.methods:
            sent.append(world.clock.monotonic())
        return is_sent

    async with served(world):
        await world.rounds(1)
        world.portal.faults.add(Fault(kind=Kind.HANG, match=is_update, seconds=10.0))
        walk = asyncio.create_task(world.backfill(seconds=1e6))
        await world.until(lambda: world.portal.history.faults["hang"])
        world.portal.faults.add(Fault(kind=Kind.LATE, match=is_reading, seconds=20.0))
        enqueue(world, EntityRef.parse(f"contact:{item}"))
        await world.until(lambda: world.phones(item) == [CANONICAL])
        assert world.clock.monotonic() - sent[0] >= 60
        await walk
    assert world.portal.history.faults["late"] == 1
    assert world.outcomes() == {"not_sent": 1, "done": 1}
    world.assert_right()


async def test_a_walk_moves_over_nothing_that_was_left_to_be_judged_and_had_never_been_sent(world: World) -> None:
    """An edit that fails may have left its item open: nobody knows at once that it had not come that far."""
    world.configure(changes__interval_seconds=60)
    item, is_read = world.add(MESSY), asyncio.Event()

    def is_walking(request: Request | Call) -> bool:
        if is_page := request.method == "crm.item.list" and "'>id'" in str(request.parameters):
            is_read.set()
        return is_page

    async with served(world):
        await world.rounds(1)
        world.portal.faults.add(Fault(kind=Kind.LATE, match=is_walking, seconds=3.0))
        walk = asyncio.create_task(world.backfill("phones"))
        await is_read.wait()
        world.portal.faults.add(Fault(kind=Kind.OVERLOAD, match=is_reading))
        with pytest.raises(HandedOverFailed, match="because of overload"):
            await save(world, EntityRef.parse(f"contact:{item}"), FieldEdit("comments", "", "called today"))
        await walk
        assert world.phones(item) == [CANONICAL]


async def test_a_safety_limit_that_ends_the_rounds_ends_a_walk_gently_and_the_daemon(world: World) -> None:
    world.configure(limits__per_second=40.0, limits__burst=10, changes__interval_seconds=0.2)
    denied = [world.add(CANONICAL) for _ in range(25)]
    world.portal.frozen.update((3, item) for item in denied)
    for _ in range(600):
        world.add(MESSY, type_id=1)
    daemon = asyncio.create_task(world.follow(1e6))
    await world.rounds(1)
    walk = asyncio.create_task(world.backfill("phones"))
    await world.until(lambda: world.portal.history.saves > 20)
    for item in denied:
        assert world.portal.person.edit(world.change(item, MESSY))
    with pytest.raises(SafetyStop, match="denied access"):
        await daemon
    assert (await walk).interrupted
    assert world.portal.history.saves < 600
    assert world.outcomes()["intent"] == 0


async def test_an_edit_waits_for_no_round_that_looks_at_what_was_left_open_of_its_item(world: World) -> None:
    world.configure(changes__interval_seconds=2)
    item, is_looked_at = world.add(CANONICAL), asyncio.Event()

    def is_look(request: Request | Call) -> bool:
        if is_one := is_reading(request):
            is_looked_at.set()
        return is_one

    async with served(world):
        await world.rounds(1)
        world.portal.faults.add(Fault(kind=Kind.RESET, match=UPDATE, when="after"))
        world.portal.faults.add(Fault(kind=Kind.LATE, match=is_look, seconds=4.0))
        assert world.portal.person.edit(world.change(item, MESSY))
        await is_looked_at.wait()
        saved = await save(world, EntityRef.parse(f"contact:{item}"), FieldEdit("sourceDescription", None, "called"))
        assert fates(saved) == ["saved"]
        await world.rounds(2)
    world.assert_right()


async def test_a_walk_leaves_to_a_person_what_a_round_had_written_since_it_was_read(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=(CITY,))
    for _ in range(60):
        add(world, ufCrmCity=" Kazan ")
    item = add(world)
    rule_by(
        world, {"entity": "contact", "field": "City", "trim": True, "default": "Tver", "replace": {"msk": "Moscow"}}
    )
    is_written = Trigger(method=UPDATE, moment="after", entity_type_id=3, item_id=item)
    world.portal.person.plan(is_written, typing(item, CITY_NAME, "msk"))
    await walk_passed_at_its_first(world, UPDATE, lambda: world.portal.person.edit(typing(item, "name", "Anna")))
    assert shown(world, item, CITY_NAME) == "msk"


async def test_a_walk_leaves_an_activity_where_a_person_put_it_back_that_a_round_had_moved_since_it_was_read(
    make_world: MakeWorld,
) -> None:
    world = await make_world()
    target = company(world)
    lead = lead_of(world, target)
    *_, activity = [call(world, lead) for _ in range(31)]
    world.rebind_by(rule(where=CONVERTED))
    world.portal.person.plan(at(DELETE, activity, "after"), bind(activity, slug(lead)), unbind(activity, slug(target)))
    rows = world.portal.activities
    touch = partial(rows.table.touch, rows.rows[activity])
    await walk_passed_at_its_first(world, ADD, lambda: touch(int(world.portal.clock())))
    assert bound(world, activity) == {lead}


async def walk_passed_at_its_first(world: World, method: str, change: Callable[[], object]) -> None:
    """Walk to the end; at the first write, which the portal is slow with, something changes that a round will meet."""
    world.configure(limits__in_flight=2, limits__request_timeout_seconds=60)
    is_sent = asyncio.Event()

    def is_write(request: Request | Call) -> bool:
        if is_one := isinstance(request, Request) and method in request.methods:
            is_sent.set()
        return is_one

    async with served(world):
        await world.rounds(1)
        world.portal.faults.add(Fault(kind=Kind.LATE, match=is_write, seconds=30.0))
        walk = asyncio.create_task(world.backfill(seconds=1e6))
        await is_sent.wait()
        change()
        await walk
        await world.rounds(1)
