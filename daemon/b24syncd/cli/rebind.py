"""`b24syncd rebind`: rebind activities by a list of pairs, or preview what that would do."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from b24syncd import app
from b24syncd.domain.moves import Move
from b24syncd.errors import ExitCode
from b24syncd.reports.wording import ACTIVITIES
from b24syncd.settings import Settings

from .backfill import exit_code, print_summary
from .csv_file import CsvOfPreview, require_preview
from .invocation import settings_of
from .moves_file import read_moves
from .output import DryRun, GoesOn
from .preview import PlanReport
from .progress import shown


def rebind(
    context: typer.Context,
    *,
    moves_file: Annotated[
        Path, typer.Option("--map", metavar="FILE", help="Pairs as from,to[,activity], for example lead:12,company:3.")
    ],
    goes_on: GoesOn = False,
    dry_run: DryRun = False,
    csv_file: CsvOfPreview = None,
) -> None:
    """Rebind activities by a list. Every row of it is checked before anything is written."""
    require_preview(csv_file, dry_run=dry_run)
    settings = settings_of(context)
    moves = read_moves(moves_file)
    code = rebind_listed(settings, moves, moves_file.name, goes_on=goes_on, dry_run=dry_run, csv_file=csv_file)
    raise typer.Exit(code)


def rebind_listed(  # noqa: PLR0913 # a list has a name
    settings: Settings,
    moves: tuple[Move, ...],
    name: str,
    *,
    goes_on: bool = False,
    dry_run: bool = False,
    csv_file: Path | None = None,
) -> ExitCode:
    """Work through a list of moves, or tell what that would do; return how it ended."""
    if dry_run:
        with PlanReport(csv_file) as report:
            summary = asyncio.run(app.preview_rebind(settings, moves, name, shown, report.add))
        typer.echo(report.told())
    else:
        summary = asyncio.run(app.rebind(settings, moves, name, shown, goes_on=goes_on))
    print_summary(summary, ACTIVITIES)
    return exit_code(summary)
