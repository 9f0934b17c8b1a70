"""Killed at any command or any moment after it, a walk goes on and ends as if nobody had killed it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from contextlib import closing, suppress
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.engine.paying import (
    DAY,
    INSTANT,
    NAME,
    assert_nothing_twice,
    assert_settled,
    date_paid,
    day_ago,
    deal,
    made,
    mistakes,
    pay,
    reasons,
    shown,
    typing,
)
from tests.variants import IS_LONG, some

from b24syncd.domain.corrections import SetField
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.person import Trigger
from b24syncd.simulator.seeds.payments import generate_payments
from b24syncd.simulator.tables.fields import DEAL, CustomField, FieldType

if TYPE_CHECKING:
    from tests.engine.paying import MakeWorld
    from tests.engine.world import World

AT_ONCE = 8
NTH = 1 if IS_LONG else 2
"""Of so many commands one is where a walk is killed."""
COMMANDS = 40
"""So many commands a walk over one deal of each sort takes, at the most."""


async def one_of_each(make_world: MakeWorld, api: str) -> World:
    """Return a portal in which dates are set, corrected, cleared, asked about and left, over two walks."""
    world = await make_world(custom_fields=(INSTANT,))
    entered = int(world.portal.clock()) - 50 * 86400
    date_paid(world, api=api)
    paid, relapsed = deal(world), deal(world)
    pay(world, paid)
    cancelled = pay(world, relapsed, days_ago=30)
    await world.backfill()
    world.portal.payments.cancel(cancelled, "person")
    for _ in range(2):
        pay(world, deal(world, **{NAME: entered}), days_ago=4)
        pay(world, deal(world), days_ago=3)
    enter(world, deal(world), entered)
    deal(world)
    pay(world, paid, days_ago=1)
    return world


def enter(world: World, deal_id: int, second: int) -> None:
    found = world.portal.find(DEAL, deal_id)
    assert found is not None
    world.portal.change(found, {NAME: second}, (), "person")


async def killed(world: World, number: int, steps: int) -> bool:
    """Kill a backfill so many steps of the event loop after a command; return whether it ended before.

    The steps reach what no command marks: the answer read, its outcomes being stored, the cursor moving.
    """
    reached = asyncio.Event()
    task = asyncio.create_task(world.backfill())
    with world.at_command(number, reached.set):
        waiting = asyncio.create_task(reached.wait())
        await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
        for _ in range(steps):
            await asyncio.sleep(0)
        waiting.cancel()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
            return True
    with closing(sqlite3.connect(world.state)) as db:
        db.execute("UPDATE runs SET state = 'running', finished_at = NULL WHERE id = (SELECT max(id) FROM runs)")
        db.commit()
    return False


def steps_made(world: World) -> Counter[tuple[int, bool, bool]]:
    """Count what was made of which deal; the times themselves differ from portal to portal."""
    corrections = [one for one in made(world).elements() if isinstance(one, SetField)]
    return Counter((one.ref.id, one.before is None, one.after is None) for one in corrections)


@pytest.mark.parametrize(
    ("api", "steps"),
    some([("universal", 0), ("classic", 20), ("universal", 10), ("universal", 40), ("classic", 0)], 2),
)
async def test_killed_at_every_command(make_world: MakeWorld, api: str, steps: int) -> None:
    async def run(number: int) -> bool:
        world = await one_of_each(make_world, api)
        ended = await killed(world, number, steps)
        await world.backfill()
        assert mistakes(world) == []
        assert (steps_made(world), reasons(world)) == (expected, {"entered_by_hand": 1})
        await assert_settled(world)
        return ended

    undisturbed = await one_of_each(make_world, api)
    await undisturbed.backfill()
    assert mistakes(undisturbed) == []
    expected = steps_made(undisturbed)
    for first in range(1, COMMANDS, AT_ONCE * NTH):
        if all(await asyncio.gather(*(run(number) for number in range(first, first + AT_ONCE * NTH, NTH)))):
            break
    else:
        pytest.fail("a walk takes more commands than are tried")


@pytest.mark.every(3)
@pytest.mark.parametrize("api", ["universal", "classic"])
@pytest.mark.parametrize("steps", some([0, 20, 5], 2))
async def test_a_date_typed_after_a_kill_stays(make_world: MakeWorld, api: str, steps: int) -> None:
    """Whether the write was answered or not: a person typed later, and is asked about it."""

    async def run(number: int) -> str | None:
        world = await make_world(custom_fields=(DAY,))
        one = deal(world)
        pay(world, one)
        date_paid(world, api=api)
        await killed(world, number, steps)
        was_written = shown(world, one)
        day = day_ago(world, 77)
        assert world.portal.person.edit(typing(one, day))
        await world.backfill()
        if was_written:
            assert shown(world, one) == day
            assert reasons(world) == {"entered_by_hand": 1}
        else:  # not written, it is taken for an old copy; what was still under way may have come after the look
            assert shown(world, one) in {day, day_ago(world, 10)}
        await assert_settled(world, repeated=True)
        return was_written

    found = await asyncio.gather(*(run(number) for number in range(3, 13)))
    assert None in found
    assert any(found)


@pytest.mark.parametrize("seed", some(range(2)))
async def test_killed_again_and_again_while_answers_are_lost(make_world: MakeWorld, seed: int) -> None:
    async def run(number: int) -> World:
        world = await make_world(custom_fields=(INSTANT,), time_zone="Europe/Berlin")
        generate_payments(world.portal, number, deals=120)
        date_paid(world)
        for kind in (Kind.RESET, Kind.HTML):
            world.portal.faults.add(Fault(kind=kind, when="after", times=None, probability=0.02))
        rng = Random(number)  # noqa: S311 # has to be repeatable
        for _ in range(4):
            await killed(world, rng.randrange(20, 250), rng.randrange(100))
        world.portal.faults.clear()
        await world.backfill()
        return world

    for world in await asyncio.gather(*(run(3 * seed + number) for number in range(3))):
        assert mistakes(world) == []
        assert_nothing_twice(world)
        await assert_settled(world)


async def test_what_is_owed_waits_until_its_field_is_configured_again(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=(DAY, CustomField(DEAL, "UF_CRM_1721244707108", "Other", FieldType.DATE)))
    date_paid(world)
    item = deal(world)
    pay(world, item)
    world.portal.person.plan(
        Trigger(method="crm.item.get", entity_type_id=DEAL, item_id=item), typing(item, "2026-01-15")
    )
    world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.update", when="before", nth=2, times=None))
    task = asyncio.create_task(world.backfill())
    await world.until(lambda: world.portal.history.faults["reset"] > 0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    world.portal.faults.clear()
    assert shown(world, item) not in {None, "2026-01-15"}
    date_paid(world, field='"Other"')
    await world.backfill()
    assert world.outcomes()["intent"] == 1
    date_paid(world)
    await world.backfill()
    assert shown(world, item) == "2026-01-15"
    assert world.outcomes()["intent"] == 0
