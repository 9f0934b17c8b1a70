"""Replacing: values, or words in them, by what a person's table says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .white_space import folded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24syncd.domain.values import Single


def whole(value: Single, table: Sequence[tuple[Single, Single]]) -> Single:
    """Return what stands beside a value in a table, the value itself where the table does not have it.

    Texts are compared without regard to capitals and to how much white space there is.
    """
    found = next((after for before, after in table if _is_meant(value, before)), value)
    return value if any(value == after for _, after in table) else found


def words(text: str, table: Sequence[tuple[str, str]]) -> str:
    """Return a text in which each whole word, or row of words, that a table has is what stands beside it there.

    What is there already as the table wants it stays, so that nothing is put in twice: with `ул` to become `ул.`, a
    `ул.` is none to be replaced.
    """
    by_folded = {folded(before): after for before, after in table}
    kept = {after for _, after in table}
    ordered = sorted((*kept, *(before for before, _ in table)), key=len, reverse=True)
    if not ordered:
        return text
    pattern = re.compile("|".join(map(_as_words, dict.fromkeys(ordered))), re.IGNORECASE)

    def instead(found: re.Match[str]) -> str:
        return found[0] if found[0] in kept else by_folded.get(folded(found[0]), found[0])

    replaced = pattern.sub(instead, text)
    return replaced if pattern.sub(instead, replaced) == replaced else text


def means_nothing(value: Single, values: Sequence[Single]) -> bool:
    """Tell whether a value is one of those that mean nothing."""
    return any(_is_meant(value, one) for one in values)


def _is_meant(value: Single, written: Single) -> bool:
    if isinstance(value, str) and isinstance(written, str):
        return folded(value) == folded(written)
    return type(value) is type(written) and value == written


def _as_words(text: str) -> str:
    spaced = r"\s+".join(map(re.escape, text.split()))
    before = r"(?<!\w)" if text.strip()[:1].isalnum() else ""
    after = r"(?!\w)" if text.strip()[-1:].isalnum() else ""
    return f"{before}{spaced}{after}"
