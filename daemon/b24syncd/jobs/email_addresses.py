"""Reading the raw value of an e-mail entry."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from email_validator import EmailNotValidError, validate_email

from b24syncd.domain.reasons import Reason

from .characters import without_invisible
from .email_domains import read_domain
from .email_text import find
from .reading import BLANK, Reading, distinct, several, unreadable
from .scripts import as_latin, mixes_scripts

if TYPE_CHECKING:
    from b24syncd.domain.rules import EmailRules

_LOCAL = r"[a-z0-9]+(?:[._+-][a-z0-9]+)*"
_ORDINARY_LOCAL = re.compile(_LOCAL)
_ORDINARY = re.compile(_LOCAL + "@([a-z0-9.-]+)")
_SPACE_AROUND = re.compile(r" *([@.]) *")
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


def _read(text: str, rules: EmailRules) -> Reading:
    found = find(text)
    if not found.candidates:
        return unreadable(Reason.NOT_AN_EMAIL, _suggestion(text, [], rules))
    parts = [_address(candidate, rules) for candidate in found.candidates]
    if found.stray_words:
        reason = Reason.INVALID_ADDRESS if _has_invalid(parts) else Reason.ADDRESS_IN_SENTENCE
        return unreadable(reason, _suggestion(text, parts, rules))
    if _has_invalid(parts) and len(parts) == 1:
        return unreadable(Reason.INVALID_ADDRESS, _suggestion(text, parts, rules))
    meant = [part.values[0] if part.values else part.suggestion for part in parts]
    if None not in meant and (first := next((part.reason for part in parts if part.reason), None)):
        return unreadable(first, ", ".join(distinct(filter(None, meant))))
    return several(parts, split=rules.split, refusal=Reason.SEVERAL_ADDRESSES)


def _has_invalid(parts: list[Reading]) -> bool:
    return any(part.reason is Reason.INVALID_ADDRESS for part in parts)


def _address(candidate: str, rules: EmailRules) -> Reading:
    before, _, domain = candidate.partition("@")
    local = _local_part(before, rules)
    if local is None or "@" in domain:
        return unreadable(Reason.INVALID_ADDRESS)
    read = read_domain(domain)
    latin = as_latin(local) if mixes_scripts(local) else local
    meant = read.canonical if read.reason is None else read.suggestion
    if reason := read.reason or (Reason.MIXED_SCRIPT_LOCAL_PART if latin != local else None):
        return unreadable(reason, f"{latin}@{meant}" if latin and meant else None)
    address = f"{local}@{read.canonical}"
    return Reading((address,)) if len(address.encode()) <= _LONGEST_ADDRESS else unreadable(Reason.INVALID_ADDRESS)


def _local_part(text: str, rules: EmailRules) -> str | None:
    """Return the canonical part before the `@`; `None` if it is not valid."""
    local = unicodedata.normalize("NFC", text)
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
    """Return the one address in a text, for a person to decide about."""
    if len(parts) > 1:
        return None
    if parts and parts[0].values:
        return parts[0].values[0]
    closed_up = _SPACE_AROUND.sub(r"\1", unicodedata.normalize("NFKC", text))
    for guess in (closed_up, closed_up.replace(",", ".")):
        candidates = find(guess).candidates
        if len(candidates) == 1 and (values := _address(candidates[0], rules).values):
            return values[0]
    return parts[0].suggestion if parts else None
