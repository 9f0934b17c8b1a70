"""A person who edits at the worst moments: what they wrote or deleted last is what the portal ends with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from tests.engine.conftest import edit

from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.judges.items import lost_values
from b24syncd.simulator.people.person import Action, Habit, Person, Trigger
from b24syncd.simulator.tables.fields import CONTACT

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.conftest import World

    from b24syncd.simulator.errors import RestError
    from b24syncd.simulator.methods.calls import Call

    MakeWorld = Callable[..., Coroutine[None, None, World]]

MESSY, CLEAN = "8 (916) 123-45-67", "+79161234567"
NEWER, NEWER_CLEAN = "8 (495) 765-43-21", "+74957654321"
LATEST, LATEST_CLEAN = "8 (812) 300-40-50", "+78123004050"


def at(method: str, item_id: int, moment: str = "before", nth: int = 1) -> Trigger:
    return Trigger(method=method, moment=moment, nth=nth, entity_type_id=CONTACT, item_id=item_id)


def before_witness(item_id: int, nth: int = 1) -> Trigger:
    return at("crm.item.get", item_id, nth=nth)


NEW = {"value": NEWER, "canonical": (NEWER_CLEAN,)}
WITH_REFERENCES = "$result[c0][item][id] $total[c0]"


@pytest.mark.every(5)
@pytest.mark.parametrize(
    ("item", "edited", "change", "phones"),
    [
        ([MESSY], 0, NEW, [NEWER_CLEAN]),
        ([MESSY], 0, {"value": NEWER_CLEAN, "canonical": (NEWER_CLEAN,)}, [NEWER_CLEAN]),
        ([MESSY], 0, {"value": CLEAN, "canonical": (CLEAN,)}, [CLEAN]),
        ([MESSY], 0, {"value": "ask Anna", "canonical": ()}, ["ask Anna"]),
        ([MESSY], 0, {"value": WITH_REFERENCES, "canonical": ()}, [WITH_REFERENCES]),
        ([MESSY], 0, {"value": f"{NEWER}, {LATEST}"}, [NEWER_CLEAN, LATEST_CLEAN]),
        ([f"{MESSY}, {NEWER}"], 0, {"value": LATEST, "canonical": (LATEST_CLEAN,)}, [LATEST_CLEAN]),
        ([f"{MESSY}, {NEWER}"], 0, NEW, [NEWER_CLEAN]),
        ([MESSY, CLEAN], 0, NEW, [NEWER_CLEAN, CLEAN]),
        ([MESSY, CLEAN], 1, NEW, [CLEAN, NEWER_CLEAN]),
        ([CLEAN, MESSY], 0, NEW, [NEWER_CLEAN, CLEAN]),
        ([CLEAN, MESSY], 1, NEW, [CLEAN, NEWER_CLEAN]),
        ([MESSY, NEWER], 1, {"value": MESSY, "canonical": (CLEAN,)}, [CLEAN]),
        ([MESSY], 0, {"action": Action.DELETE}, []),
        ([f"{MESSY}, {NEWER}"], 0, {"action": Action.DELETE}, []),
        ([MESSY, NEWER], 0, {"action": Action.DELETE}, [NEWER_CLEAN]),
        ([MESSY, NEWER], 1, {"action": Action.DELETE}, [CLEAN]),
        ([MESSY, CLEAN], 0, {"action": Action.DELETE}, [CLEAN]),
        ([MESSY, CLEAN], 1, {"action": Action.DELETE}, [CLEAN]),
        ([CLEAN, MESSY], 0, {"action": Action.DELETE}, [CLEAN]),
        ([CLEAN, MESSY], 1, {"action": Action.DELETE}, [CLEAN]),
        ([MESSY], 0, {"action": Action.ADD, "value": CLEAN, "canonical": (CLEAN,)}, [CLEAN]),
        ([MESSY], 0, {"action": Action.ADD, **NEW}, [CLEAN, NEWER_CLEAN]),
        ([f"{MESSY}, {NEWER}"], 0, {"action": Action.ADD, **NEW}, [CLEAN, NEWER_CLEAN]),
    ],
)
async def test_an_edit_between_snapshot_and_witness(
    world: World, item: list[str], edited: int, change: dict[str, object], phones: list[str]
) -> None:
    item_id = world.add(*item)
    others = [world.add(f"8 (916) 555-00-0{number}") for number in range(3)]
    found = world.portal.find(CONTACT, item_id)
    assert found is not None
    fields = {"action": Action.CHANGE, "point_id": list(found.points)[edited]} | change
    world.portal.person.plan(before_witness(item_id), edit(item_id=item_id, **fields))  # type: ignore[arg-type] # the table's fields vary
    await world.backfill()
    assert sorted(world.phones(item_id)) == sorted(phones)
    assert [world.phones(other) for other in others] == [[f"+7916555000{number}"] for number in range(3)]
    await world.assert_settled(repeated=True)


async def test_a_value_type_changed_meanwhile_stays(world: World) -> None:
    item_id = world.add(MESSY)
    change = world.change(item_id, MESSY, value_type="HOME")
    world.portal.person.plan(before_witness(item_id), change)
    await world.backfill()
    found = world.portal.find(CONTACT, item_id)
    assert found is not None
    assert [(point.value_type, point.value) for point in found.points.values()] == [("HOME", CLEAN)]


async def test_an_edit_right_after_the_update_is_left_to_the_next_look(world: World) -> None:
    item_id = world.add(MESSY)
    await world.backfill()
    second = world.add(MESSY)
    world.portal.person.plan(
        at("crm.item.update", second, "after"), world.change(second, NEWER, canonical=(NEWER_CLEAN,))
    )
    await world.backfill()
    assert world.phones(second) == [NEWER]
    async with world.following():
        await world.until(lambda: world.phones(second) == [NEWER_CLEAN])
    assert world.phones(item_id) == [CLEAN]
    await world.assert_settled()


@pytest.mark.parametrize("nth", [2, 3])
async def test_an_edit_before_the_mending_write(world: World, nth: int) -> None:
    item_id = world.add(MESSY)
    person = world.portal.person
    person.plan(before_witness(item_id), world.change(item_id, NEWER, canonical=(NEWER_CLEAN,)))
    person.plan(before_witness(item_id, nth), world.change(item_id, LATEST, canonical=(LATEST_CLEAN,)))
    await world.backfill()
    assert world.phones(item_id) == [LATEST_CLEAN if nth == 2 else NEWER_CLEAN]
    await world.assert_settled()


async def test_an_entry_deleted_before_the_mending_write_does_not_come_back(world: World) -> None:
    item_id = world.add(MESSY, "ask Anna")
    person = world.portal.person
    person.plan(before_witness(item_id), world.change(item_id, NEWER, canonical=(NEWER_CLEAN,)))
    person.plan(before_witness(item_id, 2), edit(Action.DELETE, item_id))
    await world.backfill()
    assert world.phones(item_id) == ["ask Anna"]
    await world.assert_settled()


async def test_a_person_who_edits_before_every_witness_wins_in_the_end(world: World) -> None:
    item_id = world.add(MESSY)
    for nth in range(1, 10):
        value = f"8 (495) 765-43-{nth:02d}"
        canonical = (f"+749576543{nth:02d}",)
        world.portal.person.plan(before_witness(item_id, nth), world.change(item_id, value, canonical=canonical))
    await world.backfill()  # ends although the item keeps changing; what is owed is owed
    assert world.outcomes()["intent"] == 1
    assert world.waiting() == 1
    await world.backfill()
    assert world.phones(item_id) == ["+74957654309"]
    await world.assert_settled()


@pytest.mark.parametrize("kind", [Kind.RESET, Kind.TRUNCATED])
async def test_the_answer_to_a_mending_write_is_lost(world: World, kind: Kind) -> None:
    item_id = world.add(MESSY)
    world.portal.person.plan(before_witness(item_id), world.change(item_id, NEWER, canonical=(NEWER_CLEAN,)))
    for nth, when in ((2, "before"), (3, "after")):
        world.portal.faults.add(Fault(kind=kind, match="crm.item.update", nth=nth, when=when))
    await world.backfill()
    assert world.phones(item_id) == [NEWER_CLEAN]
    await world.assert_settled()


async def test_an_edit_after_a_lost_answer_wins(world: World) -> None:
    item_id = world.add(MESSY)
    world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.update", when="after"))
    change = world.change(item_id, NEWER, canonical=(NEWER_CLEAN,))
    world.portal.person.plan(at("crm.item.update", item_id, "after"), change)
    await world.backfill()
    assert world.phones(item_id) == [NEWER_CLEAN]
    assert world.outcomes() == {"overtaken": 1, "done": 1}
    await world.assert_settled()


async def test_what_a_lost_answer_hides_is_marked_unverified(world: World) -> None:
    """What remains: the witness is lost with its answer, so a value that it alone met cannot be brought back."""
    item_id = world.add(MESSY)
    world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.update", when="after"))
    world.portal.person.plan(before_witness(item_id), world.change(item_id, NEWER, canonical=(NEWER_CLEAN,)))
    await world.backfill()
    assert world.phones(item_id) == [CLEAN]
    assert world.outcomes() == {"unverified": 1}


@dataclass(frozen=True)
class Considerate:
    """A person who never edits between a witness and its update."""

    person: Person

    def before(self, call: Call) -> RestError | None:
        return None if call.method == "crm.item.update" else self.person.before(call)

    def after(self, call: Call) -> RestError | None:
        return self.person.after(call)


@pytest.mark.every(5)
@pytest.mark.parametrize("seed", range(6))
async def test_a_person_edits_at_random_throughout(make_world: MakeWorld, seed: int) -> None:
    world = await make_world()
    world.portal.watchers[0] = Considerate(world.portal.person)
    world.fill(seed, contacts=80, companies=20, leads=20)
    world.portal.person.take_habit(Habit(seed=seed, probability=0.9, near=0.8))
    await world.backfill()
    world.portal.person.take_habit(None)
    assert world.portal.history.person_edits > 8  # groups need few commands
    world.assert_right(repeated=True)
    async with world.following():
        await world.rounds()
    await world.assert_settled(repeated=True)


@pytest.mark.parametrize("seed", range(3))
async def test_a_person_edits_at_random_while_answers_are_lost(make_world: MakeWorld, seed: int) -> None:
    world = await make_world()
    world.portal.watchers[0] = Considerate(world.portal.person)
    world.fill(seed, contacts=80, companies=20, leads=20)
    world.portal.person.take_habit(Habit(seed=seed, probability=0.4, near=0.8))
    world.portal.faults.add(Fault(kind=Kind.RESET, when="after", match="crm.item.update", probability=0.1, times=3))
    await world.backfill()
    world.portal.person.take_habit(None)
    await world.backfill()
    unverified = {
        (entry.correction.ref.type.type_id, entry.correction.ref.id)
        for entry in world.journal()
        if entry.outcome.value == "unverified"
    }
    lost = {(value["entityTypeId"], value["id"]) for value in lost_values(world.portal)}
    assert lost <= unverified
    assert world.outcomes()["intent"] == 0
