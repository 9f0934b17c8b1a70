"""`b24syncd backfill`: walk the portal once, or preview what that would do."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from b24syncd.domain.job_names import JOBS
from b24syncd.domain.plans import Plan
from b24syncd.engine.tally import Count
from b24syncd.errors import ExitCode, UsageInvalid
from b24syncd.reports.csv_form import CsvForm
from b24syncd.reports.preview import PreviewReport, limits_ahead
from b24syncd.reports.regions import RegionsAhead
from b24syncd.reports.results import command_result
from b24syncd.reports.summary import Summary, walk_lines
from b24syncd.reports.wording import Subjects, subjects_of

from .candidates import job_names
from .csv_file import GUARDED, CsvOfPreview, Delimiter, Raw, require_preview
from .failures import told_as_json
from .groups import say
from .invocation import settings_of
from .named import parse_item
from .output import DryRun, GoesOn, ResultAsJson, print_json, visible
from .preview import SAMPLE, PlanReport, SampleSize, print_found, require_dry_run
from .progress import shown
from .stopping import run_stoppable
from .work import app

if TYPE_CHECKING:
    from b24syncd.app import Narrowed
    from b24syncd.settings import Settings


@told_as_json
def backfill(  # noqa: PLR0913 # the options of a command
    context: typer.Context,
    jobs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="JOB",
            autocompletion=job_names,
            help=f"Jobs to do, among {', '.join(JOBS)}; all enabled ones by default.",
        ),
    ] = None,
    *,
    dry_run: DryRun = False,
    csv_file: CsvOfPreview = None,
    delimiter: Delimiter = ",",
    raw: Raw = False,
    sample: SampleSize = SAMPLE,
    as_json: ResultAsJson = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="ITEM", help="Only this item or activity, as contact:42; may be repeated."),
    ] = None,
    goes_on: GoesOn = False,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="Only the first N items or activities.")] = None,
) -> None:
    """Walk the whole portal once. Interrupted, it goes on where it was when it is started again."""
    narrowed = app.Narrowed(tuple(jobs or ()), tuple(parse_item(text, "--only") for text in only or ()), limit)
    if narrowed.only and limit is not None:
        message = "--only and --limit exclude each other"
        raise UsageInvalid(message)
    require_preview(csv_file, dry_run=dry_run)
    require_dry_run(context, dry_run=dry_run)
    form = CsvForm.parse(delimiter, raw=raw)
    settings = settings_of(context)
    if dry_run:
        summary, preview = look_ahead(settings, narrowed, csv_file, form, sample=sample)
    else:
        summary, preview = run_stoppable(app.backfill(settings, narrowed, shown, goes_on=goes_on)), None
    subjects = subjects_of(narrowed.jobs or tuple(settings.jobs))
    print_walk(summary, preview, subjects, csv_file, as_json=as_json, code=exit_code(summary))


def look_ahead(
    settings: "Settings",
    narrowed: "Narrowed",
    csv_file: Path | None = None,
    form: CsvForm = GUARDED,
    *,
    sample: int,
) -> tuple[Summary, PreviewReport]:
    """Make the preview of a walk, and return how it ended and what it found."""
    regions = RegionsAhead(settings.jobs)
    with PlanReport(csv_file, form, sample=sample, host=settings.portal.host) as report:

        def add(plan: Plan) -> None:
            report.add(plan)
            regions.add(plan)

        summary = run_stoppable(app.preview(settings, narrowed, shown, add, knows=report.learn))
    limits = settings.safety
    ahead = limits_ahead(summary, canary=limits.canary, max_changed_share=limits.max_changed_share)
    # the cure of a wrong region is another one, not more of them
    others = None if summary.other_region is not None else regions.report()
    return summary, report.findings.report(summary, ahead, others)


def print_walk(  # noqa: PLR0913 # how it ended, and how that is told
    summary: Summary,
    preview: PreviewReport | None,
    subjects: Subjects,
    csv_file: Path | None = None,
    *,
    as_json: bool,
    code: ExitCode,
) -> NoReturn:
    """Write how a walk ended, or what its preview found, and end the command with its exit code."""
    if as_json:
        print_json(command_result(summary, code, preview).to_json())
    else:
        tell_walk(summary, preview, subjects, csv_file)
    raise typer.Exit(code)


def tell_walk(
    summary: Summary, preview: PreviewReport | None, subjects: Subjects, csv_file: Path | None = None
) -> None:
    """Write how a walk ended, or what its preview found."""
    if preview is not None:
        print_found(preview, csv_file)
    for line in walk_lines(summary, subjects):
        say(visible(line))
    for line in () if preview is None else preview.ending():
        say(visible(line))


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
