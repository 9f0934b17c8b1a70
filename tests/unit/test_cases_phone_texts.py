"""What people write around and between phone numbers: joining words, extensions, separators, addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import PhoneRules
from b24syncd.jobs.phones.numbers import read
from b24syncd.jobs.reading import Reading, unreadable

RU = PhoneRules(region="RU")
JOINERS = (
    "и И і та або чи или либо and & or oder und bzw. sowie "
    "y e et i o ou u lub oraz en of og och eller ja tai ve a u. • ·"
)


@pytest.mark.parametrize("word", JOINERS.split(" "))
@pytest.mark.parametrize("form", ["8 916 234-56-78 {} 8 495 123-45-67", "моб. +79162345678 {} тел. +7 495 123 45 67"])
def test_words_between_two_numbers(word: str, form: str) -> None:
    assert read(form.format(word), RU) == Reading(("+79162345678", "+74951234567"))


@pytest.mark.parametrize(
    "written",
    [
        "89162345678и84951234567",
        "89162345678&84951234567",
        "8 916 234-56-78, и 8 495 123-45-67",
        "8 916 234-56-78; and 8 495 123-45-67",
    ],
)
def test_words_beside_other_separators(written: str) -> None:
    assert read(written, RU) == Reading(("+79162345678", "+74951234567"))


@pytest.mark.parametrize(
    ("written", "reason", "suggestion"),
    [
        ("8 916 234-56-78 и", Reason.CONTAINS_TEXT, "+79162345678"),
        ("и 8 916 234-56-78", Reason.CONTAINS_TEXT, "+79162345678"),
        ("8 916 234-56-78 и после 18:00", Reason.CONTAINS_TEXT, "+79162345678"),
        ("8 495 123-45-67 и 68", Reason.PARTLY_READABLE, None),
        ("8 916 o 234567", Reason.CONTAINS_TEXT, "+79160234567"),
        ("8 916 234 e 56 78", Reason.CONTAINS_TEXT, None),
    ],
)
def test_words_that_join_no_numbers(written: str, reason: Reason, suggestion: str | None) -> None:
    assert read(written, RU) == unreadable(reason, suggestion)


@pytest.mark.parametrize(
    "announced",
    [
        *(" доб. 123", " добавочный 123", " добавочный номер 123", " добавочный номер: 123", " доп. 123", " доп.123"),
        *(
            " вн. номер 123",
            " внутр. номер 123",
            " внутренний номер 123",
            " внутренний № 123",
            " доб. тел. 123",
            " доб. (123)",
            "/доб. 123",
            " добавочный (номер) 123",
            "p123",
            " w. 123",
            " tst. 123",
            " 内線123",
            " внутрішній 123",
            " (доб. (123))",
            " внут. 123",
            " доб. т. 123",
            " 내선 123",
        ),
        *(
            " ext. 123",
            " ext=123",
            " Extension number 123",
            ", ext. 123",
            "-x123",
            " -x123",
            " - x 123",
            " x123",
            "×123",
            " ex: 123",
            " #123",
        ),
        *(
            " wew. 123",
            " wewnętrzny 123",
            " Nebenstelle 123",
            " Nst. 123",
            " Durchwahl 123",
            " int. 123",
            " interno 123",
        ),
        *(" poste 123", " ramal 123", " anexo 123", " extensión 123", " klapka 123", " linka 123", " mell. 123"),
        *(" dahili 123", " toestel 123", ";ext=123", ";123", ",123"),
    ],
)
def test_an_extension_however_it_is_announced(announced: str) -> None:
    assert read(f"+7 (495) 123-45-67{announced}", RU) == Reading(("+74951234567;123",))
    assert read(f"+7 495 123 45 67{announced}; 89162345678", RU) == Reading(("+74951234567;123", "+79162345678"))
    # A suggestion keeps it.
    assert read(f"+8 (495) 123-45-67{announced}", RU).suggestion == "+74951234567;123"


@pytest.mark.parametrize(
    ("written", "reading"),
    [
        ("+74951234567,12", Reading(("+74951234567;12",))),
        ("8 (495) 123-45-67,1234", Reading(("+74951234567;1234",))),
        ("8 (495) 123-45-67,68", unreadable(Reason.PARTLY_READABLE)),  # the last digits of another number
        ("8 (495) 123-4567,4568", unreadable(Reason.PARTLY_READABLE)),
        ("tel:+7-495-123-4567,6444", Reading(("+74951234567;6444",))),
        ("+74951234567,4568", unreadable(Reason.PARTLY_READABLE)),
        ("+74951234567,8", unreadable(Reason.PARTLY_READABLE)),
        ("+84951234567,123", unreadable(Reason.PLUS_BEFORE_TRUNK_PREFIX, "+74951234567;123")),
        ("+74951234567, 123", unreadable(Reason.PARTLY_READABLE)),
        ("+74951234567,12345", unreadable(Reason.PARTLY_READABLE)),
        ("+74951234567,123456", unreadable(Reason.PARTLY_READABLE)),
        ("+74951234567,84951234568", Reading(("+74951234567", "+74951234568"))),
        ("8 495 123-45-67 доп. тел. 8 916 234-56-78", unreadable(Reason.CONTAINS_TEXT)),
        ("доп. 8 916 234-56-78", unreadable(Reason.CONTAINS_TEXT, "+79162345678")),
        ("спросить Ивана, 8 495 123-45-67 доб. 12", unreadable(Reason.PARTLY_READABLE)),
        ("8 495 123-45-67 пульт 12", unreadable(Reason.CONTAINS_TEXT)),  # an extension perhaps: not dropped
        ("8 495 123-45-67 IVR: 12", unreadable(Reason.CONTAINS_TEXT)),
        ("8 495 123-45-67 после 18:00", unreadable(Reason.CONTAINS_TEXT, "+74951234567")),
        ("офис 8 495 123-45-67 доб. 12", unreadable(Reason.CONTAINS_TEXT, "+74951234567;12")),
        ("офис 8 495 123-45-67, доб. 12", unreadable(Reason.CONTAINS_TEXT, "+74951234567;12")),
        ("8 495 123-45-67 Иван доб. 12", unreadable(Reason.CONTAINS_TEXT, "+74951234567;12")),
        ("8 495 123-45-67 (Иван, доб. 12)", unreadable(Reason.CONTAINS_TEXT, "+74951234567;12")),
        ("8 495 123-45-67 Иван (12)", unreadable(Reason.CONTAINS_TEXT)),
        ("8 495 123-45-67 в.н. 12", unreadable(Reason.CONTAINS_TEXT)),
        ("8 495 123-45-67 *12", unreadable(Reason.CONTAINS_TEXT)),
        ("Иван 8 495 123-45-67 *12 Пётр 8 916 234-56-78", unreadable(Reason.CONTAINS_TEXT)),
        ("8 495 123-45-67 № 12", unreadable(Reason.CONTAINS_TEXT)),
        ('8 495 123-45-67 "12"', unreadable(Reason.CONTAINS_TEXT)),
        ("8 495 123-45-67 IVR 1-2-3", unreadable(Reason.CONTAINS_TEXT)),
        ("8 495 123-45-67 тоновый набор 123456", unreadable(Reason.CONTAINS_TEXT)),
        ("8 495 123-45-67 с 9 до 18", unreadable(Reason.CONTAINS_TEXT, "+74951234567")),
        ("8 495 123-45-67 МСК+2", unreadable(Reason.CONTAINS_TEXT, "+74951234567")),
    ],
)
def test_what_may_be_an_extension(written: str, reading: Reading) -> None:
    assert read(written, RU) == reading


@pytest.mark.parametrize("sign", list("~_·•∙⋅‧・'’`´"))
def test_signs_between_the_groups(sign: str) -> None:
    assert read(sign.join(("8", "916", "234", "56", "78")), RU) == Reading(("+79162345678",))
    assert read(f" {sign} ".join(("+44", "20", "7946", "0000")), PhoneRules(region="GB")) == Reading(("+442079460000",))


@pytest.mark.parametrize("written", ["030 123456~12", "030 123456'12", "030 123456_12", "030 123456·12"])
def test_a_single_sign_may_announce_an_extension_or_a_range(written: str) -> None:
    assert read(written, PhoneRules(region="DE")).values == ()


@pytest.mark.parametrize(
    "written",
    [
        "tel:+79162345678",
        "tel:%2B79162345678",
        "tel://+79162345678",
        "callto:+79162345678",
        "callto://+79162345678",
        "tel:89162345678;phone-context=+7",
        "tel:9162345678;phone-context=+7",
        "tel:2345678;phone-context=+7-916",
        "tel:+79162345678;phone-context=+7",
        "tel:+79162345678;phone-context=example.org",
        "tel:8-916-234-56-78;phone-context=example.org",
        "tel:+79162345678;isub=12345",
        "tel:89162345678;isub=12345;phone-context=+7",
        "+79162345678;phone-context=example.org",
        "wa.me/79162345678",
        "https://wa.me/79162345678",
        "https://wa.me/+79162345678?text=Hi",
        "http://wa.me/79162345678/",
        "https://api.whatsapp.com/send?phone=79162345678",
        "https://api.whatsapp.com/send/?phone=%2B79162345678&text=Hi,Ivan",
        "https://api.whatsapp.com/send?text=Hi&phone=79162345678",
        "https://web.whatsapp.com/send?phone=79162345678",
        "whatsapp://send?phone=%2B7916234-56-78",
    ],
)
def test_addresses_of_telephony(written: str) -> None:
    assert read(written, RU) == Reading(("+79162345678",))
    assert read(f"{written}\n84951234567", RU) == Reading(("+79162345678", "+74951234567"))


@pytest.mark.parametrize(
    ("written", "suggestion"),
    [
        ("79162345678@c.us", "+79162345678"),
        ("79162345678@s.whatsapp.net", "+79162345678"),
        ("sip:+79162345678@example.org", "+79162345678"),
        ("WhatsApp 89162345678", "+79162345678"),
        ("wa.me/89162345678", "+79162345678"),
        ("https://wa.me/message/ABCDEF", None),
        ("https://wa.me/79162345678?text=84951234567", None),
        ("tel:+79162345678;tgrp=example", None),
        ("tel:+49301234567;phone-context=+7", None),
    ],
)
def test_addresses_that_say_more_than_a_number(written: str, suggestion: str | None) -> None:
    reading = read(written, RU)
    assert reading.values == ()
    assert reading.suggestion == suggestion


NUMBERS = {"+79162345678": "8 916 234-56-78", "+74951234567": "+7 (495) 123-45-67", "+442079460000": "+44 20 7946 0000"}


@given(
    numbers=st.lists(st.sampled_from(sorted(NUMBERS)), min_size=2, max_size=4, unique=True),
    words=st.lists(st.sampled_from([*JOINERS.split(" "), ",", ";", "/"]), min_size=3, max_size=3),
    extension=st.from_regex(r"[0-9]{1,6}", fullmatch=True),
)
def test_any_words_between_any_numbers(numbers: list[str], words: list[str], extension: str) -> None:
    first, *others = (NUMBERS[number] for number in numbers)
    written = f"{first} доб. {extension}" + "".join(
        f" {word} {each}" for word, each in zip(words, others, strict=False)
    )
    assert read(written, RU).values == (f"{numbers[0]};{extension}", *numbers[1:])
