"""Taking over the payments' date where a person had entered another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.engine.deciding import accept, decisions, rehearsed, why_left
from tests.engine.paying import DAY, assert_settled, date_paid, day_ago, day_of, deal, pay, shown, typing
from tests.engine.undone import undo

from b24syncd.simulator.faults import Fault, Kind

if TYPE_CHECKING:
    from tests.engine.paying import MakeWorld
    from tests.engine.world import World

    from b24syncd.simulator.tables.model import Item


async def entered(make_world: MakeWorld, *, emptied: bool = False) -> tuple[World, int, Item, str]:
    """Return a world with a deal that shows what a person entered after us, its payment, and that day."""
    world = await make_world(custom_fields=(DAY,))
    one = deal(world)
    payment = pay(world, one)
    date_paid(world)
    await world.backfill()
    day = "" if emptied else day_ago(world, 40)
    world.portal.person.edit(typing(one, day))
    await world.backfill()
    return world, one, payment, day


@pytest.mark.parametrize("emptied", [False, True])
async def test_the_date_of_the_payments_is_taken_over_and_followed_again(
    make_world: MakeWorld,
    emptied: bool,  # noqa: FBT001
) -> None:
    world, one, payment, day = await entered(make_world, emptied=emptied)
    (rehearsal,) = await rehearsed(world)
    assert len(rehearsal.corrections) == 1
    decided = await accept(world)
    assert (shown(world, one), len(decided.accepted)) == (day_of(world, payment), 1)
    assert [review.state.value for review in world.reviews(all_states=True)] == ["accepted"]
    await assert_settled(world)
    assert [review.state.value for review in world.reviews(all_states=True)] == ["accepted"]
    later = pay(world, one, days_ago=1)
    await world.backfill()  # the field is this program's again
    assert shown(world, one) == day_of(world, later)
    assert decided.summary.run_id is not None
    undone = await undo(world, decided.summary.run_id)
    assert [left.why.value for left in undone.left] == ["changed"]
    assert day != day_of(world, later)


async def test_a_date_that_came_since_stays(make_world: MakeWorld) -> None:
    world, one, _, _ = await entered(make_world)
    wanted = decisions(world.reviews())
    newer = day_ago(world, 70)
    world.portal.person.edit(typing(one, newer))
    assert why_left(await accept(world, wanted)) == ["changed"]
    assert shown(world, one) == newer


async def test_a_payment_that_came_since_makes_the_suggestion_stale(make_world: MakeWorld) -> None:
    world, one, _, day = await entered(make_world)
    wanted = decisions(world.reviews())
    later = pay(world, one, days_ago=1)
    assert why_left(await accept(world, wanted)) == ["stale"]
    assert shown(world, one) == day
    await world.backfill()
    await accept(world)
    assert shown(world, one) == day_of(world, later)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_lost_answers(make_world: MakeWorld, when: str) -> None:
    world, one, payment, _ = await entered(make_world)
    world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.update", when=when))
    decided = await accept(world)
    assert (shown(world, one), len(decided.accepted)) == (day_of(world, payment), 1)
    await assert_settled(world)


async def test_a_job_that_is_off_writes_nothing(make_world: MakeWorld) -> None:
    world, one, _, day = await entered(make_world)
    date_paid(world, others=True, enabled="false")
    assert why_left(await accept(world)) == ["not_configured"]
    assert shown(world, one) == day
