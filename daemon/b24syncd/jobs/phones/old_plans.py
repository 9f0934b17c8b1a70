"""Numbers as they were dialled under numbering plans of the past, and prefixes that people still write."""

from __future__ import annotations

import re

from .plans import international

# What stood before a national number, by country code; the lookahead tells that a whole one follows.
_OLD_PREFIXES = {
    "52": re.compile(r"(?:1|01|04[45])(?=\d{10}$)"),  # Mexico, until 2019/2020
    "380": re.compile(r"80?(?=\d{9}$)"),  # Ukraine: 8, a pause, and 0, until 2009
    "48": re.compile(r"0(?=\d{9}$)"),  # Poland, until 2009
    "370": re.compile(r"8(?=\d{8}$)"),  # Lithuania, until 2022
    "998": re.compile(r"8(?=\d{9}$)"),
    "374": re.compile(r"8(?=\d{8}$)"),
    "994": re.compile(r"8(?=\d{9}$)"),
    "995": re.compile(r"80?(?=\d{9}$)"),
    "996": re.compile(r"8(?=\d{9}$)"),
    "373": re.compile(r"80?(?=\d{8}$)"),
    "992": re.compile(r"8(?=\d{9}$)"),
    "993": re.compile(r"8(?=\d{8}$)"),
}
_BRAZIL = "55"
_BRAZILIAN_WITHOUT_NINTH = re.compile(r"0?(\d\d)([6-9]\d{7})")


def has_changed(code: str) -> bool:
    """Tell whether numbers of the country code were dialled in another way once."""
    return code in _OLD_PREFIXES or code == _BRAZIL


def of_today(code: str, nationally: str) -> str | None:
    """Return the number in canonical form whose prefix is one of the past; `None` if it is none."""
    old = _OLD_PREFIXES.get(code)
    prefix = old.match(nationally) if old else None
    return international(code + nationally[prefix.end() :]) if prefix else None


def with_new_digit(code: str, nationally: str) -> str | None:
    """Return the number that was given a digit since: Brazilian mobile ones begin with 9 now."""
    match = _BRAZILIAN_WITHOUT_NINTH.fullmatch(nationally) if code == _BRAZIL else None
    return international(f"{code}{match[1]}9{match[2]}") if match else None
