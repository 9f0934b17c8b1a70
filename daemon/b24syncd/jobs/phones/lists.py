"""Several numbers in one value: what stands between them, and what does not stand there though they are several."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .text import Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_PLUS_BEHIND_NUMBER = re.compile(r"(?<=[\d)\]])\s*(?:[.-]\s*)?(?=\(?\+\s*\(?\d)")
_AREA_CODE = re.compile(r"[\s(]*(?:\+|00|0|8)[\d\s()-]*")
_BARE_AREA_CODE = re.compile(r"[\s(]*\d{2,5}[\s)]*")
_LONGEST_AREA_CODE = 6
_SHORTEST_REST = 5
_FEWEST_DIGITS = 7


def apart(pieces: Iterable[Segment]) -> list[Segment]:
    """Return the pieces, those with a `+` behind a number taken apart (`+7 916 234 56 78+7 495 123 45 67`)."""
    found: list[Segment] = []
    for piece in pieces:
        first, *others = _PLUS_BEHIND_NUMBER.split(piece.text)
        if others and _digits_in(first) < _FEWEST_DIGITS:
            found.append(piece)
            continue
        found.append(Segment(piece.separator, first))
        found.extend(Segment("+", other) for other in others)
    return found


def with_slashes_joined(pieces: list[Segment], is_number: Callable[[str], bool]) -> list[Segment]:
    """Return the pieces with those joined that a slash parts behind an area code (`030/1234567`, `347/1234567`)."""
    found: list[Segment] = []
    while pieces:
        piece, *pieces = pieces
        count = _slashes_within(piece, pieces, is_number)
        text = " ".join((piece.text, *(each.text for each in pieces[:count])))
        found.append(Segment(piece.separator, text))
        pieces = pieces[count:]
    return found


def _slashes_within(piece: Segment, following: list[Segment], is_number: Callable[[str], bool]) -> int:
    """Return how many of the following pieces belong to the number that begins with an area code."""
    area = piece.text
    for place, rest in enumerate(following):
        is_bare = _BARE_AREA_CODE.fullmatch(area) is not None
        if rest.separator != "/" or not (is_bare or _AREA_CODE.fullmatch(area)) or (is_bare and is_number(rest.text)):
            return 0
        if _digits_in(area.lstrip(" (").removeprefix("00")) > _LONGEST_AREA_CODE or is_number(area):
            return 0
        if _digits_in(rest.text) >= _SHORTEST_REST:
            return place + 1 if is_number(f"{area} {rest.text}") else 0
        area += rest.text
    return 0


def halves(text: str) -> Iterator[tuple[str, str]]:
    """Yield every way to part a text at white space in which both parts may be whole numbers."""
    for gap in re.finditer(r"(?<=[\d)\]])\s+(?=[(\[\d])", text):
        first, second = text[: gap.start()], text[gap.end() :]
        if _digits_in(first) >= _FEWEST_DIGITS and _digits_in(second) >= _FEWEST_DIGITS:
            yield first, second


def _digits_in(text: str) -> int:
    return sum(map(str.isdigit, text))
