"""Tables of replacements in CSV files, `from,to`, as a person or a spreadsheet wrote them; all faults at once."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_COLUMNS = ["from", "to"]
_DELIMITERS = ";\t,"
_PAIR = "write what is there, and what is to be there instead"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file, and what to do about it."""

    message: str
    cure: str


def read_replacements(path: Path) -> tuple[tuple[tuple[str, str], ...], tuple[Fault, ...]]:
    """Return a table's rows, and what is wrong with it; blank rows, and white space around cells, are passed over."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        cure = "name a file that the user of this process may read"
        return (), (Fault(f"{path} cannot be read: {error.strerror}", cure),)
    except UnicodeDecodeError:
        return (), (Fault(f"{path} is no text in UTF-8", "save it as “CSV UTF-8”"),)
    found = tuple(_rows(path, text))
    rows = tuple(row for row in found if not isinstance(row, Fault))
    faults = tuple(row for row in found if isinstance(row, Fault))
    return rows, faults if found else (Fault(f"{path} has no rows below its header", _PAIR),)


def _rows(path: Path, text: str) -> Iterator[tuple[str, str] | Fault]:
    lines = list(io.StringIO(text, newline=""))
    header = next((line for line in lines if line.strip()), "")
    delimiter = max(_DELIMITERS, key=header.count)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    is_header = True
    try:
        for cells in reader:
            while cells and not cells[-1].strip():
                cells.pop()
            if is_header and cells:
                is_header = False
                if [cell.strip().lower() for cell in cells] != _COLUMNS:
                    yield Fault(f"the first line of {path} is not from,to", "begin the file with this line")
                    return
            elif len(cells) == len(_COLUMNS) and cells[0].strip():
                yield cells[0].strip(), cells[1].strip()
            elif cells:
                yield Fault(f"line {reader.line_num} of {path} has no two cells", _PAIR)
    except csv.Error as error:
        yield Fault(f"{path} is no CSV from line {reader.line_num} on ({error})", "mend the quotes in it")
