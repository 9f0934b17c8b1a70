"""International prefixes: which country stands behind `00`, `8 10`, `011` or what a region dials instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.reasons import Reason
from b24syncd.jobs.reading import unreadable

from .damage import is_damaged
from .plans import country_code, international, plan_of
from .region import behind_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from b24syncd.jobs.reading import Reading

    from .region import Own
    from .text import WrittenNumber

_INTERNATIONAL_PREFIXES = ("00", "011", "810")


def with_prefix(digits: str, written: WrittenNumber, region: str) -> Reading | None:
    """Return the number behind an international prefix, or why it is not certain; `None` if there is no prefix."""
    found: dict[str | None, Own] = {}  # several prefixes may fit: `00` and a Brazilian carrier's code
    for prefix in prefixes(digits, region):
        rest, plan = digits[len(prefix) :], plan_of(region)
        code = country_code(rest)
        if not code or not _may_be_prefix(prefix, digits, written):
            continue
        number = behind_code(rest[len(code) :], code, _groups_behind(prefix, written))
        if number is None:
            continue
        if code == plan.code:
            return number.reading
        found[number.number] = number
    if len(found) != 1:
        return unreadable(Reason.AMBIGUOUS_NUMBER) if found else None
    [number] = found.values()
    if number.certain and _is_slip_of_prefix(digits, written, region):
        return unreadable(Reason.COUNTRY_NOT_WRITTEN, number.certain)
    return number.reading


def abroad_by_prefix(digits: str, written: WrittenNumber, region: str) -> str | None:
    """Return the number that stands behind both a `+` and an international prefix."""
    numbers = {
        number
        for prefix in prefixes(digits, region)
        if _may_be_prefix(prefix, digits, written) and (number := international(digits[len(prefix) :]))
    }
    return numbers.pop() if len(numbers) == 1 else None


def prefixes(digits: str, region: str) -> Iterator[str]:
    """Yield the international prefixes that the digits begin with, the region's own first."""
    own_prefix = plan_of(region).international_prefix.match(digits)
    if own_prefix and own_prefix[0]:
        yield own_prefix[0]
    yield from (prefix for prefix in _INTERNATIONAL_PREFIXES if digits.startswith(prefix))


def _is_slip_of_prefix(digits: str, written: WrittenNumber, region: str) -> bool:
    """Tell whether `810…` or `011…` may be one of the region's numbers with a slip; `00…` is always meant.

    `8 (910) 495-12-34` without its 9 begins like a call abroad.
    """
    plan = plan_of(region)
    if digits.startswith("00") or len(digits) > max(plan.usual_lengths, default=0) + len(plan.code) + 1:
        return False
    apart = written.groups[0] in _INTERNATIONAL_PREFIXES or written.groups[:2] == ("8", "10")
    if apart and not (plan.trunk and digits.startswith(plan.trunk)):
        return False
    return is_damaged(digits, region)


def _may_be_prefix(prefix: str, digits: str, written: WrittenNumber) -> bool:
    """Tell whether an international prefix may be meant: `0114 930 1234` has an area code instead."""
    with_code = len(prefix) + len(country_code(digits[len(prefix) :]))
    return not len(prefix) < len(written.first_group) < with_code


def _groups_behind(prefix: str, written: WrittenNumber) -> tuple[str, ...]:
    """Return the groups behind a prefix that was written apart, or is the beginning of the first one."""
    left = prefix
    for place, group in enumerate(written.groups):
        if left.startswith(group):
            left = left[len(group) :]
        elif group.startswith(left):
            return (group[len(left) :], *written.groups[place + 1 :])
        if not left:
            return written.groups[place + 1 :]
    return ()
