"""PHP's arrays, parse_str, parse_url and casts; the expectations are PHP's documented and measured results."""

from __future__ import annotations

import pytest

from b24syncd.simulator import php


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {}),
        ("a=1&b=2", {"a": "1", "b": "2"}),
        ("a=1&a=2", {"a": "2"}),
        ("a", {"a": ""}),
        ("=1", {}),
        ("[a]=1", {}),
        ("a[]=1&a[]=2", {"a": {0: "1", 1: "2"}}),
        ("a[5]=x&a[]=y", {"a": {5: "x", 6: "y"}}),
        ("f[fm][12][value]=%2B7", {"f": {"fm": {12: {"value": "+7"}}}}),
        ("f[fm][012][v]=1", {"f": {"fm": {"012": {"v": "1"}}}}),
        ("a=+7%20x", {"a": " 7 x"}),
        ("a=%252B", {"a": "%2B"}),
        ("a.b c=1", {"a_b_c": "1"}),
        ("a[b.c]=1", {"a": {"b.c": "1"}}),
        ("a[b=1", {"a_b": "1"}),
        ("a[b][c=1", {"a": {"b": "1"}}),
        ("a[b]rest=1", {"a": {"b": "1"}}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("filter[>id]=5", {"filter": {">id": "5"}}),
        ("filter[>=updatedTime]=x", {"filter_>": "updatedTime]=x"}),
        ("filter[%3E%3DupdatedTime]=x", {"filter": {">=updatedTime": "x"}}),
    ],
)
def test_a_query_is_parsed_as_parse_str_does(query: str, expected: php.Array) -> None:
    assert php.parse_str(query) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("crm.item.get?id=1", ("crm.item.get", "id=1")),
        ("crm.item.get", ("crm.item.get", "")),
        ("m?a=1#b&c=2", ("m", "a=1")),
        ("m?a=10:20", ("m", "a=10:20")),
        ("m?a=1\nb", ("m", "a=1_b")),
        ("m?a=1?b", ("m", "a=1?b")),
    ],
)
def test_a_command_is_split_as_parse_url_does(command: str, expected: tuple[str, str]) -> None:
    assert php.parse_url(command) == expected


def test_an_array_of_the_keys_0_to_n_is_encoded_as_a_list() -> None:
    assert php.encodable({}) == []
    assert php.encodable({0: "a", 1: "b"}) == ["a", "b"]
    assert php.encodable({1: "b"}) == {1: "b"}
    assert php.encodable({"a": 1}) == {"a": 1}


@pytest.mark.parametrize("value", ["", "0", 0, None, False, {}])
def test_what_php_takes_for_false(value: object) -> None:
    assert not php.truthy(value)


@pytest.mark.parametrize("value", ["false", "0.0", " ", "N", 1, {0: 0}])
def test_what_php_takes_for_true(value: object) -> None:
    assert php.truthy(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("12abc", 12), (" 7", 7), ("abc", 0), ("", 0), (None, 0), (True, 1), (3.9, 3), ({}, 0), ({0: 1}, 1)],
)
def test_intval(value: object, expected: int) -> None:
    assert php.integer(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("12", True), ("n0", False), ("1e3", True), (" 5 ", True), (5, True), (True, False)]
)
def test_is_numeric(value: object, expected: bool) -> None:  # noqa: FBT001 - it is the table's right column
    assert php.numeric(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"), [(None, ""), (False, ""), (True, "1"), (2.0, "2"), (2.5, "2.5"), ({}, "Array"), (7, "7")]
)
def test_the_cast_to_text(value: object, expected: str) -> None:
    assert php.string(value) == expected
