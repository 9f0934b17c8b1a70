"""Which way of writing takes the next batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from b24syncd.portal.pace.ways import Way, cheapest

if TYPE_CHECKING:
    from random import Random

WAYS = st.lists(st.builds(Way, st.integers(0, 25), st.none() | st.floats(0.001, 10)), min_size=1, max_size=4)
WANTED = st.integers(1, 100)


def test_with_room_in_both_the_one_with_fewer_requests_goes_and_near_its_end_the_other() -> None:
    assert cheapest([Way(25, 0.25), Way(16, 0.3)], 1000) == 0
    assert cheapest([Way(9, 0.25), Way(16, 0.3)], 1000) == 1
    assert cheapest([Way(9, 0.25), Way(16, 0.3)], 5) == 0
    assert cheapest([Way(9, 0.5), Way(16, 0.3)], 5) == 1
    assert cheapest([Way(0, 0.25), Way(1, None)], 1000) == 1
    assert cheapest([Way(16, 0.25), Way(16, None)], 1000) == 0


@given(WAYS, WANTED)
def test_no_other_way_needs_fewer_requests_nor_as_many_and_less_operating_time(ways: list[Way], wanted: int) -> None:
    chosen = ways[cheapest(ways, wanted)]
    for other in ways:
        assert min(chosen.fits, wanted) >= min(other.fits, wanted)
        if min(chosen.fits, wanted) == min(other.fits, wanted) and other.seconds is not None:
            assert chosen.seconds is not None
            assert chosen.seconds <= other.seconds


@given(WAYS, WANTED)
def test_one_that_has_no_room_waits_while_another_has(ways: list[Way], wanted: int) -> None:
    assert ways[cheapest(ways, wanted)].fits or not any(way.fits for way in ways)


@given(WAYS, WANTED, st.randoms(use_true_random=False))
def test_the_order_decides_between_equals_only(ways: list[Way], wanted: int, random: Random) -> None:
    mixed = [*ways]
    random.shuffle(mixed)
    one, other = ways[cheapest(ways, wanted)], mixed[cheapest(mixed, wanted)]
    assert (min(one.fits, wanted), one.seconds) == (min(other.fits, wanted), other.seconds)
