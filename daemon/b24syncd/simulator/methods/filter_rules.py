"""What the controllers of the CRM let stand in a filter and in an order; names are upper-case here.

Sources: php modules/crm/lib/controller/validator/filter.php (only some prefixes take an array) and order.php. The first
error is the answer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from b24syncd.simulator import php
from b24syncd.simulator.errors import INVALID_ARGUMENT, RestError

if TYPE_CHECKING:
    from collections.abc import Container

_PREFIXES = (
    *("", "=", "%", ">", "<", "@", "!", "!@", "!=", "!%", "><", ">=", "<=", "=%", "%="),
    *("!><", "!=%", "!%="),
)
_WITH_ARRAYS = ("", "=", "@", "!=", "!@")
_DIRECTIONS = ("ASC", "DESC")
_PARTS = re.compile(r"([=%><@!]*)(\w+)\Z")


def split(key: str) -> tuple[str, str]:
    """Return the prefix and the name of a filter's key; what has no prefix that there is, is a name as a whole."""
    match = _PARTS.match(key)
    return (match[1], match[2]) if match and match[1] in _PREFIXES else ("", key)


def check_filter(conditions: php.Array, allowed: Container[str]) -> None:
    """Raise for the first key or value that may not be in a filter."""
    for name, value in conditions.items():
        key = str(name)
        if isinstance(value, dict):
            check_filter(value, allowed)
        prefix, field = split(key)
        if not php.numeric(key) and key not in ("logic", "LOGIC") and field not in allowed:
            why = f"filter: field '{key}' is not allowed in filter"
            raise _refusal(why)
        if isinstance(value, dict) and prefix not in _WITH_ARRAYS:
            why = f"filter: field '{key}' has invalid value"
            raise _refusal(why)


def check_order(order: php.Array, allowed: Container[str]) -> None:
    """Raise for the first field or direction that may not be in an order."""
    for name, direction in order.items():
        if str(name) not in allowed:
            why = f"order: field '{name}' is not allowed in order"
            raise _refusal(why)
        if php.string(direction) not in _DIRECTIONS:
            said = f"But got '{php.string(direction)}' for field '{name}'"
            why = f"order: allowed sort directions are {', '.join(_DIRECTIONS)}. {said}"
            raise _refusal(why)


def _refusal(why: str) -> RestError:
    return RestError(INVALID_ARGUMENT, f"Invalid {why}")
