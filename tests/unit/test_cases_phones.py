"""Phone values from public reports of errors, each with what is to become of it (cases/points.csv)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.field_cases import FieldCase, field_cases

from b24syncd.domain.rules import PhoneRules
from b24syncd.jobs.phones.numbers import read

JUDGED_OTHERWISE = {
    # Spain's digits, but 341 234 5678 is a number of California: one digit too many, and nothing tells which it is.
    "F125": {"expected": "REVIEW", "suggestion": "+34912345678"},
}


@pytest.mark.parametrize("case", field_cases("phone"), ids=lambda case: case.id)
def test_a_case_is_read_as_expected(case: FieldCase) -> None:
    expected = replace(case, **JUDGED_OTHERWISE.get(case.id, {}))
    expected.check(read(case.raw, PhoneRules(region=case.region)))
