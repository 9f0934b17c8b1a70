"""Phone values from public reports of errors, each with what is to become of it (cases/points.csv)."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from b24syncd.domain.rules import PhoneRules
from b24syncd.jobs.phone_numbers import read

with (Path(__file__).parent / "cases" / "points.csv").open(encoding="utf-8", newline="") as file:
    PHONES = [row for row in csv.DictReader(file) if row["type"] == "phone"]

JUDGED_OTHERWISE = {
    # Spain's digits, but 341 234 5678 is a number of California: one digit too many, and nothing tells which it is.
    "F125": ("REVIEW", "+34912345678"),
}


CASES = {
    row["id"]: (row["region"], row["raw"], *JUDGED_OTHERWISE.get(row["id"], (row["expected"], row["suggestion"])))
    for row in PHONES
}


@pytest.mark.parametrize(("region", "raw", "expected", "suggestion"), CASES.values(), ids=CASES)
def test_a_case_is_read_as_expected(region: str, raw: str, expected: str, suggestion: str) -> None:
    reading = read(raw, PhoneRules(region=region))
    match expected:
        case "REVIEW":
            assert reading.values == ()
            assert reading.reason is not None
        case "STAY":
            assert reading.values == (raw,)
        case _:
            assert reading.values == tuple(expected.split("|"))
    if suggestion.startswith("NOT:"):
        assert reading.suggestion != suggestion.removeprefix("NOT:")
    elif suggestion:
        assert reading.suggestion == suggestion
