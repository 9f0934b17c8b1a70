"""Groups of reviews as the page shows them: by job, by reason, by the countries of what is suggested."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.web.console.language import locale_now

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24syncd.store.review_search import ReviewGroup

    from .filters import Asked


@dataclass(frozen=True, slots=True)
class Group:
    """Some reviews: what they have in common, how many they are, their address, and whether they are shown now."""

    name: str
    number: int
    address: str
    is_shown: bool
    parts: tuple[Group, ...] = ()


def grouped(found: Iterable[ReviewGroup], asked: Asked) -> tuple[Group, ...]:
    """Return the groups of each job, the largest first; in them those of each reason, and in these of each country."""
    by_job: dict[str, dict[str, Counter[tuple[str, ...]]]] = {}
    for one in found:
        by_job.setdefault(one.job, {}).setdefault(one.reason, Counter())[one.countries] += one.number
    jobs = [_of_job(job, reasons, asked) for job, reasons in by_job.items()]
    return tuple(sorted(jobs, key=lambda group: -group.number))


def _of_job(job: str, reasons: dict[str, Counter[tuple[str, ...]]], asked: Asked) -> Group:
    parts = [_of_reason(job, reason, countries, asked) for reason, countries in reasons.items()]
    return _group(job, sum(part.number for part in parts), asked.of_group(job), asked, parts)


def _of_reason(job: str, reason: str, countries: Counter[tuple[str, ...]], asked: Asked) -> Group:
    """Return the reviews of a reason; in it are those of which numbers of these countries alone are suggested."""
    parts = []
    for of in countries:
        if of:
            number = sum(other for named, other in countries.items() if named and set(named) <= set(of))
            parts.append(_group(", ".join(map(country, of)), number, asked.of_group(job, reason, of), asked))
    return _group(reason, countries.total(), asked.of_group(job, reason), asked, parts)


def _group(name: str, number: int, of: Asked, asked: Asked, parts: Iterable[Group] = ()) -> Group:
    largest = sorted(parts, key=lambda group: (-group.number, group.name))
    return Group(name, number, of.address(), of.which == asked.which, tuple(largest))


def country(code: str) -> str:
    """Return what a country is called; its code where it has no name, such as one that no country has."""
    return str(locale_now().territories.get(code, code))
