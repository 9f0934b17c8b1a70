"""Showing what a dry run found: the first findings on the terminal, all of them in a CSV file."""

from __future__ import annotations

import csv
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from b24syncd.reports.findings import PlanFinding
from b24syncd.reports.preview import PreviewReport

from .csv_file import guarded, opened
from .output import visible

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.plans import Plan

_SHOWN = 20


class PlanReport:
    """Collects plans; keeps a few of them in memory and streams all of them to the file, if there is one."""

    def __init__(self, path: Path | None) -> None:
        """Write to `path`, if there is one; what stands there is replaced."""
        self._path = path
        self._report = PreviewReport(_SHOWN)
        self._closing = ExitStack()
        self._write: Callable[[PlanFinding], object] = _nowhere

    def __enter__(self) -> Self:
        """Open the file."""
        if self._path is not None:
            writer = csv.writer(self._closing.enter_context(opened(self._path)), lineterminator="\n")
            writer.writerow(PlanFinding.columns())
            self._write = lambda finding: writer.writerow([guarded(cell) for cell in finding.to_json().values()])
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._closing.close()

    def add(self, plan: Plan) -> None:
        """Report one item's plan."""
        for finding in self._report.add(plan):
            self._write(finding)

    def told(self) -> str:
        """Return the first findings as text, and how many more there are."""
        lines = [line_of(finding.item, finding.sentence()) for finding in self._report.first]
        if self._report.more:
            lines.append(how_many_more(self._report.more, self._path))
        return "\n".join(lines)


def line_of(item: EntityRef, sentence: str) -> str:
    """Return what is told of an item as a line."""
    return visible(f"{item!s:<16} {sentence}")


def how_many_more(number: int, file: Path | None) -> str:
    """Return a line about findings that are not told, and where they are."""
    return f"… and {number} more; all of them {f'in {file}' if file else 'with --csv FILE'}"


def _nowhere(_finding: PlanFinding) -> None:
    """Keep the finding out of any file."""
