"""White space, markup and replacements in texts of fields."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from b24syncd.domain.field_settings import MEANING_NOTHING
from b24syncd.jobs.fields.markup import strip_html
from b24syncd.jobs.fields.replacing import Table, means_nothing
from b24syncd.jobs.fields.white_space import folded, squeeze, trim

NBSP, THIN, ZERO, BOM = "\u00a0", "\u2009", "\u200b", "\ufeff"
LETTERS = re.compile(r"[^\W\d_]|\d")

spaced = st.text(st.sampled_from(f"ab Я\t\n\r{NBSP}{THIN}{ZERO}{BOM}\u2028\u3000\u200d❤\ufe0fก"), max_size=30)
MARKS = (
    *(
        "<b>",
        "</b>",
        "<p>",
        "</p>",
        "<br>",
        "<br/>",
        "<td>",
        "</td>",
        "<a href='x'>",
        "<a href='https://x.ru'>",
        "<s>",
        "</s>",
        "<s x>",
        "</a>",
        "<b and c>",
        "<i",
        "</",
        "/>",
    ),
    *(
        "<script>",
        "</script>",
        "<style>",
        "</style>",
        "<textarea>",
        "</textarea>",
        "<title>",
        "<plaintext>",
        "<ivan@x.ru>",
    ),
    *("<!--", "-->", "<![CDATA[", "]]>", "<?x", "?>", "<!DOCTYPE html>", "<!x>", "<", ">", '"', "'", "="),
    *("&amp;", "&lt;", "&gt;", "&nbsp;", "&#8212;", "&#0;", "&", ";", "a", "Ж", "1", " ", "\n", "\r\n"),
)
marked = st.lists(st.sampled_from(MARKS), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  ООО Ромашка \n", "ООО Ромашка"),
        (f"{NBSP}{ZERO}Иван{BOM}{THIN}", "Иван"),
        ("❤\ufe0f ", "❤\ufe0f"),
        ("a  b", "a  b"),
        (" \t", ""),
    ],
)
def test_trim(before: str, after: str) -> None:
    assert trim(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a  b", "a b"),
        (f"a{NBSP}b{THIN}{NBSP}c\td", "a b c d"),
        ("a  \n  b\r\n\r\nc", "a\nb\r\n\r\nc"),
        (f"Ива{ZERO}нов{BOM}", f"Иванов{BOM}"),
        (f"a{ZERO} {ZERO}b", "a b"),
        (f"ไทย{ZERO}ไทย", f"ไทย{ZERO}ไทย"),
        ("  a  b  ", "  a b  "),
        ("   ", "   "),
    ],
)
def test_squeeze(before: str, after: str) -> None:
    assert squeeze(before) == after


@given(spaced)
def test_white_space_is_all_that_goes(text: str) -> None:
    for change in (trim, squeeze):
        once = change(text)
        assert change(once) == once
        assert "".join(once.split()).replace(ZERO, "").replace(BOM, "") == "".join(text.split()).replace(
            ZERO, ""
        ).replace(BOM, "")
    assert squeeze(text).count("\n") == text.count("\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p>Привет</p><p>мир</p>", "Привет\nмир"),
        ("a<br>b<br/>\nc", "a\nb\nc"),
        ("<b>Жирный</b> <a href='https://x.ru/?a=1&b=2'>текст</a>", "Жирный текст (https://x.ru/?a=1&b=2)"),
        ("<a href='https://x.ru/'>x.ru</a>", "x.ru"),
        ("<a href='mailto:a@x.ru'>Почта</a>", "Почта (a@x.ru)"),
        ("<a href='https://x.ru'></a>", "https://x.ru"),
        ("<a href='javascript:x()'>Текст</a>", "Текст"),
        ("<p><img src='https://x.ru/a.png'></p>", "https://x.ru/a.png"),
        ("<img src='https://x.ru/a.png'> Схема", " Схема"),
        ("<div contenteditable data-x aria-hidden>Текст</div>", "Текст"),
        ("Рога &amp; Копыта &mdash; &quot;ООО&quot;", 'Рога & Копыта — "ООО"'),
        ("Рога &amp;amp; Копыта", "Рога & Копыта"),
        ("&lt;b&gt;x&lt;/b&gt;", "x"),
        ("<style>p {margin: 0}</style>Текст", "Текст"),
        ("<script>alert('x')</script>Текст", "Текст"),
        ("<!-- [if mso] -->Текст", "Текст"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b "),
    ],
)
def test_markup_goes(before: str, after: str) -> None:
    assert strip_html(before) == after


def test_a_field_of_one_line_gets_no_line_breaks() -> None:
    assert strip_html("<p>a</p><p>b</p>c<br>d", line_break=" ") == "a b c d"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a < b",
            "a<b и c>d",
            "1 <2 and 3> 2",
            "<3",
            "if a<b and c>d",
            "Иван <ivan@example.com>",
            "<Иван>",
            "x <y> z",
        ),
        *("AT&T", "?a=1&copy=2", "a & b;", "&bogus;", "&#0;", "<!-- не кончается", "<a href='не кончается", "</", "<"),
        *("<script>не кончается", "<?php ?>", "<![CDATA[x]]>", "Футболка <S>, <M>", "<b and c>x</b>", "<B>"),
    ],
)
def test_text_is_no_markup(text: str) -> None:
    assert strip_html(text) == text


@given(marked)
@example("<<b>b>")
@example("&amp;lt;b&amp;gt;")
def test_stripping_is_done_at_once(text: str) -> None:
    once = strip_html(text)
    assert strip_html(once) == once
    assert len(once) <= len(text)


@given(st.text(st.sampled_from("aЖ1<> &;/!-='\"\n")))
def test_no_word_goes_with_markup_that_is_none(text: str) -> None:
    told = strip_html(f"<p>{text}").replace("a", "")
    assert LETTERS.findall(told) == LETTERS.findall(
        re.sub(r"<!-.*?-->|</?a\s*/?>|</a[^>]*>", "", text).replace("a", "")
    )


TABLE = (("Мск", "Москва"), ("СПб", "Санкт-Петербург"), ("ул", "ул."))


@pytest.mark.parametrize(
    ("before", "after"),
    [("мск", "Москва"), (" МСК ", "Москва"), ("Москва", "Москва"), ("Мск и область", "Мск и область")],
)
def test_whole_values_are_replaced(before: str, after: str) -> None:
    assert Table(TABLE).whole(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("г. мск, ул Ленина", "г. Москва, ул. Ленина"),
        ("г. Москва, ул. Ленина", "г. Москва, ул. Ленина"),
        ("аул Мскинский", "аул Мскинский"),
        ("СПб-мск", "Санкт-Петербург-Москва"),
        ("ул\u0301 мск\u0306", "ул\u0301 мск\u0306"),
    ],
)
def test_words_are_replaced(before: str, after: str) -> None:
    assert Table(TABLE).words(before) == after
    assert Table(TABLE).words(after) == after


@given(
    st.text(st.sampled_from("abв .-"), max_size=12),
    st.lists(st.tuples(*(st.text(st.sampled_from("abв ."), min_size=1, max_size=3),) * 2), max_size=4),
)
def test_replacing_words_is_done_at_once(text: str, table: list[tuple[str, str]]) -> None:
    words = Table(tuple(table)).words
    once = words(text)
    assert words(once) == once


@pytest.mark.parametrize("text", ["-", " – ", "НЕТ", "N/A", "Не указано"])
def test_what_means_nothing(text: str) -> None:
    assert means_nothing(text, MEANING_NOTHING)


@pytest.mark.parametrize("text", ["нет и не было", "0", "Нетто", "-5", "Na"])
def test_what_means_something(text: str) -> None:
    assert not means_nothing(text, MEANING_NOTHING)


def test_texts_are_compared_without_capitals_and_needless_spaces() -> None:
    assert folded(f" Нет{NBSP} Данных ") == "нет данных"
