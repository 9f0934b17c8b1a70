"""Showing what a dry run found: in groups, by a random sample, and all of it in a CSV file."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Self

import typer

from b24syncd.errors import UsageInvalid
from b24syncd.reports.findings import PlanFinding, findings_of, numbers_read
from b24syncd.reports.naming import Naming
from b24syncd.reports.preview import Findings

from .csv_file import GUARDED, opened
from .groups import group_lines, say
from .output import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.plans import Plan
    from b24syncd.reports.csv_form import CsvForm
    from b24syncd.reports.naming import FieldTitles
    from b24syncd.reports.preview import PreviewReport

SAMPLE = 20
SampleSize = Annotated[
    int, typer.Option("--sample", metavar="N", min=0, help="With --dry-run: show N findings, taken at random.")
]
ASKED = "what a person would be asked"
LEFT = "what would stay as it is"


def require_dry_run(context: typer.Context, *, dry_run: bool) -> None:
    """Raise `UsageInvalid` for a sample where nothing is previewed: who asks for one does not want it to be done."""
    source = context.get_parameter_source("sample")
    if not dry_run and source is not None and source.name == "COMMANDLINE":
        message = "--sample goes with --dry-run; nothing was done"
        raise UsageInvalid(message)


class PlanReport:
    """Takes in plans as they come; keeps a few findings in memory and streams all of them to the file, if any."""

    def __init__(self, path: Path | None, form: CsvForm = GUARDED, *, sample: int = SAMPLE, host: str = "") -> None:
        """Write to `path`, if there is one; what stands there is replaced. Cards are those of the portal `host`."""
        self._path, self._form = path, form
        self._naming = Naming(host)
        self.findings = Findings(sample)
        self._closing = ExitStack()
        self._write: Callable[[PlanFinding], object] = _nowhere

    def __enter__(self) -> Self:
        """Open the file."""
        if self._path is not None:
            write = self._form.writer(self._closing.enter_context(opened(self._path)))
            write(PlanFinding.csv_columns())
            self._write = lambda finding: write(finding.csv_row())
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._closing.close()

    def learn(self, titles: FieldTitles) -> None:
        """Take in the titles of fields, before the first plan comes."""
        self._naming = Naming(self._naming.host, titles)

    def add(self, plan: Plan) -> None:
        """Report one item's plan."""
        numbers = [*map(numbers_read, plan.corrections), *(() for _ in plan.reviews)]
        for finding, read in zip(findings_of(plan), numbers, strict=True):
            named = self._naming.named(finding)
            self.findings.add(named, read)
            self._write(named)


def print_found(report: PreviewReport, file: Path | None, *, not_done: str = ASKED) -> None:
    """Write what was found, in groups, and the sample of it; `not_done` is above the groups of reasons."""
    for line in group_lines("what would be done", report.changes):
        typer.echo(line)
    for line in group_lines(not_done, report.reasons):
        typer.echo(line)
    for line in group_lines("phone numbers that were read, by country", report.countries):
        typer.echo(line)
    for line in _sample(report, file):
        say(line)


def _sample(report: PreviewReport, file: Path | None) -> Iterator[str]:
    if not report.sample:
        return
    number, where = len(report.sample), f"in {file}" if file else "with --csv FILE"
    if number < report.findings:
        yield f"{number} of {report.findings}, taken at random; all of them {where}"
    else:
        yield "all of it"
    for finding in report.sample:
        yield f"  {line_of(finding.item, finding.sentence())}"


def line_of(item: EntityRef, sentence: str) -> str:
    """Return what is told of an item as a line."""
    return visible(f"{item!s:<16} {sentence}")


def how_many_more(number: int, file: Path | None) -> str:
    """Return a line about findings that are not told, and where they are."""
    return f"… and {number} more; all of them {f'in {file}' if file else 'with --csv FILE'}"


def _nowhere(_finding: PlanFinding) -> None:
    """Keep the finding out of any file."""
