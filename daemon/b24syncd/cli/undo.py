"""`b24syncd undo`: take back what was corrected, or preview what that would do."""

import asyncio
from datetime import datetime
from typing import Annotated

import typer

from b24syncd import app
from b24syncd.domain.undoing import Undoing
from b24syncd.errors import ExitCode, UsageInvalid
from b24syncd.reports.orders import UndoReport
from b24syncd.store.history import Filter
from b24syncd.store.reading import open_for_reading

from .backfill import exit_code
from .csv_file import CsvForm, CsvOfFindings, Delimiter, Raw
from .failures import told_as_json
from .findings import OrderOutput, print_order
from .invocation import settings_of
from .moments import moment
from .named import parse_item, require_run
from .output import DryRun, ResultAsJson
from .preview import SAMPLE, SampleSize
from .progress import shown

_SHOWN = 20


@told_as_json
def undo(  # noqa: PLR0913 # the options of a command
    context: typer.Context,
    run: Annotated[
        int | None, typer.Argument(metavar="RUN", help="The run to take back, as `status` lists it.")
    ] = None,
    *,
    since: Annotated[
        datetime | None,
        typer.Option(
            parser=moment, metavar="TIME", help="Only what was done from this time on; UTC unless it names an offset."
        ),
    ] = None,
    item: Annotated[
        str | None, typer.Option(metavar="TYPE:ID", help="Only this item or activity, for example contact:42.")
    ] = None,
    dry_run: DryRun = False,
    csv_file: CsvOfFindings = None,
    delimiter: Delimiter = ",",
    raw: Raw = False,
    sample: SampleSize = SAMPLE,
    as_json: ResultAsJson = False,
) -> None:
    """Take corrections back where the portal still shows them. What is undone stays so until it is released."""
    which = Filter(
        run_id=run,
        since=since,
        item=None if item is None else parse_item(item),
    )
    if which == Filter():
        message = "name what to undo: a run (`b24syncd status` lists them), --since TIME or --item TYPE:ID"
        raise UsageInvalid(message)
    output = OrderOutput(csv_file, CsvForm.parse(delimiter, raw=raw), _SHOWN, as_json)
    settings = settings_of(context)
    with open_for_reading(settings.state.path) as db:
        require_run(db, run)
    report = UndoReport(sample, settings.portal.webhook.host)
    holders: tuple[int, ...] = ()
    if dry_run:
        summary = asyncio.run(app.preview_undo(settings, which, shown, report.add, knows=report.learn))
    else:
        undone = asyncio.run(app.undo(settings, which, shown))
        summary, holders = undone.summary, undone.holders
        report.learn(undone.titles)
        report.add(Undoing(left=undone.left))
    code = exit_code(summary)
    if code is ExitCode.DONE and report.refused:
        code = ExitCode.SOME_FAILED
    print_order(report, report.result(summary, holders, code), report.ending(summary, holders), output)
    raise typer.Exit(code)
