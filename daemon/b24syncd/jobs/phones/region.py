"""What digits are in a region by themselves: one of its own numbers, for certain or perhaps.

A region is all regions of its country code: Kazakhstan with Russia, Canada with the United States.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import phonenumbers

from b24syncd.domain.reasons import Reason
from b24syncd.jobs.reading import Reading, unreadable

from .old_plans import of_today, with_new_digit
from .plans import (
    area_code_length,
    canonical_form,
    country_code,
    international,
    is_everyday,
    is_mobile,
    is_mobile_digits,
    is_of_region,
    is_usually_bare,
    national,
    plan_of,
)

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

    from .plans import Plan

_AREA_CODE_LIKE = 3


@dataclass(frozen=True, slots=True)
class Own:
    """The region's number that the digits are; `doubt` is why it is not certain, `bare` that nothing is before it.

    A doubt may stand without a number: then none is likely enough to be suggested.
    """

    number: str | None = None
    doubt: Reason | None = None
    bare: bool = False

    @property
    def certain(self) -> str | None:
        """The number, where there is no doubt."""
        return self.number if self.doubt is None else None

    @property
    def reading(self) -> Reading:
        """The number, or that a person must decide about it."""
        if self.certain is not None:
            return Reading((self.certain,))
        return unreadable(self.doubt or Reason.NOT_A_PHONE, self.number)


NOT_OWN = Own()


@lru_cache(maxsize=4096)
def own(digits: str, region: str, groups: tuple[str, ...] = (), *, bracketed: bool = False) -> Own:
    """Return what digits without a `+` are in a region; `groups` are the digits as they were written, if it matters."""
    plan = plan_of(region)
    with_code = _with_country_code(digits, plan, groups)
    if with_code is not None and not (groups and _is_area_code(groups[0], plan.code, bracketed=bracketed)):
        return with_code
    nationally = _nationally(digits, plan, groups)
    if nationally is NOT_OWN:
        return with_code or _of_the_past(plan.code, digits)
    return nationally if with_code is None else Own(nationally.number, Reason.AMBIGUOUS_NUMBER)


def behind_code(nationally: str, code: str, groups: tuple[str, ...] = ()) -> Own | None:
    """Return what the digits behind a country code are, with the groups from the code on; `None` if no number."""
    number = international(code + nationally)
    once = international(nationally) if nationally.startswith(code) else None
    if once is not None and groups[:2] == (code, code):
        return Own(once, Reason.COUNTRY_CODE_TWICE)
    if once is not None and (number == once or not (len(groups) > 1 and groups[0] == code)):
        # `494943123456` may be one of the area 04943, or of 0431; `+1 123 123 12321` does not begin twice with a code.
        return Own(None, Reason.COUNTRY_CODE_TWICE)
    if once is not None and number is None:
        return Own(once, Reason.COUNTRY_CODE_TWICE)
    if number is not None:
        return Own(number)
    of_the_past = _of_the_past(code, nationally)
    return None if of_the_past is NOT_OWN else of_the_past


def _with_country_code(digits: str, plan: Plan, groups: tuple[str, ...]) -> Own | None:
    if not digits.startswith(plan.code):
        return None
    return behind_code(digits[len(plan.code) :], plan.code, groups)


def _is_area_code(first_group: str, code: str, *, bracketed: bool) -> bool:
    """Tell whether a first group that begins like a country code is rather an area code."""
    if not first_group.startswith(code) or len(first_group) == len(code):
        return False
    return bracketed or (len(first_group) == _AREA_CODE_LIKE and len(code) == _AREA_CODE_LIKE - 1)


def _nationally(digits: str, plan: Plan, groups: tuple[str, ...]) -> Own:
    number = national(digits, plan.region)
    canonical = canonical_form(number) if number else None
    if number is None or canonical is None:
        return NOT_OWN
    significant = phonenumbers.national_significant_number(number)
    if len(significant) > len(digits):
        # The area code of a region that has only one was added.
        return Own(canonical, Reason.TOO_SHORT)
    if significant != digits:
        return _with_trunk_prefix(canonical, significant, plan, groups)
    # A prefix that was written as a group of its own (`8 (343) 123-45-6`) is a prefix, and no part of an area code.
    is_prefix = len(groups) > 1 and groups[0] in {plan.code, plan.trunk}
    if is_prefix and len(groups[0]) != area_code_length(digits, plan.region):
        return NOT_OWN
    return _bare(digits, number, canonical, plan, groups)


def _with_trunk_prefix(canonical: str, significant: str, plan: Plan, groups: tuple[str, ...]) -> Own:
    """`049 171 1234567` is no number of the area 0491: the country code stands behind the trunk prefix."""
    once = international(significant) if significant.startswith(plan.code) and not plan.is_closed else None
    if once is not None and is_mobile_digits(once):
        return Own(None, Reason.COUNTRY_CODE_TWICE)
    first = groups[0].removeprefix(plan.trunk) if len(groups) > 1 else ""
    is_code = first and first == country_code(significant) and len(first) != area_code_length(significant, plan.region)
    if is_code and (abroad := international(significant)) and is_mobile_digits(abroad) > is_mobile_digits(canonical):
        # `043 664 1234567` is of no area 04366 as it is written, but lacks a zero before Austria's code.
        return Own(None, Reason.AMBIGUOUS_NUMBER)
    return Own(canonical)


def _bare(digits: str, number: PhoneNumber, canonical: str, plan: Plan, groups: tuple[str, ...]) -> Own:
    if digits.startswith(plan.code) and not is_of_region(number, plan.region):
        area_code = len(groups) > 1 and len(groups[0]) == area_code_length(digits, plan.region)
        if not (area_code and is_mobile(number)):
            # Kazakhstan's, or Russia's with a digit missing, or no phone at all: `7715123456` is how tax numbers look.
            return NOT_OWN
    as_written = plan.is_closed or not plan.trunk or is_usually_bare(digits, plan.region)
    if not as_written and not is_mobile(number) and len(plan.landline_lengths) != 1:
        # An incomplete number of the region with its country code looks the same.
        likely = None if digits.startswith(plan.code) else canonical
        return Own(likely, Reason.MISSING_TRUNK_PREFIX, bare=True)
    is_of_any_length = not plan.trunk and not plan.is_closed and not is_mobile(number)
    if (is_of_any_length or not (as_written and is_everyday(number))) and international(digits) == f"+{digits}":
        return Own(canonical, Reason.AMBIGUOUS_NUMBER, bare=True)
    return Own(canonical, bare=True)


def _of_the_past(code: str, nationally: str) -> Own:
    if number := of_today(code, nationally):
        return Own(number)
    if number := with_new_digit(code, nationally):
        return Own(number, Reason.OUTDATED_NUMBER)
    return NOT_OWN
