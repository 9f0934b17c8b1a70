"""Reading the raw value of a phone entry."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from b24syncd.domain.reasons import Reason

from .characters import plain
from .phone_ranks import international, main_region, resolve
from .phone_text import Segment, WrittenNumber, numbers_within, parse, segments
from .phone_uris import without_uris
from .reading import BLANK, Reading, several, unreadable

if TYPE_CHECKING:
    from b24syncd.domain.rules import PhoneRules

_CANONICAL = re.compile(r"\+([1-9][0-9]{4,14})(?:;[0-9]{1,6})?")
_SHORT_EXTENSION = re.compile(r"\d{1,4}")
_LAST_DIGITS = re.compile(r"\d{1,2}")
_LONGEST_VALUE = 300  # the portal keeps 250 characters
_LETTERS_LIKE_ZERO = str.maketrans("oOоО", "0000")
_AREA_CODE = re.compile(r"[\s(]*(?:\+|00|0|8)[\d\s()-]*")
_LONGEST_AREA_CODE = 6
_SHORTEST_REST = 5


@lru_cache(maxsize=4096)
def read(value: str, rules: PhoneRules) -> Reading:
    """Return the canonical numbers (E.164, with an extension `+74951234567;12`) of a raw value, or why there are none.

    A canonical value is read as itself under all rules.
    """
    if is_canonical(value):
        return Reading((value,))
    text = plain(value).strip()
    if is_canonical(text):
        return Reading((text,))
    if len(text) > _LONGEST_VALUE:
        return unreadable(Reason.TOO_LONG)
    return _read(text, rules) if text else BLANK


@lru_cache(maxsize=4096)
def regions_that_would_read(value: str, rules: PhoneRules) -> tuple[str, ...]:
    """Return the main regions of the countries that a person must decide about now, and that would settle the value.

    Each of them, alone among `other_regions`, makes the value readable; none for a value that is read already.
    """
    if (text := read(value, rules)).reason is None or not text.suggestion:
        return ()
    region = main_region(text.suggestion)
    if region is None or not read(value, replace(rules, other_regions=(*rules.other_regions, region))).values:
        return ()
    return (region,)


def is_canonical(value: str) -> bool:
    """Tell whether the value is a valid number in its canonical form."""
    match = _CANONICAL.fullmatch(value)
    return match is not None and international(match[1]) == f"+{match[1]}"


def _read(text: str, rules: PhoneRules) -> Reading:
    text = without_uris(text)
    pieces = segments(text)
    parts = _parts(pieces, rules)
    if not any(part.values for part in parts) and _has_slash_after_area_code(pieces):
        joined = _part(" ".join(piece.text for piece in pieces), rules)
        if joined is not None and joined.values:
            return joined
    if not parts:
        return unreadable(Reason.NOT_A_PHONE)
    reading = several(parts, split=rules.split, refusal=Reason.SEVERAL_NUMBERS)
    if reading.reason is Reason.CONTAINS_TEXT:
        return unreadable(Reason.CONTAINS_TEXT, _suggestion(text, rules))
    return reading


def _has_slash_after_area_code(pieces: list[Segment]) -> bool:
    """Tell whether the slashes stand as in `030/1234567`: behind an area code with its prefix, and nowhere else."""
    *before, last = pieces
    area = "".join(piece.text for piece in before)
    return (
        all(piece.separator == "/" for piece in pieces[1:])
        and _AREA_CODE.fullmatch(area) is not None
        and _digits_in(area.lstrip(" (").removeprefix("00")) <= _LONGEST_AREA_CODE
        and _digits_in(last.text) >= _SHORTEST_REST
    )


def _digits_in(text: str) -> int:
    return sum(map(str.isdigit, text))


def _parts(pieces: list[Segment], rules: PhoneRules) -> list[Reading]:
    parts: list[Reading] = []
    before = ""
    for piece in pieces:
        part = _part(piece.text, rules)
        if part is None:
            before = ""
            continue
        if (
            not part.values
            and parts
            and _is_extension(piece, before)
            and (extended := _extended(parts[-1], piece.text))
        ):
            parts[-1] = extended
        else:
            parts.append(part)
            before = piece.text
    return parts


def _is_extension(piece: Segment, before: str) -> bool:
    """Tell whether a piece that is no number is the extension of the number before it.

    `;12` is how Bitrix24 writes one. Behind a comma five or six digits may be another number of the same town, and
    fewer the last ones of another number (`123-45-67,68`, `736-5000,5001`).
    """
    if not _SHORT_EXTENSION.fullmatch(piece.text):
        return False
    return piece.separator == ";" or (piece.separator == "," and _is_dialled_behind(before, piece.text))


def _is_dialled_behind(number: str, digits: str) -> bool:
    groups = re.findall(r"\d+", number)
    if not groups or not digits.strip("0"):  # `,0` is a decimal place
        return False
    last = "".join(groups)[-len(digits) :]
    if number.startswith("+") and len(groups) == 1:
        return last[:-1] != digits[:-1]
    return last[0] != digits[0] and not _LAST_DIGITS.fullmatch(digits)


def _part(text: str, rules: PhoneRules) -> Reading | None:
    """Return the reading of one segment; `None` for a segment without anything to read."""
    written = parse(text)
    if written is None:
        return None
    if isinstance(written, Reason):
        return unreadable(written)
    reading = resolve(written, rules)
    return (_extended(reading, written.extension) or reading) if written.extension else reading


def _extended(reading: Reading, extension: str) -> Reading | None:
    """Return the reading of a number, or of the one suggested, together with its extension."""
    meant = reading.values[0] if len(reading.values) == 1 else reading.suggestion
    if meant is None or ";" in meant:
        return None
    number = f"{meant};{extension}"
    return Reading((number,)) if reading.reason is None else unreadable(reading.reason, number)


def _suggestion(text: str, rules: PhoneRules) -> str | None:
    """Return the one number in a text, for a person to decide about."""
    written = parse(text.translate(_LETTERS_LIKE_ZERO))
    if isinstance(written, WrittenNumber):
        reading = resolve(written, rules)
        return next(
            iter(((_extended(reading, written.extension) if written.extension else None) or reading).values), None
        )
    found = {
        value for piece in numbers_within(text) if (part := _part(piece, rules)) is not None for value in part.values
    }
    return found.pop() if len(found) == 1 else None
