"""Valid numbers of all countries, written in the standard ways, read back as themselves."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat as Form
from phonenumbers import PhoneNumberType as Kind

from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import PhoneRules
from b24syncd.jobs.phones.numbers import read

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
PLUS_OF_REGION = {Reason.PLUS_BEFORE_TRUNK_PREFIX, Reason.PLUS_BEFORE_AREA_CODE}
KINDS = (Kind.FIXED_LINE, Kind.MOBILE, Kind.TOLL_FREE, Kind.VOIP)


@st.composite
def numbers(draw: st.DrawFn) -> phonenumbers.PhoneNumber:
    """Valid numbers: the library's example of some country and kind with other last digits."""
    example = phonenumbers.example_number_for_type(draw(st.sampled_from(REGIONS)), draw(st.sampled_from(KINDS)))
    assume(example is not None)
    assert example is not None
    national = phonenumbers.national_significant_number(example)
    ending = draw(st.text("0123456789", max_size=min(5, len(national))))
    written = f"+{example.country_code}{national[: len(national) - len(ending)]}{ending}"
    try:
        number = phonenumbers.parse(written)
    except phonenumbers.NumberParseException:
        reject()
    assume(phonenumbers.is_valid_number(number) and phonenumbers.format_number(number, Form.E164) == written)
    assume(read(written, PhoneRules(region="RU")).reason is not Reason.PLACEHOLDER)
    return number


def canonical(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, Form.E164)


def own_region(number: phonenumbers.PhoneNumber) -> str:
    region = phonenumbers.region_code_for_number(number)
    assert region is not None
    return region


@given(number=numbers(), region=st.sampled_from(REGIONS), extension=st.from_regex(r"(;[0-9]{1,6})?", fullmatch=True))
def test_a_canonical_number_of_any_country_is_canonical_everywhere(
    number: phonenumbers.PhoneNumber, region: str, extension: str
) -> None:
    value = canonical(number) + extension
    assert read(value, PhoneRules(region=region)).values == (value,)


@given(number=numbers(), region=st.sampled_from(REGIONS), form=st.sampled_from([Form.INTERNATIONAL, Form.RFC3966]))
def test_a_number_written_with_plus_is_that_number_everywhere(
    number: phonenumbers.PhoneNumber, region: str, form: int
) -> None:
    reading = read(phonenumbers.format_number(number, form), PhoneRules(region=region))
    if reading.reason not in PLUS_OF_REGION:
        assert reading.values == (canonical(number),)


@given(number=numbers())
def test_a_number_in_national_form_is_read_in_its_own_region(number: phonenumbers.PhoneNumber) -> None:
    written = phonenumbers.format_number(number, Form.NATIONAL)
    assert read(written, PhoneRules(region=own_region(number))).values == (canonical(number),)


@given(number=numbers())
def test_a_country_code_without_plus_is_understood_in_its_own_region(number: phonenumbers.PhoneNumber) -> None:
    reading = read(canonical(number)[1:], PhoneRules(region=own_region(number)))
    assert reading.values == (canonical(number),) or reading.reason is Reason.COUNTRY_CODE_TWICE


@given(number=numbers(), prefix=st.sampled_from([("DE", "00"), ("RU", "810"), ("RU", "8 10 "), ("US", "011 ")]))
def test_an_international_prefix_is_as_good_as_a_plus(
    number: phonenumbers.PhoneNumber, prefix: tuple[str, str]
) -> None:
    region, written = prefix
    reading = read(written + canonical(number)[1:], PhoneRules(region=region))
    # So short that it may be a number of the region with a slip.
    if reading.reason is not Reason.COUNTRY_NOT_WRITTEN:
        assert reading.values == (canonical(number),)


@given(
    number=numbers(),
    form=st.integers(0, 2),
    place=st.integers(0, 20),
    slip=st.sampled_from("-+~%"),
    digit=st.integers(0, 9),
)
def test_a_slip_in_a_number_of_the_region_makes_no_foreign_number(
    number: phonenumbers.PhoneNumber, form: int, place: int, slip: str, digit: int
) -> None:
    bare = phonenumbers.national_significant_number(number)
    national = "".join(filter(str.isdigit, phonenumbers.format_number(number, Form.NATIONAL)))
    digits = (canonical(number)[1:], national, bare)[form]
    place %= len(digits)
    before, here, behind = digits[:place], digits[place], digits[place + 1 :]
    slips = {"-": behind, "+": f"{digit}{here}{behind}", "~": f"{digit}{behind}", "%": behind[:1] + here + behind[1:]}
    broken = before + slips[slip]
    assume(not broken.startswith("00"))
    for value in read(broken, PhoneRules(region=own_region(number))).values:
        assert phonenumbers.parse(value).country_code == number.country_code


@pytest.mark.parametrize("extension", ["доб. 12", "(доб. 12)", ", вн.12", "ext. 12", "x12", "#12", "Durchwahl 12"])
@given(number=numbers(), region=st.sampled_from(REGIONS))
def test_an_extension_word_is_understood_behind_every_number(
    number: phonenumbers.PhoneNumber, region: str, extension: str
) -> None:
    written = f"{phonenumbers.format_number(number, Form.INTERNATIONAL)} {extension}"
    reading = read(written, PhoneRules(region=region))
    if reading.reason not in PLUS_OF_REGION:
        assert reading.values == (f"{canonical(number)};12",)
