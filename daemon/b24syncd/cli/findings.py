"""What an order of a person would do, or did, and what it left as it is: as text, as JSON and as CSV."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.engine.tally import Count

from .output import counted, visible
from .preview import finding_of, how_many_more

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from b24syncd.app import Summary
    from b24syncd.domain.corrections import Correction

COLUMNS = ("item", "job", "action", "point", "before", "after", "why")

Row = tuple[str, ...]


@dataclass(slots=True)
class Findings:
    """What would be done, and what stays as it is; of a dry run both, of a real one what stays.

    `why` has the words for why something stays, `shown` is how many findings are told on the terminal.
    """

    why: Mapping[str, str]
    shown: int
    rows: list[Row] = field(default_factory=list)
    items: set[str] = field(default_factory=set)
    planned: int = 0
    left: int = 0

    def add(self, corrections: Iterable[Correction], left: Iterable[Row]) -> None:
        """Take in what is to be done with one item, and the rows of what is not."""
        for correction in corrections:
            self.rows.append((*finding_of(correction)[:6], ""))
            self.items.add(str(correction.ref))
            self.planned += 1
        for row in left:
            self.rows.append(row)
            self.left += 1

    def lines(self, file: Path | None) -> Iterator[str]:
        """Yield the first findings as text, and how many more there are."""
        for row in self.rows[: self.shown]:
            yield self._line(row)
        if len(self.rows) > self.shown:
            yield how_many_more(len(self.rows) - self.shown, file)

    def counts(self, summary: Summary) -> dict[str, object]:
        """Return the numbers at the end."""
        corrections, items = self.amount(summary)
        return {
            "run": summary.run_id,
            "items": items,
            "corrections": corrections,
            "left": self.left,
            "unverified": summary.counts[Count.UNVERIFIED],
            "failed": summary.counts[Count.FAILED],
            "interrupted": summary.interrupted,
        }

    def amount(self, summary: Summary) -> tuple[int, int]:
        """Return how many corrections there are to make, or were made, and in how many items."""
        if summary.run_id is None:
            return self.planned, len(self.items)
        return summary.counts[Count.CORRECTIONS], summary.counts[Count.CORRECTED]

    def _line(self, row: Row) -> str:
        item, _, action, _, before, after, why = row
        what = {(True, True): f"{before!r} → {after!r}", (True, False): repr(before), (False, True): repr(after)}
        told = what.get((bool(before), bool(after)), "")
        return visible(f"{item:<16} {action} {told}" + (f": {self.why[why]}" if why else ""))


def what_went_wrong(summary: Summary) -> Iterator[str]:
    """Yield what was made without an answer, and what failed."""
    if unverified := summary.counts[Count.UNVERIFIED]:
        yield f"{counted(unverified, 'correction')} unverified: made, but the answer was lost"
    if failed := summary.counts[Count.FAILED]:
        yield f"{counted(failed, 'item')} failed; the latest:"
        yield from (f"  {entry.ref}: {visible(entry.detail)}" for entry in summary.failed)
