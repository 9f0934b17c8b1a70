"""`b24syncd undo`: take back what was corrected, or preview what that would do."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from b24syncd import app
from b24syncd.app import Summary
from b24syncd.domain.undoing import Left, Undoing
from b24syncd.engine.tally import Count
from b24syncd.errors import UsageInvalid
from b24syncd.store import runs
from b24syncd.store.history import Filter
from b24syncd.store.reading import open_for_reading

from .backfill import exit_code
from .csv_file import CsvOfFindings, write_csv
from .findings import COLUMNS, Findings, Row, what_went_wrong
from .invocation import settings_of
from .journal import parse_item
from .moments import moment
from .output import AsJson, DryRun, counted, print_json
from .preview import finding_of
from .progress import shown

_SHOWN = 20

_WHY = {
    "changed": "changed since",
    "gone": "gone",
    "only_there": "stands nowhere else",
    "not_configured": "its field is not configured",
    "refused": "refused by the portal",
    "excluded": "excluded",
}


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
    as_json: AsJson = False,
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
    settings = settings_of(context)
    _require_run(settings.state.path, run)
    findings = Findings(_WHY, _SHOWN)

    def add(undoing: Undoing) -> None:
        findings.add(undoing.corrections, map(_of_left, undoing.left))

    holders: tuple[int, ...] = ()
    if dry_run:
        summary = asyncio.run(app.preview_undo(settings, which, shown, add))
    else:
        undone = asyncio.run(app.undo(settings, which, shown))
        summary, holders = undone.summary, undone.holders
        add(Undoing(left=undone.left))
    if as_json:
        for row in findings.rows:
            print_json(dict(zip(COLUMNS, row, strict=True)))
        print_json(findings.counts(summary))
    else:
        for line in (*findings.lines(csv_file), *_told(findings, summary, holders)):
            typer.echo(line)
    if csv_file is not None:  # last, for it may not be possible, and what was done is to be told in any case
        write_csv(csv_file, COLUMNS, findings.rows)
    raise typer.Exit(exit_code(summary))


def _told(findings: Findings, summary: Summary, holders: tuple[int, ...]) -> Iterator[str]:
    is_dry = summary.run_id is None
    number, of_items = findings.amount(summary)
    corrections, items = counted(number, "correction"), counted(of_items, "item")
    done = f"{corrections} {'to make' if is_dry else 'made'} in {items}"
    yield f"{done}, {findings.left} left as they are, {counted(summary.requests, 'request')}"
    if not findings.left and not number and not summary.counts[Count.FAILED]:
        yield "the journal tells of nothing that is still to be taken back there"
    yield from what_went_wrong(summary)
    if is_dry:
        yield "nothing was written"
    elif holders:
        released = " and ".join(f"`b24syncd review release --run {run_id}`" for run_id in holders)
        yield f"undone stays undone until {released}"
    if summary.interrupted:
        yield "interrupted before the end" if is_dry else "interrupted; the same command goes on from here"


def _of_left(left: Left) -> Row:
    item, job, _, point, before, after, *_ = finding_of(left.correction)
    return item, job, "leave", point, before, after, left.why.value


def _require_run(path: Path, run: int | None) -> None:
    """Raise `UsageInvalid` for a run that is not on record, `StateUnusable` where nothing is."""
    with open_for_reading(path) as db:
        if run is not None and runs.get_run(db, run) is None:
            message = f"there is no run {run}; `b24syncd status --runs N` lists the latest"
            raise UsageInvalid(message)
