"""Several numbers in one value, without a word or a comma between them, and slashes that part none."""

from __future__ import annotations

import pytest

from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import PhoneRules
from b24syncd.jobs.phones.numbers import read
from b24syncd.jobs.reading import unreadable


@pytest.mark.parametrize(
    ("region", "written", "numbers"),
    [
        ("RU", "+7 916 234 56 78+7 495 123 45 67", ("+79162345678", "+74951234567")),
        ("RU", "+79162345678 +7 495 123-45-67 +7 812 123-45-67", ("+79162345678", "+74951234567", "+78121234567")),
        ("RU", "+7 916 234 56 78 - +7 495 123 45 67", ("+79162345678", "+74951234567")),
        ("RU", "+7 916 234 56 78. +7 495 123 45 67", ("+79162345678", "+74951234567")),
        ("RU", "+7 916 234 56 78 (+7 495 123 45 67)", ("+79162345678", "+74951234567")),
        ("RU", "+7 495 123-45-67 доб. 12 +7 916 234 56 78", ("+74951234567;12", "+79162345678")),
        ("RU", "8 916 234 56 78 8 495 123 45 67", ("+79162345678", "+74951234567")),
        ("RU", "9162345678 9151234567", ("+79162345678", "+79151234567")),
        ("NO", "41414141 90909090", ("+4741414141", "+4790909090")),
        ("DE", "030 1234567 0171 7654321", ("+49301234567", "+491717654321")),
        ("DE", "0711/1234567/0171/7654321", ("+497111234567", "+491717654321")),
        ("DE", "030/1234567, 0171/7654321", ("+49301234567", "+491717654321")),
        ("DE", "0234/123456-10; 0171 7654321", ("+4923412345610", "+491717654321")),
        ("RU", "8/495/1234567, 8/916/2345678", ("+74951234567", "+79162345678")),
        # The area code may stand without a prefix.
        ("IT", "347/1234567, 06/12345678", ("+393471234567", "+390612345678")),
        ("US", "212/736-5000 / 718/736-5001", ("+12127365000", "+17187365001")),
        ("PL", "22/512 12 34", ("+48225121234",)),
        ("LU", "26 12 34/26 12 35", ("+352261234", "+352261235")),
    ],
)
def test_several_numbers_are_told_apart(region: str, written: str, numbers: tuple[str, ...]) -> None:
    assert read(written, PhoneRules(region=region)).values == numbers


@pytest.mark.parametrize(
    ("region", "written", "reason"),
    [
        # A digit is missing in the first one, which the prefix of the second would complete.
        ("RU", "8 916 234 56 7 8 495 123 45 67", Reason.TOO_LONG),
        ("RU", "89162345678 495 123 45 67", Reason.TOO_LONG),
        ("DE", "030/1234567, 7654321", Reason.PARTLY_READABLE),
        ("DE", "030 1234567 / 7654321", Reason.PARTLY_READABLE),
        ("BR", "+55 27 3259 1234/3259 4321", Reason.PARTLY_READABLE),
        ("IT", "12/347 1234567", Reason.PARTLY_READABLE),
        ("RU", "22334/22335", Reason.TOO_SHORT),
        ("DK", "20/11/2020", Reason.TOO_SHORT),
    ],
)
def test_what_cannot_be_told_apart_is_left(region: str, written: str, reason: Reason) -> None:
    reading = read(written, PhoneRules(region=region))
    assert (reading.values, reading.reason) == ((), reason)


def test_joined_numbers_are_left_alone_where_they_must_not_be_split() -> None:
    rules = PhoneRules(region="RU", split=False)
    assert read("89162345678 84951234567", rules) == unreadable(Reason.SEVERAL_NUMBERS)
    assert read("+79162345678+74951234567", rules) == unreadable(Reason.SEVERAL_NUMBERS)
