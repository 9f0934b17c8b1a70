"""Texts in the cells of a terminal: how many they take, and where they are broken."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import category, east_asian_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NO_CELL = ("Mn", "Me", "Cf")


def width_of(text: str) -> int:
    """Return how many cells a text takes: characters of East Asia and emojis take two, combining marks none."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def padded(text: str, width: int, *, to_the_right: bool = False) -> str:
    """Return a text with spaces up to a width."""
    spaces = " " * (width - width_of(text))
    return spaces + text if to_the_right else text + spaces


def wrapped(words: Iterable[str], room: int, most: int) -> Iterator[str]:
    """Yield lines of at most `room` cells, broken between words.

    A wider word is a line of its own as long as it takes no more than `most`; a word wider than that is broken.
    """
    line: str | None = None
    for word in words:
        longer = word if line is None else f"{line} {word}"
        if width_of(longer) <= room:
            line = longer
            continue
        if line is not None:
            yield line
        line = word
        if width_of(word) > most:
            *whole, line = _folded(word, max(1, room))
            yield from whole
    if line is not None:
        yield line


def _folded(word: str, width: int) -> Iterator[str]:
    line, used = "", 0
    for character in word:
        cells = _cells(character)
        if line and used + cells > width:
            yield line
            line, used = "", 0
        line += character
        used += cells
    yield line


def _cells(character: str) -> int:
    if category(character) in _NO_CELL:
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
