"""Capital and small letters one for one, so that a text keeps its length, by the alphabet that it is written in."""

from __future__ import annotations

import re

_GEORGIAN = re.compile("[\u10d0-\u10ff]")
"""Its letters are neither capital nor small; Unicode's capitals are for headings all in them."""

_TURKIC = re.compile("[İıĞğŞş]")
_ROMANIAN = re.compile("[ĂăŢţȚțȘș]")
"""Romanian is also written with `Ş`."""

_TO_SMALL, _TO_CAPITAL = str.maketrans("Iİ", "ıi"), str.maketrans("iı", "İI")
_MARKS = "\u0300-\u036f"
_FINAL = re.compile(rf"(?:(?<=[^\W\d_])|(?<=[{_MARKS}]))Σ(?![{_MARKS}]*[^\W_])")


def upper(text: str, *, within: str | None = None) -> str:
    """Return the text in capitals; a letter whose capital would be two letters stays as it is.

    The alphabet is that of the text `within` which it stands.
    """
    if _is_turkic(text if within is None else within):
        text = text.translate(_TO_CAPITAL)
    return "".join(one if _GEORGIAN.match(one) else _one(one.upper(), one) for one in text)


def lower(text: str, *, within: str | None = None) -> str:
    """Return the text in small letters, as many of them; the alphabet is that of the text `within` which it stands."""
    if _is_turkic(text if within is None else within):
        text = text.translate(_TO_SMALL)
    text = _FINAL.sub("ς", text.replace("İ", "i"))
    return "".join(_one(one.lower(), one) for one in text)


def is_of_one_case(text: str) -> bool:
    """Tell whether a text has letters with two forms, and is all in capitals or all small."""
    capital, small = upper(text), lower(text)
    return capital != small and text in (capital, small)


def _is_turkic(text: str) -> bool:
    return _TURKIC.search(text) is not None and _ROMANIAN.search(text) is None


def _one(changed: str, character: str) -> str:
    return changed if len(changed) == 1 else character
