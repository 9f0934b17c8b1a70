"""What values are found by: their beginning, whatever its case."""

from __future__ import annotations

from typing import Final

_LONGEST: Final = 100
"""Characters that are told apart."""

_LAST: Final = "\U0010ffff"


def search_key(text: str | None) -> str:
    """Return what a value is found by."""
    return "" if text is None else " ".join(text.casefold().split())[:_LONGEST]


def range_of(beginning: str) -> tuple[str, str]:
    """Return between which keys, the last one excluded, those lie that begin so."""
    key = search_key(beginning)
    return key, key + _LAST
