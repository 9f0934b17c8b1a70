"""An update may be answered as if it were done though the portal did nothing: the item tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.scripting import Watcher

if TYPE_CHECKING:
    from tests.engine.world import World

    from b24syncd.simulator.methods.calls import Call


async def test_what_the_item_does_not_show_is_not_done(world: World) -> None:
    ignored, other = world.add("8 (916) 123-45-67"), world.add("8 (495) 765-43-21")

    def ignore(_: int, call: Call) -> None:
        if call.method == "crm.item.update" and str(call.parameters["id"]) == str(ignored):
            call.parameters["fields"] = {}

    world.portal.watchers.append(Watcher(ignore))
    summary = await world.backfill()
    outcomes = {entry.correction.ref.id: entry.outcome.value for entry in world.journal()}
    assert outcomes == {ignored: "refused", other: "done"}
    assert [(entry.ref.id, entry.reason) for entry in world.given_up()] == [(ignored, "refused")]
    assert (summary.counts["corrected"], summary.counts["failed"]) == (1, 1)
