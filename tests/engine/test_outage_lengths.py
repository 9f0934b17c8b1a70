"""An outage is no matter of length: halving neither prolongs patience nor sends more than patience would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.engine.simulated_world import worlds
from tests.simulated_time import simulated

from b24syncd.errors import ExitCode, RetryLater
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.tables.fields import CONTACT
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.simulated_time import SimulatedTime

    from b24syncd.simulator.faults import Request

MESSY, CLEAN = "8 (916) 123-45-67", "+79161234567"
OUTAGES = [Kind.ERROR_500, Kind.MEMORY, Kind.RESET, Kind.HANG]
MOST_SECONDS = 1200.0
"""An outage ends a backfill: one failure at each of six lengths, and then the whole of a reading's patience."""


def begins_in_a_chain() -> Callable[[Request], bool]:
    """Match every request from the first long chain of pages on."""
    begun = False

    def matches(request: Request) -> bool:
        nonlocal begun
        begun = begun or len(request.methods) > 4
        return begun

    return matches


@pytest.mark.parametrize("kind", OUTAGES)
def test_a_portal_that_goes_away_ends_a_backfill_in_time(kind: Kind, tmp_path: Path) -> None:
    async def run(time: SimulatedTime) -> None:
        async with worlds(tmp_path, time) as make:
            world = await make()
            for _ in range(420):
                world.add(CLEAN)
            last = world.add(MESSY)
            world.portal.faults.add(Fault(kind=kind, match=begins_in_a_chain(), times=None, seconds=100.0))
            begun = world.portal.clock()
            with pytest.raises(RetryLater) as told:
                await world.backfill(seconds=2 * MOST_SECONDS)
            assert told.value.exit_code is ExitCode.UNAVAILABLE
            assert world.portal.clock() - begun < MOST_SECONDS
            assert world.portal.history.faults[kind.value] < 40
            world.portal.faults.clear()
            await world.backfill()
            assert world.phones(last) == [CLEAN]

    simulated(run)


@pytest.mark.every(3)
@pytest.mark.parametrize("kind", OUTAGES)
def test_following_waits_for_a_portal_that_is_away_for_an_hour(kind: Kind, tmp_path: Path) -> None:
    async def run(time: SimulatedTime) -> None:
        async with worlds(tmp_path, time) as make:
            world = await make()
            world.configure(changes__interval_seconds=60, changes__overlap_seconds=120)
            world.add(CLEAN)
            async with world.following():
                await time.sleep(300)
                world.portal.faults.add(Fault(kind=kind, times=None, seconds=100.0))
                item = world.portal.create(CONTACT, {}, [PointChange(None, "PHONE", "WORK", MESSY)], "person").id
                await time.sleep(3600)
                assert world.portal.history.faults[kind.value] < 400
                world.portal.faults.clear()
                await time.sleep(1000)
                assert world.phones(item) == [CLEAN]

    simulated(run)
