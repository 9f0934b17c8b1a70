"""Telling what would be written of decisions, and what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.errors import ExitCode

from .backfill import exit_code
from .findings import Findings, Row, what_went_wrong
from .output import counted, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from b24syncd.app import Summary
    from b24syncd.domain.decisions import Deciding, Left

_SHOWN = 5
"""Findings that are told: what is shown before them, and what they came to, is to stay on the terminal."""

_WHY = {
    "changed": "changed since",
    "gone": "gone",
    "stale": "read otherwise by today's rules",
    "excluded": "excluded",
    "not_configured": "the job is off",
    "refused": "refused by the portal",
    "not_written": "not written",
}


class DecisionReport:
    """Collects what would be done, and what stays as it is; of a dry run both, of a real one what stays."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._findings = Findings(_WHY, _SHOWN)

    @property
    def rows(self) -> list[Row]:
        """The findings, in the order of the columns."""
        return self._findings.rows

    @property
    def left(self) -> int:
        """How many decisions are not written."""
        return self._findings.left

    def add(self, deciding: Deciding) -> None:
        """Take in what is to be done with one item."""
        self._findings.add(deciding.corrections, map(_of_left, deciding.left))

    def counts(self, summary: Summary, accepted: Sequence[int]) -> dict[str, object]:
        """Return the numbers at the end."""
        start = {"run": summary.run_id, "accepted": len(accepted)}
        return {**start, **self._findings.counts(summary), "stopped": summary.stopped}

    def told(self, summary: Summary, accepted: Sequence[int], file: Path | None) -> Iterator[str]:
        """Yield the first findings as text, and how it ended."""
        yield from self._findings.lines(file)
        yield from map(visible, self._ending(summary, accepted))

    def _ending(self, summary: Summary, accepted: Sequence[int]) -> Iterator[str]:
        is_dry = summary.run_id is None
        number, of_items = self._findings.amount(summary)
        corrections, items = counted(number, "correction"), counted(of_items, "item")
        done = f"{corrections} to make in {items}" if is_dry else f"{counted(len(accepted), 'review')} accepted"
        made = "" if is_dry else f" ({corrections} in {items})"
        yield f"{done}{made}, {self.left} left as they are, {counted(summary.requests, 'request')}"
        yield from what_went_wrong(summary)
        if is_dry:
            yield "nothing was written"
        elif number:
            yield f"`b24syncd undo {summary.run_id}` takes it back"
        if summary.stopped is not None:
            yield f"stopped by a safety limit: {summary.stopped}"
        if summary.interrupted:
            yield "interrupted before the end" if is_dry else "interrupted; the same command goes on from here"


def ended(summary: Summary, report: DecisionReport) -> ExitCode:
    """Return the exit code of a decision that ended like this."""
    code = exit_code(summary)
    return ExitCode.SOME_FAILED if code is ExitCode.DONE and report.left else code


def _of_left(left: Left) -> Row:
    one = left.decision
    return str(one.ref), one.job, "leave", str(one.point_id or ""), one.value, one.becomes, left.why.value
