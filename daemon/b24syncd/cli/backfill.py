"""`b24syncd backfill`: walk the portal once, or preview what that would do."""

import asyncio
from typing import Annotated

import typer

from b24syncd import app
from b24syncd.app import Narrowed
from b24syncd.domain.plans import Plan
from b24syncd.engine.tally import Count
from b24syncd.errors import ExitCode, UsageInvalid
from b24syncd.reports.preview import limits_ahead
from b24syncd.reports.regions import RegionsAhead
from b24syncd.reports.summary import Summary, walk_lines
from b24syncd.reports.wording import Subjects, subjects_of
from b24syncd.settings.schema import JOBS

from .csv_file import CsvOfPreview, require_preview
from .invocation import settings_of
from .named import parse_item
from .output import DryRun, GoesOn, visible
from .preview import PlanReport
from .progress import shown


def backfill(  # noqa: PLR0913 # the options of a command
    context: typer.Context,
    jobs: Annotated[
        list[str] | None,
        typer.Argument(metavar="JOB", help=f"Jobs to do, among {', '.join(JOBS)}; all enabled ones by default."),
    ] = None,
    *,
    dry_run: DryRun = False,
    csv_file: CsvOfPreview = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="ITEM", help="Only this item or activity, as contact:42; may be repeated."),
    ] = None,
    goes_on: GoesOn = False,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="Only the first N items or activities.")] = None,
) -> None:
    """Walk the whole portal once. Interrupted, it goes on where it was when it is started again."""
    narrowed = Narrowed(tuple(jobs or ()), tuple(parse_item(text, "--only") for text in only or ()), limit)
    if narrowed.only and limit is not None:
        message = "--only and --limit exclude each other"
        raise UsageInvalid(message)
    require_preview(csv_file, dry_run=dry_run)
    settings = settings_of(context)
    regions = RegionsAhead(settings.jobs)
    if dry_run:
        with PlanReport(csv_file) as report:

            def add(plan: Plan) -> None:
                report.add(plan)
                regions.add(plan)

            summary = asyncio.run(app.preview(settings, narrowed, shown, add))
        typer.echo(report.told())
    else:
        summary = asyncio.run(app.backfill(settings, narrowed, shown, goes_on=goes_on))
    print_summary(summary, subjects_of(narrowed.jobs or tuple(settings.jobs)))
    if dry_run:
        limits = settings.safety
        for line in limits_ahead(summary, canary=limits.canary, max_changed_share=limits.max_changed_share):
            typer.echo(line)
        if summary.other_region is None:  # the cure of a wrong region is another one, not more of them
            for line in regions.report().lines():
                typer.echo(line)
    raise typer.Exit(exit_code(summary))


def print_summary(summary: Summary, subjects: Subjects) -> None:
    """Write how a walk ended."""
    for line in walk_lines(summary, subjects):
        typer.echo(visible(line))


def exit_code(summary: Summary) -> ExitCode:
    """Return the documented exit code of a backfill that ended like this."""
    if summary.stopped is not None:
        return ExitCode.SAFETY_STOP
    if summary.interrupted:
        return ExitCode.INTERRUPTED
    if summary.resting:
        return ExitCode.REFUSED
    is_refused = summary.counts[Count.REFUSED] or summary.refused_types or summary.refused_feeds
    if summary.counts[Count.FAILED] or is_refused or summary.missing or summary.of_no_job:
        return ExitCode.SOME_FAILED
    return ExitCode.DONE
