"""A portal that saves nothing of an item of which one contact point is malformed, touched or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.engine.deciding import accept, decisions, edited
from tests.engine.rebinding import CONVERTED, rule
from tests.engine.scripting import edit
from tests.engine.undone import undo
from tests.engine.world import CONTACT

from b24syncd.domain.malformed import IN_THE_WAY
from b24syncd.simulator.judges.items import misplaced
from b24syncd.simulator.people.person import Action, Trigger
from b24syncd.simulator.seeds.activities import generate_activities
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    MakeWorld = Callable[..., Coroutine[None, None, World]]

ITEMS = 300
RAW, RIGHT = "8 916 123-45-67", "+79161234567"
NO_ADDRESS, SLIP, MEANT = "нет почты", "ivan@gmailcom", "ivan@gmail.com"
CURED_BY_US, CURED = "Anna@Example.org,", "anna@example.org"


@pytest.fixture
def make_strict(make_world: MakeWorld) -> MakeWorld:
    """Make worlds of today's cloud."""

    async def make(**options: object) -> World:
        return await make_world(checks_entries="letters", refuses_whole=True, **options)

    return make


@pytest.fixture(params=["universal", "classic"])
async def world(make_strict: MakeWorld, request: pytest.FixtureRequest) -> World:
    """Read and written by either family of methods."""
    world = await make_strict()
    world.configure(portal__api=request.param)
    return world


def held(world: World, item: int) -> list[str]:
    found = world.portal.find(CONTACT, item)
    return [] if found is None else [point.value for point in found.points.values()]


def entry_of(world: World, item: int, value: str) -> int:
    found = world.portal.find(CONTACT, item)
    assert found is not None
    return next(point.id for point in found.points.values() if point.value == value)


def listed(world: World) -> list[tuple[int, bool]]:
    return [(entry.ref.id, IN_THE_WAY in str(entry.detail)) for entry in world.given_up()]


def updates(world: World) -> int:
    return world.portal.history.commands["crm.item.update"] + world.portal.history.commands["crm.contact.update"]


async def polls(world: World) -> None:
    """Wait until the daemon has looked for changes several times, by whatever methods."""

    def lists() -> int:
        return sum(count for name, count in world.portal.history.commands.items() if name.endswith(".list"))

    begun = lists()
    await world.until(lambda: lists() > begun + 40)


async def test_the_others_are_written_and_each_such_item_is_listed_once_with_the_cure(world: World) -> None:
    clean = [world.add(f"8 916 123-45-{number}") for number in range(10, 40)]
    stuck = world.add(RAW, emails=[NO_ADDRESS])
    cured = world.add(RAW, emails=[CURED_BY_US])
    half = world.add(RAW, emails=[CURED_BY_US, NO_ADDRESS])
    only_bad = world.add(RIGHT, emails=[NO_ADDRESS])
    clean += [world.add(f"8 916 123-45-{number}") for number in range(40, 70)]
    summary = await world.backfill()
    assert all(value.startswith("+7") for item in clean for value in held(world, item))
    assert held(world, cured) == [RIGHT, CURED]
    assert held(world, stuck) == [RAW, NO_ADDRESS]
    assert held(world, half) == [RAW, CURED_BY_US, NO_ADDRESS]
    assert held(world, only_bad) == [RIGHT, NO_ADDRESS]
    assert sorted(listed(world)) == [(stuck, True), (half, True)]
    assert sorted(failed.ref.id for failed in summary.failed) == [stuck, half]
    assert {review.reason for review in world.reviews()} == {"not_an_email"}
    assert world.outcomes()["intent"] == 0
    tried = updates(world)
    again = await world.backfill()
    assert sorted(failed.ref.id for failed in again.failed) == [stuck, half]
    assert updates(world) <= tried + 6  # of the one with two parts, each by itself once


async def test_the_daemon_waits_for_a_person_and_writes_the_rest_by_the_next_poll(world: World) -> None:
    mended, deleted = (world.add(RAW, emails=[NO_ADDRESS]) for _ in range(2))
    async with world.following():
        await polls(world)
        for item in (mended, deleted):
            world.portal.person.edit(world.adding(item, "8 495 123-45-67"))
        await world.until(lambda: len(world.given_up()) == 2)
        await polls(world)
        tried = updates(world)
        await polls(world)
        assert updates(world) == tried
        for item, action, value in ((mended, Action.CHANGE, MEANT), (deleted, Action.DELETE, "")):
            entry = entry_of(world, item, NO_ADDRESS)
            world.portal.person.edit(edit(action, item, type_id="EMAIL", point_id=entry, value=value))
        await world.until(lambda: not world.given_up())
    assert held(world, mended) == [RIGHT, MEANT, "+74951234567"]
    assert held(world, deleted) == [RIGHT, "+74951234567"]


