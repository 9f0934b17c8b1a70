"""Readings: what the raw value of a contact point says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.domain.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from b24syncd.domain.snapshots import PointKind


@dataclass(frozen=True, slots=True)
class Reading:
    """Either the distinct canonical values of a raw value, in order, or the reason why a person must decide.

    Neither for a blank value: it says nothing, and there is nothing to decide.
    """

    values: tuple[str, ...] = ()
    reason: Reason | None = None
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class PointReader:
    """How a job reads contact points of one kind under its rules.

    `read_all` takes several values whatever the rules say of that. So does `says`, which tells the canonical values of
    a raw one, asked about or not.
    """

    kind: PointKind
    read: Callable[[str], Reading]
    read_all: Callable[[str], Reading]
    says: Callable[[str], tuple[str, ...]]


BLANK = Reading()


def unreadable(reason: Reason, suggestion: str | None = None) -> Reading:
    """Return the reading of a value that a person must decide about."""
    return Reading(reason=reason, suggestion=suggestion)


def distinct(values: Iterable[str]) -> tuple[str, ...]:
    """Return the values without repetitions, each at its first place."""
    return tuple(dict.fromkeys(values))


def several(parts: Sequence[Reading], *, split: bool, refusal: Reason) -> Reading:
    """Return the reading of a value that consists of these parts.

    One unreadable part leaves the whole value to a person; so do several values where they must not be split,
    for the reason `refusal`.
    """
    unread = [part for part in parts if part.reason is not None]
    if unread:
        if len(parts) == 1:
            return parts[0]
        every_part = len(unread) == len(parts) and len({part.reason for part in unread}) == 1
        return unreadable(unread[0].reason or refusal) if every_part else unreadable(Reason.PARTLY_READABLE)
    values = distinct(value for part in parts for value in part.values)
    if len(values) > 1 and not split:
        return unreadable(refusal)
    return Reading(values)
