"""Edits in the last milliseconds before an update, and what the journal tells of writes that met another value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.world import CONTACT, edit

from b24syncd.simulator.people.person import Action, Trigger

if TYPE_CHECKING:
    from tests.engine.rebinding import MakeWorld
    from tests.engine.world import World


def before_update(item: int) -> Trigger:
    """Between the witness and the update of its pair."""
    return Trigger(method="crm.item.update", entity_type_id=CONTACT, item_id=item)


def before_witness(item: int) -> Trigger:
    return Trigger(method="crm.item.get", entity_type_id=CONTACT, item_id=item)


def rows(world: World) -> list[tuple[str | None, str | None, str]]:
    return [(entry.before, entry.after, entry.outcome.value) for entry in world.journal()]


async def test_an_entry_deleted_after_its_witness_does_not_come_back(make_world: MakeWorld) -> None:
    world = await make_world(keeps_points=False)
    item = world.add("8 916 123-45-67", "8 495 123-45-67")
    world.portal.person.plan(before_update(item), edit(Action.DELETE, item))
    await world.backfill()
    assert world.phones(item) == ["+74951234567"]
    # changing an entry that is gone adds one; that is what was done, and what was taken back
    assert rows(world) == [
        (None, "+79161234567", "done"),
        ("8 495 123-45-67", "+74951234567", "done"),
        ("+79161234567", None, "done"),
    ]
    await world.assert_settled()


async def test_a_value_whose_keeper_vanishes_after_the_witness_comes_back(world: World) -> None:
    item = world.add("+79161234567", "8 916 123-45-67")
    world.portal.person.plan(before_update(item), edit(Action.DELETE, item))
    await world.backfill()
    assert world.phones(item) == ["+79161234567"]
    await world.assert_settled(repeated=True)


async def test_the_journal_tells_what_a_write_met(world: World) -> None:
    item = world.add("8 916 123-45-67")
    world.portal.person.plan(before_witness(item), world.change(item, "8 495 123-45-67", canonical=("+74951234567",)))
    await world.backfill()
    assert world.phones(item) == ["+74951234567"]
    # undone from the last to the first, this ends with the value that the person wrote
    assert rows(world) == [("8 495 123-45-67", "+79161234567", "done"), ("+79161234567", "+74951234567", "done")]
    await world.assert_settled()


async def test_what_a_person_had_done_already_is_not_journalled_as_done(world: World) -> None:
    item = world.add("8 916 123-45-67", "+79161234567", "8 495 123-45-67")
    second = sorted(world.portal.find(CONTACT, item).points)[1]  # type: ignore[union-attr] # it was just added
    world.portal.person.plan(
        before_witness(item),
        world.change(item, "+79161234567", canonical=("+79161234567",)),
        edit(Action.DELETE, item, point_id=second),
    )
    await world.backfill()
    assert world.phones(item) == ["+79161234567", "+74951234567"]
    assert rows(world) == [
        ("8 916 123-45-67", "+79161234567", "overtaken"),
        ("+79161234567", None, "overtaken"),
        ("8 495 123-45-67", "+74951234567", "done"),
    ]
    await world.assert_settled()
