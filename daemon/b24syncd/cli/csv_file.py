"""CSV files for spreadsheets, guarded against values that a spreadsheet would take for formulas."""

from __future__ import annotations

import csv
import errno
import io
import os
import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO
from unicodedata import category

import typer

from b24syncd.errors import OutputUnwritable, UsageInvalid

from .streams import while_read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from _typeshed import ReadableBuffer

CsvOfPreview = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="With --dry-run: put every finding into this file.")
]
CsvOfFindings = Annotated[
    Path | None,
    typer.Option("--csv", metavar="FILE", help="Put what stays (with --dry-run: every finding) into this file."),
]


Delimiter = Annotated[
    str, typer.Option("--delimiter", metavar="C", help="With --csv: part the columns by this character, or by `tab`.")
]
Raw = Annotated[bool, typer.Option("--raw", help="With --csv, for programs: values to the letter, without a guard.")]


@dataclass(frozen=True, slots=True)
class CsvForm:
    """How rows are written: what parts the columns, and whether values are guarded, or `raw`."""

    delimiter: str = ","
    raw: bool = False

    @classmethod
    def parse(cls, delimiter: str, *, raw: bool) -> CsvForm:
        """Return what the options say; raise `UsageInvalid` for what cannot part columns."""
        found = _TABS.get(delimiter.lower(), delimiter)
        if len(found) != 1 or found in _NO_DELIMITERS or (not found.isprintable() and found != "\t"):
            message = f"--delimiter is one character, or `tab`: {delimiter!r} cannot part columns"
            raise UsageInvalid(message)
        return cls(found, raw)

    def writer(self, file: TextIO) -> Callable[[Sequence[object]], object]:
        """Return what writes a row into the file."""
        write = csv.writer(file, delimiter=self.delimiter, lineterminator="\n").writerow

        def guard(row: Sequence[object]) -> object:
            return write([value if isinstance(value, int) else guarded(value, self.delimiter) for value in row])

        return write if self.raw else guard


GUARDED = CsvForm()


def require_preview(csv_file: Path | None, *, dry_run: bool) -> None:
    """Raise `UsageInvalid` for a file of findings where these are made, not told."""
    if csv_file is not None and not dry_run:
        message = "--csv goes with --dry-run; what was done is in `b24syncd journal`"
        raise UsageInvalid(message)


# With what a formula begins, also in full width; tab and line breaks, because spreadsheets skip them
# (https://owasp.org/www-community/attacks/CSV_Injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SKIPPED = "".join(map(chr, (0x20, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)))
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of what does not print: a line break could begin a row, an escape sequence steers a terminal."""

_FULL = {errno.ENOSPC, errno.EDQUOT}

_NEXT_CELL = re.compile(rf"(;[{_SKIPPED}]*)(?=[=+\-@＝＋－＠])")
"""Where spreadsheets part cells by semicolons, as in most of Europe, this would be the beginning of one."""
_NEXT_CELL_OF_OTHERS = re.compile(rf"([;,][{_SKIPPED}]*)(?=[=+\-@＝＋－＠])")
"""Where a comma parts no columns, and so is not quoted, a spreadsheet may take it for what does."""

_TABS = {"tab": "\t", "\\t": "\t"}
_NO_DELIMITERS = {'"', "\r", "\n"}


def guarded(value: object, delimiter: str = ",") -> str:
    """Return a cell that every spreadsheet takes for text: an apostrophe before what could begin a formula.

    That holds for phone numbers too: `+7-495-123` would be worked out. What does not print is shown as an escape.
    """
    text = "" if value is None else str(value)
    is_formula = text.lstrip(_SKIPPED).startswith(_FORMULA_STARTS)
    if not text.isprintable():
        text = "".join(c.encode("unicode_escape").decode() if category(c) in _UNSEEN else c for c in text)
        is_formula = is_formula or text.lstrip(_SKIPPED).startswith(_FORMULA_STARTS)
    text = (_NEXT_CELL if delimiter == "," else _NEXT_CELL_OF_OTHERS).sub(r"\1'", text)
    return f"'{text}" if is_formula else text


def write_csv(
    path: Path | None, columns: Sequence[str], rows: Iterable[Sequence[object]], form: CsvForm = GUARDED
) -> int:
    """Write rows as they come to a file, or to the output where there is no path; return how many."""
    number = 0
    with opened(path) as file:
        write = form.writer(file)
        write(columns)
        for row in rows if path is not None else while_read(rows):
            write(row)
            number += 1
    return number


@contextmanager
def opened(path: Path | None) -> Iterator[TextIO]:
    """Open a file for rows, readable by its owner alone; the output where there is no path."""
    if path is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")  # as of a file: what prints is no escape
        yield sys.stdout
        return
    try:
        report = _Report(path, "w", opener=_private)
    except OSError as error:
        if error.errno in _FULL:
            raise _unwritable(path, error) from None
        message = f"{path} cannot be written: {error.strerror}; name another file"
        raise UsageInvalid(message) from None
    # With a byte order mark: without it spreadsheets do not read Cyrillic.
    with io.TextIOWrapper(io.BufferedWriter(report), encoding="utf-8-sig", newline="") as file:
        yield file


class _Report(io.FileIO):
    """The file itself. What is written while a plan is made must not fail as something of the portal's would."""

    def write(self, data: ReadableBuffer, /) -> int:
        """Write, or raise `OutputUnwritable`."""
        try:
            return super().write(data)
        except OSError as error:
            raise _unwritable(self.name, error) from None


def _private(path: str, flags: int) -> int:
    """Open a file that holds names and numbers of people: not for other users of the machine."""
    return os.open(path, flags, 0o600)


def _unwritable(path: object, error: OSError) -> OutputUnwritable:
    return OutputUnwritable(f"{path} cannot be written: {error.strerror}; make room, or name another file")
