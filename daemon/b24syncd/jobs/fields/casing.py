"""Capitals: names and titles that somebody wrote all in capitals, or all small.

A text in which both occur was written with care, or was corrected before: it stays as it is.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from b24syncd.domain.rules import LetterCase

from .abbreviations import NUMERALS, ORDINALS, PARTICLES, SUFFIXES
from .letters import is_of_one_case, lower, upper

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_APOSTROPHES = "'\u2019\u02bc\u2018\u00b4`"
_HYPHENS = "-\u2010\u2011"
_PART = rf"[^\W_](?:[^\W_]|[{_APOSTROPHES}](?=[^\W_])|[\u0300-\u036f])*"
_DOMAINS = """
ru рф su com net org info biz ua by kz uz kg tj am ge az md ee lv lt pl cz de at ch eu uk fr es nl se fi tr il cn us io
me tv app dev pro shop store online site club tech moscow москва бел укр қаз
"""
_ADDRESS = (
    r"\S*(?:@|://)\S*|\b(?i:www\.)\S*"
    rf"|(?<![\w.-])(?:[^\W_](?:[\w-]*[^\W_])?\.)+(?i:{'|'.join(_DOMAINS.split())})(?![\w-]|\.\w)(?:[/?\#:]\S*)?"
)
_ADDRESSES = re.compile(f"({_ADDRESS})")
_WORD = re.compile(rf"(?P<address>{_ADDRESS})|(?P<word>{_PART}(?:[{_HYPHENS}]{_PART})*)")
_HYPHEN = re.compile(f"([{_HYPHENS}])")
_APOSTROPHE = re.compile(f"[{_APOSTROPHES}]")
_OPENS = re.compile(r"(?:\A|[\n.!?:;/(\[{\"«„“”|\u2014]|\s[\u2013-])\s*\Z")
"""What stands before a word that begins something."""

_ENDS_SENTENCE = re.compile(r"(?:\A|[.!?\u2026]\s+|\n\s*)[^\w]*\Z")
_SOFT_VOWELS = "яюєїё"
"""In Ukrainian and Belarusian an apostrophe stands before these inside of a word; elsewhere a name begins behind it."""

_PREFIXES = frozenset("odlодл")
"""Of names as O'Neil, d'Arc, L'Oréal."""

_ONE_LETTER = re.compile(r"(?:\A|\s)\w\.?\s+\Z"), re.compile(r"\A\s+\w\.?(?:\s|\Z)")
"""What stands before and behind one of several initials without dots."""

_LEAST_BEHIND_APOSTROPHE = 2
_LEAST_BEHIND_MC = 3


def with_case(text: str, case: LetterCase, spelt: Mapping[str, str]) -> str:
    """Return a text that is all in capitals, or all small, in another case; any other stays as it is.

    `spelt` are words with a spelling of their own, by their folded form. Addresses, and words with digits, stay.
    """
    words = _ADDRESSES.sub(" ", text)
    if not is_of_one_case(words):
        return text
    match case:
        case LetterCase.UPPER:
            return _outside_of_addresses(text, partial(upper, within=words))
        case LetterCase.LOWER:
            return _outside_of_addresses(text, partial(lower, within=words))
        case LetterCase.TITLE:
            return _WORD.sub(partial(_in_title, text, spelt), text)
        case LetterCase.SENTENCE:
            return _WORD.sub(partial(_in_sentence, text, spelt), text)


def _outside_of_addresses(text: str, change: Callable[[str], str]) -> str:
    parts = _ADDRESSES.split(text)
    return "".join(part if index % 2 else change(part) for index, part in enumerate(parts))


def _in_title(text: str, spelt: Mapping[str, str], found: re.Match[str]) -> str:
    word = found["word"]
    if word is None:
        return found[0]
    begins = _OPENS.search(text, 0, found.start()) is not None
    if (whole := _spelling(word, spelt, begins=begins)) is not None:
        return whole
    behind = text[found.end() :]
    is_last = re.search(r"\w", behind) is None
    small = lower(word, within=text)
    if not begins and not _is_initial(word, text[: found.start()], behind):
        if small in PARTICLES and not is_last:
            return small
        if _APOSTROPHE.sub("'", small) in SUFFIXES:
            return small
    parts = _HYPHEN.split(word)
    return "".join(_part_in_title(parts, index, spelt, text) for index in range(len(parts)))


def _spelling(word: str, spelt: Mapping[str, str], *, begins: bool) -> str | None:
    """Return how a word is always spelt, None where that is as any other."""
    if not begins and word.lower() in NUMERALS:
        return spelt.get(word.casefold(), word.upper())
    return spelt.get(word.casefold())


def _is_initial(word: str, before: str, behind: str) -> bool:
    if len(word) != 1:
        return False
    return behind.startswith(".") or bool(_ONE_LETTER[0].search(before) or _ONE_LETTER[1].search(behind))


def _part_in_title(parts: list[str], index: int, spelt: Mapping[str, str], text: str) -> str:
    part, small = parts[index], lower(parts[index], within=text)
    if (whole := spelt.get(part.casefold())) is not None:
        return whole
    is_inner = 0 < index < len(parts) - 1
    if (is_inner and small in PARTICLES) or (index > 0 and small in SUFFIXES):
        return small
    if index > 0 and small in ORDINALS and parts[index - 2][-1:].isdigit():
        return small
    return part if any(map(str.isdigit, part)) else _capitalized(small, text)


def _capitalized(small: str, text: str) -> str:
    """Return a word with a capital at its beginning, and where a name begins inside of it."""
    first, *others = _APOSTROPHE.split(small, maxsplit=1)
    if others and _is_name_behind(first, others[0]):
        sign = small[len(first)]
        return f"{upper(first, within=text)}{sign}{_capitalized(others[0], text)}"
    if first.startswith("mc") and len(first) >= len("mc") + _LEAST_BEHIND_MC and first.isalpha():
        return f"Mc{upper(small[2], within=text)}{small[3:]}"
    return f"{upper(small[:1], within=text)}{small[1:]}"


def _is_name_behind(first: str, behind: str) -> bool:
    if first not in _PREFIXES or _APOSTROPHE.search(behind):
        return False
    return len(behind) >= _LEAST_BEHIND_APOSTROPHE and behind[0] not in _SOFT_VOWELS


def _in_sentence(text: str, spelt: Mapping[str, str], found: re.Match[str]) -> str:
    word = found["word"]
    if word is None:
        return found[0]
    begins = _ENDS_SENTENCE.search(text, 0, found.start()) is not None
    parts = _HYPHEN.split(word)
    told = []
    for index, part in enumerate(parts):
        small = lower(part, within=text)
        whole = _spelling(part, spelt, begins=begins)
        is_initial = len(word) == 1 and text[found.end() : found.end() + 1] == "."
        if whole is None and (is_initial or any(map(str.isdigit, part))):
            whole = part
        begun = f"{upper(small[:1], within=text)}{small[1:]}" if begins and index == 0 else small
        told.append(begun if whole is None else whole)
    return "".join(told)
