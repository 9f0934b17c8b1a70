"""What came of changes that a person asked for: taking back, and writing decisions; also as previews."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from b24syncd.domain.undoing import Why
from b24syncd.store.runs import Count

from . import findings
from .naming import Naming
from .preview import Findings
from .results import TO_CORRECT, CommandResult, common
from .summary import cut_short_lines, failed_lines, unverified_lines
from .wording import ITEMS, NOTHING_WRITTEN, counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.decisions import Deciding
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.undoing import Undoing

    from .findings import ManualFinding
    from .naming import FieldTitles
    from .preview import PreviewReport
    from .summary import Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoResult(CommandResult):
    """How an undo ended, or its preview; `holders` are the undos that hold what was to be taken back.

    `people` are those of the console who had asked for it, with how many corrections each.
    """

    items: int
    corrections: int
    left: int
    unverified: int
    failed: int
    holders: tuple[int, ...]
    people: Mapping[str, int]
    findings: tuple[ManualFinding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionResult(CommandResult):
    """How the writing of decisions ended, or a preview of that; so many reviews were `accepted`."""

    accepted: int
    items: int
    corrections: int
    left: int
    unverified: int
    failed: int
    findings: tuple[ManualFinding, ...]


class ManualReport:
    """Collects what would be done, and what stays as it is; of a preview both, of the change itself what stays."""

    def __init__(self, sample: int = 0, host: str = "") -> None:
        """Begin with nothing; keep a sample of so many for a preview. Cards are those of the portal `host`."""
        self.findings: list[ManualFinding] = []
        self.left = 0
        self.refused = 0
        self._found = Findings(sample)
        self._naming = Naming(host)
        self._planned = 0
        self._items: set[EntityRef] = set()

    def learn(self, titles: FieldTitles) -> None:
        """Take in the titles of fields, before anything else comes."""
        self._naming = Naming(self._naming.host, titles)

    def preview(self, summary: Summary) -> PreviewReport | None:
        """Return what a preview found; nothing of what was not one."""
        return self._found.report(summary) if summary.is_preview else None

    def amount(self, summary: Summary) -> tuple[int, int]:
        """Return how many corrections there are to make, or were made, and in how many items."""
        if summary.is_preview:
            return self._planned, len(self._items)
        return summary.counts[Count.CORRECTIONS], summary.counts[Count.CORRECTED]

    def _add(self, corrections: Iterable[Correction], left: Iterable[ManualFinding]) -> None:
        for correction in corrections:
            self._tell(findings.done(correction))
            self._items.add(correction.ref)
            self._planned += 1
        for finding in left:
            self._tell(finding)
            self.left += 1
            self.refused += finding.why == Why.REFUSED

    def _tell(self, finding: ManualFinding) -> None:
        named = self._naming.named(finding)
        self.findings.append(named)
        self._found.add(named)

    def _result(self, summary: Summary, exit_code: int) -> dict[str, Any]:
        """Return what all of them tell of how they ended."""
        corrections, items = self.amount(summary)
        ended = common(summary, exit_code, self.preview(summary))
        if summary.is_preview:
            ended["counts"] |= {TO_CORRECT: items, Count.CORRECTIONS.value: corrections}
        return {
            **ended,
            "items": items,
            "corrections": corrections,
            "left": self.left,
            "unverified": summary.counts[Count.UNVERIFIED],
            "failed": summary.counts[Count.FAILED],
            "findings": tuple(self.findings),
        }

    def _told_amount(self, summary: Summary) -> tuple[str, str]:
        number, of_items = self.amount(summary)
        return counted(number, "correction"), counted(of_items, "item")


class UndoReport(ManualReport):
    """What an undo does."""

    people: Mapping[str, int] = MappingProxyType({})

    def name(self, people: Mapping[str, int]) -> None:
        """Take in who of the console had asked for what is taken back, with how many corrections each."""
        self.people = people

    def add(self, undoing: Undoing) -> None:
        """Take in what is done with one item."""
        self._add(undoing.corrections, map(findings.left, undoing.left))

    def result(self, summary: Summary, holders: Sequence[int], exit_code: int) -> UndoResult:
        """Return how it ended; `holders` are the undos that hold what was to be taken back."""
        people = dict(self.people)
        return UndoResult(**self._result(summary, exit_code), holders=tuple(holders), people=people)

    def ending(self, summary: Summary, holders: Sequence[int]) -> Iterator[str]:
        """Yield how it ended, in words; `holders` are the undos that hold what was to be taken back."""
        corrections, items = self._told_amount(summary)
        done = f"{corrections} {'to make' if summary.is_preview else 'made'} in {items}"
        yield f"{done}, {self.left} left as they are, {counted(summary.requests, 'request')}"
        for name, number in self.people.items():
            yield f"{counted(number, 'correction')} of them had been asked for by {name}"
        is_whole = not summary.interrupted and summary.stopped is None
        if is_whole and not self.left and not self.amount(summary)[0] and not summary.counts[Count.FAILED]:
            yield "the journal tells of nothing that is still to be taken back there"
        yield from went_wrong_lines(summary)
        if summary.is_preview:
            yield NOTHING_WRITTEN
            yield from effort_lines(summary)
        elif holders:
            released = " and ".join(f"`b24syncd review release --run {run_id}`" for run_id in holders)
            yield f"undone stays undone until {released}"
        yield from cut_short_lines(summary)


class DecisionReport(ManualReport):
    """What is written of decisions."""

    def add(self, deciding: Deciding) -> None:
        """Take in what is done with one item."""
        self._add(deciding.corrections, map(findings.left_open, deciding.left))

    def result(self, summary: Summary, accepted: Sequence[int], exit_code: int) -> DecisionResult:
        """Return how it ended; `accepted` are the reviews that it closed."""
        return DecisionResult(**self._result(summary, exit_code), accepted=len(accepted))

    def ending(self, summary: Summary, accepted: Sequence[int]) -> Iterator[str]:
        """Yield how it ended, in words."""
        corrections, items = self._told_amount(summary)
        reviews = f"{counted(len(accepted), 'review')} accepted ({corrections} in {items})"
        done = f"{corrections} to make in {items}" if summary.is_preview else reviews
        yield f"{done}, {self.left} left as they are, {counted(summary.requests, 'request')}"
        yield from went_wrong_lines(summary)
        if summary.is_preview:
            yield NOTHING_WRITTEN
            yield from effort_lines(summary)
        elif self.amount(summary)[0]:
            yield f"`b24syncd undo {summary.run_id}` takes it back"
        yield from cut_short_lines(summary)


def effort_lines(summary: Summary) -> Iterator[str]:
    """Yield what effort the writing would be."""
    if summary.effort is not None:
        yield from summary.effort.lines()


def went_wrong_lines(summary: Summary) -> Iterator[str]:
    """Yield what was made without an answer, and what failed."""
    yield from unverified_lines(summary)
    yield from failed_lines(summary, ITEMS)
