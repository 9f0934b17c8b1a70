"""Digits that are a number of the region but for one slip: a digit missing, added, changed, or two swapped."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from .old_plans import has_changed, of_today, with_new_digit
from .plans import pattern_of, plan_of, trunk_prefix_of, without_trunk_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DIGITS = "0123456789"


@lru_cache(maxsize=1024)
def is_damaged(digits: str, region: str) -> bool:
    """Tell whether one slip away from the digits lies a number of the region, in any of the ways it is written."""
    return any(map(_is_number_of(region), _one_slip_away(digits, _lengths(region))))


@lru_cache(maxsize=512)
def _is_number_of(region: str) -> Callable[[str], bool]:
    """Return what tells what `phone_region.own` tells, without reading the number: there are hundreds of slips."""
    code, prefix = plan_of(region).code, trunk_prefix_of(region)
    is_number = pattern_of(code).fullmatch
    has_past = has_changed(code)

    def tell(digits: str) -> bool:
        forms = [digits]
        if digits.startswith(code):
            forms.append(digits[len(code) :])
        forms += [without_trunk_prefix(form, region) for form in forms if prefix.match(form)]
        if any(map(is_number, forms)):
            return True
        return has_past and any(of_today(code, form) or with_new_digit(code, form) for form in forms)

    return tell


def is_as_long_as_a_local_number(digits: str, region: str) -> bool:
    """Tell whether the digits may be a number without its area code, with a digit too many at most."""
    longest = plan_of(region).longest_local
    return bool(longest) and len(digits) <= longest + 1


@lru_cache(maxsize=512)
def _lengths(region: str) -> frozenset[int]:
    """Return how long a number of the region may be as it is written."""
    plan = plan_of(region)
    shortest, longest = min(plan.national_lengths), max(plan.national_lengths)
    most = len(plan.code) + max(len(plan.trunk), 2)
    return frozenset(range(shortest, longest + most + 3))


def _one_slip_away(digits: str, lengths: frozenset[int]) -> Iterator[str]:
    size = len(digits)
    if size - 1 in lengths:
        yield from (digits[:place] + digits[place + 1 :] for place in range(size))
    if size in lengths:
        for place in range(size - 1):
            yield digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
        for place in range(size):
            yield from (digits[:place] + digit + digits[place + 1 :] for digit in _DIGITS)
    if size + 1 in lengths:
        for place in range(size + 1):
            yield from (digits[:place] + digit + digits[place:] for digit in _DIGITS)
