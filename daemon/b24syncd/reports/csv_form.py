"""The form of CSV for spreadsheets, guarded against values that a spreadsheet would take for formulas."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO
from unicodedata import category

from b24syncd.errors import UsageInvalid

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# With what a formula begins, also in full width; tab and line breaks, because spreadsheets skip them
# (https://owasp.org/www-community/attacks/CSV_Injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SKIPPED = "".join(map(chr, (0x20, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)))
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of what does not print: a line break could begin a row, an escape sequence steers a terminal."""

_NEXT_CELL = re.compile(rf"(;[{_SKIPPED}]*)(?=[=+\-@＝＋－＠])")
"""Where spreadsheets part cells by semicolons, as in most of Europe, this would be the beginning of one."""
_NEXT_CELL_OF_OTHERS = re.compile(rf"([;,][{_SKIPPED}]*)(?=[=+\-@＝＋－＠])")
"""Where a comma parts no columns, and so is not quoted, a spreadsheet may take it for what does."""

_TABS = {"tab": "\t", "\\t": "\t"}
_NO_DELIMITERS = {'"', "\r", "\n"}


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


def guarded(value: object, delimiter: str = ",") -> str:
    """Return a cell that every spreadsheet takes for text: an apostrophe before what could begin a formula.

    That holds for phone numbers too: `+7-495-123` would be worked out. What does not print is shown as an escape.
    """
    text = "" if value is None else str(value)
    is_formula = not text[:1].isalnum() and text.lstrip(_SKIPPED).startswith(_FORMULA_STARTS)
    if not text.isprintable():
        text = "".join(c.encode("unicode_escape").decode() if category(c) in _UNSEEN else c for c in text)
        is_formula = is_formula or text.lstrip(_SKIPPED).startswith(_FORMULA_STARTS)
    if ";" in text or "," in text:
        text = (_NEXT_CELL if delimiter == "," else _NEXT_CELL_OF_OTHERS).sub(r"\1'", text)
    return f"'{text}" if is_formula else text
