"""`portal.api = "both"`: updates inside the budgets of both families of methods, and what ends that."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs
from tests.engine.scripting import Watcher
from tests.engine.undone import undo

from b24syncd.errors import PortalBlocked
from b24syncd.portal.pace.beside import OF_OVERLOAD, OF_REFUSALS
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.tables.fields import COMPANY, CONTACT, LEAD
from b24syncd.store import limits
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.conftest import World

    from b24syncd.simulator.methods.calls import Call

    MakeWorld = Callable[..., Coroutine[None, None, World]]

SECONDS, WINDOW = 48, 60
NAMES = {LEAD: "lead", CONTACT: "contact", COMPANY: "company"}
UPDATES = ("crm.item.update", *(f"crm.{name}.update" for name in NAMES.values()))
READS = ("crm.item.get", *(f"crm.{name}.get" for name in NAMES.values()))
COSTS = {**dict.fromkeys(UPDATES, 0.4), **dict.fromkeys(READS, 0.04), "crm.item.list": 0.02}
"""Of each method 108 updates fit into a window at the default share, 2,160 on a real portal: there it begins unseen."""


async def bound(make_world: MakeWorld, api: str, numbers: dict[int, int], clean: int = 0) -> World:
    """A portal whose operating limit binds, with so many items of each type that are all to be corrected."""
    allowed = {"operating_seconds": SECONDS, "operating_window_seconds": WINDOW}
    world = await make_world(**allowed, request_cut_seconds=60, costs=COSTS, real_time=True)
    world.configure(**{f"limits__{name}": number for name, number in allowed.items()}, limits__request_cut_seconds=60)
    world.configure(limits__request_timeout_seconds=70, limits__in_flight=8, portal__api=api)
    for type_id, number in numbers.items():
        for one in range(number):
            world.add(f"8 (916) {1_000_000 + one}", type_id=type_id)
            for _ in range(clean):
                world.add("+79161234567", type_id=type_id)
    return world


async def walked(make_world: MakeWorld, api: str, numbers: dict[int, int], clean: int = 0) -> tuple[World, float]:
    """Return the portal after a backfill, and how long that took."""
    world = await bound(make_world, api, numbers, clean)
    began = world.clock.monotonic()
    await world.backfill(seconds=3600)
    took = world.clock.monotonic() - began
    world.assert_right()
    return world, took


def written(world: World) -> Counter[str]:
    return Counter({name: world.portal.history.commands[name] for name in UPDATES})


async def test_contacts_take_half_the_time(make_world: MakeWorld) -> None:
    numbers = {CONTACT: 220}
    _, alone = await walked(make_world, "universal", numbers)
    world, took = await walked(make_world, "both", numbers)
    assert took < 0.55 * alone
    assert min(written(world)["crm.item.update"], written(world)["crm.contact.update"]) > 100


async def test_three_types_take_a_quarter(make_world: MakeWorld) -> None:
    numbers = dict.fromkeys(NAMES, 150)
    _, alone = await walked(make_world, "universal", numbers, 3)
    _, took = await walked(make_world, "both", numbers, 3)
    assert took < 0.3 * alone


# ------------------------------------------------------------------------------- what goes which way, and for how long

CLASSIC = "crm.contact.update"
KNOWN = 25
"""So many updates tell how long one takes."""


@pytest.fixture
async def both(make_world: MakeWorld) -> World:
    """A portal that refuses the universal update for a while once it is known how long one takes."""
    costs = dict.fromkeys((*UPDATES, *READS), 0.01)
    world = await make_world(request_cut_seconds=60, costs=costs)
    world.longest_backfill = 3000.0
    for number in range(KNOWN):
        world.add(f"8 (916) {1_000_000 + number}")
    world.portal.faults.add(Fault(kind=Kind.ERROR_429, match="crm.item.update", nth=KNOWN + 1, times=4))
    world.configure(portal__api="both", limits__request_cut_seconds=60)
    return world


def more(world: World, number: int) -> list[int]:
    return [world.add(f"8 (916) {2_000_000 + one}") for one in range(number)]


def rests(world: World) -> str | None:
    """Return why the state lets the classic methods rest."""
    with open_for_reading(world.state) as db:
        found = limits.load_limits(db).get("second_family")
    return str(found[1]) if isinstance(found, list) else None


def classic_ids(world: World) -> list[int]:
    """Return a list that fills with the items that are written by the classic method."""
    ids: list[int] = []

    def note(_: int, call: Call) -> None:
        if call.method == CLASSIC:
            ids.append(int(str(call.parameters["id"])))

    world.portal.watchers.append(Watcher(note))
    return ids


async def test_what_the_families_store_or_tell_otherwise_goes_the_universal_way(both: World) -> None:
    fitting = more(both, 3)
    malformed = both.add("8 (916) 123-45-67", emails=["anna@"])
    written = classic_ids(both)
    await both.backfill()
    both.assert_right()
    assert sorted(written) == fitting
    assert both.phones(malformed) == ["+79161234567"]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_what_the_classic_methods_refuse_is_looked_at_and_written_by_the_universal_ones(
    both: World, when: str
) -> None:
    ids = more(both, 3)
    refusal = Fault(kind=Kind.COMMAND_ERROR, match=CLASSIC, when=when, code="", description="The disk is full.")
    both.portal.faults.add(refusal)
    written = classic_ids(both)
    await both.backfill()
    both.assert_right()
    assert sorted(written) == ids
    assert both.given_up() == []
    outcomes = both.outcomes()
    assert (outcomes["done"], outcomes["unverified"]) == ((KNOWN + 3, 0) if when == "before" else (KNOWN + 2, 1))
    assert rests(both) is None


async def test_where_they_refuse_one_after_the_other_they_rest_for_a_day(both: World) -> None:
    more(both, 40)
    both.portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match=CLASSIC, code="", times=None))
    with capture_logs() as logs:
        await both.backfill()
    both.assert_right()
    assert rests(both) == OF_REFUSALS
    assert [one["reason"] for one in logs if one["event"] == "second_family_rests"] == [OF_REFUSALS]
    assert both.portal.history.commands[CLASSIC] == 5
    await both.assert_settled()


async def test_overload_ends_it_and_the_next_process_knows(both: World) -> None:
    more(both, 10)
    both.portal.faults.add(Fault(kind=Kind.OVERLOAD, match=lambda request: CLASSIC in request.methods))
    with pytest.raises(PortalBlocked):
        await both.backfill()
    assert rests(both) == OF_OVERLOAD
    both.portal.faults.add(Fault(kind=Kind.ERROR_429, match="crm.item.update"))
    await both.backfill()
    await both.assert_settled()
    assert both.portal.history.commands[CLASSIC] == 0


async def test_a_classic_write_whose_answer_was_lost_is_judged_by_reading_and_taken_back_as_any(both: World) -> None:
    ids = more(both, 3)
    both.portal.faults.add(Fault(kind=Kind.RESET, match=CLASSIC, when="after"))
    written = classic_ids(both)
    summary = await both.backfill()
    both.assert_right()
    assert sorted(written) == ids  # once each: what was not answered is not written again
    assert both.outcomes()["unverified"] >= 1
    assert summary.run_id is not None
    assert (await undo(both, summary.run_id)).left == ()
    assert [both.phones(one) for one in ids] == [[f"8 (916) {2_000_000 + number}"] for number in range(3)]


async def test_groups_go_the_universal_way_and_units_of_three_the_other_also_in_the_next_life(both: World) -> None:
    more(both, 60)
    batches = [list[str]()]

    def note(_: int, call: Call) -> None:
        if not call.position:
            batches.append([])
        batches[-1].append(call.method)

    both.portal.watchers.insert(0, Watcher(note))
    await both.backfill()
    of_first = len(batches)
    more(both, 30)
    both.portal.faults.add(Fault(kind=Kind.ERROR_429, match="crm.item.update", nth=2))
    await both.backfill()
    await both.assert_settled()
    assert both.given_up() == []
    for lives in (batches[:of_first], batches[of_first:]):
        classic = [batch for batch in lives if CLASSIC in batch]
        assert classic
        assert all(batch == ["crm.contact.get", CLASSIC, "crm.contact.get"] * batch.count(CLASSIC) for batch in classic)
    assert any(batch[:3] == ["crm.item.list", *["crm.item.update"] * 2] for batch in batches)


async def test_another_choice_forgets_nothing(both: World) -> None:
    runs: list[int] = []
    for api in ("both", "classic", "both", "universal"):
        more(both, 2)
        both.configure(portal__api=api)
        summary = await both.backfill()
        assert summary.run_id is not None
        runs.append(summary.run_id)
    await both.assert_settled()
    assert both.portal.history.commands[CLASSIC] >= 4
    for run, api in zip(reversed(runs), ("classic", "both", "universal", "both"), strict=True):
        both.configure(portal__api=api)
        assert (await undo(both, run)).left == ()
    assert all(phone.startswith("8 ") for item in both.portal.table(CONTACT).items for phone in both.phones(item))
