"""Replacing: values, or words in them, by what a person's table says."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from .white_space import folded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24syncd.domain.values import Single

    Pairs = tuple[tuple[Single, Single], ...]


_MARKS = "\\u0300-\\u036f"
"""Accents and the like that stand behind their letter."""


class Table:
    """What a person wants in the place of what, made ready once: of a large one that takes longer than its use."""

    def __init__(self, pairs: Pairs) -> None:
        """Take what is there, each with what is to be there; of two that are compared alike the first counts."""
        self._pairs = pairs
        self._instead = {_key(before): after for before, after in reversed(pairs)}
        self._kept = frozenset(after for _, after in pairs)

    def whole(self, value: Single) -> Single:
        """Return what stands beside a value in the table, the value itself where the table does not have it.

        Texts are compared without regard to capitals and to how much white space there is.
        """
        return value if value in self._kept else self._instead.get(_key(value), value)

    def words(self, text: str) -> str:
        """Return a text in which each whole word, or row of words, that the table has is what stands beside it there.

        What is there already as the table wants it stays, so that nothing is put in twice: with `ул` to become `ул.`, a
        `ул.` is none to be replaced.
        """
        if not self._pairs:
            return text
        once = self._pattern.sub(self._replaced, text)
        return once if self._pattern.sub(self._replaced, once) == once else text

    def _replaced(self, found: re.Match[str]) -> str:
        return found[0] if found[0] in self._kept else str(self._instead.get(_key(found[0]), found[0]))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        known = (str(value) for pair in self._pairs for value in reversed(pair))
        ordered = sorted(dict.fromkeys(known), key=len, reverse=True)
        return re.compile("|".join(map(_as_words, ordered)), re.IGNORECASE)


def means_nothing(value: Single, values: Sequence[Single]) -> bool:
    """Tell whether a value is one of those that mean nothing."""
    return _key(value) in set(map(_key, values))


def _key(value: Single) -> object:
    """Return what a value is compared by; a number is no yes or no."""
    return folded(value) if isinstance(value, str) else (type(value), value)


def _as_words(text: str) -> str:
    spaced = r"\s+".join(map(re.escape, text.split()))
    before = rf"(?<![\w{_MARKS}])" if re.match(r"[^\W_]", text.strip()) else ""
    after = rf"(?![\w{_MARKS}])" if re.search(rf"[^\W_][{_MARKS}]*\Z", text.strip()) else ""
    return f"{before}{spaced}{after}"
