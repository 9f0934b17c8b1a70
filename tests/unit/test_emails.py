"""E-mail values by hand: what people write, and the addresses it holds, or why a person must decide."""

from __future__ import annotations

import pytest

from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import EmailRules
from b24syncd.jobs.emails.addresses import read
from b24syncd.jobs.reading import BLANK, Reading, unreadable

RULES = EmailRules()


@pytest.mark.parametrize(
    "written",
    [
        "ivan.petrov@example.ru",
        "Ivan.Petrov@Example.RU",
        "  ivan.petrov@example.ru\n",
        "\u00a0ivan.petrov@example.ru\u2003",
        "\ufeffivan.\u200bpetrov\u2060@example\u00ad.ru\u200f",
        "\u202aivan.petrov@example.ru\u202c",
        "mailto:ivan.petrov@example.ru",
        "MAILTO: ivan.petrov@example.ru",
        "mailto:ivan.petrov@example.ru?subject=Order%2012&body=a/b;c,d",
        "mailto:ivan.petrov%40example.ru",
        "<ivan.petrov@example.ru>",
        "< ivan.petrov@example.ru >",
        "<mailto:ivan.petrov@example.ru>",
        "<ivan.petrov@example.ru",
        "ivan.petrov@example.ru>",
        "Ivan Petrov <ivan.petrov@example.ru>",
        "Иван Петров<ivan.petrov@example.ru>",
        "Петров, Иван <ivan.petrov@example.ru>",
        '"Petrov, Ivan" <ivan.petrov@example.ru>',
        '"ivan.petrov@example.ru" <ivan.petrov@example.ru>',
        "ivan.petrov@example.ru <mailto:ivan.petrov@example.ru>",
        "ivan.petrov@example.ru.",
        "ivan.petrov@example.ru;",
        "ivan.petrov@example.ru,",
        "ivan.petrov@example.ru!",
        "(ivan.petrov@example.ru)",
        "[ivan.petrov@example.ru]",
        "'ivan.petrov@example.ru'",
        "«ivan.petrov@example.ru»",
        '"ivan.petrov@example.ru"',
        "- ivan.petrov@example.ru",
        "„ivan.petrov@example.ru“",
        "‚ivan.petrov@example.ru‘",
        "‘ivan.petrov@example.ru’",
        "’ivan.petrov@example.ru",
        "「ivan.petrov@example.ru」",
        "（ivan.petrov@example.ru）",
        "E-mail:ivan.petrov@example.ru",
        "e-mail: ivan.petrov@example.ru",
        "Email = ivan.petrov@example.ru",
        "E-Mail-Adresse: ivan.petrov@example.ru",
        "почта: ivan.petrov@example.ru",
        "Эл. почта: ivan.petrov@example.ru",
        "Электронный адрес: ivan.petrov@example.ru",
        "емейл: ivan.petrov@example.ru",
        "имейл: ivan.petrov@example.ru",
        "пошта: ivan.petrov@example.ru",
        "correo electrónico: ivan.petrov@example.ru",
        "=?UTF-8?B?0JjQstCw0L0=?= <ivan.petrov@example.ru>",
        "=?UTF-8?Q?Ant=C3=B3nio?= =?UTF-8?Q?_Ant=C3=B3nio?= <ivan.petrov@example.ru>",
        "=?ISO-8859-1?Q?Sen=2C_Al/ice?= <ivan.petrov@example.ru>",
        "ivan.petrov@example.ru, Ivan.Petrov@example.ru",
    ],
)
def test_one_address_in_the_ways_people_write_it(written: str) -> None:
    assert read(written, RULES) == Reading(("ivan.petrov@example.ru",))


@pytest.mark.parametrize(
    "address",
    [
        "o'brien@example.com",
        "'t.hooft@example.nl",
        "a+b_c-d@sub.example.co.uk",
        "a--b@x--y.example.com",
        "x" * 70 + "@example.com",
        "info@romashka.online",
        "info@клиника.рус",
        "info@xn--80apgefhm.xn--p1acf",
        "ivan-@mail.ru",
        "почта@пример.рф",
        "info@пример.рф",
        "info@пример.com",
        "info@mail.пример.рф",
        "info@xn--e1afmkfd.xn--p1ai",
        "info@bücher.de",
        "info@straße.de",
        "info@例え.jp",
        "info@ソニーstore.jp",
    ],
)
def test_what_is_canonical_stays(address: str) -> None:
    assert read(address, RULES) == Reading((address,))


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("info@Пример.РФ", "info@пример.рф"),
        ("info@XN--E1AFMKFD.XN--P1AI", "info@xn--e1afmkfd.xn--p1ai"),
        ("info@bu\u0308cher.de", "info@b\u00fccher.de"),
        ("Почта@пример.рф", "почта@пример.рф"),
    ],
)
def test_an_international_domain_keeps_the_form_it_was_written_in(written: str, canonical: str) -> None:
    assert read(written, RULES) == Reading((canonical,))


