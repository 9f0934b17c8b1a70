"""The rules of docs/reading.md: when a country is written, and when a person is asked."""

from __future__ import annotations

import pytest

from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import PhoneRules
from b24syncd.jobs.phones.numbers import read
from b24syncd.jobs.reading import Reading, unreadable


def in_region(region: str, *other_regions: str) -> PhoneRules:
    return PhoneRules(region=region, other_regions=other_regions)


@pytest.mark.parametrize(
    ("region", "written", "canonical"),
    [
        # Every region of the country code is the region.
        ("KZ", "8 (495) 123-45-67", "+74951234567"),
        ("KZ", "84951234567", "+74951234567"),
        ("RU", "8 701 123 45 67", "+77011234567"),
        ("US", "416 736 5000", "+14167365000"),
        ("US", "6049706740", "+16049706740"),
        ("CA", "2127365000", "+12127365000"),
        ("GB", "07624 312345", "+447624312345"),
        ("GB", "07781 123456", "+447781123456"),
        # The country code goes before a local number without its trunk prefix.
        ("DE", "4915123456789", "+4915123456789"),
        ("DE", "496128966000", "+496128966000"),
        ("RW", "250 123 456", "+250250123456"),
        # Complete without a prefix.
        ("DE", "15112345678", "+4915112345678"),
        ("FR", "612345678", "+33612345678"),
        ("FR", "142685300", "+33142685300"),
        ("IT", "0612345678", "+390612345678"),
        ("ES", "912345678", "+34912345678"),
        ("BR", "51987654321", "+5551987654321"),
        ("CN", "13123456789", "+8613123456789"),
        ("TR", "5321234567", "+905321234567"),
        # The region's own number before a prefix that is used elsewhere.
        ("BR", "011 5347-1453", "+551153471453"),
        ("BR", "0055 51 98765-4321", "+5551987654321"),
        # International prefixes.
        ("US", "0044 20 7946 0958", "+442079460958"),
        ("UA", "8 10 7 495 123 45 67", "+74951234567"),
        ("AT", "00491711234567", "+491711234567"),
        # Digits of another country that are no slip in one of the region's numbers.
        ("RU", "375291234567", "+375291234567"),
        ("US", "442079460958", "+442079460958"),
        ("BE", "33612345678", "+33612345678"),
        # A country code that is also an area code, where lengths tell nothing.
        ("DE", "+351 21 123 4567", "+351211234567"),
        ("DE", "+375 29 123 45 67", "+375291234567"),
        # An area code of the region begins like its country code.
        ("AT", "+43 4350 123456", "+434350123456"),
        ("DE", "0049 4943 123456", "+494943123456"),
    ],
)
def test_what_is_certain_is_read(region: str, written: str, canonical: str) -> None:
    assert read(written, in_region(region)) == Reading((canonical,))


@pytest.mark.parametrize(
    ("region", "written", "canonical"),
    [
        ("MX", "1 55 1234 5678", "+525512345678"),
        ("MX", "045 55 1234 5678", "+525512345678"),
        ("US", "+52 1 55 1234 5678", "+525512345678"),
        ("UA", "8 (044) 123-45-67", "+380441234567"),
        ("UA", "80441234567", "+380441234567"),
        ("PL", "(0-22) 123 45 67", "+48221234567"),
        ("LT", "8 612 34567", "+37061234567"),
        ("UZ", "8 90 123 45 67", "+998901234567"),
        ("AM", "877123456", "+37477123456"),
        ("BR", "0 15 (41) 98799-1234", "+5541987991234"),
        ("AR", "11 15 2345-6789", "+5491123456789"),
    ],
)
def test_prefixes_of_the_past_are_understood(region: str, written: str, canonical: str) -> None:
    assert read(written, in_region(region)) == Reading((canonical,))


