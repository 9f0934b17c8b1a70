from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from b24syncd.domain.values import Choice, Value, same_value, shown

SINGLES = st.one_of(
    st.text(min_size=1),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.builds(Choice, st.text(min_size=1)),
)
VALUES: st.SearchStrategy[Value] = st.one_of(st.none(), SINGLES, st.lists(SINGLES, min_size=1).map(tuple))


@given(VALUES)
def test_a_value_is_the_same_as_itself(value: Value) -> None:
    assert same_value(value, value)


@given(VALUES, VALUES)
def test_two_values_are_the_same_in_either_order(one: Value, other: Value) -> None:
    assert same_value(one, other) == same_value(other, one)


def test_an_instant_is_the_same_under_another_offset_and_in_the_hour_that_a_clock_shows_twice() -> None:
    noon = datetime(2025, 10, 26, 12, tzinfo=UTC)
    assert same_value(noon, noon.astimezone(timezone(timedelta(hours=3))))
    first = datetime(2025, 10, 26, 2, 30, tzinfo=timezone(timedelta(hours=2)))
    assert same_value(first, first.replace(tzinfo=timezone(timedelta(hours=1))))
    assert not same_value(noon, noon + timedelta(seconds=1))


def test_values_of_two_types_are_never_the_same() -> None:
    day = date(2025, 1, 15)
    pairs: list[tuple[Value, Value]] = [
        (True, Decimal(1)),
        ("1", Decimal(1)),
        ("NEW", Choice("NEW")),
        (day, datetime(2025, 1, 15, tzinfo=UTC)),
        ("a", ("a",)),
        (None, "a"),
    ]
    assert not any(same_value(one, other) for one, other in pairs)


def test_numbers_are_the_same_whatever_zeros_they_are_written_with() -> None:
    assert same_value(Decimal("12.50"), Decimal("12.5"))


def test_a_value_is_shown_as_people_read_it() -> None:
    values: list[tuple[Value, str | None]] = [
        (None, None),
        ("text", "text"),
        (Decimal("1E+2"), "100"),
        (True, "yes"),
        (date(2025, 1, 15), "2025-01-15"),
        (datetime(2025, 1, 15, 12, tzinfo=UTC), "2025-01-15T12:00:00+00:00"),
        (("a", Choice("B")), "a, B"),
    ]
    assert [(value, shown(value)) for value, _ in values] == values
