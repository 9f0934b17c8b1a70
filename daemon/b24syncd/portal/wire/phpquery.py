"""Parameters as the query of a batch command, in the nested keys that PHP's `parse_str` reads.

What cannot be said in such a query, or would arrive changed, raises `NotExpressible`: it has to be sent as JSON.
All values arrive as strings: `True` as "1", `False` as "0", `None` as "" (which clears a field, as null does).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote

MAX_VARIABLES = 900
"""PHP's `max_input_vars` (1000 unless configured) cuts longer queries off without an error."""

# php: modules/rest/classes/general/rest_util.php `processBatchElement` replaces such text, in any case. A little more
# is caught here than there (a bracket that is never closed), so that nothing depends on the details.
_REPLACED = re.compile(r"\$(?:result|error|total|next|time)[^ \t\r\n\f\v]*\[", re.IGNORECASE)
# In names, any `$…[…]` is replaced; brackets end a key, and PHP turns "." and " " of an outermost name into "_".
_PLAIN_KEY = re.compile(r"[^\[\]$\x00]+")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]+")


class NotExpressible(ValueError):
    """These parameters cannot be sent inside a batch; as a plain call they can."""


class Reference(str):
    """Text that is meant as a reference to an earlier result of the batch: `$result[p0][items][49][id]`."""

    __slots__ = ()


def encode(params: Mapping[str, object]) -> str:
    """Return the percent-encoded query; raise `NotExpressible` where the portal would read something else."""
    parts: list[str] = []
    for name, value in params.items():
        if _PLAIN_NAME.fullmatch(name) is None:
            message = "a parameter has a name that PHP would change"
            raise NotExpressible(message)
        _append(parts, name, value)
    if len(parts) > MAX_VARIABLES:
        message = f"{len(parts)} values are more than PHP reads from a query"
        raise NotExpressible(message)
    return "&".join(parts)


def is_expressible(params: Mapping[str, object]) -> bool:
    """Tell whether these parameters can be sent inside a batch."""
    try:
        encode(params)
    except NotExpressible:
        return False
    return True


def _append(parts: list[str], prefix: str, value: object) -> None:
    if isinstance(value, str):
        parts.append(f"{prefix}={_text(value)}")
    elif value is None:
        parts.append(f"{prefix}=")
    elif isinstance(value, bool):
        parts.append(f"{prefix}={value:d}")
    elif isinstance(value, int | float):
        parts.append(f"{prefix}={quote(repr(value), safe='')}")
    elif isinstance(value, Mapping):
        _refuse_empty(value)
        for key, inner in value.items():
            _append(parts, f"{prefix}[{_key(str(key))}]", inner)
    elif isinstance(value, list | tuple):
        _refuse_empty(value)
        for index, inner in enumerate(value):
            _append(parts, f"{prefix}[{index}]", inner)
    else:
        message = f"a parameter is of type {type(value).__name__}"
        raise TypeError(message)


def _refuse_empty(value: Mapping[object, object] | list[object] | tuple[object, ...]) -> None:
    if not value:
        message = "an empty list or map leaves no trace in a query"
        raise NotExpressible(message)


def _text(value: str) -> str:
    if value.isalnum() and value.isascii():
        return value
    if "$" in value and not isinstance(value, Reference) and _REPLACED.search(value) is not None:
        message = "a text looks like a reference to another result of the batch"
        raise NotExpressible(message)
    return quote(value, safe="")


@lru_cache(maxsize=1024)
def _key(key: str) -> str:
    if _PLAIN_KEY.fullmatch(key) is None:
        message = "a key holds a character that PHP would read as structure"
        raise NotExpressible(message)
    return quote(key, safe="")
