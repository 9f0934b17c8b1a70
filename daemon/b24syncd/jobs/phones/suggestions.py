"""The one number in a text that is more than a number, for a person to decide about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import phonenumbers

from .plans import is_for_everybody, plan_of
from .ranks import resolve
from .region import own
from .text import WrittenNumber, numbers_within, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from b24syncd.domain.rules import PhoneRules
    from b24syncd.jobs.reading import Reading

_LETTERS_LIKE_ZERO = str.maketrans("oOоО", "0000")
_VANITY = re.compile(r"(\+?[\d\s().-]{3,12}?)[\s.-]*([A-Za-z][A-Za-z\d\s.-]*)")
_SHORTEST_NAME = 3
_DIGIT_BEFORE_PLUS = re.compile(r"(\d{1,3})[\s-]*\(?\+([\s(]*\d[\d\s().-]*)")


def number_within(text: str, rules: PhoneRules, read: Callable[[str], Reading | None]) -> str | None:
    """Return the one number in a text; `read` reads a piece of it."""
    spelt = text.translate(_LETTERS_LIKE_ZERO)
    pieces = [spelt] if isinstance(parse(spelt), WrittenNumber) else numbers_within(text)
    found = {value for piece in pieces if (part := read(piece)) is not None for value in part.values}
    if not found and spelt not in pieces:
        return _vanity(text, rules)
    return found.pop() if len(found) == 1 else None


def with_plus_inside(text: str, region: str) -> str | None:
    """Return the region's number whose `+` stands behind its prefix (`1+951 735 4567`); empty if it is none."""
    match = _DIGIT_BEFORE_PLUS.fullmatch(text.strip())
    if match is None:
        return None
    before, behind = match[1], re.sub(r"\D", "", match[2])
    if before not in {plan_of(region).code, plan_of(region).trunk}:
        return ""
    return own(before + behind, region).number or own(behind, region).number or ""


def _vanity(text: str, rules: PhoneRules) -> str | None:
    """Return the number that is dialled by its letters: a service's, or any in North America.

    Elsewhere the letters behind a number are rather a name, and so is what begins with a capital letter.
    """
    match = _VANITY.fullmatch(text)
    if match is None:
        return None
    letters = "".join(filter(str.isalpha, match[2]))
    if len(letters) < _SHORTEST_NAME or len(set(letters.lower())) == 1:
        return None
    dialled = parse(phonenumbers.convert_alpha_characters_in_number(text))
    if not isinstance(dialled, WrittenNumber):
        return None
    number = next(iter(resolve(dialled, rules).values), None)
    if number is None and not dialled.plus:
        number = own(dialled.digits, rules.region).number
    is_name = not (letters.isupper() or letters.islower())
    if number is None or not (is_for_everybody(number) or (number.startswith("+1") and not is_name)):
        return None
    return number
