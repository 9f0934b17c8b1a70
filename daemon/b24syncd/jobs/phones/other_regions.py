"""Which regions among `other_regions` would read how many of the phones that wait for a person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .numbers import regions_that_would_read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24syncd.domain.rules import PhoneRules

_MOST_NAMED = 4
_MOST_READ = 512
"""Values that are read again; of more, every second one, then every fourth, and so on: reading takes a millisecond."""
_FEWEST_DIGITS = 6


@dataclass(slots=True)
class OtherRegions:
    """Takes values that a person must decide about, and tells which regions would read how many of them."""

    rules: PhoneRules
    _values: list[str] = field(default_factory=list)
    _seen: int = 0
    _one_of: int = 1

    @property
    def is_exact(self) -> bool:
        """Whether every value is read, so that the numbers are no estimate."""
        return self._one_of == 1

    def add(self, value: str) -> None:
        """Take one raw value; one that has too few digits for another country's number is none that matters."""
        if sum(map(str.isdigit, value)) < _FEWEST_DIGITS:
            return
        if self._seen % self._one_of == 0:
            self._values.append(value)
        self._seen += 1
        if len(self._values) > _MOST_READ:
            self._values = self._values[::2]
            self._one_of *= 2

    def named(self) -> dict[str, int]:
        """Return the few regions that read the most, each with how many those before it do not read."""
        found = Counter(frozenset(regions_that_would_read(value, self.rules)) for value in self._values)
        del found[frozenset()]
        return {region: number * self._one_of for region, number in best_of(found).items()}


def best_of(found: Mapping[frozenset[str], int]) -> dict[str, int]:
    """Return the few regions that read the most, each with how many those before it do not read.

    `found` tells for how many values which regions are enough, each alone.
    """
    left, named = dict(found), dict[str, int]()
    while left and len(named) < _MOST_NAMED:
        reads: Counter[str] = Counter()
        for regions, number in left.items():
            for region in regions:
                reads[region] += number
        region, number = min(reads.items(), key=lambda one: (-one[1], one[0]))
        named[region] = number
        left = {regions: number for regions, number in left.items() if region not in regions}
    return named