def test_the_case_of_the_local_part_is_up_to_the_setting() -> None:
    rules = EmailRules(lowercase_local_part=False)
    assert read("Ivan@Example.RU", rules).values == ("Ivan@example.ru",)
    assert read("Info@Example.RU", rules).values == ("Info@example.ru",)
    assert read("Ivan@Example.RU", RULES).values == ("ivan@example.ru",)


@pytest.mark.parametrize(
    "written",
    [
        "a@x.ru, b@x.ru",
        "a@x.ru,b@x.ru",
        "a@x.ru; b@x.ru;",
        "a@x.ru / b@x.ru",
        "a@x.ru/b@x.ru",
        "a@x.ru|b@x.ru",
        "a@x.ru b@x.ru",
        "a@x.ru\nb@x.ru",
        "a@x.ru\r\n\r\nb@x.ru",
        "a@x.ru\u2028b@x.ru",
        "a@x.ru или b@x.ru",
        "A@x.ru OR B@x.ru",
        "a@x.ru und b@x.ru",
        "a@x.ru и b@x.ru",
        "a@x.ru И\u00a0b@x.ru",
        "a@x.ru, и b@x.ru",
        "a@x.ru и Пётр <b@x.ru>",
        "a@x.ru and b@x.ru",
        "a@x.ru & b@x.ru",
        "a@x.ru oder b@x.ru",
        "a@x.ru та b@x.ru",
        "a@x.ru y b@x.ru",
        "a@x.ru et b@x.ru",
        "e-mail: a@x.ru, e-mail: b@x.ru",
        "a@x.ru；b@x.ru",
        "a@x.ru、b@x.ru",
        "a@x.ru\u037eb@x.ru",
        "mailto:a@x.ru,b@x.ru",
        "mailto:a@x.ru?subject=1 mailto:b@x.ru",
        "Иван <a@x.ru>, Пётр <b@x.ru>",
        "a@x.ru, Иванов, Пётр <b@x.ru>",
        '"a@x.ru" <b@x.ru>',
    ],
)
def test_two_addresses_in_one_value(written: str) -> None:
    assert read(written, RULES) == Reading(("a@x.ru", "b@x.ru"))


def test_several_addresses_are_left_alone_where_they_must_not_be_split() -> None:
    rules = EmailRules(split=False)
    assert read("a@x.ru, b@x.ru", rules) == unreadable(Reason.SEVERAL_ADDRESSES)
    assert read("a@x.ru, A@x.ru", rules).values == ("a@x.ru",)


