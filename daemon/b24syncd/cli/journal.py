"""`b24syncd journal`: what was changed from what to what, and what became of it."""

from datetime import datetime
from typing import Annotated

import typer

from b24syncd.reports.journal import JournalLine, journal_line
from b24syncd.store.history import Filter, iterate
from b24syncd.store.journal import Outcome
from b24syncd.store.reading import open_for_reading

from .invocation import settings_of
from .moments import moment
from .named import parse_item, require_job, require_run
from .output import MOST_ROWS, AsJson, print_reports


def journal(  # noqa: PLR0913 - an option each
    context: typer.Context,
    *,
    item: Annotated[
        str | None, typer.Option(metavar="TYPE:ID", help="Only this item or activity, as contact:42.")
    ] = None,
    job: Annotated[str | None, typer.Option(metavar="JOB", help="Only this job, for example phones.")] = None,
    run: Annotated[int | None, typer.Option(metavar="N", help="Only the run of this number.")] = None,
    outcome: Annotated[Outcome | None, typer.Option(help="Only corrections with this outcome.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(parser=moment, metavar="TIME", help="Only from this time on; UTC unless it names an offset."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, max=MOST_ROWS, metavar="N", help="Only the newest N.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what was changed from what to what. Oldest first, each with what became of it."""
    which = Filter(
        item=None if item is None else parse_item(item),
        job=job,
        run_id=run,
        outcome=outcome,
        since=since,
    )
    require_job(job)
    with open_for_reading(settings_of(context).state.path) as db:
        require_run(db, run)
        print_reports(JournalLine.columns(), map(journal_line, iterate(db, which, limit=limit)), as_json=as_json)
