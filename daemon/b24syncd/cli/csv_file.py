"""CSV files for spreadsheets, guarded against values that a spreadsheet would take for formulas."""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from b24syncd.errors import OutputUnwritable, UsageInvalid
from b24syncd.reports.csv_form import CsvForm

from .streams import while_read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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


GUARDED = CsvForm()


def require_preview(csv_file: Path | None, *, dry_run: bool) -> None:
    """Raise `UsageInvalid` for a file of findings where these are made, not told."""
    if csv_file is not None and not dry_run:
        message = "--csv goes with --dry-run; what was done is in `b24syncd journal`"
        raise UsageInvalid(message)


_FULL = {errno.ENOSPC, errno.EDQUOT}


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
