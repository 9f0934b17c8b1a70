"""What a run has done so far, in numbers: for the progress, the summary and the exit code."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from b24syncd.store.runs import Count

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Count", "Tally"]


class Tally:
    """Counters of one run; a resumed run goes on with those it had."""

    def __init__(self, counts: Mapping[str, int] | None = None) -> None:
        """Begin with `counts`."""
        self._counts: Counter[str] = Counter(counts or {})

    def add(self, count: Count, number: int = 1) -> None:
        """Count `number` more."""
        self._counts[count.value] += number

    def take_in(self, counts: Mapping[str, int]) -> None:
        """Count what was stored as counted."""
        self._counts.update(counts)

    def __getitem__(self, count: Count) -> int:
        """Return one counter."""
        return self._counts[count.value]

    def as_counts(self) -> dict[str, int]:
        """Return all counters as they are stored."""
        return {count.value: self._counts[count.value] for count in Count}
