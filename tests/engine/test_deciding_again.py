"""Decisions that are repeated, and values that stand there again: what was written once is not written now."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.engine.conftest import CONTACT, edit
from tests.engine.deciding import accept, decisions, edited, why_left

from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.person import Action, Trigger

if TYPE_CHECKING:
    from tests.engine.world import World

RAW, MEANT = "+8 (495) 123-45-67", "+74951234567"
NEWER = "+79161234567"


def states(world: World) -> list[str]:
    return [review.state.value for review in world.reviews(all_states=True)]


async def test_a_decision_that_is_repeated_is_written_once(world: World) -> None:
    item = world.add(RAW)
    await world.backfill()
    wanted = decisions(world.reviews())
    decided = await accept(world, wanted * 2)
    assert (decided.accepted, decided.left) == ((1,), ())
    assert world.phones(item) == [MEANT]
    assert [(entry.after, entry.outcome.value) for entry in world.journal()] == [(MEANT, "done")]
    decided = await accept(world, [replace(one, review_id=7, value=NEWER) for one in wanted * 2])
    assert why_left(decided) == ["changed"]


async def test_a_value_that_a_person_wrote_again_is_written_again(world: World) -> None:
    item = world.add(RAW)
    await world.backfill()
    (review,) = world.reviews()
    await edited(world, review, "only by letter", to_the_letter=True)
    world.portal.person.edit(edit(Action.CHANGE, item, value=RAW, canonical=(MEANT,)))
    await world.backfill()
    assert len((await accept(world)).accepted) == 1
    assert world.phones(item) == [MEANT]


async def test_what_a_killed_process_wrote_and_a_person_took_back_is_written(world: World) -> None:
    item = world.add(RAW)
    await world.backfill()
    wanted = decisions(world.reviews())
    world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.update", when="after"))
    task = asyncio.create_task(accept(world, wanted))
    await world.until(lambda: world.phones(item) == [MEANT])
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await world.backfill("emails")  # the lost answer is judged; nothing looks at what waits for a person
    world.portal.person.edit(edit(Action.CHANGE, item, value=RAW, canonical=(MEANT,)))
    assert len((await accept(world, wanted)).accepted) == 1
    assert world.phones(item) == [MEANT]


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_an_edit_to_the_letter_that_met_a_newer_value_is_not_written(world: World, moment: str) -> None:
    item = world.add(RAW)
    await world.backfill()
    (review,) = world.reviews()
    method = "crm.item.get" if moment == "before" else "crm.item.update"
    newer = edit(Action.CHANGE, item, value=NEWER, canonical=(NEWER,))
    world.portal.person.plan(Trigger(method=method, moment=moment, entity_type_id=CONTACT, item_id=item), newer)
    decided = await edited(world, review, "only by letter", to_the_letter=True)
    assert world.phones(item) == [NEWER]
    assert why_left(decided) == (["changed"] if moment == "before" else [])
    await world.backfill()
    assert world.phones(item) == [NEWER]
    assert world.reviews() == []
