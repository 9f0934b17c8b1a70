"""Scripts of letters: Latin, Cyrillic and the like, and letters of one that look like letters of another."""

from __future__ import annotations

import unicodedata

# Scripts that are written together within one word, also with Latin letters.
_EAST_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC"})
_MODIFIERS = frozenset({"COMBINING", "MODIFIER"})

_CYRILLIC_LIKE_LATIN = str.maketrans("аеорсухіѕј", "aeopcyxisj")


def mixes_scripts(text: str) -> bool:
    """Tell whether one word holds letters of scripts that are not written together."""
    if text.isascii():
        return False
    scripts = {unicodedata.name(letter, "").split(" ")[0] for letter in text if letter.isalpha()}
    return len(scripts - _EAST_ASIAN - _MODIFIERS) > 1


def as_latin(text: str) -> str | None:
    """Return the Latin text that this one looks like, in lower case; `None` if it does not look like one."""
    latin = text.translate(_CYRILLIC_LIKE_LATIN)
    return latin if latin.isascii() else None
