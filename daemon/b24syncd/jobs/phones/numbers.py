"""Reading the raw value of a phone entry."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from b24syncd.domain.reasons import Reason
from b24syncd.jobs.characters import plain
from b24syncd.jobs.reading import BLANK, Reading, several, unreadable

from .fillers import is_filler, is_typed_through
from .lists import apart, halves, with_slashes_joined
from .plans import international, main_region, national_part, plan_of
from .ranks import resolve
from .spreadsheet_digits import before_decimals, is_calculated, is_dotted, spelt_out, without_decimals
from .suggestions import number_within, with_plus_inside
from .text import Segment, WrittenNumber, parse, segments, with_extension
from .uris import without_uris

if TYPE_CHECKING:
    from b24syncd.domain.rules import PhoneRules

_CANONICAL = re.compile(r"\+([1-9][0-9]{4,14})(?:;[0-9]{1,6})?")
_SHORT_EXTENSION = re.compile(r"\d{1,4}")
_LAST_DIGITS = re.compile(r"\d{1,2}")
_LONGEST_VALUE = 300  # the portal keeps 250 characters


@lru_cache(maxsize=4096)
def read(value: str, rules: PhoneRules) -> Reading:
    """Return the canonical numbers (E.164, with an extension `+74951234567;12`) of a raw value, or why there are none.

    A canonical value is read as itself under all rules, but for a filler, which a person is asked about.
    """
    for canonical in (value, text := plain(value).strip()):
        if is_canonical(canonical):
            return _unless_filler(Reading((canonical,)))
    if len(text) > _LONGEST_VALUE:
        return unreadable(Reason.TOO_LONG)
    return _read(text, rules) if text else BLANK


def values_of(value: str, rules: PhoneRules) -> tuple[str, ...]:
    """Return the canonical values that a raw one says, asked about or not: a canonical filler says itself."""
    return (value,) if is_canonical(value) else read(value, rules).values


@lru_cache(maxsize=4096)
def regions_that_would_read(value: str, rules: PhoneRules) -> tuple[str, ...]:
    """Return the main regions of the countries that a person must decide about now, and that would settle the value.

    Each of them, alone among `other_regions`, makes the value readable; none for a value that is read already. Only
    countries count whose code is written, with or without a sign: what looks like the local number of many is no hint.
    """
    reading = read(value, rules)
    if reading.reason is None:
        return ()
    regions = {main_region(f"+{piece}") for piece in re.findall(r"\d+", re.sub(r"[\s().-]", "", plain(value)))}
    return tuple(
        region
        for region in sorted(filter(None, regions))
        if read(value, replace(rules, split=True, other_regions=(*rules.other_regions, region))).values
    )


def is_canonical(value: str) -> bool:
    """Tell whether the value is a valid number in its canonical form."""
    match = _CANONICAL.fullmatch(value)
    return match is not None and international(match[1]) == f"+{match[1]}"


def _unless_filler(reading: Reading) -> Reading:
    if any(is_filler(national_part(value)) for value in reading.values):
        return unreadable(Reason.PLACEHOLDER)
    return reading


def _read(text: str, rules: PhoneRules) -> Reading:
    if is_calculated(text):
        return unreadable(Reason.SPREADSHEET_NUMBER)
    text = without_decimals(spelt_out(text) or with_extension(without_uris(text)))
    if (meant := with_plus_inside(text, rules.region)) is not None:
        return unreadable(Reason.PLUS_BEFORE_AREA_CODE, meant or None)
    pieces = with_slashes_joined(apart(segments(text)), lambda piece: bool((_part(piece, rules) or BLANK).values))
    parts = _parts(pieces, rules)
    if not parts:
        return unreadable(Reason.NOT_A_PHONE)
    reading = several(parts, split=rules.split, refusal=Reason.SEVERAL_NUMBERS)
    if reading.reason is Reason.CONTAINS_TEXT:
        suggestion = number_within(text, rules, lambda piece: _part(piece, rules))
        return unreadable(Reason.CONTAINS_TEXT, suggestion)
    return reading


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
    if not isinstance(written, WrittenNumber):
        return unreadable(written) if written else None
    if not written.extension and (before := before_decimals(text)) is not None:
        return _of_dotted_groups(text, written, rules) or _with_decimals(before, rules)
    reading = _number(written, rules)
    if written.extension:
        return _extended(reading, written.extension) or reading
    return reading if reading.values else _joined(text, rules) or reading


def _number(written: WrittenNumber, rules: PhoneRules) -> Reading:
    reading = _unless_filler(resolve(written, rules))
    is_filler_as_written = not written.plus and is_typed_through(written.digits)
    if is_filler_as_written or (not reading.values and _is_filler_of(written.digits, rules)):
        return unreadable(Reason.PLACEHOLDER)
    return reading


def _of_dotted_groups(text: str, written: WrittenNumber, rules: PhoneRules) -> Reading | None:
    """Return the reading of a number whose groups are parted by dots, the last one by chance zeros (`.45.00`)."""
    if not is_dotted(text):
        return None
    whole, before = _number(written, rules), _part(text[: text.rindex(".")], rules)
    return whole if whole.values and not (before and before.values) else None


def _with_decimals(before: str, rules: PhoneRules) -> Reading | None:
    """Return what is to be asked: `.0` behind a number that is written in groups may be anything."""
    reading = _part(before, rules)
    if reading is None or reading.reason is not None:
        return reading
    return unreadable(Reason.SPREADSHEET_NUMBER, reading.values[0] if len(reading.values) == 1 else None)


def _is_filler_of(digits: str, rules: PhoneRules) -> bool:
    """Tell whether digits that are no number are a filler, with or without a prefix."""
    plan = plan_of(rules.region)
    forms = {digits, digits.removeprefix(plan.code), digits.removeprefix(plan.trunk)}
    return any(len(form) in plan.national_lengths and is_filler(form) for form in forms)


def _joined(text: str, rules: PhoneRules) -> Reading | None:
    """Return the reading of two whole numbers with nothing but a space between them, if only one place will do."""
    found: list[list[Reading]] = []
    for both in halves(text):
        written = [half for half in map(parse, both) if isinstance(half, WrittenNumber)]
        readings = [resolve(half, rules) for half in written]
        # Two that are written alike: with a prefix or without; otherwise a digit of one may be missing.
        alike = {
            half.digits == national_part(value)
            for half, reading in zip(written, readings, strict=True)
            for value in reading.values
        }
        if all(reading.values for reading in readings) and len(readings) == len(both) and len(alike) == 1:
            found.append(readings)
    if len(found) != 1:
        return None
    return several(list(map(_unless_filler, found[0])), split=rules.split, refusal=Reason.SEVERAL_NUMBERS)


def _extended(reading: Reading, extension: str) -> Reading | None:
    """Return the reading of a number, or of the one suggested, together with its extension."""
    meant = reading.values[0] if len(reading.values) == 1 else reading.suggestion
    if meant is None or ";" in meant:
        return None
    number = f"{meant};{extension}"
    return Reading((number,)) if reading.reason is None else unreadable(reading.reason, number)
