"""What a person's orders came to: taking back, and writing what they decided; also as previews of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.domain.undoing import Why
from b24syncd.store.runs import Count

from . import findings
from .report import Report
from .summary import cut_short_lines, failed_lines, unverified_lines
from .wording import ITEMS, counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.decisions import Deciding
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.undoing import Undoing

    from .findings import OrderFinding
    from .summary import Summary


@dataclass(frozen=True, slots=True)
class UndoResult(Report):
    """The numbers at the end of an undo, or of its preview, which has no run."""

    run: int | None
    items: int
    corrections: int
    left: int
    unverified: int
    failed: int
    interrupted: bool


@dataclass(frozen=True, slots=True)
class DecisionResult(Report):
    """The numbers at the end of decisions that were written, or of a preview of that."""

    run: int | None
    accepted: int
    items: int
    corrections: int
    left: int
    unverified: int
    failed: int
    interrupted: bool
    stopped: str | None


class OrderReport:
    """Collects what would be done, and what stays as it is; of a preview both, of a real order what stays."""

    whys: Mapping[str, str]
    """The words for why something stays."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.findings: list[OrderFinding] = []
        self.left = 0
        self.refused = 0
        self._planned = 0
        self._items: set[EntityRef] = set()

    def sentence(self, finding: OrderFinding) -> str:
        """Return a finding in words."""
        return finding.sentence(self.whys)

    def amount(self, summary: Summary) -> tuple[int, int]:
        """Return how many corrections there are to make, or were made, and in how many items."""
        if summary.is_preview:
            return self._planned, len(self._items)
        return summary.counts[Count.CORRECTIONS], summary.counts[Count.CORRECTED]

    def _add(self, corrections: Iterable[Correction], left: Iterable[OrderFinding]) -> None:
        for correction in corrections:
            self.findings.append(findings.done(correction))
            self._items.add(correction.ref)
            self._planned += 1
        for finding in left:
            self.findings.append(finding)
            self.left += 1
            self.refused += finding.why == Why.REFUSED

    def _told_amount(self, summary: Summary) -> tuple[str, str]:
        number, of_items = self.amount(summary)
        return counted(number, "correction"), counted(of_items, "item")


class UndoReport(OrderReport):
    """What an undo does."""

    whys = findings.NOT_TAKEN_BACK

    def add(self, undoing: Undoing) -> None:
        """Take in what is done with one item."""
        self._add(undoing.corrections, map(findings.left, undoing.left))

    def result(self, summary: Summary) -> UndoResult:
        """Return the numbers at the end."""
        corrections, items = self.amount(summary)
        return UndoResult(
            summary.run_id,
            items,
            corrections,
            self.left,
            summary.counts[Count.UNVERIFIED],
            summary.counts[Count.FAILED],
            summary.interrupted,
        )

    def ending(self, summary: Summary, holders: Sequence[int]) -> Iterator[str]:
        """Yield how it ended, in words; `holders` are the undos that hold what was to be taken back."""
        corrections, items = self._told_amount(summary)
        done = f"{corrections} {'to make' if summary.is_preview else 'made'} in {items}"
        yield f"{done}, {self.left} left as they are, {counted(summary.requests, 'request')}"
        if not self.left and not self.amount(summary)[0] and not summary.counts[Count.FAILED]:
            yield "the journal tells of nothing that is still to be taken back there"
        yield from went_wrong_lines(summary)
        if summary.is_preview:
            yield "nothing was written"
        elif holders:
            released = " and ".join(f"`b24syncd review release --run {run_id}`" for run_id in holders)
            yield f"undone stays undone until {released}"
        yield from cut_short_lines(summary)


class DecisionReport(OrderReport):
    """What is written of decisions."""

    whys = findings.NOT_DECIDED

    def add(self, deciding: Deciding) -> None:
        """Take in what is done with one item."""
        self._add(deciding.corrections, map(findings.left_open, deciding.left))

    def result(self, summary: Summary, accepted: Sequence[int]) -> DecisionResult:
        """Return the numbers at the end; `accepted` are the reviews that it closed."""
        corrections, items = self.amount(summary)
        return DecisionResult(
            summary.run_id,
            len(accepted),
            items,
            corrections,
            self.left,
            summary.counts[Count.UNVERIFIED],
            summary.counts[Count.FAILED],
            summary.interrupted,
            summary.stopped,
        )

    def ending(self, summary: Summary, accepted: Sequence[int]) -> Iterator[str]:
        """Yield how it ended, in words."""
        corrections, items = self._told_amount(summary)
        reviews = f"{counted(len(accepted), 'review')} accepted ({corrections} in {items})"
        done = f"{corrections} to make in {items}" if summary.is_preview else reviews
        yield f"{done}, {self.left} left as they are, {counted(summary.requests, 'request')}"
        yield from went_wrong_lines(summary)
        if summary.is_preview:
            yield "nothing was written"
        elif self.amount(summary)[0]:
            yield f"`b24syncd undo {summary.run_id}` takes it back"
        yield from cut_short_lines(summary)


def went_wrong_lines(summary: Summary) -> Iterator[str]:
    """Yield what was made without an answer, and what failed."""
    yield from unverified_lines(summary)
    yield from failed_lines(summary, ITEMS)