@pytest.mark.parametrize(
    ("region", "written", "reason", "suggestion"),
    [
        ("RU", "+812 377-30-78", Reason.PLUS_BEFORE_AREA_CODE, "+78123773078"),
        ("US", "+254 736 5000", Reason.PLUS_BEFORE_AREA_CODE, "+12547365000"),
        ("RU", "8+7 916 234-56-78", Reason.PLUS_BEFORE_AREA_CODE, "+79162345678"),
        ("US", "49+30 1234567", Reason.PLUS_BEFORE_AREA_CODE, None),
        ("GB", "20 7946 0958", Reason.MISSING_TRUNK_PREFIX, "+442079460958"),
        ("AT", "1 58858", Reason.MISSING_TRUNK_PREFIX, "+43158858"),
        ("FI", "9 1234 567", Reason.MISSING_TRUNK_PREFIX, "+35891234567"),
        ("DE", "491511234567", Reason.MISSING_TRUNK_PREFIX, None),
        ("DE", "436641234567", Reason.AMBIGUOUS_NUMBER, "+436641234567"),
        ("DE", "4366 41234567", Reason.AMBIGUOUS_NUMBER, "+49436641234567"),
        ("RU", "49 30 1234567", Reason.COUNTRY_NOT_WRITTEN, "+49301234567"),
        ("US", "34912345678", Reason.COUNTRY_NOT_WRITTEN, "+34912345678"),
        ("RU", "8 10 43 1 58858", Reason.COUNTRY_NOT_WRITTEN, "+43158858"),
        ("RU", "+7 7 916 234 56 78", Reason.COUNTRY_CODE_TWICE, "+79162345678"),
        ("RU", "77916 234 56 78", Reason.COUNTRY_CODE_TWICE, None),
        ("DE", "+49 49 175 1234567", Reason.COUNTRY_CODE_TWICE, "+491751234567"),
        ("DE", "0049 49 30 1234567", Reason.COUNTRY_CODE_TWICE, "+49301234567"),
        ("DE", "00494943123456", Reason.COUNTRY_CODE_TWICE, None),
        ("DE", "049 171 1234567", Reason.COUNTRY_CODE_TWICE, None),
        ("US", "+1 123 123 12321", Reason.COUNTRY_CODE_TWICE, None),
        ("BR", "(11) 8765-4321", Reason.OUTDATED_NUMBER, "+5511987654321"),
        ("RU", "+55 11 8765-4321", Reason.OUTDATED_NUMBER, "+5511987654321"),
        ("BR", "3524-4321", Reason.NOT_A_PHONE, None),
        ("US", "(35) 805-1756", Reason.TOO_SHORT, None),
        ("RU", "+495 377-30-78 доб. 12", Reason.PLUS_BEFORE_AREA_CODE, "+74953773078;12"),
        ("RU", "Иван 8 495 377-30-78 доб. 12", Reason.CONTAINS_TEXT, "+74953773078;12"),
        ("RU", "Иван, 8 495 377-30-78 (вн. 12)", Reason.PARTLY_READABLE, None),
        ("GB", "20 7946 0958 ext. 12", Reason.MISSING_TRUNK_PREFIX, "+442079460958;12"),
        ("RU", "8 916 Ivanova", Reason.CONTAINS_TEXT, None),
        ("US", "1-718-FLOWERS", Reason.CONTAINS_TEXT, "+17183569377"),
        ("US", "1-718-flowers", Reason.CONTAINS_TEXT, "+17183569377"),
        ("US", "917 Michael", Reason.CONTAINS_TEXT, None),
    ],
)
def test_what_is_not_certain_is_asked_about(region: str, written: str, reason: Reason, suggestion: str | None) -> None:
    assert read(written, in_region(region)) == unreadable(reason, suggestion)


@pytest.mark.parametrize(
    ("region", "written"),
    [
        ("DE", "+7 916 318 64"),
        ("DE", "+7 343 683-88-54-33"),
        ("DE", "+39 1234567 8"),
        ("AT", "+7 916 318 64"),
    ],
)
def test_a_number_with_a_slip_keeps_the_country_that_stands_before_it(region: str, written: str) -> None:
    assert read(written, in_region(region)).suggestion is None


@pytest.mark.parametrize(
    ("rules", "written", "canonical"),
    [
        (in_region("RU", "DE"), "49 30 1234567", "+49301234567"),
        (in_region("DE", "AT"), "436641234567", "+436641234567"),
        (in_region("US", "ES"), "34912345678", "+34912345678"),
    ],
)
def test_a_country_that_is_configured_is_read(rules: PhoneRules, written: str, canonical: str) -> None:
    assert read(written, rules) == Reading((canonical,))


def test_a_local_number_is_never_that_of_a_configured_country() -> None:
    assert read("3524-4321", in_region("BR", "LU")).values == ()
    assert read("(28) 3524-1234 / 3524-4321", in_region("BR", "LU")).values == ()
