"""Values of fields as JSON: each comes back exactly, and nothing else is taken for one."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.domain.values import Choice, Single, Value
from b24syncd.store.value_json import text_from_json, texts_from_json, value_from_json, value_to_json

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
SINGLES: st.SearchStrategy[Single] = st.one_of(
    st.text(),
    st.booleans(),
    st.decimals(allow_nan=False),
    st.dates(),
    st.datetimes(timezones=ZONES).map(lambda moment: moment.replace(fold=0)),  # which of two only zones of places tell
    st.builds(Choice, st.text()),
)
VALUES: st.SearchStrategy[Value] = st.one_of(st.none(), SINGLES, st.lists(SINGLES).map(tuple))


@given(VALUES)
def test_a_value_comes_back_exactly(value: Value) -> None:
    text = value_to_json(value)
    back = value_from_json(text)
    assert (back, repr(back)) == (value, repr(value))
    assert value_to_json(back) == text


@given(VALUES, VALUES)
def test_two_values_never_have_one_text(one: Value, other: Value) -> None:
    assert (value_to_json(one) == value_to_json(other)) == (repr(one) == repr(other))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("12.50", '"12.50"'),
        ("Жуков", '"Жуков"'),
        (None, "null"),
        (True, "true"),
        (Decimal("12.50"), '{"number":"12.50"}'),
        (date(2025, 1, 15), '{"date":"2025-01-15"}'),
        (
            datetime(2025, 1, 15, 10, tzinfo=timezone(timedelta(hours=3))),
            '{"time":"2025-01-15T10:00:00+03:00"}',
        ),
        (Choice("NEW"), '{"choice":"NEW"}'),
        (("a", Choice("7"), False), '["a",{"choice":"7"},false]'),
    ],
)
def test_people_can_read_it(value: Value, text: str) -> None:
    assert value_to_json(value) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12",
        "1.5",
        "{}",
        "[null]",
        "[[]]",
        '{"number":12}',
        '{"number":"twelve"}',
        '{"date":"15.01.2025"}',
        '{"time":"2025-01-15T10:00:00"}',
        '{"time":"2025-01-15T10:00:00+03:00","more":1}',
        '{"colour":"red"}',
    ],
)
def test_what_is_no_value_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no value|Expecting|isoformat"):
        value_from_json(text)


@given(st.text(), st.lists(st.text()).map(tuple))
def test_texts_come_back_as_texts_alone(text: str, texts: tuple[str, ...]) -> None:
    assert text_from_json(value_to_json(text)) == text
    assert texts_from_json(value_to_json(texts)) == texts
    for stored in ("1", "null", json.dumps([text])):
        with pytest.raises(ValueError, match="no text"):
            text_from_json(stored)
    for stored in ("{}", "[1]", json.dumps(text)):
        with pytest.raises(ValueError, match="no list of texts"):
            texts_from_json(stored)
