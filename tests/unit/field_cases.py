"""The values from the field of `cases/points.csv`, and what is expected of their readings."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from b24syncd.jobs.reading import Reading

_FILE = Path(__file__).parent / "cases" / "points.csv"
_ANYTHING_BUT = "NOT:"


@dataclass(frozen=True, slots=True)
class FieldCase:
    """One row: `REVIEW` (left for a person), `STAY`, or the values that the entry becomes."""

    id: str
    region: str
    type: str
    raw: str
    expected: str
    suggestion: str

    def check(self, reading: Reading) -> None:
        if self.expected != "REVIEW":
            values = [self.raw] if self.expected == "STAY" else self.expected.split("|")
            assert list(reading.values) == values
            return
        assert reading.values == ()
        assert reading.reason is not None
        if self.suggestion.startswith(_ANYTHING_BUT):
            assert reading.suggestion != self.suggestion.removeprefix(_ANYTHING_BUT)
        elif self.suggestion:
            assert reading.suggestion == self.suggestion


def field_cases(kind: str) -> list[FieldCase]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        return [case for case in (FieldCase(**row) for row in csv.DictReader(file)) if case.type == kind]
