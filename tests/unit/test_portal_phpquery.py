from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.portal.wire.phpquery import MAX_VARIABLES, NotExpressible, Reference, encode
from b24syncd.simulator import php

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="[]$\x00"), min_size=1, max_size=8)
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, min_size=1, max_size=4) | st.dictionaries(KEYS, inner, min_size=1, max_size=4),
    max_leaves=12,
)
PARAMS = st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True), VALUES, max_size=4)


def as_php_reads(value: Any) -> Any:  # noqa: ANN401 # JSON
    """What `parse_str` makes of a value: everything is text, and keys that are whole numbers are numbers."""
    match value:
        case None | False:
            return "0" if value is False else ""
        case True:
            return "1"
        case dict():
            return {php_key(key): as_php_reads(inner) for key, inner in value.items()}
        case list():
            return {index: as_php_reads(inner) for index, inner in enumerate(value)}
        case _:
            return str(value)


def php_key(key: str) -> int | str:
    return int(key) if key.lstrip("-").isascii() and key.lstrip("-").isdigit() and str(int(key)) == key else key


@given(PARAMS)
def test_what_is_encoded_arrives_as_it_was(params: dict[str, Any]) -> None:
    try:
        query = encode(params)
    except NotExpressible:
        return
    assert php.parse_str(query) == as_php_reads(params)


def test_the_form_is_that_of_php() -> None:
    params = {
        "entityTypeId": 3,
        "filter": {">=updatedTime": "2026-01-02T03:04:05+03:00", "@id": [7, 8]},
        "fields": {"fm": {"12": {"typeId": "PHONE", "value": "+7 495;#&%"}}},
        "start": -1,
        "flag": True,
        "off": False,
        "cleared": None,
    }
    assert encode(params) == (
        "entityTypeId=3"
        "&filter[%3E%3DupdatedTime]=2026-01-02T03%3A04%3A05%2B03%3A00&filter[%40id][0]=7&filter[%40id][1]=8"
        "&fields[fm][12][typeId]=PHONE&fields[fm][12][value]=%2B7%20495%3B%23%26%25"
        "&start=-1&flag=1&off=0&cleared="
    )


@pytest.mark.parametrize(
    "text",
    ["$result[a]", "costs $result[a][b] now", "$RESULT[x]", "$error_x[1]", "$next[p0]", "$total[a", "$time[c0][start]"],
)
def test_text_that_the_portal_would_replace_is_not_batchable(text: str) -> None:
    for fields in ({"title": text}, {text: "x"}):
        with pytest.raises(NotExpressible):
            encode({"fields": fields})


@pytest.mark.parametrize("text", ["$5", "$result", "$result of [x]", "result[a]", "$ result[a]", "$сумма[1]"])
def test_other_dollars_are_batchable(text: str) -> None:
    assert php.parse_str(encode({"fields": {"title": text}})) == {"fields": {"title": text}}


def test_a_reference_is_sent_as_one() -> None:
    params = {"filter": {">id": Reference("$result[c0][items][49][id]")}}
    assert php.parse_str(encode(params)) == {"filter": {">id": "$result[c0][items][49][id]"}}


@pytest.mark.parametrize(
    "params",
    [{"a.b": 1}, {"select": []}, {"filter": {}}, {"f": {"a]b": 1}}, {"ids": list(range(MAX_VARIABLES + 1))}],
)
def test_what_a_query_cannot_hold_is_not_batchable(params: dict[str, Any]) -> None:
    with pytest.raises(NotExpressible):
        encode(params)


def test_what_is_no_json_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="set"):
        encode({"a": {1, 2}})
