"""The progress of a walk that waits for operating time: of what is settled, and its end comes when it says."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from b24syncd import app
from b24syncd.engine.progress import every
from b24syncd.reports.manual_changes import UndoReport
from b24syncd.store.history import Filter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from tests.engine.world import World

    from b24syncd.engine.how_far import HowFar, Watching

    MakeWorld = Callable[..., Coroutine[None, None, World]]

LIMITS = {"operating_seconds": 48, "operating_window_seconds": 60, "request_cut_seconds": 60}
COSTS = {"crm.item.get": 0.01, "crm.item.update": 0.2}


async def test_the_end_comes_when_it_says(make_world: MakeWorld) -> None:
    world = await make_world(**LIMITS, costs=COSTS, real_time=True)
    world.configure(**{f"limits__{name}": value for name, value in LIMITS.items()}, limits__request_timeout_seconds=70)
    world.longest_backfill = 1e6
    for _ in range(600):
        world.add("8 (916) 123-45-67")
    told: list[tuple[float, HowFar]] = []

    @asynccontextmanager
    async def show(progress: Watching) -> AsyncIterator[None]:
        async with every(1.0, lambda: told.append((world.clock.monotonic(), progress.now()))):
            yield

    await app.backfill(world.settings, app.Narrowed(), show, clock=world.clock)
    *before, (ended_at, last) = told
    assert (last.percent, last.eta_seconds, last.settled) == (100.0, 0.0, 600)
    began_at = told[0][0]
    assert ended_at - began_at > 100  # most of it waiting
    assert max(now.share for _, now in before) < 1
    shares = [now.share for _, now in told]
    assert shares == sorted(shares)
    waits = [now for _, now in before if now.waiting_until is not None]
    assert {now.waiting_for for now in waits} == {"operating time of crm.item.update"}
    assert len(waits) > 50
    # long before the first wait has ended it is known how long all of it takes
    for at, now in before:
        if at - began_at > 10 and ended_at - at > 30:
            assert now.eta_seconds == pytest.approx(ended_at - at, rel=0.25)


async def test_a_preview_of_an_undo_tells_how_far_it_is(world: World) -> None:
    for _ in range(60):
        world.add("8 (916) 123-45-67")
    await world.backfill()
    told: list[HowFar] = []

    @asynccontextmanager
    async def show(progress: Watching) -> AsyncIterator[None]:
        yield
        told.append(progress.now())

    await app.preview_undo(world.settings, Filter(run_id=1), show, UndoReport(0, ""), clock=world.clock)
    (last,) = told
    assert (last.percent, last.settled, last.counts["corrected"], last.counts["corrections"]) == (100.0, 60, 60, 60)
