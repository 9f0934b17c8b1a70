"""Phone values that only a person can decide about, and which number wins where several may be meant."""

from __future__ import annotations

import pytest

from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import PhoneRules
from b24syncd.jobs.phones.numbers import read
from b24syncd.jobs.reading import Reading, unreadable

RU = PhoneRules(region="RU")


def in_region(region: str, *other_regions: str) -> PhoneRules:
    return PhoneRules(region=region, other_regions=other_regions)


@pytest.mark.parametrize(
    ("written", "reason", "suggestion"),
    [
        ("8 916 234-56-78 Иван", Reason.CONTAINS_TEXT, "+79162345678"),
        ("Иван 8 916 234-56-78", Reason.CONTAINS_TEXT, "+79162345678"),
        ("89162345678 (после 18:00)", Reason.CONTAINS_TEXT, "+79162345678"),
        ("8 916 234-56-7O", Reason.CONTAINS_TEXT, "+79162345670"),
        ("8 916 234-56-7О", Reason.CONTAINS_TEXT, "+79162345670"),  # a Cyrillic letter
        ("8 916 234-56-78?", Reason.CONTAINS_TEXT, "+79162345678"),
        ("8 916 xxx-xx-xx", Reason.CONTAINS_TEXT, None),
        ("факс 8 495 123-45-67", Reason.CONTAINS_TEXT, "+74951234567"),
        ("тел./факс 8 495 123-45-67", Reason.CONTAINS_TEXT, "+74951234567"),
        ("WhatsApp 89162345678", Reason.CONTAINS_TEXT, "+79162345678"),
        ("раб. 89162345678", Reason.CONTAINS_TEXT, "+79162345678"),
        ("т89162345678", Reason.CONTAINS_TEXT, "+79162345678"),
        ("#89162345678", Reason.CONTAINS_TEXT, "+79162345678"),
        ("ivan@x.ru", Reason.CONTAINS_TEXT, None),
        ("нет", Reason.CONTAINS_TEXT, None),
        ("*100#", Reason.BAD_EXTENSION, None),
        ("\u202e89162345678", Reason.CONTAINS_TEXT, "+79162345678"),
        ("-", Reason.NOT_A_PHONE, None),
        ("тел.", Reason.NOT_A_PHONE, None),
        ("доб. 12", Reason.NOT_A_PHONE, None),
        ("0000000000", Reason.PLACEHOLDER, None),
        ("8 916 234-56-7", Reason.NOT_A_PHONE, None),
        ("8 (343) 123-45-6", Reason.NOT_A_PHONE, None),
        ("8 (295) 123-45-67", Reason.NOT_A_PHONE, None),
        ("7701234567", Reason.NOT_A_PHONE, None),
        ("7711234567", Reason.NOT_A_PHONE, None),
        ("500100732259", Reason.TOO_LONG, None),
        ("112", Reason.TOO_SHORT, None),
        ("123-45-67", Reason.TOO_SHORT, None),
        ("+7 916 234-56-7", Reason.TOO_SHORT, None),
        ("123-45-67/68", Reason.TOO_SHORT, None),
        ("8 916 234-56-789", Reason.TOO_LONG, None),
        ("+7 916 234-56-789", Reason.TOO_LONG, None),
        ("8 916 234 56 7 8 495 123 45 67", Reason.TOO_LONG, None),
        ("8" * 600, Reason.TOO_LONG, None),
        ("+9162345678", Reason.NOT_A_PHONE, "+79162345678"),
        ("+810 49 30 1234567", Reason.NOT_A_PHONE, "+49301234567"),
        ("+8 (495) 123-45-67", Reason.PLUS_BEFORE_TRUNK_PREFIX, "+74951234567"),
        ("+84 95 123 45 67", Reason.PLUS_BEFORE_TRUNK_PREFIX, "+74951234567"),
        ("+89162345678", Reason.PLUS_BEFORE_TRUNK_PREFIX, "+79162345678"),
        ("+8 800 555-35-35", Reason.PLUS_BEFORE_TRUNK_PREFIX, "+78005553535"),
        ("8 495 123-45-67 доб.", Reason.BAD_EXTENSION, None),
        ("8 495 123-45-67 доб. 1234567", Reason.BAD_EXTENSION, None),
        ("8 495 123-45-67 доб. 12-13", Reason.BAD_EXTENSION, None),
        ("8 495 123-45-67 x 89162345678", Reason.BAD_EXTENSION, None),
        ("8 (495) 123-45-67/68", Reason.PARTLY_READABLE, None),
        ("8 (495) 123-45-67, 123-45-68", Reason.PARTLY_READABLE, None),
        ("+7 (495) 123-45-67; 12", Reason.PARTLY_READABLE, None),
        ("8 (4212) 12-34-56;654321", Reason.PARTLY_READABLE, None),
        ("8 495 123-45-67;12;13", Reason.PARTLY_READABLE, None),
        ("+74951234567,,12", Reason.PARTLY_READABLE, None),
        ("89162345678, Иван", Reason.PARTLY_READABLE, None),
        ("8 495 123-45-67 доб. 12, 13", Reason.PARTLY_READABLE, None),
    ],
)
def test_values_left_alone_in_russia(written: str, reason: Reason, suggestion: str | None) -> None:
    assert read(written, RU) == unreadable(reason, suggestion)


