"""Snapshots that have grown old before their batch leaves: they are read again, and what they say then counts."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from b24syncd import app
from b24syncd.app import Narrowed
from b24syncd.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.engine.world import World

    from b24syncd.engine.how_far import Watching
    from b24syncd.simulator.errors import RestError
    from b24syncd.simulator.methods.calls import Call

MESSY, CLEAN = "8 (916) 123-45-67", "+79161234567"
NEWER, NEWER_CLEAN = "8 (495) 765-43-21", "+74957654321"


class LeapingClock(SystemClock):
    """The clock of this machine, as it is after a leap."""

    ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


@dataclass
class AfterListing:
    """Lets a person edit right after their item was listed, and the time leap."""

    world: World
    clock: LeapingClock
    item: int
    value: str
    canonical: str

    def before(self, _: Call) -> RestError | None:
        return None

    def after(self, call: Call) -> RestError | None:
        wanted = call.parameters.get("filter")
        is_walk = call.method == "crm.item.list" and isinstance(wanted, dict) and ">id" in wanted
        if is_walk and str(call.parameters["entityTypeId"]) == "3" and self.clock.ahead == 0.0:
            self.clock.ahead = 10.0
            change = self.world.change(self.item, self.value, canonical=(self.canonical,))
            self.world.portal.person.edit(change)
        return None


@asynccontextmanager
async def unshown(_progress: Watching) -> AsyncIterator[None]:
    yield


@pytest.mark.parametrize(
    ("value", "canonical", "rows"),
    [(NEWER, NEWER_CLEAN, [(NEWER, NEWER_CLEAN)]), (CLEAN, CLEAN, [])],
)
async def test_an_old_snapshot_is_read_again_before_its_batch_leaves(
    world: World, value: str, canonical: str, rows: list[tuple[str, str]]
) -> None:
    item = world.add(MESSY)
    clock = LeapingClock()
    world.portal.watchers.append(AfterListing(world, clock, item, value, canonical))
    summary = await app.backfill(world.settings, Narrowed(), unshown, clock=clock)
    assert world.phones(item) == [canonical]
    # what was met only by a witness would have been written over, and mended
    assert [(entry.before, entry.after) for entry in world.journal()] == rows
    assert world.portal.history.commands["crm.item.update"] == len(rows)
    assert summary.counts["mended"] == 0
    await world.assert_settled()
