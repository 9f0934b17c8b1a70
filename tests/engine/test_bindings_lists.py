"""Lists of moves: worked through twice they write nothing more, and lost answers do no harm."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.engine.rebinding import (
    ADD,
    DELETE,
    MOVE,
    SET_LINKS,
    WITH_TASKS,
    assert_nothing_twice,
    assert_unbroken,
    bound,
    call,
    company,
    item,
    lead_of,
    listed,
    rule,
    task,
    written,
)

from b24syncd.errors import UsageInvalid
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.tables.fields import CONTACT, DEAL, LEAD
from b24syncd.store import conditions
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from tests.engine.rebinding import MakeWorld


OTHERS = rule("others", where='{ stageId = "JUNK" }')
"""A rule that is for none of the items here."""


async def test_a_list_may_be_worked_through_twice(make_world: MakeWorld) -> None:
    world = await make_world(**WITH_TASKS)
    target, deal, twin = company(world), item(world, DEAL, title="A deal"), lead_of(world)
    leads = [lead_of(world), lead_of(world), lead_of(world)]
    calls = [call(world, lead, deal) for lead in leads]
    _, mirror = task(world, leads[0])
    for lead, to in zip(leads, (target, twin, deal), strict=True):
        world.portal.activities.watch.expect(lead, to)
    moves = listed((leads[0], target), (leads[1], twin), (leads[2], deal))
    world.rebind_by(OTHERS)
    summary = await world.rebind(moves)
    assert summary.counts["corrected"] == 4
    assert [bound(world, one) for one in (*calls, mirror)] == [{target, deal}, {twin, deal}, {deal}, {target}]
    before = written(world)
    await world.rebind(moves)
    assert written(world) == before
    assert world.portal.history.breaches == []


async def test_a_list_that_names_what_is_not_there_writes_nothing(make_world: MakeWorld) -> None:
    world = await make_world()
    target, lead = company(world), lead_of(world)
    call(world, lead)
    world.rebind_by(OTHERS)
    with pytest.raises(UsageInvalid) as caught:
        await world.rebind(listed((lead, target), ((LEAD, 9999), target), (target, (CONTACT, 8888))))
    lines = str(caught.value).splitlines()
    assert [line.partition(": ")[0] for line in lines] == [
        "moves.csv line 3",
        "moves.csv line 4",
    ]
    assert not written(world)
    with open_for_reading(world.state) as db:
        assert conditions.standing(db) == ()  # the list is wrong, not the settings of the service


async def test_what_the_portal_refuses_is_told_each_time_and_tried_again_when_somebody_asks(
    make_world: MakeWorld,
) -> None:
    world = await make_world()
    lead, deal = lead_of(world), item(world, DEAL, title="A deal")
    one = call(world, lead)
    world.rebind_by(OTHERS)
    denied = Fault(kind=Kind.COMMAND_ERROR, match=ADD, times=None, code="ACCESS_DENIED", description="Access denied")
    world.portal.faults.add(denied)
    for _ in range(2):
        summary = await world.rebind(listed((lead, deal)))
        assert (summary.counts["refused"], summary.counts["corrected"]) == (1, 0)
        assert [str(review.reason) for review in world.reviews()] == ["refused"]
    world.portal.faults.clear()
    summary = await world.rebind(listed((lead, deal)))
    assert (summary.counts["refused"], summary.counts["corrected"]) == (0, 1)
    assert bound(world, one) == {deal}
    assert world.reviews() == []


async def test_a_list_meets_lost_answers(make_world: MakeWorld) -> None:
    async def run(method: str, when: str) -> None:
        world = await make_world(**WITH_TASKS)
        target, twin = company(world), lead_of(world)
        leads = [lead_of(world), lead_of(world)]
        calls = [call(world, lead) for lead in leads]
        _, mirror = task(world, leads[0])
        world.portal.faults.add(Fault(kind=Kind.RESET, match=method, when=when))
        moves = listed((leads[0], target), (leads[1], twin))
        world.rebind_by(OTHERS)
        await world.rebind(moves)
        assert [bound(world, one) for one in (*calls, mirror)] == [{target}, {twin}, {target}]
        assert_unbroken(world)
        assert_nothing_twice(world)
        before = written(world)
        await world.rebind(moves)
        assert written(world) == before

    await asyncio.gather(
        *(run(method, when) for method in (ADD, DELETE, MOVE, SET_LINKS) for when in ("before", "after"))
    )
