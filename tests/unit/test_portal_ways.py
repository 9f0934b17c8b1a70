"""Which way of writing takes the next batch, and how many updates each takes of a whole walk."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.portal.pace.ways import Prices, Way, cheapest, shared_out

SECONDS = st.none() | st.floats(0.001, 10)
WAYS = st.lists(st.builds(Way, st.integers(0, 49), SECONDS, st.floats(0, 1)), min_size=1, max_size=4)
WANTED = st.integers(1, 100)
CLOUD = Prices(0.5, 1.25)
PRICES = st.builds(Prices, st.floats(0.01, 10), st.floats(0.01, 10))


@pytest.mark.parametrize(
    ("ways", "wanted", "expected"),
    [
        ([Way(25, 0.22), Way(16, 0.24)], 50, 0),  # both have room: as cheap a one, in fewer requests
        ([Way(9, 0.22), Way(16, 0.24)], 50, 0),
        ([Way(2, 0.22), Way(16, 0.24)], 50, 1),  # near its end
        ([Way(2, 0.22), Way(16, 0.24)], 2, 0),
        ([Way(25, 0.3), Way(16, 0.2)], 50, 1),  # a portal whose classic methods are quicker
        ([Way(49, 0.02), Way(16, 0.01)], 50, 0),  # where updates are cheap requests count
        ([Way(25, 0.22, 0.5), Way(16, 0.24)], 50, 0),  # more than half is left, so it may never bind
        ([Way(25, 0.22, 0.6), Way(16, 0.24)], 50, 1),  # and when it does both are spent at the same time
        ([Way(25, 0.22, 0.6), Way(16, 0.24, 0.7)], 50, 0),
        ([Way(49, 0.005, 0.9), Way(16, 0.006)], 50, 0),  # requests are what binds
        ([Way(0, 0.22), Way(1, None)], 50, 1),
        ([Way(1, 0.22), Way(1, None)], 50, 0),
    ],
)
def test_requests_and_operating_time_decide_together(ways: list[Way], wanted: int, expected: int) -> None:
    assert cheapest(ways, wanted, CLOUD) == expected


@given(WAYS, WANTED, PRICES)
def test_no_other_way_needs_less_of_one_limit_and_no_more_of_the_other(
    ways: list[Way], wanted: int, prices: Prices
) -> None:
    chosen = ways[cheapest(ways, wanted, prices)]
    for other in ways:
        if chosen.seconds is not None and other.seconds is not None:
            is_no_dearer = other.seconds <= chosen.seconds and other.spent <= chosen.spent
            assert not is_no_dearer or min(other.fits, wanted) <= min(chosen.fits, wanted)


@given(WAYS, WANTED, PRICES)
def test_one_that_has_no_room_waits_while_another_has(ways: list[Way], wanted: int, prices: Prices) -> None:
    assert ways[cheapest(ways, wanted, prices)].fits or not any(way.fits for way in ways)


NAMES = ("lead", "contact", "company")


@given(
    st.dictionaries(st.sampled_from(("item", *NAMES)), st.integers(0, 10**6)),
    st.fixed_dictionaries({name: st.floats(0.01, 5) for name in ("item", *NAMES)}),
)
def test_what_is_shared_out_is_all_of_it_and_no_way_ends_much_later_than_the_common_one(
    numbers: dict[str, int], seconds: dict[str, float]
) -> None:
    shares = shared_out(numbers, seconds, "item")
    assert sum(shares.values()) == sum(numbers.values())
    assert shares["item"] >= numbers.get("item", 0)
    assert all(0 <= shares[way] <= numbers[way] for way in shares if way != "item")
    longest = max(shares[way] * seconds[way] for way in shares)
    for way in shares:
        if way != "item" and shares[way] < numbers[way]:
            assert longest <= (shares[way] + 1) * seconds[way] + len(NAMES) * seconds["item"] + 1e-3


def test_three_types_take_a_quarter_and_one_takes_half() -> None:
    seconds = dict.fromkeys(("item", *NAMES), 0.2)
    assert set(shared_out(dict.fromkeys(NAMES, 4000), seconds, "item").values()) == {3000}
    assert shared_out({"contact": 4000, "item": 0}, seconds, "item") == {"item": 2000, "contact": 2000}
    assert shared_out({"item": 500}, seconds, "item") == {"item": 500}
