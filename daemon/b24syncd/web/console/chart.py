"""The geometry of charts, in a grid of 100 by 100: bars, a line, and what stands at their axis."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH: Final = 100.0
HEIGHT: Final = 100.0
_GAP: Final = 0.25
"""The share of its place that a bar leaves free."""

_LEAST: Final = 1.5
"""How high a bar is at least that is not nothing."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar by its corner and its size."""

    x: float
    y: float
    width: float
    height: float


def ceiling(highest: int) -> int:
    """Return a round number at or above the highest, at which the axis ends."""
    if highest <= 4:  # noqa: PLR2004 # small numbers are round
        return 4
    step = 10 ** floor(log10(highest))
    return next(int(step * times) for times in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * times >= highest)


def bars(values: Sequence[int], top: int) -> tuple[Bar, ...]:
    """Return a bar for each value."""
    place = WIDTH / max(1, len(values))
    found = []
    for number, value in enumerate(values):
        height = max(_LEAST, HEIGHT * value / top) if value else 0.0
        x = place * (number + _GAP / 2)
        found.append(Bar(round(x, 2), round(HEIGHT - height, 2), round(place * (1 - _GAP), 2), round(height, 2)))
    return tuple(found)


def line(values: Sequence[int], top: int) -> str:
    """Return a line through the middles of the places of the values, as points of SVG."""
    place = WIDTH / max(1, len(values))
    return " ".join(
        f"{place * (number + 0.5):.2f},{HEIGHT - HEIGHT * value / top:.2f}" for number, value in enumerate(values)
    )


def area(values: Sequence[int], top: int) -> str:
    """Return what lies below such a line, as points of SVG."""
    place = WIDTH / max(1, len(values))
    ends = f"{WIDTH - place / 2:.2f},{HEIGHT:g} {place / 2:.2f},{HEIGHT:g}"
    return f"{line(values, top)} {ends}"
