"""Limits so narrow that they bind at once: snapshots grow old while their batch waits, and every restart matters."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.attack.crashes import Crash
from tests.attack.processes import Limits
from tests.attack.scenario import Scenario
from tests.simulated_time import simulation

from b24syncd.simulator.faults import Fault, Kind

if TYPE_CHECKING:
    from pathlib import Path

ITEMS = 40
MOST_REQUESTS = 60
"""So many would read and write each item alone, several times over for the halves of split texts."""


@pytest.mark.parametrize("refusals", [0, 6])
@pytest.mark.parametrize("burst", [2, 3, 4, 5, 8])
def test_a_backfill_comes_to_its_end(burst: int, refusals: int, tmp_path: Path) -> None:
    with (
        simulation() as simulated,
        closing(Scenario(simulated, tmp_path, Limits(burst=burst, per_second=0.5))) as scenario,
    ):
        scenario.world.fill(1, contacts=ITEMS)
        if refusals:
            scenario.portal.faults.add(Fault(kind=Kind.ERROR_503, times=refusals, probability=0.5))
        assert scenario.backfill(), scenario.said
        assert scenario.portal.history.requests.total() < MOST_REQUESTS
        scenario.assert_settled()


@pytest.mark.parametrize("days", [-3, 3])
@pytest.mark.parametrize("burst", [2, 3, 8])
def test_the_request_limit_binds_over_restarts_whatever_this_machines_clock_says(
    burst: int, days: int, tmp_path: Path
) -> None:
    limits = Limits(burst=burst, per_second=0.5)
    with simulation() as simulated, closing(Scenario(simulated, tmp_path, limits)) as scenario:
        scenario.world.fill(1, contacts=20)
        for number in range(12):
            scenario.backfill(Crash("command", 1 + number, "kill"))
            scenario.time.wrong_by += timedelta(days=days)
        assert scenario.backfill(), scenario.said
        scenario.assert_settled()


@pytest.mark.parametrize("days", [-3, 0, 3])
def test_the_operating_limit_binds_over_restarts_whatever_this_machines_clock_says(days: int, tmp_path: Path) -> None:
    limits = Limits(operating_seconds=3, operating_window_seconds=60)
    with simulation() as simulated, closing(Scenario(simulated, tmp_path, limits)) as scenario:
        scenario.world.fill(1, contacts=100)
        number = 30
        while not scenario.backfill(Crash("command", number, "kill")):
            scenario.time.wrong_by += timedelta(days=days)
            number += 1
        assert number > 33
        scenario.assert_settled()
