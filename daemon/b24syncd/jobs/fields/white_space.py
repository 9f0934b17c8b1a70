"""White space around and inside of texts, as it comes from web pages, spreadsheets and keyboards."""

from __future__ import annotations

import re

_LINE_BREAKS = "\r\n\v\f\x85\u2028\u2029"

_BLANKS = " \t\x1c\x1d\x1e\x1f\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000\u3164"
"""What shows as a gap in a line. Not in Unicode's list of white space, but as empty: the Braille blank, the filler of
Hangul."""

_WIDTHLESS = "\u180e\u200b\u2060\ufeff"
"""White space that does not show at all. Not here: joiners and variation selectors, which change what stands before
them, and marks of direction, which change the order in which people see it."""

_WRITTEN_WITHOUT_SPACES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Thai, Lao, Burmese, Khmer: there U+200B divides words."""

_ENDS = re.compile(f"\\A[{_BLANKS}{_WIDTHLESS}{_LINE_BREAKS}]+|[{_BLANKS}{_WIDTHLESS}{_LINE_BREAKS}]+\\Z")
_RUN = re.compile(f"[{_WIDTHLESS}]*[{_BLANKS}][{_BLANKS}{_WIDTHLESS}]*")
_AT_BREAKS = re.compile(f" ?([{_LINE_BREAKS}]) ?")
_UNSEEN = re.compile(f"(?<![{_WRITTEN_WITHOUT_SPACES}])[{_WIDTHLESS}]+|[{_WIDTHLESS}]+(?![{_WRITTEN_WITHOUT_SPACES}])")


def trim(text: str) -> str:
    """Return the text without white space, line breaks included, at both ends."""
    return _ENDS.sub("", text)


def squeeze(text: str) -> str:
    """Return the text with one plain space for each gap inside of it, none at line breaks; what is at its ends stays.

    Line breaks stay. White space without any width goes.
    """
    inner = trim(text)
    if not inner:
        return text
    first = text.index(inner)
    squeezed = _UNSEEN.sub("", _AT_BREAKS.sub(r"\1", _RUN.sub(" ", inner)))
    return f"{text[:first]}{squeezed}{text[first + len(inner) :]}"


def folded(text: str) -> str:
    """Return what texts are compared by that differ in white space and in capitals only."""
    return squeeze(trim(text)).casefold()
