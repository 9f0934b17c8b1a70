"""The pieces of PHP that a REST call goes through: arrays, `parse_str`, `parse_url`, casts, JSON encoding.

Sources: PHP's own main/php_variables.c (`php_register_variable_ex`) and ext/standard/url.c (`php_url_parse`), which the
server calls in modules/rest/classes/general/rest_util.php and rest_provider.php.

A PHP array is a `dict` with `int` and `str` keys throughout; its order is the order of insertion.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

Array = dict[int | str, Any]

MAX_INPUT_VARS = 1000
"""PHP's own default."""

_INTEGER_KEY = re.compile(r"(?:0|-?[1-9][0-9]*)\Z")
_LEADING_INTEGER = re.compile(r"[ \t\n\r\v\f]*([+-]?[0-9]+)")
_NUMERIC = re.compile(r"[ \t\n\r\v\f]*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ \t\n\r\v\f]*\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"[A-Za-z0-9+.-]+:")
_MAX_INTEGER = 2**63 - 1


def key(text: str) -> int | str:
    """Return what PHP makes of a string as an array key: `"12"` is 12, `"012"` stays text."""
    if _INTEGER_KEY.match(text) and abs(int(text)) <= _MAX_INTEGER:
        return int(text)
    return text


def array(value: object) -> Any:  # noqa: ANN401 - any value that JSON can hold, as PHP would hold it
    """Return a decoded JSON value as PHP holds it: lists and objects alike become arrays."""
    if isinstance(value, dict):
        return {key(name): array(part) for name, part in value.items()}
    if isinstance(value, list):
        return {index: array(part) for index, part in enumerate(value)}
    return value


def encodable(value: Array) -> Array | list[Any]:
    """Return the array as `json_encode` shows it: a list when its keys are 0..n-1 in order, so `[]` when empty."""
    if all(name == index for index, name in enumerate(value)):
        return list(value.values())
    return value


def truthy(value: object) -> bool:
    """Return PHP's `(bool)` cast: only `""`, `"0"`, 0, null, false and the empty array are false."""
    return bool(value) and value != "0"


def integer(value: object) -> int:
    """Return PHP's `intval`."""
    if isinstance(value, bool | int | float):
        return int(value)
    if isinstance(value, str) and (match := _LEADING_INTEGER.match(value)):
        return int(match[1])
    return int(bool(value)) if isinstance(value, dict) else 0


def number(value: object) -> float:
    """Return PHP's `floatval`, as far as anybody sends numbers."""
    return float(string(value)) if numeric(value) else float(integer(value))


def whole(value: float) -> float:
    """Return what `json_encode` makes of a float: no fraction where there is none."""
    return int(value) if float(value).is_integer() else value


def numeric(value: object) -> bool:
    """Return PHP's `is_numeric`."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int | float) or (isinstance(value, str) and bool(_NUMERIC.match(value)))


def string(value: object) -> str:
    """Return PHP's `(string)` cast."""
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return "Array" if isinstance(value, dict | list) else str(value)


def trim(value: object) -> str:
    """Return PHP's `trim` of what becomes a string: a no-break space stays, other than in Python."""
    return string(value).strip(" \t\n\r\0\v")


def parse_str(query: str) -> Array:
    """Return PHP's `parse_str` of a query: decoded once, brackets make nested arrays, a later value wins.

    More variables than `max_input_vars` are left out, with a warning that nobody sees (main/php_variables.c,
    `php_default_treat_data`).
    """
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return variables((_decode(name), _decode(value)) for name, _, value in pairs)


def variables(pairs: Iterable[tuple[str, str]]) -> Array:
    """Return what PHP makes of variables that are decoded: brackets in names make nested arrays."""
    result: Array = {}
    for name, value in islice(pairs, MAX_INPUT_VARS):
        if name:
            _register(result, name, value)
    return result


def _decode(text: str) -> str:
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8", "replace")


def _register(result: Array, name: str, value: str) -> None:
    name = name.lstrip(" ").split("\0", 1)[0]
    base, bracket, rest = name.partition("[")
    base = base.replace(" ", "_").replace(".", "_")
    if not base:
        return
    if not bracket:
        result[key(base)] = value
        return
    if "]" not in rest:
        # a bracket that never closes is no index: php_variables.c puts an underscore in its place
        result[key(f"{base}_{rest}")] = value
        return
    target, index = result, key(base)
    while "]" in rest:
        inner, _, rest = rest.partition("]")
        child = target.get(index)
        if not isinstance(child, dict):
            child = target[index] = {}
        target = child
        index = _next_index(target) if not inner or inner == " " else key(inner)
        if not rest.startswith("["):
            break
        rest = rest[1:]
    target[index] = value


def _next_index(target: Array) -> int:
    return max((name for name in target if isinstance(name, int)), default=-1) + 1


def parse_url(url: str) -> tuple[str, str]:
    """Return path and query as PHP's `parse_url` finds them in a batch command: a raw `#` cuts the rest off."""
    url = url.partition("#")[0]
    path, _, query = url.partition("?")
    if scheme := _SCHEME.match(path):
        path = path[scheme.end() :]
    return _CONTROL.sub("_", path), _CONTROL.sub("_", query)
