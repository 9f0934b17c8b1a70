"""What comes over program and portal in the state machine without anybody's doing: time, wrong clocks, faults."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule
from tests.attack.attacks import FAULTS, HOUR, named
from tests.attack.machine_begin import Beginning

from b24syncd.simulator.faults import Fault, Kind


class Weather(Beginning):
    """Waits, clocks that are set wrong, faults and storms."""

    @rule(seconds=st.sampled_from([1.0, 30.0, 61.0, HOUR, 30 * HOUR]))
    def wait(self, seconds: float) -> None:
        self.scenario.wait(seconds)

    @rule(hours=st.sampled_from([-30.0, -2.0, 5.0, 24.0 * 40]))
    def set_clock(self, hours: float) -> None:
        """Set this machine's clock forward or back."""
        self.scenario.time.wrong_by += timedelta(hours=hours)
        self.scenario.figures["clock jumps"] += 1

    @rule(fault=FAULTS)
    def fault(self, fault: Fault) -> None:
        self.scenario.portal.faults.add(named(fault))

    @rule(kind=st.sampled_from([Kind.ERROR_503, Kind.ERROR_429, Kind.OVERLOAD]), times=st.integers(5, 40))
    def storm(self, kind: Kind, times: int) -> None:
        """Let the portal refuse for its limits, as other programs on this address make it do."""
        self.scenario.portal.faults.add(Fault(kind=kind, times=times, probability=0.4))
