"""What the first questions of a run make of a portal that does not answer all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityType
from b24syncd.simulator.faults import Fault, Kind

if TYPE_CHECKING:
    from tests.engine.world import World

    from b24syncd.simulator.methods.calls import Call


def lists_leads(call: Call) -> bool:
    return call.method == "crm.item.list" and str(call.parameters.get("entityTypeId")) == "1"


async def test_a_type_whose_list_is_refused_is_skipped_though_its_fields_are_shown(world: World) -> None:
    item = world.add("8 916 123-45-67")
    denied = Fault(kind=Kind.COMMAND_ERROR, match=lists_leads, times=None, code="ACCESS_DENIED", description="denied")
    world.portal.faults.add(denied)
    summary = await world.backfill()
    assert list(summary.refused_types) == [EntityType.LEAD]
    assert world.phones(item) == ["+79161234567"]


async def test_a_portal_that_does_not_tell_its_permissions_is_walked_all_the_same(world: World) -> None:
    item = world.add("8 916 123-45-67")
    for method in ("scope", "crm.item.fields"):
        world.portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match=method, times=None, code="ERROR_METHOD_NOT_FOUND"))
    summary = await world.backfill()
    assert not summary.refused_types
    assert world.phones(item) == ["+79161234567"]
