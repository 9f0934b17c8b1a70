"""Characters that people do not see or cannot tell apart, as pasted from web pages and address books."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_LINE_BREAKS = "\r\n\v\f\x85\u2028\u2029"

# Not U+202E: it turns round the order in which the characters behind it are shown, so that what a person sees is
# not what is stored.
_INVISIBLE = frozenset(
    "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff"
)
_PLUS_SIGNS = "\u207a\ufb29\ufe62"
_MINUS_SIGNS = "\u2212\u02d7\u2043\u2500\u2501\u30fc"
"""Also lines of frames and the long sound of Japanese, which people write for a dash."""
_FULL_WIDTH = range(0xFF01, 0xFF5F)
_FULL_WIDTH_OFFSET = 0xFEE0


def without_invisible(text: str) -> str:
    """Return the text without invisible characters; white space becomes a space, a line break a line feed."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_visible, text))


def plain(text: str) -> str:
    """Return the text as `without_invisible` does, with ASCII digits, plus signs, dashes and punctuation.

    Decimal digits of every script are digits (as `phonenumbers` reads them too).
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_plain, text))


@lru_cache(maxsize=4096)
def _visible(character: str) -> str:
    if character in _INVISIBLE:
        return ""
    if character in _LINE_BREAKS:
        return "\n"
    if character == "\t" or unicodedata.category(character) == "Zs":
        return " "
    return character


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if ord(character) in _FULL_WIDTH:
        return chr(ord(character) - _FULL_WIDTH_OFFSET)
    if character in _PLUS_SIGNS:
        return "+"
    if character in _MINUS_SIGNS or unicodedata.category(character) == "Pd":
        return "-"
    return _visible(character)
