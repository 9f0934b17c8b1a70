"""Domains of e-mail addresses: their canonical form, mixed scripts, misspellings."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from b24syncd.domain.reasons import Reason
from b24syncd.jobs.scripts import as_latin, mixes_scripts

from .providers import misspelt, without_dot
from .top_level_domains import exists, likely

_CHECKABLE = "com"
"""In place of a top-level domain that does not exist: the library refuses some of them and takes the others."""

_TOP_LEVEL = range(2, 21)
"""So many characters, or else the portal stores no address (php: modules/main/tools.php `check_email`)."""

_BESIDE_LETTERS = frozenset("0123456789-.")
"""What else may stand in a domain that the portal stores (see there): signs that only belong to letters may not."""

_DOTS = re.compile(r"\.{2,}")
_TURKISH_I = re.compile("i\u0307|ı")
"""What lower case makes of `İ`, and what keyboards without a dot write: no domain, or another one."""


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
    if _TURKISH_I.search(canonical):
        return DomainReading(canonical, Reason.INVALID_ADDRESS, _right(_TURKISH_I.sub("i", canonical)))
    forms = _valid_forms(canonical)
    if forms is None or not _is_stored(canonical):
        return DomainReading(canonical, Reason.INVALID_ADDRESS, _mended(canonical))
    if mixed := _mixed_scripts(forms[0]):
        return mixed
    if canonical not in forms:
        # Full-width letters, ligatures and the like: the domain that they stand for looks different.
        return DomainReading(canonical, Reason.INVALID_ADDRESS, _right(forms[0]))
    return _spelt(canonical, forms[1].rpartition(".")[2])


def _spelt(domain: str, top: str) -> DomainReading:
    """Return the reading of a valid domain as far as it may be a misspelt one."""
    if provider := misspelt(domain):
        return DomainReading(domain, Reason.DOMAIN_TYPO, provider)
    return DomainReading(domain) if exists(top) else _unknown(domain)


def _unknown(domain: str) -> DomainReading:
    """Return the reading of a domain under a top-level domain that does not exist."""
    name, _, top = domain.rpartition(".")
    meant = likely(top)
    right = read_domain(f"{name}.{meant}") if meant else None
    if right is not None and right.reason is None:
        return DomainReading(domain, Reason.UNKNOWN_TOP_LEVEL_DOMAIN, right.canonical)
    # One slip in the name and one in the ending; but not two guesses at the ending (`gmail.ffr`).
    if right is not None and right.suggestion and right.suggestion.endswith(f".{meant}"):
        return DomainReading(domain, right.reason, right.suggestion)
    return DomainReading(domain, Reason.UNKNOWN_TOP_LEVEL_DOMAIN)


def _mended(domain: str) -> str | None:
    """Return the domain that one meant which is none: without a dot, with two of them, broken off."""
    if "." not in domain:
        return without_dot(domain)
    single = _DOTS.sub(".", domain).lstrip(".")
    return _right(single) if single != domain else misspelt(domain)


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
    """Return the Unicode and the Punycode form of a domain that is valid, whether or not its top level exists."""
    name, _, top = domain.rpartition(".")
    replaced = top.isascii() and top.isalpha() and not exists(top)
    try:
        address = validate_email(f"a@{name}.{_CHECKABLE}" if replaced else f"a@{domain}", check_deliverability=False)
    except (EmailNotValidError, UnicodeError):
        return None
    if not replaced:
        return address.domain, address.ascii_domain
    return address.domain.removesuffix(_CHECKABLE) + top, address.ascii_domain.removesuffix(_CHECKABLE) + top
