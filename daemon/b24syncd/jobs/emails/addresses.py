"""Reading the raw value of an e-mail entry."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote

from email_validator import EmailNotValidError, validate_email

from b24syncd.domain.reasons import Reason
from b24syncd.jobs.characters import without_invisible
from b24syncd.jobs.reading import BLANK, Reading, distinct, several, unreadable
from b24syncd.jobs.scripts import as_latin, mixes_scripts

from .domains import read_domain
from .text import find
from .top_level_domains import may_go_on

if TYPE_CHECKING:
    from b24syncd.domain.rules import EmailRules

_LOCAL = r"[a-z0-9]+(?:[._+-][a-z0-9]+)*"
_ORDINARY_LOCAL = re.compile(_LOCAL)
_ORDINARY = re.compile("(?!u003[ce])" + _LOCAL + "@([a-z0-9.-]+)")
_SPACE_BEFORE = re.compile(r" +(?=[@.])|(?<=@) +")
_SPACE_IN_DOMAIN = re.compile(r"(@[^@]*)")
_SPACE_AROUND_DOT = re.compile(r" *\. *")
_SPACE_FOR_DOT = re.compile(r"([\w-]+) +([a-z]{2,4})", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^<>@]*>", re.IGNORECASE)
_MANY_DIGITS = re.compile(r"(?:\d[ ().-]*){6}")
_BRACKET = re.compile(r"(?=[(\[])")
_SYMBOLS = re.compile(r"^(?:[^\w\s!-~\u202e]|\\)+|[^\w\s>)\]]+$")
"""Signs that neither belong to an address nor to a sentence: a bullet before it, a backslash behind it."""
_LIKE_AT = re.compile(r"\"|\s*(?:[(\[{]\s*(?:at|a|собака)\s*[)\]}]|\bсобака\b)\s*", re.IGNORECASE)
_SEVERAL_AT = re.compile("@{2,}")
_ESCAPED = re.compile("%[0-9a-f]{2}", re.IGNORECASE)
_STRAY = re.compile(r"(?!'[st][._-])['`=*~#-]+|u003[ce]", re.IGNORECASE)
"""What spreadsheets, lists and JSON (`\\u003e`) put before an address; `'t.hooft` and `'s-gravenhage` are names."""
_TURKISH_I = re.compile("[İı]|[iI]\u0307")
_BESIDE_LETTERS = frozenset("0123456789=_+~'!$&*^`|#%/?{}-.")
"""What else may stand before the `@` if the portal is to store it (php: modules/main/tools.php `check_email`)."""

_LONGEST_ADDRESS = 250
"""Mail servers take 254 bytes, the portal stores 250 characters (php: crm_field_multi.php, `CheckFields`)."""

_LONGEST_VALUE = 1000


@lru_cache(maxsize=4096)
def read(value: str, rules: EmailRules) -> Reading:
    """Return the canonical addresses of a raw value, or why there are none.

    A canonical value is read as itself. Nothing that a person sees is changed but the case of letters.
    """
    ordinary = _ORDINARY.fullmatch(value)
    if ordinary and len(value) <= _LONGEST_ADDRESS:
        domain = read_domain(ordinary[1])
        if domain.reason is None:
            return Reading((value,))
    text = without_invisible(value).strip()
    if not text:
        return BLANK
    if len(text) > _LONGEST_VALUE:
        return unreadable(Reason.INVALID_ADDRESS)
    return _read(text, rules)


def values_of(value: str, rules: EmailRules) -> tuple[str, ...]:
    """Return the canonical addresses that a raw value says."""
    return read(value, rules).values


def _read(text: str, rules: EmailRules) -> Reading:
    found = find(text)
    if not found.candidates:
        return unreadable(Reason.NOT_AN_EMAIL, _suggestion(text, [], rules))
    parts = [_address(candidate, rules) for candidate in found.candidates]
    if found.stray_words:
        reason = Reason.INVALID_ADDRESS if _has_invalid(parts) else Reason.ADDRESS_IN_SENTENCE
        return unreadable(reason, _suggestion(text, parts, rules))
    if len(parts) == 1 and parts[0].reason is not None:
        return unreadable(parts[0].reason, _suggestion(text, parts, rules))
    meant = [part.values[0] if part.values else part.suggestion for part in parts]
    if None not in meant and (first := next((part.reason for part in parts if part.reason), None)):
        return unreadable(first, ", ".join(distinct(filter(None, meant))))
    return several(parts, split=rules.split, refusal=Reason.SEVERAL_ADDRESSES)


def _has_invalid(parts: list[Reading]) -> bool:
    return any(part.reason is Reason.INVALID_ADDRESS for part in parts)


def _address(candidate: str, rules: EmailRules) -> Reading:
    before, _, domain = candidate.partition("@")
    if stray := _STRAY.match(before):
        rest = _address(candidate[stray.end() :], rules)
        return unreadable(Reason.STRAY_CHARACTERS, rest.values[0] if rest.values else rest.suggestion)
    local = _local_part(before, rules)
    if local is None or "@" in domain:
        return unreadable(Reason.INVALID_ADDRESS)
    if _ESCAPED.search(before):
        return unreadable(Reason.STRAY_CHARACTERS)
    read = read_domain(domain)
    latin = as_latin(local) if mixes_scripts(local) else local
    meant = read.canonical if read.reason is None else read.suggestion
    if local != (looks_like := unicodedata.normalize("NFKC", local)):
        # Full-width letters, ligatures and the like, as in domains.
        is_sure = meant and _ORDINARY_LOCAL.fullmatch(looks_like)
        return unreadable(Reason.INVALID_ADDRESS, f"{looks_like}@{meant}" if is_sure else None)
    if reason := read.reason or (Reason.MIXED_SCRIPT_LOCAL_PART if latin != local else None):
        return unreadable(reason, f"{latin}@{meant}" if latin and meant else None)
    address = f"{local}@{read.canonical}"
    return Reading((address,)) if len(address.encode()) <= _LONGEST_ADDRESS else unreadable(Reason.INVALID_ADDRESS)


def _local_part(text: str, rules: EmailRules) -> str | None:
    """Return the canonical part before the `@`; `None` if it is not valid."""
    local = unicodedata.normalize("NFC", text)
    if _TURKISH_I.search(local):
        return None
    if rules.lowercase_local_part:
        local = unicodedata.normalize("NFC", local.lower())
    if _ORDINARY_LOCAL.fullmatch(local):
        return local
    try:
        valid = validate_email(f"{local}@example.com", check_deliverability=False)
    except (EmailNotValidError, UnicodeError):
        return None
    if any(not character.isalpha() and character not in _BESIDE_LETTERS for character in local):
        return None
    # The library lower-cases some well-known names; whether that is wanted is the setting's to say.
    return local if (valid.local_part or "").lower() == local.lower() else None


def _suggestion(text: str, parts: list[Reading], rules: EmailRules) -> str | None:
    """Return the one address in a text, for a person to decide about; none that may be another person's."""
    if len(parts) > 1:
        return None
    if parts and parts[0].values:
        return _only_address(text, rules)
    plain = unicodedata.normalize("NFKC", text)
    closed_up = _SPACE_BEFORE.sub("", plain)
    closed_up = _SPACE_IN_DOMAIN.sub(lambda domain: _SPACE_AROUND_DOT.sub(".", domain[1]), closed_up)
    local, at, domain = closed_up.rpartition("@")
    guesses = [closed_up, local + at + domain.replace(",", "."), _TAG.sub(" ", unescape(plain)), unquote(plain).strip()]
    guesses += [_BRACKET.sub(" ", plain), _SYMBOLS.sub("", plain), _SEVERAL_AT.sub("@", plain)]
    if spaced := _SPACE_FOR_DOT.fullmatch(domain):
        guesses.append(f"{local}@{spaced[1]}.{spaced[2]}")
    if "@" not in plain:
        guesses.append(_LIKE_AT.sub("@", plain))
    return next(filter(None, (_only_address(guess, rules) for guess in guesses)), None)


def _only_address(text: str, rules: EmailRules) -> str | None:
    """Return the address that was meant, if what stands beside it is neither a part of it nor a phone number."""
    found = find(text)
    if len(found.candidates) != 1 or found.touched:
        return None
    if _MANY_DIGITS.search(text.replace(found.candidates[0], " ")):
        return None
    read = _address(found.candidates[0], rules)
    address = read.values[0] if read.values else read.suggestion
    goes_on = found.behind and not found.behind.startswith("www.")
    return None if address and goes_on and may_go_on(address, found.behind) else address
