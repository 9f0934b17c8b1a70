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


class Ahead(TypedDict):
    """How many of the open reviews which region would read; not `exact` where some of very many were looked at."""

    would_read: dict[str, int]
    exact: bool


class RegionsAhead:
    """Looks at the reviews of plans."""

    def __init__(self, settings: Settings) -> None:
        """Read by the rules of the job, if it is on."""
        self._found = _of(settings)

    def add(self, plan: Plan) -> None:
        """Take in one item's plan."""
        for review in plan.reviews:
            if self._found is not None and review.job == phones.NAME:
                self._found.add(review.value)

    def told(self) -> Iterator[str]:
        """Yield a line, if any region would read more."""
        if self._found is not None:
            yield from told(self._found.named(), exact=self._found.is_exact)


def regions_for_open(db: sqlite_utils.Database, settings: Settings) -> Ahead:
    """Return which regions would read how many of the open reviews."""
    found = _of(settings)
    if found is None:
        return Ahead(would_read={}, exact=True)
    for value in reviews.open_values_of(db, phones.NAME):
        found.add(value)
    return Ahead(would_read=found.named(), exact=found.is_exact)


def told(would_read: Mapping[str, int], *, exact: bool = True) -> Iterator[str]:
    """Yield how many more numbers would be read with which regions, as the setting is written."""
    if not would_read:
        return
    number = counted(sum(would_read.values()), "more number")
    about = "" if exact else "about "
    regions = ", ".join(f'"{region}"' for region in would_read)
    start = f"{about}{number} would be read with other_regions ="
    if len(would_read) == 1:
        yield f"{start} [{regions}]"
    else:  # both lines fit on a terminal
        yield start
        yield f"[{regions}]: {', '.join(f'{region} {number}' for region, number in would_read.items())}"


def _of(settings: Settings) -> OtherRegions | None:
    rules = settings.jobs.get(phones.NAME)
    return OtherRegions(rules) if isinstance(rules, PhoneRules) else None
