"""Decisions while a daemon holds the state: it writes them, and follows the changes meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from tests.engine.deciding import accept, decisions, edited, why_left
from tests.engine.test_handing_over import served
from tests.engine.test_handing_over import states as runs_of

from b24syncd import app
from b24syncd.errors import HandedOverFailed
from b24syncd.simulator.faults import Fault, Kind

if TYPE_CHECKING:
    from tests.engine.world import World

RAW, MEANT = "+8 (495) 123-45-67", "+74951234567"
NEWER = "+79161234567"


def states(world: World) -> set[str]:
    return {review.state.value for review in world.reviews(all_states=True)}


async def test_suggestions_are_written_by_the_daemon(world: World) -> None:
    items = [world.add(RAW) for _ in range(120)]
    kept = world.add(RAW)
    await world.backfill()
    wanted = decisions(world.reviews())
    assert world.portal.person.edit(world.change(kept, NEWER, late=86400.0, canonical=(NEWER,)))
    async with served(world):
        decided = await accept(world, wanted)
        assert (len(decided.accepted), why_left(decided)) == (120, ["changed"])
        assert str(decided.left[0].decision.ref) == f"contact:{kept}"
        assert runs_of(world)[-1] == ("review", "done")
        await world.rounds(2)
        assert states(world) == {"accepted", "closed"}  # the daemon has looked at what a person changed
    assert {tuple(world.phones(item)) for item in items} == {(MEANT,)}
    assert world.phones(kept) == [NEWER]
    assert world.portal.history.repeated_writes() == []


async def test_what_people_do_meanwhile_is_followed(world: World) -> None:
    world.configure(limits__per_second=40.0, limits__burst=10, changes__interval_seconds=0.2)
    edited_one = world.add(MEANT, type_id=4)
    world.add("8 495 765-43-21", type_id=4)  # before the first number is corrected others are looked at
    for _ in range(400):
        world.add(RAW)
    await world.backfill()
    async with served(world):
        await world.rounds(1)
        saves = world.portal.history.saves
        deciding = asyncio.create_task(accept(world))
        await world.until(lambda: world.portal.history.saves > saves + 5)
        assert world.portal.person.edit(world.change(edited_one, "8 495 123-45-67", entity_type_id=4))
        await world.until(lambda: world.phones(edited_one, 4) == [MEANT])
        assert not deciding.done()
        assert len((await deciding).accepted) == 400
    assert states(world) == {"accepted"}


async def test_lost_answers_are_settled_by_the_daemon(world: World) -> None:
    items = [world.add(RAW) for _ in range(60)]
    await world.backfill()
    world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.update", when="after", times=2, commands=3))
    async with served(world):
        assert len((await accept(world)).accepted) == 60
    assert {tuple(world.phones(item)) for item in items} == {(MEANT,)}
    assert states(world) == {"accepted"}


async def test_a_daemon_that_ends_in_between_leaves_the_rest_open(world: World) -> None:
    items = [world.add(RAW) for _ in range(400)]
    await world.backfill()
    saves = world.portal.history.saves
    async with served(world) as daemon:
        deciding = asyncio.create_task(accept(world))
        await world.until(lambda: world.portal.history.saves > saves + 20)
        daemon.cancel()
        with suppress(HandedOverFailed):
            await deciding
    assert (RAW,) in {tuple(world.phones(item)) for item in items}
    await accept(world)
    assert {tuple(world.phones(item)) for item in items} == {(MEANT,)}
    await world.backfill()
    assert states(world) == {"accepted"}
    assert world.portal.history.repeated_writes() == []


async def test_an_edit_to_the_letter_is_not_asked_about_by_the_daemon_that_sees_it(world: World) -> None:
    item = world.add(RAW)
    await world.backfill()
    (review,) = world.reviews()
    async with served(world):
        await edited(world, review, "only by letter", to_the_letter=True)
        await world.rounds(2)
        assert world.phones(item) == ["only by letter"]
        assert states(world) == {"dismissed"}
        assert await app.reopen(world.settings, [review.id]) == 1
        with pytest.raises(HandedOverFailed):
            await app.reopen(world.settings, [review.id])
        assert states(world) == {"open"}
