"""Which number the written digits are: by ranks, of which the first that gives a number decides.

1. Written internationally, with `+` or with the region's international prefix: that country.
2. In the portal's region: valid there, or the region's country code was written.
3. International without saying so (no `+`, or another region's prefix), or in one of the other regions.

Where one rank gives two different numbers, a person must decide.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import phonenumbers
from phonenumbers import CountryCodeSource, NumberParseException, PhoneMetadata, PhoneNumber, ValidationResult

from b24syncd.domain.reasons import Reason

from .reading import Reading, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from b24syncd.domain.rules import PhoneRules

    from .phone_text import WrittenNumber

_FOREIGN_PREFIXES = ("00", "011", "810")
_MOST_DIGITS = 15
_LONGEST_COUNTRY_CODE = 3
_AREA_CODE_LIKE = 3


def international(digits: str) -> str | None:
    """Return the canonical form of a number that begins with its country code; `None` if it is not valid."""
    return _stable(_international(digits))


def main_region(canonical: str) -> str | None:
    """Return the main region of a canonical number's country code."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(_country_code(canonical[1:]) or 0))
    return regions[0] if regions and regions[0] in phonenumbers.SUPPORTED_REGIONS else None


def resolve(written: WrittenNumber, rules: PhoneRules) -> Reading:
    """Return the one number that was written, without its extension, or why there is not exactly one."""
    if written.zero_at is None:
        return _resolve(written.digits, written, rules)
    before, after = written.digits[: written.zero_at], written.digits[written.zero_at + 1 :]
    if not _ends_country_code(before, written, rules.region):
        return _resolve(written.digits, written, rules)
    # Most countries drop the zero behind their code; Italy keeps it.
    kept, dropped = (_resolve(digits, written, rules) for digits in (written.digits, before + after))
    if not kept.values or kept.values == dropped.values:
        return dropped
    return unreadable(Reason.AMBIGUOUS_NUMBER) if dropped.values else kept


def _resolve(digits: str, written: WrittenNumber, rules: PhoneRules) -> Reading:
    if written.plus:
        return _with_plus(digits, written, rules)
    for rank in (_own_prefix, _in_region, _elsewhere):
        found = set(rank(digits, written, rules))
        if len(found) == 1:
            return Reading((found.pop(),))
        if found:
            return unreadable(Reason.AMBIGUOUS_NUMBER)
    return unreadable(_why_invalid(digits, rules.region), _meant_with_trunk_prefix(digits, rules.region))


def _with_plus(digits: str, written: WrittenNumber, rules: PhoneRules) -> Reading:
    read, meant = international(digits), _meant_with_trunk_prefix(digits, rules.region)
    if meant is not None and meant != read:
        return unreadable(Reason.PLUS_BEFORE_TRUNK_PREFIX, meant)
    if read is not None:
        return Reading((read,))
    guesses = set(_own_prefix(digits, written, rules)) or set(_in_region(digits, written, rules))
    return unreadable(_why_invalid(digits, None), guesses.pop() if len(guesses) == 1 else None)


def _own_prefix(digits: str, _written: WrittenNumber, rules: PhoneRules) -> Iterator[str]:
    """Rank 1 without a `+`: the region's own international prefix."""
    prefix = re.match(_metadata(rules.region).international_prefix or r"(?!)", digits)
    if prefix and (number := international(digits[prefix.end() :])):
        yield number


def _in_region(digits: str, written: WrittenNumber, rules: PhoneRules) -> Iterator[str]:
    """Rank 2."""
    yield from _national(digits, written, rules.region, rules)


def _elsewhere(digits: str, written: WrittenNumber, rules: PhoneRules) -> Iterator[str]:
    """Rank 3."""
    for prefix in _FOREIGN_PREFIXES:
        if digits.startswith(prefix) and _may_be_prefix(prefix, digits, written):
            number = international(digits[len(prefix) :])
            if number is not None:
                yield number
    if (number := international(digits)) and _may_be_country_code(digits, written, rules.region):
        yield number
        # The region's own trunk prefix before a number of another country of its code (`8 495 …` in Kazakhstan).
        if meant := _meant_with_trunk_prefix(digits, rules.region):
            yield meant
    for region in rules.other_regions:
        yield from _national(digits, written, region, rules)


