"""Groups of updates behind one list, in whole runs: what a person does in between, and portals of several speeds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from tests.engine.scripting import CONTACT, Watcher, edit

from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.person import Action, Trigger

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    from b24syncd.simulator.methods.calls import Call
    from b24syncd.simulator.people.person import PersonEdit

    MakeWorld = Callable[..., Coroutine[None, None, World]]

LIST, GET, UPDATE = "crm.item.list", "crm.item.get", "crm.item.update"
NEWER, NEWER_CLEAN = "8 495 765-43-21", "+74957654321"
BOUND = 0.25


@dataclass
class Batches:
    """Notes the methods of each request, and how long the group of each update lasted, by what commands cost then."""

    world: World
    seen: list[list[str]] = field(default_factory=list)
    lasted: list[float] = field(default_factory=list)
    too_long: set[int] = field(default_factory=set)
    """The batches that held a group which lasted longer than it may."""
    _is_listed: bool = False

    def __post_init__(self) -> None:
        self.world.portal.watchers.append(Watcher(self._note))

    def _note(self, _: int, call: Call) -> None:
        if not call.position:
            self.seen.append([])
        self.seen[-1].append(call.method)
        self._is_listed = call.method == LIST or (call.method == UPDATE and self._is_listed)
        if call.method == LIST:
            self.lasted.append(0.0)
        if self._is_listed:
            self.lasted[-1] += self.world.portal.costs[call.method]
            self.too_long |= {len(self.seen)} if self.lasted[-1] > BOUND else set()

    @property
    def writing(self) -> list[list[str]]:
        return [batch for batch in self.seen if UPDATE in batch]

    @property
    def groups(self) -> int:
        return sum(batch.count(LIST) for batch in self.writing)


async def world_of(make_world: MakeWorld, update: float, *, contacts: int = 0, **options: object) -> World:
    """A portal where updates take so long, and contacts of which each has a phone to correct."""
    costs = {LIST: min(0.02, update), GET: min(0.01, update), UPDATE: update}
    world = await make_world(costs=costs, request_cut_seconds=60, **options)
    world.configure(limits__request_cut_seconds=60)  # else each batch is kept shorter than a group
    for number in range(contacts):
        world.add(number_of(number))
    return world


def number_of(item: int) -> str:
    return f"8 916 123-{item // 100:02}-{item % 100:02}"


def clean(item: int) -> str:
    return f"+7916123{item // 100:02}{item % 100:02}"


async def test_what_is_written_while_groups_before_it_are_is_met_by_the_list_of_its_own(make_world: MakeWorld) -> None:
    world = await world_of(make_world, 0.01, contacts=108)
    seen, late = Batches(world), 89  # in the second group of the last batch but one
    for number, item in enumerate(range(69, 79)):
        change = world.change(late, f"8 495 123-{number:02}-67", canonical=(f"+7495123{number:02}67",))
        world.portal.person.plan(Trigger(method=UPDATE, entity_type_id=CONTACT, item_id=item), change)
    await world.backfill()
    assert max(batch.count(LIST) for batch in seen.writing) > 1
    assert world.phones(late) == ["+74951230967"]
    await world.assert_settled(repeated=True)


PLACES = ("before the list", "after the list", "before the update", "after the update")
SEEN = {"before the list", "after the update"}


async def test_a_persons_edits_in_a_group(make_world: MakeWorld) -> None:
    """A new value of the very entry that is corrected goes unseen behind the list; nothing else does."""
    world = await world_of(make_world, 0.002, contacts=20)
    await world.backfill()  # the portal is known to bear them now
    wanted: dict[int, list[str]] = {}
    before: list[PersonEdit] = []
    for place in PLACES:
        number = 100 + len(wanted)
        changed, deleted, added = (world.add(number_of(number + step)) for step in range(3))
        wanted |= {
            changed: [NEWER_CLEAN if place in SEEN else clean(number)],
            deleted: [],
            added: [clean(number + 2), NEWER_CLEAN],
        }
        for one in (
            world.change(changed, NEWER, canonical=(NEWER_CLEAN,)),
            edit(Action.DELETE, deleted),
            world.adding(added, NEWER_CLEAN),
        ):
            if place == "before the list":
                before.append(one)
            elif place == "after the list":
                world.portal.person.plan(Trigger(method=UPDATE), one)
            else:
                moment = place.partition(" ")[0]
                of_item = Trigger(method=UPDATE, moment=moment, entity_type_id=CONTACT, item_id=one.item_id)
                world.portal.person.plan(of_item, one)

    def begin(_: int, call: Call) -> None:
        while before and call.method == LIST and "@id" in call.parameters.get("filter", ()):
            world.portal.person.edit(before.pop())

    world.portal.watchers.append(Watcher(begin))
    seen = Batches(world)
    await world.backfill()
    assert seen.writing[0] == [LIST, *[UPDATE] * len(wanted)]
    await world.backfill()  # what was edited after its update is met by the next walk
    assert {item: world.phones(item) for item in wanted} == wanted
    saves = world.portal.history.saves
    await world.backfill()
    assert world.portal.history.saves == saves


async def test_a_refused_item_holds_up_nobody(make_world: MakeWorld) -> None:
    world = await world_of(make_world, 0.002, contacts=100)
    world.portal.frozen |= {(CONTACT, item) for item in (40, 70, 71)}
    world.portal.person.plan(Trigger(method=UPDATE, nth=60), edit(Action.DELETE_ITEM, 80))
    seen = Batches(world)
    summary = await world.backfill()
    assert {one.ref.id for one in world.given_up()} == {40, 70, 71}
    assert summary.counts["failed"] == 3
    others = set(range(1, 101)) - {40, 70, 71, 80}
    assert {item: world.phones(item) for item in others} == {item: [clean(item - 1)] for item in others}
    assert seen.groups
    assert len(seen.writing) <= 24


async def test_nothing_is_written_once_nothing_can_be_read(make_world: MakeWorld) -> None:
    """The right to update is another one: no list shows anything, and an update by itself would be let through."""
    world = await world_of(make_world, 0.002, contacts=100)
    seen = Batches(world)

    def withdraw(_: int, call: Call) -> None:
        if call.method == LIST and seen.seen[-1] == [LIST] and call.position == 0 and seen.groups > 1:
            world.portal.access.withdraw(CONTACT, "read")

    world.portal.watchers.append(Watcher(withdraw))
    await world.backfill()
    assert seen.writing[-1].count(UPDATE) < 40
    done = [item for item in range(1, 101) if world.phones(item) == [clean(item - 1)]]
    assert done == list(range(1, len(done) + 1))
    assert world.portal.history.saves == len(done)


@pytest.mark.parametrize(("update", "fewest"), [(0.01, 5), (0.1, 0), (0.3, 0)])
async def test_no_group_lasts_longer_than_it_may(make_world: MakeWorld, update: float, fewest: int) -> None:
    world = await world_of(make_world, update, contacts=150)
    seen = Batches(world)
    await world.backfill(seconds=3000)
    assert seen.groups >= fewest
    assert bool(seen.groups) == bool(fewest)
    if seen.groups:
        assert BOUND / 2 < max(seen.lasted) <= BOUND
    await world.assert_settled()


async def test_where_updates_become_dear_groups_become_small_at_once(make_world: MakeWorld) -> None:
    world = await world_of(make_world, 0.004, contacts=300)
    world.configure(limits__in_flight=2)  # one batch at a time
    seen = Batches(world)

    def slow_down(_: int, call: Call) -> None:
        if call.method == UPDATE and world.portal.history.saves == 150:
            world.portal.costs[UPDATE] = 0.06

    world.portal.watchers.append(Watcher(slow_down))
    await world.backfill()
    # the one in which it happened, and the next, for half of the one before had been quick
    assert 1 <= len(seen.too_long) <= 2
    assert seen.lasted[-1] <= BOUND
    await world.assert_settled()


async def test_nothing_is_waited_for_but_the_requests_that_it_takes(make_world: MakeWorld) -> None:
    world = await world_of(make_world, 0.002, contacts=600, real_time=True)
    world.configure(limits__burst=20, limits__per_second=2.0, limits__request_timeout_seconds=70)
    began, sent = world.clock.monotonic(), world.portal.history.requests.copy()
    await world.backfill()
    number = (world.portal.history.requests - sent).total()
    at_once = 20 * 0.9 * 0.9  # its share of the burst, but for what is kept for live work
    assert world.clock.monotonic() - began <= 1.0 + (number - at_once) / (2.0 * 0.9)
    assert number <= 25  # 13 batches, what they wait for and what is read of three types, two of which are empty


async def test_groups_leave_where_the_portal_tells_whole_seconds_of_when_it_began(make_world: MakeWorld) -> None:
    """Taken as they are told, durations are half a second too long on average, and every group for one of too long."""
    world = await world_of(make_world, 0.005, contacts=200, cuts_starts=True, real_time=True)
    world.configure(limits__in_flight=1)  # so that commands are noted batch by batch
    batches = Batches(world)
    await world.backfill()
    assert batches.groups >= len(batches.writing) // 2 > 0
    assert not batches.too_long
    await world.assert_settled()


async def test_requests_that_are_long_on_their_way_end_no_groups(make_world: MakeWorld) -> None:
    """A list that comes first may have lasted as long as its request; what it is expected to last stays what it was."""
    world = await world_of(make_world, 0.002, contacts=400, cuts_starts=True, real_time=True)
    world.configure(limits__in_flight=1)  # so that commands are noted batch by batch
    world.portal.faults.add(Fault(kind=Kind.LATE, match=UPDATE, seconds=0.7, nth=3, times=2))
    batches = Batches(world)
    await world.backfill()
    assert world.portal.history.faults == {Kind.LATE: 2}
    assert all(LIST in batch for batch in batches.writing[-3:])
    assert not batches.too_long
    await world.assert_settled()
