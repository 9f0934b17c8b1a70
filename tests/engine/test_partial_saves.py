"""An update saves its entries one by one: it may fail though a part of it was saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.engine.scripting import edit
from tests.engine.undone import release_reviews, undo
from tests.engine.world import CONTACT

from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.person import Action
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    MakeWorld = Callable[..., Coroutine[None, None, World]]

FIRST, SECOND = "info@romashka-opt.ru", "anna@romashka-opt.ru"
NOT_TAKEN = "anna@пример.рф"
"""An address with letters that are none to a portal of long ago."""


@pytest.fixture
async def world(make_world: MakeWorld) -> World:
    """A portal of long ago that looks at what it saves."""
    return await make_world(checks_entries="ascii")


def emails(world: World, item: int) -> list[str]:
    found = world.portal.find(CONTACT, item)
    return [] if found is None else [point.value for point in found.points.values() if point.type_id == "EMAIL"]


def rows(world: World) -> list[tuple[str | None, str | None, str]]:
    return [(entry.before, entry.after, entry.outcome.value) for entry in world.journal()]


async def test_a_text_comes_back_where_one_of_its_addresses_was_not_saved(world: World) -> None:
    text = f"Info <{FIRST}>, {NOT_TAKEN}"
    item = world.add(emails=[text])
    summary = await world.backfill()
    assert emails(world, item) == [text]
    assert rows(world) == [
        (text, FIRST, "unverified"),
        (None, NOT_TAKEN, "refused"),
        (FIRST, text, "done"),
    ]
    assert summary.counts["failed"] == 1
    assert [(entry.ref.id, entry.reason) for entry in world.given_up()] == [(item, "refused")]


async def test_what_was_taken_back_is_not_written_again_by_the_daemon(world: World) -> None:
    item = world.add(emails=[f"Info <{FIRST}>, {NOT_TAKEN}"])
    async with world.following():
        await world.rounds(1)
        world.portal.person.edit(world.adding(item, "+79161234567"))
        await world.until(lambda: world.portal.history.saves == 2)
        await world.rounds(4)
    assert world.portal.history.saves == 2


async def test_an_address_comes_back_where_the_text_that_it_was_split_off_is_refused(world: World) -> None:
    item = world.add(emails=[f"{FIRST}, {SECOND}"])  # as it may stand in a portal that did not look so closely once
    first = await world.backfill()
    assert emails(world, item) == [FIRST, SECOND]
    undone = await undo(world, first.run_id)
    assert emails(world, item) == [FIRST, SECOND]
    assert {left.why.value for left in undone.left} == {"refused"}
    assert [failed.ref.id for failed in undone.summary.failed] == [item]


async def test_what_cannot_be_taken_back_is_listed(world: World) -> None:
    item = world.add(emails=[f"{FIRST}, {NOT_TAKEN}"])
    summary = await world.backfill()
    assert emails(world, item) == [FIRST]
    assert (f"{FIRST}, {NOT_TAKEN}", FIRST, "unverified") in rows(world)
    assert (summary.counts["failed"], [failed.ref.id for failed in summary.failed]) == (1, [item])


def lose_the_answer(world: World) -> None:
    """Let the answer to the next update be lost."""
    world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.update", when="after"))


def asked(world: World) -> list[tuple[int, str, str]]:
    return [(review.ref.id, review.reason, review.value) for review in world.reviews()]


async def test_a_person_is_asked_where_nobody_can_tell_whether_the_rest_was_saved(world: World) -> None:
    text = f"Info <{FIRST}>, {NOT_TAKEN}"
    item = world.add(emails=[text])
    lose_the_answer(world)
    await world.backfill()
    assert emails(world, item) == [FIRST]
    assert asked(world) == [(item, "half_made", f"{text} → {FIRST}")]
    assert rows(world) == [(text, FIRST, "unverified"), (None, NOT_TAKEN, "overtaken")]


async def test_a_person_is_asked_where_the_rest_may_have_been_deleted(make_world: MakeWorld) -> None:
    world = await make_world()
    world.configure(limits__request_cut_seconds=60)
    text = f"{FIRST}, {SECOND}"
    async with world.following():
        await world.rounds(1)
        lose_the_answer(world)
        item = world.portal.create(CONTACT, {}, [PointChange(None, "EMAIL", "WORK", text)], "person").id
        await world.until(lambda: emails(world, item) == [FIRST, SECOND])
        found = world.portal.find(CONTACT, item)
        assert found is not None
        split_off = max(found.points)
        world.portal.person.edit(edit(Action.DELETE, item, type_id="EMAIL", point_id=split_off))
    world.configure(limits__request_cut_seconds=0.1)
    await world.backfill()
    assert emails(world, item) == [FIRST]
    assert asked(world) == [(item, "half_made", f"{text} → {FIRST}")]


async def test_what_may_be_half_made_is_left_alone_until_it_is_released(world: World) -> None:
    item = world.add(emails=[f"Info <{FIRST}>, {NOT_TAKEN}"])
    lose_the_answer(world)
    await world.backfill()
    world.portal.person.edit(edit(Action.ADD, item, type_id="EMAIL", value=SECOND.upper()))
    await world.backfill()
    assert emails(world, item) == [FIRST, SECOND.upper()]
    assert [reason for _, reason, _ in asked(world)] == ["half_made"]
    assert await release_reviews(world) == 1
    await world.backfill()
    assert emails(world, item) == [FIRST, SECOND]
    assert asked(world) == []
