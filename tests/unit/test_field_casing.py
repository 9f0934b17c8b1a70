"""Capitals of names and titles that were written all in capitals, or all small."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.domain.rules import LetterCase
from b24syncd.jobs.fields.abbreviations import BUILT_IN, PARTICLES, spellings
from b24syncd.jobs.fields.casing import with_case
from b24syncd.jobs.fields.letters import lower, upper

SPELT = spellings()
words = st.one_of(
    st.sampled_from(
        [*BUILT_IN[:40], *sorted(PARTICLES), "О'НИЛ", "Д'АРК", "МАР'ЯНА", "MCDONALD", "2-Й", "А7", "И.", "STRAßE"]
    ),
    st.text(st.characters(categories=["Lu", "Ll", "Nd", "Pd", "Po", "Mn"]), max_size=6),
)
texts = st.lists(words, max_size=6).map(" ".join)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('ООО "РОМАШКА"', 'ООО "Ромашка"'),
        ("ооо «ромашка и ко»", "ООО «Ромашка и Ко»"),
        ("ИП ИВАНОВ И.И.", "ИП Иванов И.И."),
        ("ИВАНОВ ИВАН ИВАНОВИЧ", "Иванов Иван Иванович"),
        ("анна-мария де ла крус", "Анна-Мария де ла Крус"),
        ("РИМСКИЙ-КОРСАКОВ", "Римский-Корсаков"),
        ("РОСТОВ-НА-ДОНУ", "Ростов-на-Дону"),
        ("ЛЮДВИГ ВАН БЕТХОВЕН", "Людвиг ван Бетховен"),
        ("VINCENT VAN DER BERG", "Vincent van der Berg"),
        ("ЛЕОНАРДО ДА ВИНЧИ", "Леонардо да Винчи"),
        ("ВАН ДЕР БЕРГ", "Ван дер Берг"),
        ("МАМЕДОВ АЛИ ОГЛЫ", "Мамедов Али оглы"),
        ("O'NEIL", "O'Neil"),
        ("Д'АРТАНЬЯН", "Д'Артаньян"),
        ("МАР'ЯНА В'ЯЧЕСЛАВІВНА", "Мар'яна В'ячеславівна"),
        ("MCDONALD", "McDonald"),
        ("IBM DEUTSCHLAND GMBH", "IBM Deutschland GmbH"),
        ("ГЕНРИХ VIII", "Генрих VIII"),
        ("BMW X5 А777АА77", "BMW X5 А777АА77"),
        ("2-Й ЭТАЖ", "2-й Этаж"),
        ("ИВАН IVAN@EXAMPLE.COM", "Иван IVAN@EXAMPLE.COM"),
        ("STRAßE", "Straße"),
        ("12-34", "12-34"),
        ("ROMASHKA საქართველო", "Romashka საქართველო"),
        ("საქართველო", "საქართველო"),
        ("DİYARBAKIR İSTANBUL", "Diyarbakır İstanbul"),
        ("ışıl iğde", "Işıl İğde"),
        ("ŞTEFAN ŢEPEŞ MIRCEA", "Ştefan Ţepeş Mircea"),
        ("ΟΔΥΣΣΕΑΣ ΠΑΠΑΔΟΠΟΥΛΟΣ", "Οδυσσεας Παπαδοπουλος"),
        ("ИВАН WWW.SITE.RU SITE.COM/A", "Иван WWW.SITE.RU SITE.COM/A"),
        ("ИВАНОВ www.site.ru", "Иванов www.site.ru"),
        ("КУЗНЕЦОВ В В", "Кузнецов В В"),
        ("КУЗНЕЦОВ В В МОСКВА", "Кузнецов В В Москва"),
        ("БЛОК А ДОМ", "Блок А Дом"),
        ("РОГА И КОПЫТА", "Рога и Копыта"),
        ("G'ULOMOV", "G'ulomov"),
        ("ALIYEV VALI O'G'LI", "Aliyev Vali o'g'li"),
        ("В'ЕТНАМ", "В'етнам"),
        ("L'OREAL", "L'Oreal"),
        ("MCDONALD'S", "McDonald's"),
        ("КОМПЬЮТЕР DELL PC", "Компьютер Dell PC"),
        ("HOTEL LE MERIDIEN", "Hotel Le Meridien"),
        ("СТО РУБЛЕЙ", "Сто Рублей"),
        ("LED SIA", "Led Sia"),
        ("ГЕНРИХ XI", "Генрих XI"),
        ("XI JINPING", "Xi Jinping"),
    ],
)
def test_title(before: str, after: str) -> None:
    assert with_case(before, LetterCase.TITLE, SPELT) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ДОГОВОР ПОДПИСАН. ЖДЁМ ОПЛАТУ!", "Договор подписан. Ждём оплату!"),
        ("счёт от ооо", "Счёт от ООО"),
        ("ПОСТАВКА IBM ДЛЯ АО", "Поставка IBM для АО"),
        ("ПЕРВАЯ\nВТОРАЯ", "Первая\nВторая"),
    ],
)
def test_sentence(before: str, after: str) -> None:
    assert with_case(before, LetterCase.SENTENCE, SPELT) == after


def test_upper_and_lower() -> None:
    assert with_case("abc-де", LetterCase.UPPER, SPELT) == "ABC-ДЕ"
    assert with_case("ABC-ДЕ", LetterCase.LOWER, SPELT) == "abc-де"
    assert with_case("ИВАН HTTPS://X.RU/A Site.ru", LetterCase.LOWER, SPELT) == "иван HTTPS://X.RU/A Site.ru"
    assert with_case("иван a@x.ru www.x.ru", LetterCase.UPPER, SPELT) == "ИВАН a@x.ru www.x.ru"


def test_a_persons_spellings_win() -> None:
    own = spellings(["ГАЗ", "iPhone", "Ооо"])
    assert with_case("ООО ГАЗ IPHONE", LetterCase.TITLE, own) == "Ооо ГАЗ iPhone"


def letters(text: str) -> str:
    """Return a text without what tells two forms of its letters."""
    return lower(text).replace("ı", "i").casefold()


@given(texts, st.sampled_from(LetterCase))
def test_letters_stay_and_nothing_is_left_to_do(text: str, case: LetterCase) -> None:
    once = with_case(text, case, SPELT)
    assert with_case(once, case, SPELT) == once
    assert letters(once) == letters(text)


@given(texts, st.sampled_from(LetterCase))
def test_what_is_written_with_care_stays(text: str, case: LetterCase) -> None:
    mixed = f"Иван {text} Aa"
    assert with_case(mixed, case, SPELT) == mixed


@given(st.text())
def test_capitals_never_make_a_text_longer(text: str) -> None:
    assert len(upper(text)) == len(lower(text)) == len(text)
