"""An update may be done although the portal answers it with an error that is final."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.simulator.faults import Fault, Kind
from b24syncd.store.journal import Outcome

if TYPE_CHECKING:
    from tests.engine.world import World


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
