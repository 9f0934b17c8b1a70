"""Phone numbers that went through a spreadsheet as numbers: `79161234567.0`, `7.9161234567E+10`."""

from __future__ import annotations

import re

# Only plain digits are such a number: dots and commas between groups are how people write.
_DECIMAL = re.compile(r"(?<![\w.,+-])(?<![\d)] )(\+?\d{5,15})[.,]0{1,6}(?=\s*(?:[;|\n/]|,\s|$)|\s+\D)")
_FRACTION = re.compile(r"\+?\d{8,15}\.(?!0+$)\d{1,2}")
_SCIENTIFIC = re.compile(r"[+']?(\d)[.,](\d{1,17})\s?[eEеЕ]\s?\+?(\d{1,2})")
_ENDING = re.compile(r"(.*\d[\s)\]]*)[.,]0+", re.DOTALL)
_DOTTED = re.compile(r".*\d\.\d+\.00+\s*", re.DOTALL)


def without_decimals(text: str) -> str:
    """Return the text with the decimals of spreadsheets' numbers left out: they are no digits of a phone number."""
    return _DECIMAL.sub(r"\1", text)


def is_calculated(text: str) -> bool:
    """Tell whether the text is a number in powers of ten that lacks digits, or one with a fraction."""
    if _FRACTION.fullmatch(text):
        return True
    return _SCIENTIFIC.fullmatch(text) is not None and spelt_out(text) is None


def spelt_out(text: str) -> str | None:
    """Return the digits of a number in powers of ten, if all of them are there."""
    match = _SCIENTIFIC.fullmatch(text)
    if match is None:
        return None
    places = int(match[3])
    digits, rest = match[2][:places], match[2][places:]
    return match[1] + digits if len(digits) == places and not rest.strip("0") else None


def before_decimals(text: str) -> str | None:
    """Return what stands before `.0` at the end of one number, written in whatever way."""
    match = _ENDING.fullmatch(text)
    return match[1] if match else None


def is_dotted(text: str) -> bool:
    """Tell whether zeros behind a dot may be the last group of a number that is written in such groups."""
    return _DOTTED.fullmatch(text) is not None
