"""Numbers that a spreadsheet took for numbers."""

from __future__ import annotations

import pytest

from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import PhoneRules
from b24syncd.jobs.phones.numbers import read
from b24syncd.jobs.reading import Reading, unreadable

RU, DE = PhoneRules(region="RU"), PhoneRules(region="DE")


@pytest.mark.parametrize(
    "written",
    [
        "79162345678.0",
        "79162345678,0",
        "79162345678.00",
        "+79162345678.0",
        "'79162345678.0",
        "9162345678.0",
        "7.9162345678E+10",
        "7,9162345678E+10",
        "7.9162345678e10",
        "7.91623456780E+10",
        "9.162345678E+09",
    ],
)
def test_decimals_are_no_digits(written: str) -> None:
    assert read(written, RU) == Reading(("+79162345678",))


@pytest.mark.parametrize("between", ["; ", ";", "\n", ", ", " / "])
def test_decimals_in_lists(between: str) -> None:
    assert read(f"79162345678.0{between}74951234567.0", RU).values == ("+79162345678", "+74951234567")


@pytest.mark.parametrize(
    ("rules", "written", "expected"),
    [
        (RU, "7,91612E+10", unreadable(Reason.SPREADSHEET_NUMBER)),
        (RU, "7.916234567E+10", unreadable(Reason.SPREADSHEET_NUMBER)),
        (DE, "49301234567.5", unreadable(Reason.SPREADSHEET_NUMBER)),
        (DE, "030 123456.0", unreadable(Reason.SPREADSHEET_NUMBER, "+4930123456")),
        (RU, "8 (495) 123-45-67.0", unreadable(Reason.SPREADSHEET_NUMBER, "+74951234567")),
        (RU, "8916123456.0", unreadable(Reason.NOT_A_PHONE)),
        (DE, "301234567.0", unreadable(Reason.MISSING_TRUNK_PREFIX, "+49301234567")),
    ],
)
def test_what_a_spreadsheet_left_open_is_asked_about(rules: PhoneRules, written: str, expected: Reading) -> None:
    assert read(written, rules) == expected


def test_dots_and_commas_of_people_stay_what_they_are() -> None:
    assert read("010/430.430", PhoneRules(region="BE")).values == ("+3210430430",)
    assert read("030.1234567", DE).values == ("+49301234567",)
    assert read("0711/1234567-0", DE).values == ("+4971112345670",)
    assert read("89162345678,84951234567", RU).values == ("+79162345678", "+74951234567")
