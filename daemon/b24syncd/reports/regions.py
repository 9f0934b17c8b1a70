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
    from b24syncd.jobs.phones.other_regions import OtherRegions


_MOST_READ = 100
"""Values that are read while somebody waits, which takes a millisecond each."""


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
    """Return which regions would read how many of the open reviews; worked out ahead by who writes the state.

    Where there are others by now, and more than are quickly read, it is told by what was worked out last, or by some.
    """
    rules = jobs.get(PHONES)
    known = region_hints.remembered(db, region_hints.mark_of(db, PHONES, rules))
    number = reviews.open_number_of(db, PHONES)
    if known is None and number > _MOST_READ:
        known = region_hints.last_by(db, rules)
    if known is not None:
        return RegionsReport(known.would_read, exact=known.exact)
    found = _reading(jobs) if number else None  # what reads numbers takes long to import
    if found is None:
        return RegionsReport({})
    for value in reviews.open_values_of(db, PHONES, limit=_MOST_READ):
        found.add(value)
    read = _report(found)
    if number <= _MOST_READ:
        return read
    return RegionsReport({region: of * number // _MOST_READ for region, of in read.would_read.items()}, exact=False)


def _report(found: OtherRegions | None) -> RegionsReport:
    return RegionsReport({}) if found is None else RegionsReport(found.named(), exact=found.is_exact)


def _reading(jobs: Mapping[str, Rules]) -> OtherRegions | None:
    rules = next((rules for rules in jobs.values() if isinstance(rules, PhoneRules)), None)
    if rules is None:
        return None
    from b24syncd.jobs.phones.other_regions import OtherRegions  # noqa: PLC0415  # takes long: it knows all regions' numbers

    return OtherRegions(rules)