def _national(digits: str, written: WrittenNumber, region: str, rules: PhoneRules) -> Iterator[str]:
    """Yield the valid numbers that the digits are in `region`, with and without the country code written."""
    code = str(_metadata(region).country_code)
    if digits.startswith(code) and (number := international(digits)):
        yield number
        if written.first_group == code:
            return
    parsed = _parse_national(digits, region)
    if parsed is None or not phonenumbers.is_valid_number_for_region(parsed, region):
        return
    # A prefix that was written as a group of its own (`8 (343) 123-45-6`) is a prefix, and no part of an area code.
    nothing_dropped = phonenumbers.national_significant_number(parsed) == digits
    if nothing_dropped and written.first_group in _prefixes(rules):
        return
    yield from filter(None, [_stable(_formatted(parsed))])


@lru_cache(maxsize=16)
def _prefixes(rules: PhoneRules) -> frozenset[str]:
    """Return the country codes and trunk prefixes of all the regions."""
    regions = [_metadata(region) for region in (rules.region, *rules.other_regions)]
    return frozenset({str(region.country_code) for region in regions}) | {
        region.national_prefix for region in regions if region.national_prefix
    }


def _meant_with_trunk_prefix(digits: str, region: str) -> str | None:
    """Return the number of the region's country code that begins with the region's trunk prefix."""
    prefix = _metadata(region).national_prefix
    if not prefix or not digits.startswith(prefix):
        return None
    parsed = _parse_national(digits, region)
    if parsed is None or len(phonenumbers.national_significant_number(parsed)) >= len(digits):
        return None
    return _stable(_e164(parsed))


def _may_be_prefix(prefix: str, digits: str, written: WrittenNumber) -> bool:
    """Tell whether another region's international prefix may be meant: `0114 930 1234` has an area code instead."""
    with_code = len(prefix) + len(_country_code(digits[len(prefix) :]))
    return not len(prefix) < len(written.first_group) < with_code


def _may_be_country_code(digits: str, written: WrittenNumber, region: str) -> bool:
    """Tell whether digits written without `+` may begin with the country code, by how they are grouped."""
    code, first = _country_code(digits), written.first_group
    if first == _metadata(region).national_prefix or (written.bracketed and len(first) > len(code)):
        return False
    # `495 123-45-67` is an area code and a number, not Germany.
    return not (len(first) == _AREA_CODE_LIKE and len(code) == _AREA_CODE_LIKE - 1 and first != digits)


def _ends_country_code(before: str, written: WrittenNumber, region: str) -> bool:
    if written.plus:
        return _country_code(before) == before
    own = re.match(_metadata(region).international_prefix or r"(?!)", before)
    ends = [0, own.end() if own else 0]
    ends.extend(len(prefix) for prefix in _FOREIGN_PREFIXES if before.startswith(prefix))
    return any(before[end:] and _country_code(before[end:]) == before[end:] for end in ends)


def _country_code(digits: str) -> str:
    """Return the country code that the digits begin with; empty if there is none."""
    for length in range(1, _LONGEST_COUNTRY_CODE + 1):
        if digits[:length] and int(digits[:length]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return "" if digits[0] == "0" else digits[:length]
    return ""


def _parse_national(digits: str, region: str) -> PhoneNumber | None:
    try:
        parsed = phonenumbers.parse(digits, region, keep_raw_input=True)
    except NumberParseException:
        return None
    return parsed if parsed.country_code_source == CountryCodeSource.FROM_DEFAULT_COUNTRY else None


@lru_cache(maxsize=16384)
def _international(digits: str) -> str | None:
    try:
        return _e164(phonenumbers.parse(f"+{digits}"))
    except NumberParseException:
        return None


def _e164(number: PhoneNumber) -> str | None:
    return _formatted(number) if phonenumbers.is_valid_number(number) else None


def _formatted(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _stable(canonical: str | None) -> str | None:
    """Return the canonical form if it reads back as itself; otherwise planning would never come to an end."""
    return canonical if canonical and _international(canonical[1:]) == canonical else None


def _why_invalid(digits: str, region: str | None) -> Reason:
    try:
        parsed = phonenumbers.parse(digits if region else f"+{digits}", region)
    except NumberParseException:
        return Reason.TOO_LONG if len(digits) > _MOST_DIGITS else Reason.NOT_A_PHONE
    match phonenumbers.is_possible_number_with_reason(parsed):
        case ValidationResult.TOO_SHORT | ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
            return Reason.TOO_SHORT
        case ValidationResult.TOO_LONG | ValidationResult.INVALID_LENGTH:
            return Reason.TOO_LONG
        case _:
            return Reason.NOT_A_PHONE


def _metadata(region: str) -> PhoneMetadata:
    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None:
        message = f"{region!r} is not a region of phone numbers"
        raise ValueError(message)
    return metadata
