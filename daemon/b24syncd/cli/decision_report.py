"""Telling what would be written of decisions, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.engine.tally import Count
from b24syncd.errors import ExitCode

from .backfill import exit_code
from .output import counted, visible
from .preview import finding_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from b24syncd.app import Summary
    from b24syncd.domain.decisions import Deciding, Left

COLUMNS = ("item", "job", "action", "point", "before", "after", "why")

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


@dataclass(slots=True)
class DecisionReport:
    """What would be done, and what stays as it is; of a dry run both, of a real one what stays."""

    rows: list[tuple[str, ...]] = field(default_factory=list)
    items: set[str] = field(default_factory=set)
    planned: int = 0
    left: int = 0

    def add(self, deciding: Deciding) -> None:
        """Take in what is to be done with one item."""
        for correction in deciding.corrections:
            self.rows.append((*finding_of(correction)[:6], ""))
            self.items.add(str(correction.ref))
        self.rows.extend(map(_of_left, deciding.left))
        self.planned += len(deciding.corrections)
        self.left += len(deciding.left)

    def counts(self, summary: Summary, accepted: Sequence[int]) -> dict[str, object]:
        """Return the numbers at the end."""
        is_dry = summary.run_id is None
        counts = summary.counts
        return {
            "run": summary.run_id,
            "accepted": len(accepted),
            "items": len(self.items) if is_dry else counts[Count.CORRECTED],
            "corrections": self.planned if is_dry else counts[Count.CORRECTIONS],
            "left": self.left,
            "unverified": counts[Count.UNVERIFIED],
            "failed": counts[Count.FAILED],
            "interrupted": summary.interrupted,
            "stopped": summary.stopped,
        }

    def told(self, summary: Summary, accepted: Sequence[int], file: Path | None) -> Iterator[str]:
        """Yield the first findings as text, and how it ended."""
        yield from (_line(row) for row in self.rows[:_SHOWN])
        if len(self.rows) > _SHOWN:
            yield f"… and {len(self.rows) - _SHOWN} more; all of them {f'in {file}' if file else 'with --csv FILE'}"
        yield from map(visible, self._ending(summary, accepted))

    def _ending(self, summary: Summary, accepted: Sequence[int]) -> Iterator[str]:
        counts = summary.counts
        is_dry = summary.run_id is None
        corrections = counted(self.planned if is_dry else counts[Count.CORRECTIONS], "correction")
        items = counted(len(self.items) if is_dry else counts[Count.CORRECTED], "item")
        done = f"{corrections} to make in {items}" if is_dry else f"{counted(len(accepted), 'review')} accepted"
        made = "" if is_dry else f" ({corrections} in {items})"
        yield f"{done}{made}, {self.left} left as they are, {counted(summary.requests, 'request')}"
        if counts[Count.UNVERIFIED]:
            yield f"{counted(counts[Count.UNVERIFIED], 'correction')} unverified: made, but the answer was lost"
        if counts[Count.FAILED]:
            yield f"{counted(counts[Count.FAILED], 'item')} failed; the latest:"
            yield from (f"  {entry.ref}: {entry.detail}" for entry in summary.failed)
        if is_dry:
            yield "nothing was written"
        elif counts[Count.CORRECTIONS]:
            yield f"`b24syncd undo {summary.run_id}` takes it back"
        if summary.stopped is not None:
            yield f"stopped by a safety limit: {summary.stopped}"
        if summary.interrupted:
            yield "interrupted before the end" if is_dry else "interrupted; the same command goes on from here"


def ended(summary: Summary, report: DecisionReport) -> ExitCode:
    """Return the exit code of a decision that ended like this."""
    code = exit_code(summary)
    return ExitCode.SOME_FAILED if code is ExitCode.DONE and report.left else code


def _of_left(left: Left) -> tuple[str, ...]:
    one = left.decision
    return str(one.ref), one.job, "leave", str(one.point_id or ""), one.value, one.becomes, left.why.value


def _line(row: Iterable[str]) -> str:
    item, _, action, _, before, after, why = row
    what = {(True, True): f"{before!r} → {after!r}", (True, False): repr(before), (False, True): repr(after)}
    told = what.get((bool(before), bool(after)), "")
    return visible(f"{item:<16} {action} {told}" + (f": {_WHY[why]}" if why else ""))