@pytest.mark.parametrize(
    ("written", "reason", "suggestion"),
    [
        ("нет", Reason.NOT_AN_EMAIL, None),
        ("89162345678", Reason.NOT_AN_EMAIL, None),
        ("ivan＠example.ru", Reason.NOT_AN_EMAIL, "ivan@example.ru"),
        ("ivan@", Reason.INVALID_ADDRESS, None),
        ("Ivan@romashka.r", Reason.INVALID_ADDRESS, None),
        ("Anna@firma.xn--vermgensberatung-pwb", Reason.INVALID_ADDRESS, None),
        ("@example.ru", Reason.INVALID_ADDRESS, None),
        ("ivan@@example.ru", Reason.INVALID_ADDRESS, "ivan@example.ru"),
        ("ivan@petr@example.ru", Reason.INVALID_ADDRESS, None),
        ("ivan..petrov@example.ru", Reason.INVALID_ADDRESS, None),
        (".ivan@example.ru", Reason.INVALID_ADDRESS, None),
        ("ivan@example", Reason.INVALID_ADDRESS, None),
        ("ivan@localhost", Reason.INVALID_ADDRESS, None),
        ("ivan@example.invalid", Reason.UNKNOWN_TOP_LEVEL_DOMAIN, None),
        ("ivan@192.168.0.1", Reason.INVALID_ADDRESS, None),
        ("ivan@[192.168.0.1]", Reason.INVALID_ADDRESS, None),
        ("ivan@-example.ru", Reason.INVALID_ADDRESS, None),
        ("ivan@ex_ample.ru", Reason.INVALID_ADDRESS, None),
        ("Anna@डाटामेल.भारत", Reason.INVALID_ADDRESS, None),  # signs that are no letters to the portal
        ("Anna.किरण@example.ru", Reason.INVALID_ADDRESS, None),
        ("a@x.ru, anna@डाटामेल.भारत", Reason.PARTLY_READABLE, None),
        ("ivan@xn--zzzzzz99999.ru", Reason.INVALID_ADDRESS, None),
        ("ivan@" + "a" * 300 + ".ru", Reason.INVALID_ADDRESS, None),
        ("i" * 250 + "@example.ru", Reason.INVALID_ADDRESS, None),
        ("Ii@" + "a." * 123 + "ru", Reason.INVALID_ADDRESS, None),  # 250 characters are stored
        ("ivan@example.ru " * 100, Reason.INVALID_ADDRESS, None),
        ("\u202eivan@example.ru", Reason.INVALID_ADDRESS, None),
        ("iv\ud800an@example.ru", Reason.INVALID_ADDRESS, None),
        ("ivan@example\ud800.ru", Reason.INVALID_ADDRESS, None),
        ("ivan @example.ru", Reason.INVALID_ADDRESS, "ivan@example.ru"),
        ("ivan@ example. ru", Reason.INVALID_ADDRESS, "ivan@example.ru"),
        ("ivan@example,ru", Reason.INVALID_ADDRESS, "ivan@example.ru"),
        ("ivan@ｅｘａｍｐｌｅ.ru", Reason.INVALID_ADDRESS, "ivan@example.ru"),
        ("ｉｖａｎ@example.ru", Reason.INVALID_ADDRESS, "ivan@example.ru"),
        ("ﬁrma@example.ru, b@x.ru", Reason.INVALID_ADDRESS, "firma@example.ru, b@x.ru"),
        ("mailto:ivan@example.ru?cc=petr@example.ru", Reason.INVALID_ADDRESS, None),
        ("mailto:ivan@example.ru?cc=petr%40example.ru", Reason.INVALID_ADDRESS, None),
        ("mailto:ivan%2Cpetr@example.ru", Reason.INVALID_ADDRESS, None),
        ("писать на ivan@example.ru", Reason.ADDRESS_IN_SENTENCE, "ivan@example.ru"),
        ("write to ivan @example.ru please", Reason.INVALID_ADDRESS, "ivan@example.ru"),
        ("ivan@example.ru (основной)", Reason.ADDRESS_IN_SENTENCE, "ivan@example.ru"),
        ("e-mail ivan@example.ru", Reason.ADDRESS_IN_SENTENCE, "ivan@example.ru"),
        ("<ivan@example.ru> Иван", Reason.ADDRESS_IN_SENTENCE, "ivan@example.ru"),
        ("Иван; ivan@example.ru", Reason.ADDRESS_IN_SENTENCE, "ivan@example.ru"),
        ("ivan/petr@example.ru", Reason.ADDRESS_IN_SENTENCE, None),
        ("a@x.ru, b@x.ru, нет", Reason.ADDRESS_IN_SENTENCE, None),
        ("a@x.ru, b@", Reason.PARTLY_READABLE, None),
        ("ivan@gооgle.com", Reason.MIXED_SCRIPT_DOMAIN, "ivan@google.com"),
        ("ivan@яndex.ru", Reason.MIXED_SCRIPT_DOMAIN, None),
        ("ivan@gmiаl.com", Reason.MIXED_SCRIPT_DOMAIN, "ivan@gmail.com"),
        ("mаria@gmial.com", Reason.DOMAIN_TYPO, "maria@gmail.com"),
        ("ivan@ｇｍｉａｌ.com", Reason.INVALID_ADDRESS, "ivan@gmail.com"),
        ("ivan@mail.рф", Reason.MIXED_SCRIPT_DOMAIN, None),
        ("ivan@xn--ggle-55da.com", Reason.MIXED_SCRIPT_DOMAIN, "ivan@google.com"),
        ("mаria@example.ru", Reason.MIXED_SCRIPT_LOCAL_PART, "maria@example.ru"),
        ("ivanя@example.ru", Reason.MIXED_SCRIPT_LOCAL_PART, None),
        ("Ivan@Gmial.com", Reason.DOMAIN_TYPO, "ivan@gmail.com"),
        ("ivan@yandex.ry", Reason.DOMAIN_TYPO, "ivan@yandex.ru"),
        ("ivan@gmail.con", Reason.DOMAIN_TYPO, "ivan@gmail.com"),
        ("ivan@firma.local", Reason.UNKNOWN_TOP_LEVEL_DOMAIN, None),
        ("Ivan@Firma.LAN", Reason.UNKNOWN_TOP_LEVEL_DOMAIN, None),
        ("ivan@intranet.corp", Reason.UNKNOWN_TOP_LEVEL_DOMAIN, None),
        ("ivan@shop.test", Reason.UNKNOWN_TOP_LEVEL_DOMAIN, None),
        ("info@firm.con", Reason.UNKNOWN_TOP_LEVEL_DOMAIN, "info@firm.com"),
        ("Info@Firm.Cmo", Reason.UNKNOWN_TOP_LEVEL_DOMAIN, "info@firm.com"),
        ("info@firm.ry", Reason.UNKNOWN_TOP_LEVEL_DOMAIN, "info@firm.ru"),
        ("info@firm.nett", Reason.UNKNOWN_TOP_LEVEL_DOMAIN, "info@firm.net"),
        ("info@firm.random", Reason.UNKNOWN_TOP_LEVEL_DOMAIN, None),
        ("info@firm.comdddddd", Reason.UNKNOWN_TOP_LEVEL_DOMAIN, None),
        ("info@firm.xu", Reason.UNKNOWN_TOP_LEVEL_DOMAIN, None),
        ("info@пример.рфф", Reason.UNKNOWN_TOP_LEVEL_DOMAIN, "info@пример.рф"),
        ("info@xn--e1afmkfd.xn--p1aj", Reason.UNKNOWN_TOP_LEVEL_DOMAIN, None),
        ("a@x.ru, info@firm.con", Reason.UNKNOWN_TOP_LEVEL_DOMAIN, "a@x.ru, info@firm.com"),
        ("ivan@gmail.ffr", Reason.UNKNOWN_TOP_LEVEL_DOMAIN, None),
        ("ivan@gmailcom", Reason.INVALID_ADDRESS, "ivan@gmail.com"),
        ("ivan@gmail", Reason.INVALID_ADDRESS, "ivan@gmail.com"),
        ("ivan@mailru", Reason.INVALID_ADDRESS, "ivan@mail.ru"),
        ("ivan@mail", Reason.INVALID_ADDRESS, None),
        ("ivan@mail..ru", Reason.INVALID_ADDRESS, "ivan@mail.ru"),
        ("ivan@gmail com", Reason.INVALID_ADDRESS, "ivan@gmail.com"),
        ("ivan@gmail,com", Reason.INVALID_ADDRESS, "ivan@gmail.com"),
        ('ivan"gmail.com', Reason.NOT_AN_EMAIL, "ivan@gmail.com"),
        ("ivan(at)gmail.com", Reason.NOT_AN_EMAIL, "ivan@gmail.com"),
        ("ivan собака mail.ru", Reason.NOT_AN_EMAIL, "ivan@mail.ru"),
        ("ivan%40mail.ru", Reason.NOT_AN_EMAIL, "ivan@mail.ru"),
        ("ivan&#64;mail.ru", Reason.NOT_AN_EMAIL, "ivan@mail.ru"),
        ("%20ivan@example.ru", Reason.STRAY_CHARACTERS, "ivan@example.ru"),
        ("ivan@example.ru%20", Reason.INVALID_ADDRESS, "ivan@example.ru"),
        ("'ivan@example.ru", Reason.STRAY_CHARACTERS, "ivan@example.ru"),
        ("-ivan@example.ru", Reason.STRAY_CHARACTERS, "ivan@example.ru"),
        ("a@x.ru -b@x.ru", Reason.STRAY_CHARACTERS, "a@x.ru, b@x.ru"),
        ("•ivan@example.ru", Reason.INVALID_ADDRESS, "ivan@example.ru"),
        ("✉ ivan@example.ru", Reason.ADDRESS_IN_SENTENCE, "ivan@example.ru"),
        ("📧ivan@example.ru", Reason.INVALID_ADDRESS, "ivan@example.ru"),
        ("ivan@example.ru\\", Reason.INVALID_ADDRESS, "ivan@example.ru"),
        ("ivan@example.ru*", Reason.INVALID_ADDRESS, "ivan@example.ru"),
        ("ivan@example.ru(Иван)", Reason.INVALID_ADDRESS, "ivan@example.ru"),
        ("Иван(ivan@example.ru)", Reason.INVALID_ADDRESS, "ivan@example.ru"),
        ("ivan%2Bnews@example.ru", Reason.STRAY_CHARACTERS, "ivan+news@example.ru"),
        ("ivan@example.ru&nbsp;", Reason.INVALID_ADDRESS, "ivan@example.ru"),
        ("=ivan@example.ru", Reason.STRAY_CHARACTERS, "ivan@example.ru"),
        ("u003eivan@example.ru", Reason.STRAY_CHARACTERS, "ivan@example.ru"),
        ("'ivan@gmial.com", Reason.STRAY_CHARACTERS, "ivan@gmail.com"),
        ("a@x.ru, 'b@x.ru", Reason.STRAY_CHARACTERS, "a@x.ru, b@x.ru"),
        ("ivan@example.ru<br>", Reason.ADDRESS_IN_SENTENCE, "ivan@example.ru"),
        ("<p>ivan@example.ru</p>", Reason.ADDRESS_IN_SENTENCE, "ivan@example.ru"),
        ("&lt;ivan@example.ru&gt;", Reason.INVALID_ADDRESS, "ivan@example.ru"),
        ("INFO@FİRMA.COM.TR", Reason.INVALID_ADDRESS, "info@firma.com.tr"),
        ("ivan@gmaıl.com", Reason.INVALID_ADDRESS, "ivan@gmail.com"),
        ("kıvanc@example.ru", Reason.INVALID_ADDRESS, None),
        ("İvan@example.ru", Reason.INVALID_ADDRESS, None),
        # Who would be named may be somebody else.
        ("ivan. petrov@example.ru", Reason.ADDRESS_IN_SENTENCE, None),
        ("ivan -petrov@example.ru", Reason.ADDRESS_IN_SENTENCE, None),
        ("ivan\u204f petrov@example.ru", Reason.ADDRESS_IN_SENTENCE, None),  # a semicolon turned round
        ("ivan>petrov@example.ru", Reason.ADDRESS_IN_SENTENCE, None),
        ("ivan & petrov@example.ru", Reason.ADDRESS_IN_SENTENCE, None),
        ("ivan i petrov@example.ru", Reason.ADDRESS_IN_SENTENCE, None),
        ("i van@example.ru", Reason.ADDRESS_IN_SENTENCE, None),
        ("иван петр@пример.рф", Reason.ADDRESS_IN_SENTENCE, None),
        ("victim℀attacker@example.ru", Reason.INVALID_ADDRESS, None),
        ("ivan,petrov@example,ru", Reason.INVALID_ADDRESS, None),
        ("iv an@gmailcom", Reason.INVALID_ADDRESS, None),
        ("ivan@example.co m", Reason.ADDRESS_IN_SENTENCE, None),
        ("ivan@example.com ua", Reason.ADDRESS_IN_SENTENCE, None),
        ("ivan@mail.ru, 8 916 123-45-67", Reason.ADDRESS_IN_SENTENCE, None),
        ("ivan@mail.ru,com", Reason.ADDRESS_IN_SENTENCE, None),
        ("ivan .petrov@example.ru", Reason.INVALID_ADDRESS, "ivan.petrov@example.ru"),
        ("ivan@example.ru, www.example.ru", Reason.ADDRESS_IN_SENTENCE, "ivan@example.ru"),
        ("Ivan: ivan@example.ru", Reason.ADDRESS_IN_SENTENCE, "ivan@example.ru"),
        ("Ivan (ivan@example.ru)", Reason.ADDRESS_IN_SENTENCE, "ivan@example.ru"),
        ("или b@x.ru", Reason.ADDRESS_IN_SENTENCE, "b@x.ru"),
        ("a@x.ru и", Reason.ADDRESS_IN_SENTENCE, "a@x.ru"),
        ("a@x.ru, ivan@gmial.com", Reason.DOMAIN_TYPO, "a@x.ru, ivan@gmail.com"),
    ],
)
def test_values_left_alone(written: str, reason: Reason, suggestion: str | None) -> None:
    assert read(written, RULES) == unreadable(reason, suggestion)


@pytest.mark.parametrize("blank", ["", " ", "\u200b\u00a0", "\n"])
def test_a_blank_value_says_nothing(blank: str) -> None:
    assert read(blank, RULES) == BLANK
