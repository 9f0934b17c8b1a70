"""What is wrong with a value on the command line, in our words: typer tells it in those of a library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typer import BadParameter

_TOLD: Final = {
    "int_parsing": "{value!r} is no whole number",
    "int_parsing_size": "{value} is too large",
    "int_from_float": "{value!r} is no whole number",
    "float_parsing": "{value!r} is no number",
    "finite_number": "{value!r} is no finite number",
    "greater_than_equal": "{value} is too small; write at least {ge}",
    "less_than_equal": "{value} is too large; write at most {le}",
    "value_error": "{error}",
}
"""By the types of pydantic's errors."""


def in_our_words(error: BadParameter) -> str:
    """Return what is wrong with the value; the message as it is where nothing better is known."""
    found = getattr(error.__cause__, "errors", None)
    if found is None:
        return error.message
    details: Mapping[str, Any] = found()[0]
    text = _TOLD.get(details["type"])
    if text is None:
        return error.message
    return text.format(value=details["input"], **details.get("ctx", {}))
