"""How the rows of a list are laid out on a terminal, whatever its width: nothing is cut off, and no identifier broken.

A list is a table where that fits. Where it does not, words wrap; where that is not enough, what is long is told on
lines of its own below its row. Only what no line of the terminal could hold is broken.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from .cells import padded, width_of, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Row = Sequence[str]

_GAP: Final = "  "
_INDENT: Final = " " * 4
_WIDEST: Final = 40
"""A cell that is wider goes below its row, where not everything fits: one long value must not move all the others."""
_OFTEN: Final = 4
_NARROWEST: Final = 20
"""Words do not wrap in a column that is narrower."""
_BELOW: Final = "↓"
"""What stands in the place of a cell that is told below its row."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list: what it is called, and what becomes of it where the terminal is narrow.

    Cells are `whole` identifiers, times and numbers, which stay in their row; or `long` values, as whole, but told
    below their row first; or else words. Below the row a cell is told as `below` has it, an empty one as `nothing`.
    An `optional` column is left out where it is empty in all rows.
    """

    name: str
    whole: bool = False
    long: bool = False
    is_number: bool = False
    optional: bool = False
    below: str = ""
    nothing: str = ""

    @property
    def is_words(self) -> bool:
        """Whether its cells may wrap."""
        return not (self.whole or self.long)

    def words(self, cell: str, most: int) -> list[str]:
        """Return what is not to be broken of a cell, as it is told in a list: all of it, if a line could hold it."""
        return cell.split(" ") if self.is_words or width_of(cell) > most else [cell]

    def words_below(self, cell: str, most: int, *, by_name: bool = False) -> list[str]:
        """Return the same for what is told below its row, perhaps by the name of its column."""
        if not cell:
            return self.nothing.split()
        template = self.below if self.below and not by_name else f"{self.name} {{}}"
        before, _, after = template.partition("{}")
        first, *others = self.words(cell, most - width_of(after))
        words = [*before.split(" "), *others]
        words[before.count(" ")] += first
        return [*words[:-1], words[-1] + after]


def lay_out(columns: Sequence[Column], rows: Sequence[Row], width: int, *, rule: str = "─") -> Iterator[str]:
    """Yield the lines of a list with its columns' names above, all no wider than `width`."""
    places = [place for place, column in enumerate(columns) if not column.optional or any(row[place] for row in rows)]
    shown = [columns[place] for place in places]
    cells = [[row[place] for place in places] for row in rows]
    return _Layout(shown, cells, width).lines(cells, rule)


class _Layout:
    """Which columns stand in the row, how wide, and which are told below it."""

    def __init__(self, columns: Sequence[Column], rows: Sequence[Row], width: int) -> None:
        self._columns = columns
        self._width = width
        self._in_row = list(range(len(columns)))
        self._widths = [self._widest(place, rows) for place in self._in_row]
        if self._spare() < 0:
            self._widths = [
                own if columns[place].is_words else self._widest(place, rows, _WIDEST)
                for place, own in enumerate(self._widths)
            ]
            self._narrow(rows)
        if self._spare() < 0 or self._spills_often(rows):
            self._in_row = [place for place in self._in_row if columns[place].whole] or self._in_row[:1]
        while self._spare() < 0 and len(self._in_row) > 1:
            self._in_row.pop()

    def lines(self, rows: Sequence[Row], rule: str) -> Iterator[str]:
        yield from self._row([[self._columns[place].name] for place in self._in_row])
        yield rule * min(self._width, self._width - self._spare())
        below = [place for place in range(len(self._columns)) if place not in self._in_row]
        for row in rows:
            spilled = [place for place in self._in_row if self._is_too_wide(place, row[place])]
            cells = ([_BELOW] if place in spilled else self._cell(place, row[place]) for place in self._in_row)
            yield from self._row(list(cells))
            yield from self._told_below(row, spilled, below)

    def _spills_often(self, rows: Sequence[Row]) -> bool:
        """Tell whether so many rows would have a cell below them that all cells like it are easier to read there."""
        spilling = sum(any(self._is_too_wide(place, row[place]) for place in self._in_row) for row in rows)
        return spilling > len(rows) // _OFTEN

    def _widest(self, place: int, rows: Sequence[Row], most: int = sys.maxsize) -> int:
        """Return the width of a column that is as wide as those of its cells that are no wider than that."""
        widths = (width_of(row[place]) for row in rows)
        return max(width_of(self._columns[place].name), *(width for width in widths if width <= most), 1)

    def _spare(self) -> int:
        used = sum(self._widths[place] for place in self._in_row) + len(_GAP) * (len(self._in_row) - 1)
        return self._width - used

    def _narrow(self, rows: Sequence[Row]) -> None:
        """Narrow the columns of words until all fit, if no word is broken by that, and none gets very narrow."""
        least = {
            place: max(self._longest_word(place, rows), min(self._widths[place], _NARROWEST))
            for place in self._in_row
            if self._columns[place].is_words
        }
        room = self._spare() + sum(self._widths[place] for place in least)
        if sum(least.values()) > room:
            return
        for place in sorted(least, key=self._widths.__getitem__):
            others = sum(least.values()) - least[place]
            fair = max(least[place], room // len(least))
            self._widths[place] = min(self._widths[place], fair, room - others)
            room -= self._widths[place]
            del least[place]

    def _longest_word(self, place: int, rows: Sequence[Row]) -> int:
        texts = (self._columns[place].name, *(row[place] for row in rows))
        return max(width_of(word) for text in texts for word in text.split(" "))

    def _is_too_wide(self, place: int, cell: str) -> bool:
        return not self._columns[place].is_words and width_of(cell) > self._widths[place]

    def _cell(self, place: int, cell: str) -> list[str]:
        width = min(self._widths[place], self._width)
        return list(wrapped(self._columns[place].words(cell, width), width, width))

    def _row(self, cells: Sequence[Sequence[str]]) -> Iterator[str]:
        for parts in zip_longest(*cells, fillvalue=""):
            yield _GAP.join(
                padded(part, self._widths[place], to_the_right=self._columns[place].is_number)
                for place, part in zip(self._in_row, parts, strict=True)
            ).rstrip()

    def _told_below(self, row: Row, spilled: Sequence[int], below: Sequence[int]) -> Iterator[str]:
        """Yield what is told below a row: on one line where that fits, else each on lines of its own."""
        room = max(1, self._width - len(_INDENT))
        told = [(_GAP, self._columns[place].words_below(row[place], self._width, by_name=True)) for place in spilled]
        told += [
            (_GAP if not self._columns[place].below else " ", self._columns[place].words_below(row[place], self._width))
            for place in below
        ]
        parts = [(gap, words) for gap, words in told if words]
        together = "".join(f"{gap}{' '.join(words)}" for gap, words in parts).lstrip()
        if width_of(together) <= room:
            lines = [together] if parts else []
        else:
            lines = [line for _, words in parts for line in wrapped(words, room, self._width)]
        for line in lines:
            yield ((_INDENT if width_of(line) <= room else "") + line).rstrip()
