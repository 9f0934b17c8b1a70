"""`where` of a rule: a filter of `crm.item.list` (docs: crm/universal/crm-item-list.md)."""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from .sections import TOML_DATE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PREFIXED: Final = re.compile(r"([!=<>@%]*)(.*)", re.DOTALL)
_PREFIXES: Final = frozenset({"", ">=", ">", "<=", "<", "@", "!@", "%", "=%", "%=", "!%", "!=%", "!%=", "=", "!=", "!"})
_LOGIC: Final = "logic"
_GROUP: Final = 'write a group of conditions under a number: "0" = {logic = "OR", …}'


def with_dates_as_text(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a filter in which dates of TOML are text as the portal reads it (ISO 8601)."""
    return {key: _with_dates_as_text(inner) for key, inner in value.items()}


def _with_dates_as_text(value: Any) -> Any:  # noqa: ANN401 # whatever TOML holds
    if isinstance(value, dict):
        return value[TOML_DATE] if list(value) == [TOML_DATE] else with_dates_as_text(value)
    return [_with_dates_as_text(inner) for inner in value] if isinstance(value, list) else value


def filter_problems(conditions: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a filter whatever fields there are, each with its cure."""
    for key, value in conditions.items():
        prefix, name = _split(key)
        if key.lower() == _LOGIC:
            if value not in {"AND", "OR"}:
                yield f"{key} is neither AND nor OR", 'write logic = "OR" or logic = "AND"'
        elif key.isdigit():
            yield from _group_problems(key, value)
        elif not name.strip():
            yield f"the key {key!r} names no field", 'write a field after the prefix, for example ">=createdTime"'
        elif prefix not in _PREFIXES:
            yield f"{prefix} before {name} is no comparison", f"use one of {' '.join(sorted(_PREFIXES - {''}))}"
        else:
            yield from _value_problems(key, value)


def _group_problems(key: str, value: object) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        yield f"the key {key!r} names no field", _GROUP
    elif not set(value) - {_LOGIC}:
        yield f"the group {key!r} is empty", "give it conditions, or remove it"
    else:
        yield from filter_problems(value)


def _value_problems(key: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        yield f"the value of {key!r} is a table", _GROUP
    elif value == []:
        yield f"the list of {key!r} is empty", "name at least one value, or remove the key"
    elif not all(map(_is_value, value if isinstance(value, list) else [value])):
        yield f"the value of {key!r} is none that can be compared", "write a text, a number, or a list of those"


def _is_value(value: object) -> bool:
    return isfinite(value) if isinstance(value, float) else value is None or isinstance(value, str | int)


def filter_rows(conditions: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return a filter as rows of (key, JSON text of its value)."""
    return tuple(
        sorted((key, json.dumps(value, ensure_ascii=False, sort_keys=True)) for key, value in conditions.items())
    )


def _split(key: str) -> tuple[str, str]:
    found = _PREFIXED.fullmatch(key)
    return ("", key) if found is None else (found[1], found[2])