async def test_the_rest_follows_once_the_review_of_the_address_is_accepted(world: World) -> None:
    item = world.add(RAW, emails=[SLIP])
    await world.backfill()
    assert listed(world) == [(item, True)]
    decided = await accept(world)
    assert (len(decided.accepted), decided.left) == (1, ())
    await world.backfill()
    assert held(world, item) == [RIGHT, MEANT]
    assert world.given_up() == []


async def test_what_a_person_writes_into_its_review_is_enough(world: World) -> None:
    item = world.add(RAW, emails=[NO_ADDRESS])
    await world.backfill()
    (review,) = world.reviews()
    assert (await edited(world, review, MEANT)).left == ()
    await world.backfill()
    assert held(world, item) == [RIGHT, MEANT]
    assert world.given_up() == []


async def test_one_review_of_two_is_refused_and_both_together_pass(world: World) -> None:
    item = world.add(RIGHT, emails=[SLIP, "anna@yandexru"])
    await world.backfill()
    first, second = decisions(world.reviews())
    assert len((await accept(world, [first])).left) == 1
    assert held(world, item) == [RIGHT, SLIP, "anna@yandexru"]
    assert listed(world) == [(item, True)]
    assert (await accept(world, [first, second])).left == ()
    assert held(world, item) == [RIGHT, MEANT, "anna@yandex.ru"]


async def test_of_an_undo_what_would_bring_a_malformed_entry_back_is_refused(world: World) -> None:
    item = world.add(RAW, emails=[CURED_BY_US])
    first = await world.backfill()
    assert held(world, item) == [RIGHT, CURED]
    undone = await undo(world, first.run_id)
    assert held(world, item) == [RAW, CURED]
    assert {left.why.value for left in undone.left} == {"refused"}
    assert [(failed.ref.id, IN_THE_WAY in str(failed.detail)) for failed in undone.summary.failed] == [(item, True)]


async def test_a_killed_run_goes_on_to_the_same_end(make_strict: MakeWorld) -> None:
    for number in range(4, 40, 3):
        world = await make_strict()
        clean, stuck = world.add("8 916 123-45-60"), world.add(RAW, emails=[NO_ADDRESS])
        cured = world.add(RAW, emails=[CURED_BY_US])
        ended = await world.killed(number)
        world.configure(limits__request_cut_seconds=0.1)
        await world.backfill()
        assert [held(world, item) for item in (clean, stuck, cured)] == [
            ["+79161234560"],
            [RAW, NO_ADDRESS],
            [RIGHT, CURED],
        ]
        assert listed(world) == [(stuck, True)]
        assert world.outcomes()["intent"] == 0
        if ended:
            break


async def test_what_is_owed_to_a_person_is_listed_where_the_portal_refuses_it(make_strict: MakeWorld) -> None:
    world = await make_strict()
    item = world.add(RAW)
    newer = "+79032223344"
    written = Trigger(method="crm.item.update", entity_type_id=CONTACT, item_id=item)
    witness = Trigger(method="crm.item.get", entity_type_id=CONTACT, item_id=item)
    world.portal.person.plan(witness, world.change(item, newer, canonical=(newer,)))
    world.portal.person.plan(written, edit(Action.ADD, item, type_id="EMAIL", value=NO_ADDRESS))
    await world.backfill()
    assert held(world, item) == [RIGHT, NO_ADDRESS]
    (entry,) = world.given_up()
    assert (entry.ref.id, str(entry.detail).endswith("what a person wrote there is in the journal")) == (item, True)
    last = world.journal()[-1]
    assert (last.before, last.after, last.outcome.value) == (RIGHT, newer, "refused")
    assert world.outcomes()["intent"] == 0
    assert updates(world) == 3


@pytest.mark.parametrize("share", [5, 20])
async def test_such_items_cost_two_requests_each_and_hold_up_no_others(make_strict: MakeWorld, share: int) -> None:
    requests = []
    for one_in in (None, 100 // share):
        world = await make_strict()
        for number in range(ITEMS):
            is_stuck = one_in is not None and number % one_in == one_in // 2
            world.add(f"8 916 {1_000_000 + number}", emails=[NO_ADDRESS] if is_stuck else [])
        summary = await world.backfill()
        requests.append(world.portal.history.requests.total())
        assert summary.counts["failed"] == (ITEMS * share // 100 if one_in else 0)
    assert requests[1] - requests[0] <= 2 * ITEMS * share // 100 + 10


async def test_activities_are_rebound_to_and_from_such_items(make_strict: MakeWorld) -> None:
    world = await make_strict()
    generate_activities(world.portal, 7, converted=20)
    for table in world.portal.tables.values():
        for item in table.items.values():
            if table.has_points:
                bad = PointChange(None, "EMAIL", "WORK", NO_ADDRESS)
                world.portal.change(item, {}, [bad], "generator")
    world.rebind_by(rule(to="company", where=CONVERTED))
    summary = await world.backfill()
    assert summary.counts["corrected"] > 0
    assert summary.failed == ()
    assert misplaced(world.portal, "company", "converted") == []
