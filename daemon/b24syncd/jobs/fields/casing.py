"""Capitals: names and titles that somebody wrote all in capitals, or all small.

A text in which both occur was written with care, or was corrected before: it stays as it is.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from b24syncd.domain.rules import LetterCase

from .abbreviations import ORDINALS, PARTICLES, SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Mapping

_APOSTROPHES = "'\u2019\u02bc\u2018\u00b4`"
_HYPHENS = "-\u2010\u2011"
_PART = rf"[^\W_](?:[^\W_]|[{_APOSTROPHES}](?=[^\W_])|[\u0300-\u036f])*"
_WORD = re.compile(rf"(?P<address>\S*(?:@|://)\S*|\bwww\.\S*)|(?P<word>{_PART}(?:[{_HYPHENS}]{_PART})*)")
_HYPHEN = re.compile(f"([{_HYPHENS}])")
_APOSTROPHE = re.compile(f"[{_APOSTROPHES}]")
_OPENS = re.compile(r"(?:\A|[\n.!?:;/(\[{\"«„“”|\u2014]|\s[\u2013-])\s*\Z")
"""What stands before a word that begins something."""

_ENDS_SENTENCE = re.compile(r"(?:\A|[.!?\u2026]\s+|\n\s*)[^\w]*\Z")
_SOFT_VOWELS = "яюєїё"
"""In Ukrainian and Belarusian an apostrophe stands before these inside of a word; elsewhere a name begins behind it."""

_ENGLISH_I = "i"
_LEAST_BEHIND_APOSTROPHE = 2
_LEAST_BEHIND_MC = 3


def upper(text: str) -> str:
    """Return the text in capitals; a letter whose capital would be two letters stays as it is."""
    return "".join(_one(character.upper(), character) for character in text)


def lower(text: str) -> str:
    """Return the text in small letters; a letter whose small one would be two characters stays as it is."""
    return "".join(_one(character.lower(), character) for character in text)


def _one(changed: str, character: str) -> str:
    return changed if len(changed) == 1 else character


def with_case(text: str, case: LetterCase, spelt: Mapping[str, str]) -> str:
    """Return a text that is all in capitals, or all small, in another case; any other stays as it is.

    `spelt` are words with a spelling of their own, by their folded form. Addresses, and words with digits, stay.
    """
    if upper(text) == lower(text) or text not in (upper(text), lower(text)):
        return text
    match case:
        case LetterCase.UPPER:
            return upper(text)
        case LetterCase.LOWER:
            return lower(text)
        case LetterCase.TITLE:
            return _WORD.sub(partial(_in_title, text, spelt), text)
        case LetterCase.SENTENCE:
            return _WORD.sub(partial(_in_sentence, text, spelt), text)


def _in_title(text: str, spelt: Mapping[str, str], found: re.Match[str]) -> str:
    word = found["word"]
    if word is None:
        return found[0]
    if (whole := spelt.get(word.casefold())) is not None:
        return whole
    begins = _OPENS.search(text, 0, found.start()) is not None
    is_last = re.search(r"\w", text[found.end() :]) is None
    is_initial = len(word) == 1 and text[found.end() : found.end() + 1] == "."
    small = lower(word)
    if not begins and not is_initial and ((small in PARTICLES and not is_last) or small in SUFFIXES):
        return small
    parts = _HYPHEN.split(word)
    return "".join(_part_in_title(parts, index, spelt) for index in range(len(parts)))


def _part_in_title(parts: list[str], index: int, spelt: Mapping[str, str]) -> str:
    part, small = parts[index], lower(parts[index])
    if (whole := spelt.get(part.casefold())) is not None:
        return whole
    is_inner = 0 < index < len(parts) - 1
    if (is_inner and small in PARTICLES) or (index > 0 and small in SUFFIXES):
        return small
    if index > 0 and small in ORDINALS and parts[index - 2][-1:].isdigit():
        return small
    return part if any(map(str.isdigit, part)) else _capitalized(small)


def _capitalized(small: str) -> str:
    """Return a word with a capital at its beginning, and where a name begins inside of it."""
    first, *others = _APOSTROPHE.split(small, maxsplit=1)
    if others and _is_name_behind(first, others[0]):
        sign = small[len(first)]
        return f"{upper(first)}{sign}{_capitalized(others[0])}"
    if small.startswith("mc") and len(small) >= len("mc") + _LEAST_BEHIND_MC and small.isalpha():
        return f"Mc{upper(small[2])}{small[3:]}"
    return f"{upper(small[:1])}{small[1:]}"


def _is_name_behind(first: str, behind: str) -> bool:
    is_prefix = len(first) == 1 and first != _ENGLISH_I
    return is_prefix and len(behind) >= _LEAST_BEHIND_APOSTROPHE and behind[0] not in _SOFT_VOWELS


def _in_sentence(text: str, spelt: Mapping[str, str], found: re.Match[str]) -> str:
    word = found["word"]
    if word is None:
        return found[0]
    begins = _ENDS_SENTENCE.search(text, 0, found.start()) is not None
    parts = _HYPHEN.split(word)
    told = []
    for index, part in enumerate(parts):
        small = lower(part)
        whole = spelt.get(part.casefold())
        is_initial = len(word) == 1 and text[found.end() : found.end() + 1] == "."
        if whole is None and (is_initial or any(map(str.isdigit, part))):
            whole = part
        begun = f"{upper(small[:1])}{small[1:]}" if begins and index == 0 else small
        told.append(begun if whole is None else whole)
    return "".join(told)
