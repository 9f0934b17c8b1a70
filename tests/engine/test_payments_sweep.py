"""The sweep: everything is looked at within its hours, never in a burst, over restarts, and what it finds is mended."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from tests.engine.paying import (
    DAY,
    PAYMENTS,
    assert_unbroken,
    date_paid,
    deal,
    doing,
    mistakes,
    pay,
    rounds,
    shown,
)
from tests.engine.rebinding import CONVERTED, WITH_TASKS, bound, call, company, lead_of, rule
from tests.engine.scripting import Watcher

from b24syncd.simulator.people.person import Action, PersonEdit
from b24syncd.simulator.tables.fields import CONTACT, DEAL, LEAD
from b24syncd.store import cursors
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.paying import MakeWorld
    from tests.engine.world import World

    from b24syncd.simulator.methods.calls import Call

OPTIONS = {"time_zone": "Europe/Moscow", "custom_fields": (DAY,)}
DEALS = 400
SWEEP = "sweep/payment_dates/deal"
SECOND = 1 / 3600


async def settled_deals(make_world: MakeWorld, number: int = DEALS) -> World:
    """Return a portal with deals that show when they were paid, and that nobody changed for a long time."""
    world = await make_world(**OPTIONS)
    for each in range(number):
        pay(world, deal(world), days_ago=3 + each % 50)
    date_paid(world)
    await world.backfill()
    assert mistakes(world) == []
    long_ago(world, DEAL)
    return world


def long_ago(world: World, type_id: int) -> None:
    """Set the times of change of all items into the past, as an import does."""
    table = world.portal.table(type_id)
    for item in table:
        table.touch(item, int(world.portal.clock()) - 3600)


def swept_to(world: World) -> int:
    """Return how far the sweep is, as `status` shows it; -1 once it is over."""
    with open_for_reading(world.state) as db:
        positions = {cursor.name: cursor.position for cursor in cursors.all_cursors(db)}
    position = positions.get(SWEEP, {"after_id": 0})
    return -1 if position.get("finished") else int(str(position["after_id"]))


@contextmanager
def pages_per_round(world: World) -> Iterator[list[int]]:
    """Count how many deals' payments are asked for in each round of the daemon."""
    asked: list[int] = [0]

    def count(_: int, call: Call) -> None:
        if call.method == "crm.item.fields":
            asked.append(0)
        asked[-1] += call.method == PAYMENTS

    watcher = Watcher(count)
    world.portal.watchers.append(watcher)
    try:
        yield asked
    finally:
        world.portal.watchers.remove(watcher)


async def test_a_sweep_is_spread_over_its_time(make_world: MakeWorld) -> None:
    world = await settled_deals(make_world)
    world.configure(changes__sweep_hours=6 * SECOND, changes__interval_seconds=0.2)
    began = world.portal.clock()
    with pages_per_round(world) as asked:
        async with world.following():
            await world.until(lambda: swept_to(world) == -1, seconds=30)
    assert 4.0 < world.portal.clock() - began < 12.0
    assert max(asked) <= 100  # two pages, at twice its pace
    assert DEALS <= sum(asked) <= DEALS + 150
    assert_unbroken(world)


async def sweep_on(world: World, wanted: int) -> int:
    """Let the daemon live until its sweep has come so far; return how far it is."""
    async with world.following() as task:
        await world.until(lambda: swept_to(world) >= wanted, seconds=20)
        assert not task.done()
    return swept_to(world)


async def test_a_sweep_goes_on_after_a_stop(make_world: MakeWorld) -> None:
    """What was swept is not swept again, and a delay is made good at twice the pace at the most."""
    world = await settled_deals(make_world)
    world.configure(changes__sweep_hours=5 * SECOND, changes__interval_seconds=0.1)
    reached = 0
    with pages_per_round(world) as asked:
        for _ in range(3):
            reached = await sweep_on(world, reached + 50)
        async with world.following():
            await world.until(lambda: swept_to(world) == -1, seconds=20)
    assert sum(asked) <= DEALS + 200
    assert max(asked) <= 100


async def test_a_sweep_begins_anew_when_its_time_is_up(make_world: MakeWorld) -> None:
    world = await settled_deals(make_world, 120)
    world.configure(changes__sweep_hours=1.5 * SECOND)
    async with world.following():
        await world.until(lambda: swept_to(world) == -1)
        assert world.portal.person.edit(doing(Action.UNPAY, 1))
        assert world.portal.person.edit(doing(Action.DELETE_PAYMENT, 119))
        began = world.portal.clock()
        await world.until(lambda: shown(world, 1) is None and shown(world, 119) is None)
        assert world.portal.clock() - began < 8.0
    assert mistakes(world) == []
    assert_unbroken(world)


async def test_a_deal_that_comes_meanwhile_and_one_that_goes(make_world: MakeWorld) -> None:
    world = await settled_deals(make_world, 120)
    world.configure(changes__sweep_hours=2 * SECOND)
    async with world.following():
        await rounds(world, 1)
        world.portal.person.edit(PersonEdit(action=Action.DELETE_ITEM, entity_type_id=DEAL, item_id=120))
        new = world.portal.create(
            DEAL, {"title": "New", "opportunity": 1.0, "currencyId": "RUB"}, [], "person", int(world.portal.clock())
        ).id
        paid = pay(world, new)
        await world.until(lambda: shown(world, new) is not None)
        await world.until(lambda: swept_to(world) == -1)
    assert paid.values["paid"] == "Y"
    assert mistakes(world) == []


async def test_phones_that_an_import_set_into_the_past(make_world: MakeWorld) -> None:
    world = await make_world()
    contact = world.add("8 (916) 123-45-67")
    await world.backfill()
    world.configure(changes__sweep_hours=1.5 * SECOND)
    world.portal.person.edit(
        PersonEdit(action=Action.CHANGE, entity_type_id=CONTACT, item_id=contact, value="8 (916) 765-43-21", late=7200)
    )
    async with world.following():
        await world.until(lambda: world.phones(contact) == ["+79167654321"])


async def test_bindings_of_a_lead_whose_change_was_set_into_the_past(make_world: MakeWorld) -> None:
    world = await make_world(**WITH_TASKS)
    target = company(world)
    lead = lead_of(world, target, stage="NEW")
    activity = call(world, lead)
    world.rebind_by(rule(where=CONVERTED))
    await world.backfill()
    world.configure(changes__sweep_hours=1.5 * SECOND)
    world.portal.person.edit(
        PersonEdit(
            action=Action.SET_FIELD,
            entity_type_id=LEAD,
            item_id=lead[1],
            name="stageId",
            value="CONVERTED",
            late=7200,
        )
    )
    async with world.following():
        await world.until(lambda: bound(world, activity) == {target})


@pytest.mark.parametrize("api", ["universal", "classic"])
async def test_status_shows_how_far_it_is(make_world: MakeWorld, api: str) -> None:
    world = await settled_deals(make_world, 120)
    date_paid(world, api=api)
    world.configure(changes__sweep_hours=100 * SECOND)
    async with world.following():
        await rounds(world, 2)
        await world.until(lambda: swept_to(world) > 0)
    with open_for_reading(world.state) as db:
        (position,) = [cursor.position for cursor in cursors.all_cursors(db) if cursor.name == SWEEP]
    assert json.loads(json.dumps(position)) == position
    assert (position["after_id"], position["highest_id"], position["finished"]) == (50, 120, False)
