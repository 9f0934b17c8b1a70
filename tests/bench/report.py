"""Tables on standard output, as Markdown: they can be pasted into docs/performance.md."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field


@dataclass(slots=True)
class Table:
    """A title, a head, rows of cells, and notes below."""

    title: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, *cells: object) -> None:
        """Append a row."""
        self.rows.append(tuple(map(str, cells)))

    def note(self, text: str) -> None:
        """Append a line below the table."""
        self.notes.append(text)

    def show(self) -> None:
        """Print it."""
        widths = [max(len(row[column]) for row in (self.head, *self.rows)) for column in range(len(self.head))]
        ruler = tuple("-" * width for width in widths)
        lines = [
            "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
            for row in (self.head, ruler, *self.rows)
        ]
        sys.stdout.write("\n".join([f"\n{self.title}\n", *lines, *self.notes, ""]))
        sys.stdout.flush()
