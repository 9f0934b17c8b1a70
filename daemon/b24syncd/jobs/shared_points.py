"""Contact points that two items share: what the portal's search for duplicates found is proved by reading both."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import PhoneRules
from b24syncd.domain.snapshots import PointKind

from .phones.fillers import is_filler, is_typed_through
from .phones.numbers import read
from .reading import BLANK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from b24syncd.domain.snapshots import ContactPoint

_NOT_A_DIGIT = re.compile(r"[^0-9]+")
_FEWEST_DIGITS = 5
"""Fewer digits, of a value that is no phone number, prove nothing."""


def share_a_point(one: Iterable[ContactPoint], other: Iterable[ContactPoint], region: str | None) -> bool:
    """Tell whether two items hold the same e-mail address or the same phone number, however they are written."""
    return not set(_keys(one, region)).isdisjoint(_keys(other, region))


def proves(point: ContactPoint, region: str | None) -> bool:
    """Tell whether two items that hold this contact point share anything: a filler is nobody's."""
    return any(_values(point, region))


def _keys(points: Iterable[ContactPoint], region: str | None) -> Iterator[tuple[PointKind, str]]:
    for point in points:
        yield from ((point.kind, value) for value in _values(point, region) if value)


def _values(point: ContactPoint, region: str | None) -> list[str]:
    return [point.value.strip().casefold()] if point.kind is PointKind.EMAIL else _numbers(point.value, region)


def _numbers(value: str, region: str | None) -> list[str]:
    reading = read(value, PhoneRules(region=region)) if region is not None else BLANK
    if reading.values:
        return list(reading.values)
    digits = _NOT_A_DIGIT.sub("", value)
    # A filler would make strangers one customer, also where it is too short for a number.
    filler = reading.reason is Reason.PLACEHOLDER or is_filler(digits) or is_typed_through(digits)
    return [] if filler or len(digits) < _FEWEST_DIGITS else [digits]
