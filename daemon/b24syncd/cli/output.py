"""How lists are written: JSON lines, a table on a terminal, tab-separated lines elsewhere.

Values come from a portal, so anybody who can fill in its forms chose them: whatever does not print (escape sequences,
marks that turn the direction of text, invisible spaces) is shown as an escape, on terminals as in pipes.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import islice
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from b24syncd.reports.report import plain
from b24syncd.reports.wording import NOTHING_YET

from .cells import width_of, wrapped
from .layout import Column, lay_out
from .moments import told, told_alike
from .streams import while_read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from b24syncd.reports.report import Report

_MOST_ROWS = (1 << 31) - 1
"""More than any list has; SQLite counts no further than 63 bits."""
_ROWS_OF_A_TABLE = 200
"""A longer list becomes several tables on a terminal, so that it never has to be in memory as a whole."""

OVER_ECHO = "\r"
"""Begins a line on a terminal, which shows `^C` there where somebody pressed it."""

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, one object per line.")]
AsOneJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, as one object.")]
ResultAsJson = Annotated[
    bool, typer.Option("--json", help="Answer with one JSON object, also of a failure; the progress is on stderr.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done; write nothing.")]
GoesOn = Annotated[
    bool, typer.Option("--continue", help="Go on after a safety limit: a person looked, and all is as it should be.")
]


def at_most_all(rows: int | None) -> int | None:
    """Return how many rows are asked for, and no more than any list has."""
    return None if rows is None else min(rows, _MOST_ROWS)


def print_json(value: Mapping[str, object]) -> None:
    """Write one JSON object on a line of its own."""
    typer.echo(json_line(value))


def json_line(value: Mapping[str, object]) -> str:
    """Return JSON that is readable in every script, with escapes for what does not print."""
    text = json.dumps(value, ensure_ascii=not _is_unicode())
    # Outside of its strings JSON is printable ASCII, so each of these characters is inside one.
    return text if text.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def visible(value: object) -> str:
    """Return a value as text on one line, with escapes for what does not print; nothing is empty text."""
    text = "" if value is None else str(value)
    if not text.isprintable():
        text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return text if _is_unicode() else text.encode("ascii", "backslashreplace").decode()


@dataclass(frozen=True, slots=True)
class ListShape:
    """How a list of reports is told: the keys that programs get as columns, and what a person sees on a terminal.

    What a person sees are columns by the names of properties.
    """

    keys: tuple[str, ...]
    columns: Mapping[str, Column]


def print_reports(shape: ListShape, reports: Iterable[Report], *, as_json: bool, utc: bool = False) -> None:
    """Write reports as they come, one a line."""
    if as_json:
        for report in while_read(reports):
            print_json(report.to_json())
    elif sys.stdout.isatty():
        rows = ([getattr(report, name) for name in shape.columns] for report in reports)
        print_table(tuple(shape.columns.values()), rows, utc=utc)
    else:
        documents = (report.to_json() for report in reports)
        print_table(shape.keys, ([document[key] for key in shape.keys] for document in documents))


def print_table(
    columns: Sequence[str | Column], rows: Iterable[Sequence[object]], *, title: str | None = None, utc: bool = False
) -> None:
    """Write rows as they come; values are never cut off.

    On a terminal times are local, or in UTC; elsewhere they always are in UTC, and cells are parted by tabs.
    """
    shown = [Column(column) if isinstance(column, str) else column for column in columns]
    if not sys.stdout.isatty():
        if title is not None:
            typer.echo(title)
        typer.echo("\t".join(column.name for column in shown))
        for row in while_read(rows):
            typer.echo("\t".join(visible(plain(value)) for value in row))
        return
    remaining = iter(rows)
    page = list(islice(remaining, _ROWS_OF_A_TABLE))
    if title is not None:
        typer.echo(title if page else f"{title}: none")
    elif not page:
        typer.echo("none")
    while page:
        for line in _drawn(shown, page, utc=utc):
            typer.echo(line)
        page = list(islice(while_read(remaining), _ROWS_OF_A_TABLE))


def print_sentence(text: str, *, about: str = "") -> None:
    """Write a sentence, behind what it is about; on a terminal no word is broken that a line could hold."""
    for line in lines_of_sentence(text, columns_of(sys.stdout), start=f"{about:<8} " if about else ""):
        typer.echo(line)


def lines_of_sentence(text: str, width: int | None, *, start: str = "", indent: int | None = None) -> Iterator[str]:
    """Yield a sentence behind its start, in lines of this width where there is one; further lines are indented."""
    if width is None:
        yield f"{start}{visible(text)}"
        return
    indent = len(start) if indent is None else indent
    before, rest = start[:indent], start[indent:]
    for line in wrapped(f"{rest}{visible(text)}".split(" "), max(1, width - indent), width):
        if indent + width_of(line) <= width:
            yield before + line
        else:
            yield f"{before.rstrip()}\n{line}" if before.strip() else line
        before = " " * indent


def columns_of(stream: TextIO) -> int | None:
    """Return how many columns a terminal has; None for what is none."""
    if not stream.isatty():
        return None
    if not sys.stdout.isatty():  # of which `get_terminal_size` asks
        with suppress(OSError):
            return os.get_terminal_size(stream.fileno()).columns
    return get_terminal_size().columns


def say_nothing_yet(*, as_json: bool) -> None:
    """Say on stderr, to a person, why a list is empty."""
    if not as_json:
        for line in lines_of_sentence(NOTHING_YET, columns_of(sys.stderr)):
            typer.echo(line, err=True)


def time_teller(*, utc: bool, with_zone: bool = True) -> Callable[[datetime], str]:
    """Return what tells a time in a sentence: as a table does, local on a terminal and in ISO 8601 elsewhere.

    It may go without its zone where a column beside it tells that.
    """
    return partial(told, utc=utc, with_zone=with_zone) if sys.stdout.isatty() else plain


def _drawn(columns: Sequence[Column], page: Sequence[Sequence[object]], *, utc: bool) -> Iterator[str]:
    """Yield the lines of a table; which zone its times have is told in the names of their columns."""
    moments = [value for row in page for value in row if isinstance(value, datetime)]
    texts, zone = told_alike(moments, utc=utc)
    found = dict(zip(moments, texts, strict=True))
    names = [visible(column.name) for column in columns]
    if zone:
        timed = {place for row in page for place, value in enumerate(row) if isinstance(value, datetime)}
        names = [f"{name} ({zone})" if place in timed else name for place, name in enumerate(names)]
    named = [replace(column, name=name) for column, name in zip(columns, names, strict=True)]
    cells = [[found[value] if isinstance(value, datetime) else visible(plain(value)) for value in row] for row in page]
    return lay_out(named, cells, get_terminal_size().columns, rule="─" if _is_unicode() else "-")


def _is_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
