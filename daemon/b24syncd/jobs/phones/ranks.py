"""Which number the written digits are, by rules of which the first that is met decides.

1. What is canonical already is never changed (`phone_numbers.read`).
2. A `+`: the country is written, unless the region's number is (`+8 (495) …`, `+495 377-30-78` in Russia).
3. The region's own number: with the country code, with the trunk prefix, or complete without either.
4. An international prefix: that country.
5. Another country's digits without any sign: where no slip makes them a number of the region, or where that country
   is among the other regions; then numbers as these other regions write them.
6. Else a person must decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import phonenumbers
from phonenumbers import NumberParseException, ValidationResult

from b24syncd.domain.reasons import Reason
from b24syncd.jobs.reading import Reading, unreadable

from .damage import is_as_long_as_a_local_number, is_damaged
from .old_plans import of_today
from .plans import area_code_length, country_code, international, is_mobile_digits, main_region, national, plan_of
from .prefixes import abroad_by_prefix, prefixes, with_prefix
from .region import NOT_OWN, behind_code, own

if TYPE_CHECKING:
    from collections.abc import Iterator

    from b24syncd.domain.rules import PhoneRules

    from .region import Own
    from .text import WrittenNumber

_MOST_DIGITS = 15
_AREA_CODE_LIKE = 3


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
    of_region = own(digits, rules.region, _groups(digits, written), bracketed=written.bracketed)
    if of_region.certain:
        # Japan has numbers that begin like an international prefix.
        abroad = with_prefix(digits, written, rules.region) if of_region.bare and digits.startswith("00") else None
        return unreadable(Reason.AMBIGUOUS_NUMBER) if abroad else of_region.reading
    return (
        with_prefix(digits, written, rules.region)
        or _without_sign(digits, written, rules, of_region)
        or _undecided(digits, rules, of_region)
    )


def _with_plus(digits: str, written: WrittenNumber, rules: PhoneRules) -> Reading:
    """Rule 2."""
    code = country_code(digits)
    abroad = behind_code(digits[len(code) :], code, written.groups) if code else None
    of_region = own(digits, rules.region)
    meant, reason = _meant_behind_plus(digits, written, rules.region)
    if meant is not None and not (abroad and abroad.certain == meant):
        return unreadable(reason, meant)
    if abroad is not None:
        return abroad.reading
    if digits.startswith(plan_of(rules.region).code):
        # The country is written, but what follows is no number: the code is not part of it.
        return unreadable(_why_invalid(digits, None))
    # `+7 916 318 64` is a Russian number with a slip, and not one of Dresden: its country stands there by itself.
    is_written = code != "" and written.first_group == code
    guess = (None if is_written else of_region.number) or abroad_by_prefix(digits, written, rules.region)
    return unreadable(_why_invalid(digits, None), guess)


def _meant_behind_plus(digits: str, written: WrittenNumber, region: str) -> tuple[str | None, Reason]:
    """Return the region's number that was written with a `+` in place of a prefix, or before one."""
    of_region = own(digits, region)
    nationally = national(digits, region)
    if nationally is None or of_region.number is None:
        return None, Reason.NOT_A_PHONE
    if not of_region.bare:
        prefixed = digits.startswith(plan_of(region).trunk) and len(_significant(digits, region)) < len(digits)
        return (of_region.number if prefixed else None), Reason.PLUS_BEFORE_TRUNK_PREFIX
    first, plan = written.first_group, plan_of(region)
    is_country_code = first == country_code(digits)
    is_area_code = 1 < len(first) < len(digits) and (
        len(first) == area_code_length(digits, region) or (written.bracketed and not is_country_code)
    )
    # Where numbers are of many lengths, `+351 21 …` would be one of Dresden: there a country code is taken at its word.
    if is_country_code and not plan.is_narrow and international(digits):
        is_area_code = False
    return (of_region.number if is_area_code else None), Reason.PLUS_BEFORE_AREA_CODE


def _significant(digits: str, region: str) -> str:
    number = national(digits, region)
    return phonenumbers.national_significant_number(number) if number else digits


def _without_sign(digits: str, written: WrittenNumber, rules: PhoneRules, of_region: Own) -> Reading | None:
    """Rule 5."""
    number, abroad = _unsigned(digits, written), main_region(f"+{digits}")
    if number is not None and (
        abroad is None
        or abroad == main_region(f"+{plan_of(rules.region).code}")
        or is_as_long_as_a_local_number(digits, rules.region)
    ):
        number = None
    codes = {plan_of(region).code for region in rules.other_regions}
    found = set(_in_other_regions(digits, written, rules))
    if number is not None and country_code(digits) in codes:
        found.add(number)
    if not found and number is not None:
        if of_region is not NOT_OWN:
            suggestion = number if _is_rather_abroad(number, digits, written, of_region) else of_region.number
            return unreadable(Reason.AMBIGUOUS_NUMBER, suggestion)
        if is_damaged(digits, rules.region):
            return unreadable(Reason.COUNTRY_NOT_WRITTEN, number)
        found.add(number)
    if len(found) == 1:
        return Reading((found.pop(),))
    return unreadable(Reason.AMBIGUOUS_NUMBER) if found else None


def _unsigned(digits: str, written: WrittenNumber) -> str | None:
    """Return the number whose country code is written without a `+`, unless the groups contradict it."""
    code, first = country_code(digits), written.first_group
    if not code or (written.bracketed and first != code):
        return None
    # `495 123-45-67` is an area code and a number, not Germany.
    if len(first) == _AREA_CODE_LIKE and len(code) == _AREA_CODE_LIKE - 1 and first != digits:
        return None
    number = international(digits)
    return number if number == f"+{digits}" else of_today(code, digits[len(code) :])


def _is_rather_abroad(number: str, digits: str, written: WrittenNumber, of_region: Own) -> bool:
    """Tell which of two readings is to be suggested."""
    if of_region.doubt is Reason.COUNTRY_CODE_TWICE:
        return False
    return written.first_group == country_code(digits) or (written.first_group == digits and is_mobile_digits(number))


def _in_other_regions(digits: str, written: WrittenNumber, rules: PhoneRules) -> Iterator[str]:
    plan = plan_of(rules.region)
    is_prefixed = len(written.groups) > 1 and written.first_group in {plan.code, plan.trunk}
    for region in rules.other_regions:
        there = own(digits, region, _groups(digits, written), bracketed=written.bracketed)
        if there.certain is None:
            continue
        if plan_of(region).code != plan.code and (
            is_as_long_as_a_local_number(digits, rules.region)
            or (there.bare and (is_prefixed or is_damaged(digits, rules.region)))
        ):
            continue
        yield there.certain


def _undecided(digits: str, rules: PhoneRules, of_region: Own) -> Reading:
    """Rule 6."""
    if of_region.doubt is not None:
        return of_region.reading
    return unreadable(_why_invalid(digits, rules.region))


def _groups(digits: str, written: WrittenNumber) -> tuple[str, ...]:
    """Return the groups, unless a zero between them was left out."""
    return written.groups if len(digits) == len(written.digits) else written.groups[:1]


def _ends_country_code(before: str, written: WrittenNumber, region: str) -> bool:
    if written.plus:
        return country_code(before) == before
    ends = [0, *(len(prefix) for prefix in prefixes(before, region))]
    return any(before[end:] and country_code(before[end:]) == before[end:] for end in ends)


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
