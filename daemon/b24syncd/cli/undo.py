"""`b24syncd undo`: take back what was corrected, or preview what that would do."""

from typing import Annotated

import typer

from b24syncd.domain.undoing import Undoing
from b24syncd.errors import ExitCode, UsageInvalid
from b24syncd.reports.csv_form import CsvForm
from b24syncd.reports.manual_changes import UndoReport
from b24syncd.store.history import Filter
from b24syncd.store.reading import open_for_reading

from .backfill import exit_code
from .candidates import runs
from .csv_file import CsvOfFindings, Delimiter, Raw
from .failures import told_as_json
from .findings import ManualOutput, print_manual
from .invocation import settings_of
from .moments import InUtcAsSince, Since
from .named import moment_of, parse_item, require_run
from .output import DryRun, ResultAsJson
from .preview import SAMPLE, SampleSize, require_dry_run
from .progress import shown
from .stopping import run_stoppable
from .work import app

_SHOWN = 20


@told_as_json
def undo(  # noqa: PLR0913 # the options of a command
    context: typer.Context,
    run: Annotated[
        int | None,
        typer.Argument(metavar="RUN", autocompletion=runs, help="The run to take back, as `status` lists it."),
    ] = None,
    *,
    since: Since = None,
    item: Annotated[
        str | None, typer.Option(metavar="TYPE:ID", help="Only this item or activity, for example contact:42.")
    ] = None,
    dry_run: DryRun = False,
    csv_file: CsvOfFindings = None,
    delimiter: Delimiter = ",",
    raw: Raw = False,
    sample: SampleSize = SAMPLE,
    utc: InUtcAsSince = False,
    as_json: ResultAsJson = False,
) -> None:
    """Take corrections back where the portal still shows them. What is undone stays so until it is released."""
    if run is None and since is None and item is None:
        message = "name what to undo: a run (`b24syncd status` lists them), --since TIME or --item TYPE:ID"
        raise UsageInvalid(message)
    require_dry_run(context, dry_run=dry_run)
    output = ManualOutput(csv_file, CsvForm.parse(delimiter, raw=raw), _SHOWN, as_json)
    named = None if item is None else parse_item(item)
    settings = settings_of(context)
    with open_for_reading(settings.state.path) as db:
        require_run(db, run)
        which = Filter(run_id=run, since=moment_of(db, since, utc=utc), item=named)
    report = UndoReport(sample, settings.portal.host)
    holders: tuple[int, ...] = ()
    if dry_run:
        summary = run_stoppable(app.preview_undo(settings, which, shown, report))
    else:
        undone = run_stoppable(app.undo(settings, which, shown))
        summary, holders = undone.summary, undone.holders
        report.learn(undone.titles)
        report.name(undone.people)
        report.add(Undoing(left=undone.left))
    code = exit_code(summary)
    if code is ExitCode.DONE and report.refused:
        code = ExitCode.SOME_FAILED
    print_manual(report, report.result(summary, holders, code), report.ending(summary, holders), output)
    raise typer.Exit(code)
