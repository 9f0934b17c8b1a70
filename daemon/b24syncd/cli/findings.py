"""Telling what a change that a person asked for would do, or did, and what it left: as text, as JSON and as CSV."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from b24syncd.errors import B24SyncError
from b24syncd.reports.findings import ManualFinding

from .csv_file import GUARDED, write_csv
from .failures import exit_code_of, lines_of, say_failure
from .groups import say
from .output import print_json, visible
from .preview import LEFT, how_many_more, line_of, print_found

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from b24syncd.reports.csv_form import CsvForm
    from b24syncd.reports.manual_changes import DecisionResult, ManualReport, UndoResult


@dataclass(frozen=True, slots=True)
class ManualOutput:
    """Where it is told: so many findings in words, or one JSON object; all findings in the file, if any."""

    csv_file: Path | None = None
    form: CsvForm = GUARDED
    shown: int = 20
    as_json: bool = False


def print_manual(
    report: ManualReport, result: UndoResult | DecisionResult, ending: Iterable[str], output: ManualOutput
) -> None:
    """Write the findings and how it ended; put all of them into the file."""
    if output.as_json:
        _print_json(report, result, output)
        return
    if result.preview is not None:
        print_found(result.preview, output.csv_file, not_done=LEFT)
    else:
        for finding in report.findings[: output.shown]:
            say(line_of(finding.item, finding.sentence()))
        if len(report.findings) > output.shown:
            typer.echo(how_many_more(len(report.findings) - output.shown, output.csv_file))
    for line in ending:
        say(visible(line))
    _write(report, output)  # last, for it may not be possible, and what was done is to be told in any case


def _print_json(report: ManualReport, result: UndoResult | DecisionResult, output: ManualOutput) -> None:
    """Write one object, which tells what was done also where the file cannot be written."""
    told = result.to_json()
    try:
        _write(report, output)
    except B24SyncError as error:
        code = exit_code_of(error)
        print_json({**told, "error": "\n".join(lines_of(error)), "exit_code": int(code)})
        say_failure(error)
        raise typer.Exit(code) from None
    print_json(told)


def _write(report: ManualReport, output: ManualOutput) -> None:
    if output.csv_file is not None:
        rows = (finding.csv_row() for finding in report.findings)
        write_csv(output.csv_file, ManualFinding.csv_columns(), rows, output.form)
