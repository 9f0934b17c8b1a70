"""Findings by what they have in common: how many of each kind there are, and an example of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from .findings import PlanFinding
from .report import Report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .findings import Finding


@dataclass(frozen=True, slots=True)
class ChangeGroup(Report):
    """What would be done by one job in one way, of fields with one field."""

    job: str
    kind: str
    field_title: str
    count: int
    example: Finding

    @property
    def name(self) -> str:
        """What they have in common, in words."""
        return " ".join(filter(None, (self.job, self.kind, self.field_title)))


@dataclass(frozen=True, slots=True)
class ReasonGroup(Report):
    """What is not done for one reason: reviews, or what is left as it is."""

    job: str
    reason: str
    count: int
    example: Finding

    @property
    def name(self) -> str:
        """What they have in common, in words."""
        return f"{self.job} {self.reason}"


@dataclass(frozen=True, slots=True)
class CountryGroup(Report):
    """Phone numbers that were read as those of one country, `DE +49`."""

    country: str
    count: int
    example: Finding

    @property
    def name(self) -> str:
        """What they have in common, in words."""
        return self.country


Group = ChangeGroup | ReasonGroup | CountryGroup


Key = TypeVar("Key", bound=tuple[str, ...])


_LOOKED_AT = 20
"""The example is one of so many, a short one: of a long one little is shown; of reviews one with a suggestion."""


class _Counted(Generic[Key]):
    """How many there are of each key, with an example."""

    def __init__(self) -> None:
        self._examples: dict[Key, Finding] = {}
        self._numbers: dict[Key, int] = {}

    def add(self, key: Key, finding: Finding) -> None:
        number = self._numbers[key] = self._numbers.get(key, 0) + 1
        if number == 1 or (number <= _LOOKED_AT and _obscurity(finding) < _obscurity(self._examples[key])):
            self._examples[key] = finding

    def each(self) -> Iterator[tuple[Key, int, Finding]]:
        """Yield the most frequent first."""
        for key, number in sorted(self._numbers.items(), key=lambda counted: (-counted[1], counted[0])):
            yield key, number, self._examples[key]


class Groups:
    """Counts findings as they come."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._changes: _Counted[tuple[str, str, str]] = _Counted()
        self._reasons: _Counted[tuple[str, str]] = _Counted()
        self._countries: _Counted[tuple[str]] = _Counted()

    def add(self, finding: Finding, numbers: Iterable[str] = ()) -> None:
        """Take in a finding, and the phone numbers that were read for it."""
        if finding.why_not:
            self._reasons.add((finding.job, finding.why_not), finding)
        else:
            self._changes.add((finding.job, finding.action, finding.told_field), finding)
        from b24syncd.jobs.phones.countries import country_of  # noqa: PLC0415  # phonenumbers takes long

        for country in filter(None, map(country_of, numbers)):
            self._countries.add((country,), finding)

    def changes(self) -> tuple[ChangeGroup, ...]:
        """Return what would be done, by job and kind."""
        return tuple(
            ChangeGroup(job, kind, title, number, example)
            for (job, kind, title), number, example in self._changes.each()
        )

    def reasons(self) -> tuple[ReasonGroup, ...]:
        """Return what is not done, by job and reason."""
        return tuple(
            ReasonGroup(job, reason, number, example) for (job, reason), number, example in self._reasons.each()
        )

    def countries(self) -> tuple[CountryGroup, ...]:
        """Return the numbers that were read, by country."""
        return tuple(CountryGroup(country, number, example) for (country,), number, example in self._countries.each())


def _obscurity(finding: Finding) -> tuple[bool, int]:
    suggestion = finding.suggestion if isinstance(finding, PlanFinding) else None
    is_bare = bool(finding.why_not) and not (suggestion or finding.after)
    return is_bare, len(finding.before or "") + len(finding.after or suggestion or "")
