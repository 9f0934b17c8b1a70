"""Showing what a dry run found: the first findings on the terminal, all of them in a CSV file."""

from __future__ import annotations

import csv
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from b24syncd.domain.corrections import (
    AddBinding,
    AddPoint,
    BindingCorrection,
    ChangePoint,
    DeletePoint,
    MoveBinding,
    RemoveBinding,
    SetField,
    SetTaskLinks,
)

from .csv_file import guarded, opened
from .output import told_links, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.plans import Plan, Review

_SHOWN = 20

_COLUMNS = ("item", "job", "action", "point", "before", "after", "reason", "suggestion")

Finding = tuple[str, str, str, str, str, str, str, str]
"""One line of the report, in the order of the columns."""


class PlanReport:
    """Collects plans; keeps a few of them in memory and streams all of them to the file, if there is one."""

    def __init__(self, path: Path | None) -> None:
        """Write to `path`, if there is one; what stands there is replaced."""
        self._path = path
        self._first: list[Finding] = []
        self._counts: Counter[str] = Counter()
        self._closing = ExitStack()
        self._write: Callable[[Finding], object] = _nowhere

    def __enter__(self) -> Self:
        """Open the file."""
        if self._path is not None:
            writer = csv.writer(self._closing.enter_context(opened(self._path)), lineterminator="\n")
            writer.writerow(_COLUMNS)
            self._write = lambda finding: writer.writerow([guarded(cell) for cell in finding])
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._closing.close()

    def add(self, plan: Plan) -> None:
        """Report one item's plan."""
        for finding in _findings(plan):
            self._counts[finding[2]] += 1
            if len(self._first) < _SHOWN:
                self._first.append(finding)
            self._write(finding)

    def told(self) -> str:
        """Return the first findings as text, and how many more there are."""
        lines = [_line(finding) for finding in self._first]
        more = self._counts.total() - len(self._first)
        if more:
            lines.append(how_many_more(more, self._path))
        return "\n".join(lines)


def how_many_more(number: int, file: Path | None) -> str:
    """Return a line about findings that are not told, and where they are."""
    return f"… and {number} more; all of them {f'in {file}' if file else 'with --csv FILE'}"


def _nowhere(_finding: Finding) -> None:
    """Keep the finding out of any file."""


def _findings(plan: Plan) -> Iterator[Finding]:
    for correction in plan.corrections:
        yield finding_of(correction)
    for review in plan.reviews:
        yield _of_review(review)


def finding_of(correction: Correction) -> Finding:
    """Return a correction as a line of the report."""
    ref, job = str(correction.ref), correction.job
    match correction:
        case ChangePoint():
            return ref, job, "change", str(correction.point_id), correction.before, correction.after, "", ""
        case DeletePoint():
            return ref, job, "delete", str(correction.point_id), correction.before, "", "duplicate", ""
        case AddPoint():
            return ref, job, "add", "", "", correction.after, "", ""
        case SetField():
            before, after = correction.before or "", correction.after or ""
            return ref, job, "set field", correction.field, before, after, "", ""
        case _:
            return _of_rebinding(correction)


def _of_rebinding(correction: BindingCorrection) -> Finding:
    ref, job = str(correction.ref), correction.job
    match correction:
        case MoveBinding():
            return ref, job, "move", "", str(correction.source), str(correction.target), "", ""
        case AddBinding():
            return ref, job, "bind", "", "", str(correction.target), "", ""
        case RemoveBinding():
            return ref, job, "unbind", "", str(correction.source), "", "", ""
        case SetTaskLinks():
            before, after = told_links(correction.before), told_links(correction.after)
            return ref, job, "link task", str(correction.task_id), before, after, "", ""


def _of_review(review: Review) -> Finding:
    suggestion = review.suggestion or ""
    return (
        str(review.ref),
        review.job,
        "review",
        str(review.point_id),
        review.value,
        "",
        review.reason.value,
        suggestion,
    )


def _line(finding: Finding) -> str:
    item, _, action, point_id, before, after, reason, suggestion = finding
    match action:
        case "change":
            what = f"{before!r} → {after!r}"
        case "move":
            what = f"move from {before} to {after}"
        case "bind":
            what = f"bind to {after}"
        case "unbind":
            what = f"unbind from {before}"
        case "link task":
            what = f"links of task {point_id}: {before} → {after}"
        case "set field":
            what = f"{point_id}: {before or 'empty'} → {after or 'empty'}"
        case "delete":
            what = f"delete {before!r}, a duplicate"
        case "add":
            what = f"add {after!r}"
        case _:
            what = f"review {before!r}: {reason}" + (f", perhaps {suggestion!r}" if suggestion else "")
    return visible(f"{item:<16} {what}")
