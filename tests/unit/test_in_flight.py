"""Which items are being written, known to all who write, judge and recover."""

from __future__ import annotations

from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.domain.entities import EntityRef
from b24syncd.engine.writing.in_flight import InFlight

REF = EntityRef.parse("contact:1")


def test_what_two_hold_is_free_when_both_are_done() -> None:
    in_flight = InFlight(SYSTEM_CLOCK)
    with in_flight.holding([REF]):
        with in_flight.holding([REF]):
            pass
        assert in_flight.holds(REF, None)
        assert REF in in_flight.in_hand
    assert not in_flight.holds(REF, None)
    assert not in_flight.in_hand
