"""What is drawn on terminals. Imported only where there is one: rich takes longer to import than to draw."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from b24syncd.observe.logs import logs_through

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_ROWS_OF_A_TABLE = 200
"""A longer list becomes several tables, so that it never has to be in memory as a whole."""


_OF_TIMES = frozenset({"at", "started_at", "finished_at", "changed_at", "resets at", "position"})
"""Columns with times of our own; values of a portal are shown as they are, whatever they look like."""

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?\+00:00")
_DATE_WIDTH = len("2026-11-20")


def draw_table(columns: Sequence[str], rows: Iterable[Sequence[str]], title: str | None) -> None:
    """Draw rows as they come, on stdout; times, which are UTC, so that they fold between date and time."""
    console = Console()
    remaining = iter(rows)
    page = list(islice(remaining, _ROWS_OF_A_TABLE))
    if not page:
        typer.echo(f"{title}: none" if title else "none")
    while page:
        table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
        for column in columns:
            table.add_column(
                column, overflow="fold", min_width=max(len(column), _DATE_WIDTH) if column in _OF_TIMES else None
            )
        for row in page:
            table.add_row(*(Text(_drawn(name, cell)) for name, cell in zip(columns, row, strict=True)))
        console.print(table)
        page = list(islice(remaining, _ROWS_OF_A_TABLE))


def _drawn(column: str, cell: str) -> str:
    return _TIME.sub(r"\1 \2", cell) if column in _OF_TIMES else cell


@contextmanager
def bar() -> Iterator[Callable[[float, str], None]]:
    """Draw a bar on stderr for as long as the context lasts; give what moves it to a share, with words beside it."""
    drawn = Progress(
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TextColumn("{task.description}", markup=False),
        TimeRemainingColumn(compact=True),
        console=Console(stderr=True),
        transient=True,
    )
    with drawn, logs_through(sys.stderr):  # which the bar has replaced, so that lines go above it
        task = drawn.add_task("", total=None)

        def move(share: float, words: str) -> None:
            drawn.update(task, total=1.0 if share else None, completed=share, description=words)

        yield move
