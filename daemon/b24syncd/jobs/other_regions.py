"""Which regions among `other_regions` would read how many of the phones that wait for a person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import phonenumbers

from .phone_numbers import regions_that_would_read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24syncd.domain.rules import PhoneRules

_MOST_NAMED = 4


@dataclass(slots=True)
class OtherRegions:
    """Counts phones by the regions that would read them; `looked_at` is how many came into question at all."""

    rules: PhoneRules
    looked_at: int = 0
    _found: Counter[frozenset[str]] = field(default_factory=Counter)

    def may_read(self, suggestion: str | None) -> bool:
        """Tell whether a suggestion is a number of another country code, which a region may read."""
        own = phonenumbers.country_code_for_region(self.rules.region)
        return suggestion is not None and not suggestion.startswith(f"+{own}")

    def add(self, value: str) -> None:
        """Count one raw value that a person must decide about."""
        self.looked_at += 1
        if regions := frozenset(regions_that_would_read(value, self.rules)):
            self._found[regions] += 1

    def named(self) -> dict[str, int]:
        """Return the few regions that read the most of them; see `best_of`."""
        return best_of(self._found)


def best_of(found: Mapping[frozenset[str], int]) -> dict[str, int]:
    """Return the few regions that read the most, each with how many those before it do not read.

    `found` tells for how many values these regions, each alone, are enough.
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
