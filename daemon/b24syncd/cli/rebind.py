"""`b24syncd rebind`: rebind activities by a list of pairs, or preview what that would do."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from b24syncd import app
from b24syncd.engine.tally import Count
from b24syncd.errors import ExitCode, UsageInvalid

from .backfill import ACTIVITIES, exit_code, told
from .invocation import settings_of
from .moves_file import read_moves
from .output import GoesOn
from .preview import PlanReport
from .progress import shown


def rebind(
    context: typer.Context,
    *,
    moves_file: Annotated[
        Path, typer.Option("--map", metavar="FILE", help="Pairs as from,to[,activity], for example lead:12,company:3.")
    ],
    goes_on: GoesOn = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done; write nothing.")] = False,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="With --dry-run: put every finding into this file.")
    ] = None,
) -> None:
    """Rebind activities by a list. Every row of it is checked before anything is written."""
    if csv_file is not None and not dry_run:
        message = "--csv goes with --dry-run; what was done is in `b24syncd journal`"
        raise UsageInvalid(message)
    settings = settings_of(context)
    moves = read_moves(moves_file)
    if dry_run:
        with PlanReport(csv_file) as report:
            summary = asyncio.run(app.preview_rebind(settings, moves, moves_file.name, shown, report.add))
        typer.echo(report.told())
    else:
        summary = asyncio.run(app.rebind(settings, moves, moves_file.name, shown, goes_on=goes_on))
    typer.echo(told(summary, ACTIVITIES))
    code = exit_code(summary)
    raise typer.Exit(ExitCode.SOME_FAILED if code is ExitCode.DONE and summary.counts[Count.REFUSED] else code)
