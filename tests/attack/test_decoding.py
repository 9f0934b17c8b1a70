"""What is read of the bytes of an answer, and what is none of a portal's."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.portal.wire.batch import parse_error, parse_timing, without
from b24syncd.portal.wire.decoding import decode
from b24syncd.portal.wire.replies import UnexpectedReply, id_from, parse_points, parse_time, whole_number

HONEST = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("9" * 5000),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["id", "typeId", "value", "start", "error"]), inner)
    ),
)


@given(HONEST)
def test_what_a_portal_writes_is_read_as_it_is(value: object) -> None:
    assert decode(json.dumps(value).encode()) == value
    assert decode(b"\xef\xbb\xbf" + json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    "text",
    ["1e400", "-1e400", "NaN", "-Infinity", "9" * 5000, str(2**63), "[" * 100_000, '{"a":' * 100_000, "", "\\", "{}x"],
)
def test_what_no_portal_writes_is_no_answer(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 # whatever its words
        decode(f'{{"result":{text}}}'.encode())


def test_bytes_that_are_no_text_are_no_answer() -> None:
    with pytest.raises(ValueError):  # noqa: PT011 # whatever its words
        decode(b'{"result":"\xff\xfe"}')


def test_halves_of_characters_are_replaced() -> None:
    assert decode(rb'{"a\ud800":"\udfff x","b":"\ud83d\ude00 \\ud800"}') == {"a?": "? x", "b": "\U0001f600 \\ud800"}


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_an_answer_or_none(received: bytes) -> None:
    try:
        decode(received)
    except ValueError:
        return


@given(ANY)
def test_no_value_breaks_a_parser(value: object) -> None:
    for parse in (whole_number, id_from):
        try:
            assert -(2**63) <= parse(value) < 10**300 or isinstance(value, int)
        except ValueError:
            continue
    parse_timing(value)
    parse_time(value)
    if isinstance(value, list):
        parse_points(value)
    if isinstance(value, dict):
        parse_error(value)
        without("secret", value)


@pytest.mark.parametrize("value", [True, 1.0, "1.0", " 1", "1x", "", None, [], {}, "٣", "9" * 19, 0, -1, "-1"])
def test_what_is_no_id_names_nothing(value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 # whatever its words
        id_from(value)


def test_two_entries_of_one_id_are_no_answer() -> None:
    entry = {"id": 7, "typeId": "PHONE", "valueType": "WORK", "value": "+79161234567"}
    assert len(parse_points([entry, {**entry, "id": 8}])) == 2
    with pytest.raises(UnexpectedReply):
        parse_points([entry, {**entry, "value": "+74957654321"}])


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1.0, 1e300, "nan", 10**400, True and "x", []])
@pytest.mark.parametrize("name", ["start", "finish", "duration", "operating", "operating_reset_at"])
def test_times_that_cannot_be_are_none(name: str, seconds: object) -> None:
    time = {"start": 1e9, "finish": 1e9, "duration": 0.1, "operating": 0.1, "operating_reset_at": 1e9 + 600}
    assert parse_timing(time) is not None
    timing = parse_timing({**time, name: seconds})
    assert timing is None or (name == "operating_reset_at" and timing.operating_reset_at is None)


def test_the_secret_is_in_no_error() -> None:
    error = {"error": "A secret", "error_description": "of secret"}
    body = {"error": "secret", "result": {"result_error": {"c0": error, "c1": "secret"}}}
    assert "secret" not in json.dumps(without("secret", body))


def test_a_password_that_is_a_part_of_a_code_changes_no_code() -> None:
    body = {"error": "expired_token", "error_description": "no token"}
    assert without("token", body) == {"error": "expired_token", "error_description": "no ***"}
