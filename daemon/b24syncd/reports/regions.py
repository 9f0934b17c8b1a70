"""With which `other_regions` more phones would be read: as a preview finds them, and of the reviews that are open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.domain.job_names import PHONES
from b24syncd.domain.rules import PhoneRules
from b24syncd.store import region_hints, reviews

from .report import Report
from .wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import sqlite_utils

    from b24syncd.domain.plans import Plan
    from b24syncd.domain.rules import Rules
    from b24syncd.jobs.other_regions import OtherRegions


@dataclass(frozen=True, slots=True)
class RegionsReport(Report):
    """How many values which region would read; not `exact` where some of very many were looked at."""

    would_read: Mapping[str, int]
    exact: bool = True

    def lines(self) -> Iterator[str]:
        """Yield how many more numbers would be read with which regions, as the setting is written."""
        if not self.would_read:
            return
        number = counted(sum(self.would_read.values()), "more number")
        about = "" if self.exact else "about "
        regions = ", ".join(f'"{region}"' for region in self.would_read)
        start = f"{about}{number} would be read with other_regions ="
        if len(self.would_read) == 1:
            yield f"{start} [{regions}]"
        else:  # both lines fit on a terminal
            yield start
            yield f"[{regions}]: {', '.join(f'{region} {number}' for region, number in self.would_read.items())}"


class RegionsAhead:
    """Looks at the reviews of plans."""

    def __init__(self, jobs: Mapping[str, Rules]) -> None:
        """Read by the rules of the job, if it is on."""
        self._found = _reading(jobs)

    def add(self, plan: Plan) -> None:
        """Take in one item's plan."""
        for review in plan.reviews:
            if self._found is not None and review.job == PHONES:
                self._found.add(review.value)

    def report(self) -> RegionsReport:
        """Return which regions would read how many."""
        return _report(self._found)


def regions_for_open(db: sqlite_utils.Database, jobs: Mapping[str, Rules]) -> RegionsReport:
    """Return which regions would read how many of the open reviews; worked out ahead by who writes the state."""
    known = region_hints.remembered(db, region_hints.mark_of(db, PHONES, jobs.get(PHONES)))
    if known is not None:
        return RegionsReport(known.would_read, exact=known.exact)
    values = tuple(reviews.open_values_of(db, PHONES))
    found = _reading(jobs) if values else None  # what reads numbers takes long to import
    if found is not None:
        for value in values:
            found.add(value)
    return _report(found)


def _report(found: OtherRegions | None) -> RegionsReport:
    return RegionsReport({}) if found is None else RegionsReport(found.named(), exact=found.is_exact)


def _reading(jobs: Mapping[str, Rules]) -> OtherRegions | None:
    rules = next((rules for rules in jobs.values() if isinstance(rules, PhoneRules)), None)
    if rules is None:
        return None
    from b24syncd.jobs.other_regions import OtherRegions  # noqa: PLC0415  # takes long: it knows all regions' numbers

    return OtherRegions(rules)
