"""An update may be done although the portal answers it with an error that is final."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.world import CONTACT

from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.person import Trigger
from b24syncd.store.journal import Outcome

if TYPE_CHECKING:
    from tests.engine.world import World

    from b24syncd.simulator.methods.calls import Call


async def test_an_update_that_was_done_in_spite_of_its_error_is_unverified(world: World) -> None:
    item = world.add("8 916 123-45-67")
    world.portal.faults.add(
        Fault(kind=Kind.COMMAND_ERROR, match="crm.item.update", when="after", code="0", description="Internal error")
    )
    summary = await world.backfill()
    assert world.phones(item) == ["+79161234567"]
    assert [entry.outcome for entry in world.journal()] == [Outcome.UNVERIFIED]
    assert summary.counts["failed"] == 0
    await world.assert_settled()


async def test_while_a_refusal_is_read_back_what_a_witness_told_of_the_others_is_stored(world: World) -> None:
    world.configure(limits__witness_seconds=0)
    for number in range(15):  # until several items go in one batch
        world.add(f"8 916 123-45-{number + 10}")
    await world.backfill()
    edited, refused = world.add("8 916 123-45-67"), world.add("8 495 123-45-67")
    witness = Trigger(method="crm.item.get", entity_type_id=CONTACT, item_id=edited)
    world.portal.person.plan(witness, world.change(edited, "8 903 222-33-44", canonical=("+79032223344",)))
    seen: list[bool] = []

    def is_refused(call: Call) -> bool:
        return call.method == "crm.item.update" and str(call.parameters.get("id")) == str(refused)

    def look(call: Call) -> bool:
        if call.method == "crm.item.list" and "@id" in str(call.parameters.get("filter")):
            settled = [entry.outcome for entry in world.journal() if entry.correction.ref.id == edited]
            seen.append(Outcome.DONE in settled)
        return False

    world.portal.faults.add(
        Fault(kind=Kind.COMMAND_ERROR, match=look, times=None),
        Fault(kind=Kind.COMMAND_ERROR, match=is_refused, times=None, code="0", description="Internal error"),
    )
    await world.backfill()
    assert seen
    assert all(seen)
    assert world.phones(edited) == ["+79032223344"]
    assert world.phones(refused) == ["8 495 123-45-67"]


async def test_a_refusal_for_want_of_rights_comes_before_any_effect_and_is_not_read_back(world: World) -> None:
    refused = world.add("8 495 123-45-67")
    world.portal.frozen.add((CONTACT, refused))
    read_back: list[object] = []

    def look(call: Call) -> bool:
        asked = call.parameters.get("filter")
        if call.portal.history.command_errors["ACCESS_DENIED"] and "@id" in str(asked):
            read_back.append(asked)
        return False

    world.portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match=look, times=None))
    await world.backfill()
    assert [entry.outcome for entry in world.journal()] == [Outcome.REFUSED]
    assert not read_back
