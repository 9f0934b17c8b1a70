"""Replacing: values, or words in them, by what a person's table says."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from .white_space import folded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from b24syncd.domain.values import Single

    Table = tuple[tuple[Single, Single], ...]
    """What is there, and what is to be there."""


_MARKS = "\\u0300-\\u036f"
"""Accents and the like that stand behind their letter."""


def whole(value: Single, table: Table) -> Single:
    """Return what stands beside a value in a table, the value itself where the table does not have it.

    Texts are compared without regard to capitals and to how much white space there is.
    """
    instead, kept = _values(table)
    return value if value in kept else instead.get(_key(value), value)


def words(text: str, table: Table) -> str:
    """Return a text in which each whole word, or row of words, that a table has is what stands beside it there.

    What is there already as the table wants it stays, so that nothing is put in twice: with `ул` to become `ул.`, a
    `ул.` is none to be replaced.
    """
    if not table:
        return text
    pattern = _pattern(table)
    instead, kept = _values(table)

    def replaced(found: re.Match[str]) -> str:
        return found[0] if found[0] in kept else str(instead.get(_key(found[0]), found[0]))

    once = pattern.sub(replaced, text)
    return once if pattern.sub(replaced, once) == once else text


def means_nothing(value: Single, values: Sequence[Single]) -> bool:
    """Tell whether a value is one of those that mean nothing."""
    return _key(value) in set(map(_key, values))


@lru_cache(maxsize=128)
def _values(table: Table) -> tuple[Mapping[object, Single], frozenset[Single]]:
    """Return a table by what its values are compared by, and the values that it puts in."""
    return {_key(before): after for before, after in reversed(table)}, frozenset(after for _, after in table)


@lru_cache(maxsize=128)
def _pattern(table: Table) -> re.Pattern[str]:
    known = (str(value) for pair in table for value in reversed(pair))
    ordered = sorted(dict.fromkeys(known), key=len, reverse=True)
    return re.compile("|".join(map(_as_words, ordered)), re.IGNORECASE)


def _key(value: Single) -> object:
    """Return what a value is compared by; a number is no yes or no."""
    return folded(value) if isinstance(value, str) else (type(value), value)


def _as_words(text: str) -> str:
    spaced = r"\s+".join(map(re.escape, text.split()))
    before = rf"(?<![\w{_MARKS}])" if re.match(r"[^\W_]", text.strip()) else ""
    after = rf"(?![\w{_MARKS}])" if re.search(rf"[^\W_][{_MARKS}]*\Z", text.strip()) else ""
    return f"{before}{spaced}{after}"
