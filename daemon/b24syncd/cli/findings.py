"""Telling what an order of a person would do, or did, and what it left as it is: as text, as JSON and as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from b24syncd.reports.findings import OrderFinding

from .csv_file import write_csv
from .output import print_json, visible
from .preview import how_many_more, line_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from b24syncd.reports.orders import OrderReport
    from b24syncd.reports.report import Report


def print_order(  # noqa: PLR0913 # what it came to, and how that is told
    report: OrderReport, result: Report, ending: Iterable[str], csv_file: Path | None, *, shown: int, as_json: bool
) -> None:
    """Write the findings, the first so many on a terminal, and how it ended; put all of them into the file."""
    if as_json:
        for finding in report.findings:
            print_json(finding.to_json())
        print_json(result.to_json())
    else:
        for line in (*_lines(report, csv_file, shown), *map(visible, ending)):
            typer.echo(line)
    if csv_file is not None:  # last, for it may not be possible, and what was done is to be told in any case
        rows = (tuple(finding.to_json().values()) for finding in report.findings)
        write_csv(csv_file, OrderFinding.columns(), rows)


def _lines(report: OrderReport, file: Path | None, shown: int) -> Iterator[str]:
    for finding in report.findings[:shown]:
        yield line_of(finding.item, report.sentence(finding))
    if len(report.findings) > shown:
        yield how_many_more(len(report.findings) - shown, file)
