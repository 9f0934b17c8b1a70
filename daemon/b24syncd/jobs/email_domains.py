"""Domains of e-mail addresses: their canonical form, mixed scripts, well-known misspellings."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from b24syncd.domain.reasons import Reason

from .scripts import as_latin, mixes_scripts

_MISSPELT = {
    "gmail.com": "gmial.com gmai.com gmal.com gmaul.com gamil.com gmil.com gmaill.com gmali.com gmaik.com gnail.com "
    "gmeil.com gmail.con gmail.cm gmail.om gmail.co gmail.cim gmail.comm gmail.ru gmail.ry gmial.ru "
    "gamil.ru gmali.ru gimail.com gmaio.com",
    "yandex.ru": "yandex.ry yandex.tu yandex.ri yandex.u yandex.r yandex.rru yndex.ru yadnex.ru yandx.ru yanex.ru "
    "yandeks.ru yamdex.ru jandex.ru yadex.ru yandec.ru yaandex.ru yandexx.ru ynadex.ru yandes.ru yande.ru",
    "ya.ru": "ya.ry ya.tu",
    "mail.ru": "mail.ry mail.ri mail.tu mail.rru mail.r mai.ru maill.ru meil.ru maul.ru maio.ru mial.ru mail.ur",
    "bk.ru": "bk.ry bk.tu",
    "list.ru": "list.ry list.tu",
    "inbox.ru": "inbox.ry inbox.tu inbx.ru imbox.ru",
    "rambler.ru": "rambler.ry rambler.tu ramler.ru ramber.ru ramblr.ru rambller.ru",
    "hotmail.com": "hotmial.com hotmai.com hotmal.com hotmil.com hotmali.com hormail.com hotmaill.com hotmail.con "
    "hotmail.cm hotmail.co",
    "outlook.com": "outlok.com outloo.com outllok.com outlool.com outlook.con outlook.cm outlook.co",
    "yahoo.com": "yaho.com yahooo.com yhoo.com yahho.com ayhoo.com yahoo.con yahoo.cm yahoo.co",
    "icloud.com": "iclod.com icoud.com iclould.com icolud.com iclaud.com icloud.con icloud.cm icloud.co",
    "gmx.de": "gmx.ed gmx.d",
    "web.de": "web.ed wbe.de",
    "t-online.de": "t-onlin.de tonline.de t-online.ed t-onlien.de",
    "ukr.net": "ukr.ner ukr.nte ukt.net",
    "tut.by": "tut.bu tut.bt",
}
_TYPOS = {typo: right for right, typos in _MISSPELT.items() for typo in typos.split()}

# Names that are not on the internet but are in use inside companies; the library refuses them.
_PRIVATE = (".local", ".test")
_CHECKABLE = ".example"

_TOP_LEVEL = range(2, 21)
"""So many characters, or else the portal stores no address (php: modules/main/tools.php `check_email`)."""

_BESIDE_LETTERS = frozenset("0123456789-.")
"""What else may stand in a domain that the portal stores (see there): signs that only belong to letters may not."""


@dataclass(frozen=True, slots=True)
class DomainReading:
    """The canonical form of a domain, or why a person must decide; a right spelling where one is known."""

    canonical: str
    reason: Reason | None = None
    suggestion: str | None = None


@lru_cache(maxsize=8192)
def read_domain(domain: str) -> DomainReading:
    """Read the part behind the `@`: lower case, Unicode or Punycode as the person wrote it."""
    canonical = unicodedata.normalize("NFC", domain.lower())
    forms = _valid_forms(canonical)
    if forms is None or not _is_stored(canonical):
        return DomainReading(canonical, Reason.INVALID_ADDRESS)
    if mixed := _mixed_scripts(forms[0]):
        return mixed
    if canonical not in forms:
        # Full-width letters, ligatures and the like: the domain that they stand for looks different.
        return DomainReading(canonical, Reason.INVALID_ADDRESS, _right(forms[0]))
    if canonical in _TYPOS:
        return DomainReading(canonical, Reason.DOMAIN_TYPO, _TYPOS[canonical])
    return DomainReading(canonical)


def _is_stored(domain: str) -> bool:
    """Tell whether the portal takes a valid domain for one."""
    has_signs = any(not character.isalpha() and character not in _BESIDE_LETTERS for character in domain)
    return len(domain.rpartition(".")[2]) in _TOP_LEVEL and not has_signs


def _mixed_scripts(domain: str) -> DomainReading | None:
    """Return the reading of a domain of which a label mixes scripts, or a Latin name stands under a Cyrillic top level.

    The other way round (`пример.com`) is an ordinary international domain.
    """
    labels = domain.split(".")
    if any(map(mixes_scripts, labels)):
        return DomainReading(domain, Reason.MIXED_SCRIPT_DOMAIN, _right(as_latin(domain)))
    name, top = labels[-2:]
    if not top.isascii() and mixes_scripts(name + top):
        return DomainReading(domain, Reason.MIXED_SCRIPT_DOMAIN)
    return None


def _right(domain: str | None) -> str | None:
    """Return a domain that may have been meant, in its right spelling; `None` if it cannot be."""
    if domain is None:
        return None
    read = read_domain(domain)
    return read.canonical if read.reason is None else read.suggestion


def _valid_forms(domain: str) -> tuple[str, str] | None:
    """Return the Unicode and the Punycode form of a valid domain."""
    private = next((ending for ending in _PRIVATE if domain.endswith(ending)), None)
    checked = domain if private is None else domain.removesuffix(private) + _CHECKABLE
    try:
        address = validate_email(f"a@{checked}", check_deliverability=False)
    except (EmailNotValidError, UnicodeError):
        return None
    if private is None:
        return address.domain, address.ascii_domain
    return address.domain.removesuffix(_CHECKABLE) + private, address.ascii_domain.removesuffix(_CHECKABLE) + private