@pytest.mark.parametrize(
    ("region", "written", "reason", "suggestion"),
    [
        ("DE", "+0 30 1234567", Reason.PLUS_BEFORE_TRUNK_PREFIX, "+49301234567"),
        ("BY", "+80 29 123 45 67", Reason.PLUS_BEFORE_TRUNK_PREFIX, "+375291234567"),
        ("HU", "+06 1 473 0023", Reason.PLUS_BEFORE_TRUNK_PREFIX, "+3614730023"),
        ("KZ", "+8 (495) 123-45-67", Reason.PLUS_BEFORE_TRUNK_PREFIX, "+74951234567"),
        ("KZ", "7 701 123 45 6", Reason.NOT_A_PHONE, None),
        # A zero in brackets that Italy keeps and others drop: two valid numbers.
        ("IT", "+39 (0)331 1234567", Reason.AMBIGUOUS_NUMBER, None),
        # A mobile number of the region without its trunk prefix, or one of Texas.
        ("DE", "15123456789", Reason.AMBIGUOUS_NUMBER, "+4915123456789"),
        # A landline number of whatever length, or one of France.
        ("LU", "33251304029", Reason.AMBIGUOUS_NUMBER, "+35233251304029"),
        # An area code of elsewhere, not the country code 49 and a digit; an area code, not the prefix 011.
        ("UA", "495 123-45-67", Reason.NOT_A_PHONE, None),
        ("UA", "(495) 123-45-67", Reason.NOT_A_PHONE, None),
        ("GB", "0114 930 1234", Reason.NOT_A_PHONE, None),
        ("RU", "8 (0) 495 123-45-67", Reason.TOO_LONG, None),
        ("DE", "030/12345678901234", Reason.PARTLY_READABLE, None),
        ("DE", "030 1234 / 56", Reason.PARTLY_READABLE, None),
        # A day: its digits would be a number of Düsseldorf, a mobile one, one of Rome.
        ("DE", "02.11.2020", Reason.NOT_A_PHONE, None),
        ("DK", "2020-11-20", Reason.NOT_A_PHONE, None),
        ("IT", "06-11-1985 10:00", Reason.CONTAINS_TEXT, None),
    ],
)
def test_values_left_alone_elsewhere(region: str, written: str, reason: Reason, suggestion: str | None) -> None:
    reading = read(written, in_region(region))
    assert (reading.values, reading.reason, reading.suggestion) == ((), reason, suggestion)


@pytest.mark.parametrize(
    ("rules", "written", "canonical"),
    [
        (in_region("RU", "DE"), "030 1234567", "+49301234567"),
        (in_region("RU", "DE"), "8 495 123 45 67", "+74951234567"),
        (in_region("RU", "KZ"), "8 701 123 45 67", "+77011234567"),
        (in_region("RU", "KZ"), "7711234567", "+77711234567"),
        (in_region("DE", "RU"), "8 916 234-56-78", "+79162345678"),
        (in_region("RU", "GB"), "020 7946 0958", "+442079460958"),
        (in_region("RU", "BY", "UA"), "050 123 45 67", "+380501234567"),
        (in_region("VN", "RU"), "+84 95 123 45 67", "+84951234567"),
    ],
)
def test_other_regions_come_after_the_own_one(rules: PhoneRules, written: str, canonical: str) -> None:
    assert read(written, rules) == Reading((canonical,))


def test_other_regions_that_disagree_leave_it_to_a_person() -> None:
    assert read("044 123 45 67", in_region("RU", "UA", "DE")) == unreadable(Reason.AMBIGUOUS_NUMBER)
    assert read("8 (495) 123-45-6", in_region("RU", "DE")) == unreadable(Reason.NOT_A_PHONE)


def test_a_number_in_canonical_form_is_what_it_says_even_where_another_may_be_meant() -> None:
    assert read("+84951234567", RU) == Reading(("+84951234567",))


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(ValueError, match="'XX' is not a region"):
        read("8 916 234-56-78", in_region("XX"))


@pytest.mark.parametrize("piece", [" ", "(", "тел ", "( тел", "доб. ", "x ", "1 ", "1,", "1/", "1;", "; ", "☎", ".-"])
@pytest.mark.parametrize("end", ["", "1", "Ж1"])
def test_long_rows_of_anything_are_read_at_once(piece: str, end: str) -> None:
    assert read(piece * (290 // len(piece)) + end, RU).values == ()
