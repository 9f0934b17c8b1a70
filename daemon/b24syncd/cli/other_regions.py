"""Telling with which `other_regions` more phones would be read: by a preview, and of the reviews that are open."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from b24syncd.domain.rules import PhoneRules
from b24syncd.jobs import phones
from b24syncd.jobs.other_regions import OtherRegions
from b24syncd.store import reviews

from .output import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import sqlite_utils

    from b24syncd.domain.plans import Plan
    from b24syncd.settings import Settings

_MOST_LOOKED_AT = 1000
"""Values that `status` reads again, so that it answers at once however many reviews are open."""


class Ahead(TypedDict):
    """How many of the open reviews which region would read; not `complete` where only the newest were looked at."""

    would_read: dict[str, int]
    complete: bool


class RegionsAhead:
    """Looks at the reviews of plans."""

    def __init__(self, settings: Settings) -> None:
        """Read by the rules of the job, if it is on."""
        self._found = _of(settings)

    def add(self, plan: Plan) -> None:
        """Take in one item's plan."""
        for review in plan.reviews:
            if self._found is not None and review.job == phones.NAME and self._found.may_read(review.suggestion):
                self._found.add(review.value)

    def told(self) -> Iterator[str]:
        """Yield a line, if any region would read more."""
        if self._found is not None:
            yield from told(self._found.named())


def regions_for_open(db: sqlite_utils.Database, settings: Settings) -> Ahead:
    """Return which regions would read how many of the open reviews; of the newest of them where there are very many."""
    found = _of(settings)
    is_complete = True
    if found is not None:
        for value, suggestion in reviews.suggested_of(db, phones.NAME):
            if found.may_read(suggestion):
                if found.looked_at >= _MOST_LOOKED_AT:
                    is_complete = False
                    break
                found.add(value)
    return Ahead(would_read={} if found is None else found.named(), complete=is_complete)


def told(would_read: Mapping[str, int], *, complete: bool = True) -> Iterator[str]:
    """Yield how many more numbers would be read with which regions, as the setting is written."""
    if not would_read:
        return
    number = counted(sum(would_read.values()), "more number")
    least = "" if complete else "at least "
    regions = ", ".join(f'"{region}"' for region in would_read)
    start = f"{least}{number} would be read with other_regions ="
    if len(would_read) == 1:
        yield f"{start} [{regions}]"
    else:  # both lines fit on a terminal
        yield start
        yield f"[{regions}]: {', '.join(f'{region} {number}' for region, number in would_read.items())}"


def _of(settings: Settings) -> OtherRegions | None:
    rules = settings.jobs.get(phones.NAME)
    return OtherRegions(rules) if isinstance(rules, PhoneRules) else None
