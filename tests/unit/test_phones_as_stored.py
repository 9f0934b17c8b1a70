"""Phones as telephones, messengers and people of other habits store them."""

from __future__ import annotations

import pytest

from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import PhoneRules
from b24syncd.jobs.phones.numbers import read
from b24syncd.jobs.reading import Reading, unreadable


@pytest.mark.parametrize(
    ("region", "written", "canonical"),
    [
        ("GB", "+44.20.7946.0000", "+442079460000"),
        ("US", "212.736.0000", "+12127360000"),
        ("RU", "8.495.123.45.00", "+74951234500"),
        ("FR", "01.23.45.60.00", "+33123456000"),
        ("BE", "010/43.04.00", "+3210430400"),
    ],
)
def test_zeros_behind_the_last_of_several_dots_are_a_group(region: str, written: str, canonical: str) -> None:
    assert read(written, PhoneRules(region=region)) == Reading((canonical,))


@pytest.mark.parametrize(
    ("region", "written", "reason", "suggestion"),
    [
        ("RU", "79.161.234.567.00", Reason.SPREADSHEET_NUMBER, "+79161234567"),
        ("RU", "8.916.123.450.00", Reason.NOT_A_PHONE, None),
        ("RU", "8 916 123 456.0", Reason.NOT_A_PHONE, None),
        ("DE", "030.1234.00", Reason.SPREADSHEET_NUMBER, "+49301234"),
    ],
)
def test_zeros_that_may_be_decimals_are_asked_about(
    region: str, written: str, reason: Reason, suggestion: str | None
) -> None:
    assert read(written, PhoneRules(region=region)) == unreadable(reason, suggestion)


@pytest.mark.parametrize("written", ["701 123-45-67", "777 123 45 67", "(747) 123-45-67"])
def test_bare_mobile_numbers_of_the_whole_country_code_are_read(written: str) -> None:
    [number] = read(written, PhoneRules(region="KZ")).values
    assert read(written, PhoneRules(region="RU")).values == (number,)


@pytest.mark.parametrize("written", ["7162123456", "7011234567", "7 701 123 45 6"])
def test_a_country_code_with_a_digit_missing_is_no_bare_number(written: str) -> None:
    assert read(written, PhoneRules(region="RU")) == unreadable(Reason.NOT_A_PHONE)


def test_another_country_behind_a_single_zero_is_asked_about() -> None:
    germany = PhoneRules(region="DE")
    assert read("043 664 1234567", germany) == unreadable(Reason.AMBIGUOUS_NUMBER)
    assert read("04366 41234", germany).values == ("+49436641234",)
    assert read("0501 236 48 51", PhoneRules(region="FI")).values == ("+3585012364851",)
    assert read("030 1234567", germany).values == ("+49301234567",)


@pytest.mark.parametrize("written", ["+74951234567,,123", "84951234567,,,123#", "+7 495 123-45-67,123#"])
def test_pauses_before_an_extension(written: str) -> None:
    assert read(written, PhoneRules(region="RU")) == Reading(("+74951234567;123",))


def test_an_empty_place_in_a_list_is_no_pause() -> None:
    rules = PhoneRules(region="RU")
    assert read("84951234567,,84957654321", rules).values == ("+74951234567", "+74957654321")
    assert read("+74951234567,,123456", rules) == unreadable(Reason.PARTLY_READABLE)


@pytest.mark.parametrize(
    "written",
    [
        "https://t.me/+79161234567",
        "t.me/+79161234567",
        "viber://chat?number=%2B79161234567",
        "viber://chat?number=79161234567",
    ],
)
def test_addresses_of_other_messengers(written: str) -> None:
    assert read(written, PhoneRules(region="US")).values == ("+79161234567",)


@pytest.mark.parametrize("written", ["https://t.me/ivan79161234567", "https://t.me/79161234567"])
def test_a_name_at_a_messenger_is_no_number(written: str) -> None:
    assert read(written, PhoneRules(region="US")).values == ()


@pytest.mark.parametrize(
    ("region", "written", "canonical"),
    [
        ("LT", "(8~5) 212 3456", "+37052123456"),
        ("GB", "020~79460000", "+442079460000"),
        ("RU", "8_9161234567", "+79161234567"),
        ("RU", "+7495·1234567", "+74951234567"),
    ],
)
def test_a_single_sign_behind_an_area_code_parts_groups(region: str, written: str, canonical: str) -> None:
    assert read(written, PhoneRules(region=region)) == Reading((canonical,))


@pytest.mark.parametrize("written", ["+212522941234~45", "0522941234_45"])
def test_a_single_sign_behind_a_whole_number_is_asked_about(written: str) -> None:
    assert read(written, PhoneRules(region="MA")).values == ()
