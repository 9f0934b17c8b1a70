"""Valid numbers are told without parsing; the library's own answer is the measure."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import NumberParseException, PhoneNumberFormat

from b24syncd.jobs.phones.countries import countries_of, country_of
from b24syncd.jobs.phones.plans import international, national, national_part
from b24syncd.settings.regions import REGIONS as NAMED

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
KINDS = range(11)
WORLD = sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS)


def test_a_setting_may_name_the_regions_that_the_library_knows() -> None:
    assert sorted(NAMED) == REGIONS


def by_the_library(digits: str, region: str | None = None) -> str | None:
    try:
        number = phonenumbers.parse(digits, region)
    except NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def region_by_the_library(text: str) -> str | None:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(text))
    except NumberParseException:
        return None


def examples(region: str) -> list[str]:
    found = (phonenumbers.example_number_for_type(region, kind) for kind in KINDS)
    return [phonenumbers.format_number(number, PhoneNumberFormat.E164) for number in found if number]


@pytest.mark.parametrize("region", REGIONS)
def test_numbers_and_their_neighbours_are_valid_where_the_library_says_so(region: str) -> None:
    for example in examples(region):
        for text in (example, example[:-1], example + "0", example[:-2] + "00", example[:4] + example[5:]):
            assert countries_of("phones", text) == tuple(filter(None, [region_by_the_library(text)]))
            told = by_the_library(text)
            assert international(text[1:]) == (told if told == text else by_the_library(told) if told else None)
        nationally = national_part(example)
        number = national(nationally, region)
        if number is not None:
            assert phonenumbers.is_valid_number(number)
            assert phonenumbers.format_number(number, PhoneNumberFormat.E164) == by_the_library(nationally, region)


@pytest.mark.parametrize("code", WORLD)
def test_numbers_of_no_country_are_valid_too(code: int) -> None:
    number = phonenumbers.example_number_for_non_geo_entity(code)
    assert number is not None
    text = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    assert international(text[1:]) == text
    assert country_of(text) == f"+{code}"


@given(st.from_regex(r"[0-9]{1,18}", fullmatch=True))
def test_any_digits_are_valid_where_the_library_says_so(digits: str) -> None:
    told = by_the_library(f"+{digits}")
    assert international(digits) == (told if told is None or by_the_library(told) == told else None)
